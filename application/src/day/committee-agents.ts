import { setTimeout as pause } from 'node:timers/promises';
import { orderName } from '@commonwatt/chaincode/api/keys';
import type { Charter, OrderMarker, OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { NotDone, TransactionRefused } from '../gateway/failures';
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

/** A seat's peer has not committed yet what another has. */
class PeerBehind extends Error {
    override readonly name = 'PeerBehind';
}

/** Peers commit one after the other; some seconds where the machine is busy. */
const WAITS_MS = [50, 100, 200, 400, 800, 1_600, 3_200, 3_200];

/** Whether some peers know of reveals that others do not know of yet. */
const isBehind = (error: unknown): boolean =>
    error instanceof PeerBehind ||
    (error instanceof TransactionRefused &&
        ['OPENING_MISSING', 'OPENING_UNKNOWN', 'ROUND_NOT_CLOSED'].includes(error.refusal.code));

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

    /**
     * From the orders that were opened to the seat that clears. `revealed` are those of which is known that they were: the seat's own peer
     * may be a few blocks behind their owners', and so may those that endorse; both are waited for.
     *
     * @throws OpeningsLacking
     */
    clear(round: RoundRecord, revealed: readonly string[] = []): Promise<RoundRecord> {
        return this.#inTurn(round, async (agent, mspId) => {
            for (const wait of WAITS_MS) {
                try {
                    return await this.#clearOnce(agent, mspId, round, revealed);
                } catch (error) {
                    if (!isBehind(error)) {
                        throw error;
                    }
                }
                await pause(wait);
            }
            return this.#clearOnce(agent, mspId, round, revealed);
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

    async #clearOnce(
        agent: Auction,
        mspId: string,
        round: RoundRecord,
        revealed: readonly string[],
    ): Promise<RoundRecord> {
        const { slot } = round;
        const there = revealedOrders(round, await agent.orderMarkers(slot));
        const late = revealed.filter((name) => !there.includes(name));
        if (late.length > 0) {
            throw new PeerBehind(`the peer of ${mspId} does not know yet that ${late.join(', ')} were revealed`);
        }
        const held = new Map((await agent.openings(slot)).map((order) => [orderName(order.mspId, order.id), order]));
        const lacking = there.filter((name) => !held.has(name));
        if (lacking.length > 0) {
            throw new OpeningsLacking(round, mspId, lacking);
        }
        const openings = there.map((name) => held.get(name)).filter((each): each is OrderRecord => each !== undefined);
        return agent.clearRound(slot, openings, committeeOf(this.#charter, round));
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
