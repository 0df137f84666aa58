import { orderName } from '@commonwatt/chaincode/api/keys';
import type { Charter, OrderMarker, OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { NotDone } from '../gateway/failures';
import { Auction } from '../market/auction';
import { committeeOf, servingCommittee } from '../market/endorsers';
import type { TypedCalls } from '../market/typed-calls';

/** Nobody who runs here holds all openings of a round. */
export class OpeningsLacking extends Error {
    override readonly name = 'OpeningsLacking';

    constructor(
        readonly round: RoundRecord,
        /** The seat that lacks the fewest. */
        readonly seat: string,
        /** Names of the orders that it lacks. */
        readonly lacking: readonly string[],
    ) {
        super(`${seat} holds all openings of slot ${round.slot} but ${lacking.join(', ')}`);
    }
}

/** Agents of organisations that may have seats in committees: they close rounds and clear them. */
export class CommitteeAgents {
    readonly #charter: Charter;
    readonly #agents: ReadonlyMap<string, Auction>;

    constructor(calls: readonly TypedCalls[], charter: Charter) {
        this.#agents = new Map(calls.map((each) => [each.mspId, new Auction(each)]));
        this.#charter = charter;
    }

    /** The seat's whose turn it is, or another's where its peer is away. */
    close(round: RoundRecord): Promise<RoundRecord> {
        return this.#inTurn(round, (agent) => agent.closeRound(round.slot, committeeOf(this.#charter, round)));
    }

    /** From the orders that were opened to the seat that clears. @throws OpeningsLacking */
    clear(round: RoundRecord): Promise<RoundRecord> {
        const { slot } = round;
        return this.#inTurn(round, async (agent, mspId) => {
            const revealed = revealedOrders(round, await agent.orderMarkers(slot));
            const held = new Map(
                (await agent.openings(slot)).map((order) => [orderName(order.mspId, order.id), order]),
            );
            const lacking = revealed.filter((name) => !held.has(name));
            if (lacking.length > 0) {
                throw new OpeningsLacking(round, mspId, lacking);
            }
            const openings = revealed
                .map((name) => held.get(name))
                .filter((each): each is OrderRecord => each !== undefined);
            return agent.clearRound(slot, openings, committeeOf(this.#charter, round));
        });
    }

    /** A member's orders of these rounds that were opened to seats that run here: for who settles in its place. */
    async ordersOf(mspId: string, rounds: readonly RoundRecord[]): Promise<OrderRecord[]> {
        const found: OrderRecord[] = [];
        for (const round of rounds) {
            const cleared = (round.outcomes ?? []).filter(({ order }) => order.startsWith(`${mspId}/`));
            const names = new Set(cleared.map(({ order }) => order));
            const holders = names.size === 0 ? [] : servingCommittee(this.#charter, round).seats;
            for (const seat of holders) {
                const held = (await this.#agents.get(seat.mspId)?.openings(round.slot)) ?? [];
                found.push(...held.filter(({ mspId: owner, id }) => names.delete(orderName(owner, id))));
            }
        }
        return found;
    }

    async #inTurn<R>(round: RoundRecord, act: (agent: Auction, mspId: string) => Promise<R>): Promise<R> {
        const { seats } = servingCommittee(this.#charter, round);
        const turn = round.slot % seats.length;
        let failure: Error = new Error(`nobody who runs here has a seat in the committee of slot ${round.slot}`);
        for (const { mspId } of [...seats.slice(turn), ...seats.slice(0, turn)]) {
            const agent = this.#agents.get(mspId);
            if (agent === undefined) {
                continue;
            }
            try {
                return await act(agent, mspId);
            } catch (error) {
                if (!(error instanceof OpeningsLacking) && !(error instanceof NotDone && error.retryable)) {
                    throw error;
                }
                failure = better(failure, error);
            }
        }
        throw failure;
    }
}

/** Of two seats that lack openings the one that lacks fewer is worth helping. */
function better(one: Error, other: OpeningsLacking | NotDone): Error {
    return one instanceof OpeningsLacking &&
        !(other instanceof OpeningsLacking && other.lacking.length < one.lacking.length)
        ? one
        : other;
}

/** Names of the orders that count and that the committee has said it holds. */
export function revealedOrders({ closed = [] }: RoundRecord, markers: readonly OrderMarker[]): string[] {
    const revealed = new Set(
        markers.filter(({ holders }) => holders !== undefined).map(({ mspId, id }) => orderName(mspId, id)),
    );
    return closed.map(({ order }) => order).filter((order) => revealed.has(order));
}
