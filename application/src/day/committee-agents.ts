import { setTimeout as pause } from 'node:timers/promises';
import { orderName } from '@commonwatt/chaincode/api/keys';
import type { Charter, OrderMarker, OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { revealTime, termsOn } from '@commonwatt/chaincode/domain/tariff/terms';
import type { EndorsementRule } from '../gateway/endorsement/rule';
import { NotDone, TransactionRefused } from '../gateway/failures';
import { Auction } from '../market/auction';
import { committeeOf, servingCommittee } from '../market/endorsers';
import type { TypedCalls } from '../market/typed-calls';
import { firstOf } from './first-of';

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
    readonly #patienceMs: number;

    /** `patienceMs`: how long a seat is given to close a round before the next one does. */
    constructor(calls: readonly TypedCalls[], charter: Charter, patienceMs = 10_000) {
        this.#agents = new Map(calls.map((each) => [each.mspId, new Auction(each)]));
        this.#charter = charter;
        this.#patienceMs = patienceMs;
    }

    /**
     * The seat's whose turn it is, and where that one does not for a while, which may be on purpose, the next ones as well: the first that is committed
     * counts, the others have nothing left to close.
     */
    close(round: RoundRecord): Promise<RoundRecord> {
        const closings = this.#seatsInTurn(round).map(
            ({ agent }) =>
                () =>
                    closeOrSee(agent, round, committeeOf(this.#charter, round)),
        );
        return closings.length === 0 ? Promise.reject(noSeat(round)) : firstOf(closings, this.#patienceMs);
    }

    /** Calls for the orders of a closed round that are not revealed, unless somebody has. */
    async call(round: RoundRecord): Promise<void> {
        await this.#inTurn(round, (agent) => this.#callBy(agent, round));
    }

    /**
     * From the orders that were opened to the seat that clears. `revealed` are those of which is known that they were: the seat's own peer
     * may be a few blocks behind their owners', and so may those that endorse; both are waited for. Where orders are not revealed, they are called for,
     * and the round is cleared once the time to reveal is over.
     *
     * @throws OpeningsLacking
     */
    clear(round: RoundRecord, revealed: readonly string[] = []): Promise<RoundRecord> {
        return this.#inTurn(round, async (agent, mspId) => {
            for (const wait of WAITS_MS) {
                try {
                    return await this.#clearOnce(agent, mspId, round, revealed);
                } catch (error) {
                    if (isRefusal(error, 'REVEALS_OPEN')) {
                        await this.#waitForReveals(agent, round);
                    } else if (!isBehind(error)) {
                        throw error;
                    }
                }
                await pause(wait);
            }
            return this.#clearOnce(agent, mspId, round, revealed);
        });
    }

    async #waitForReveals(agent: Auction, round: RoundRecord): Promise<void> {
        const calledAt = await this.#callBy(agent, round);
        const terms = termsOn(this.#charter.terms, round.day) ?? {};
        const time = revealTime(terms, this.#charter.rules.replayAllowed && round.replay);
        await pause(Math.max(0, (calledAt + time) * 1000 - Date.now()));
    }

    /** Returns when they were called for, by us or by another. */
    async #callBy(agent: Auction, round: RoundRecord): Promise<number> {
        const known = await agent.round(round.slot);
        if (known.calledAt !== undefined) {
            return known.calledAt;
        }
        try {
            return calledAtOf(await agent.callReveals(round.slot, committeeOf(this.#charter, round)));
        } catch (error) {
            if (!isRefusal(error, 'REVEALS_CALLED')) {
                throw error;
            }
            return calledAtOf(await seen(agent, round, ({ calledAt }) => calledAt !== undefined));
        }
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

    /** Those of the committee who run here. */
    #seatsInTurn(round: RoundRecord): { readonly agent: Auction; readonly mspId: string }[] {
        const { seats } = servingCommittee(this.#charter, round);
        const turn = round.slot % seats.length;
        return [...seats.slice(turn), ...seats.slice(0, turn)].flatMap(({ mspId }) => {
            const agent = this.#agents.get(mspId);
            return agent === undefined ? [] : [{ agent, mspId }];
        });
    }

    async #inTurn<R>(round: RoundRecord, act: (agent: Auction, mspId: string) => Promise<R>): Promise<R> {
        let failure: Error = noSeat(round);
        for (const { agent, mspId } of this.#seatsInTurn(round)) {
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

const noSeat = ({ slot }: RoundRecord): Error =>
    new Error(`nobody who runs here has a seat in the committee of slot ${slot}`);

const isRefusal = (error: unknown, code: RefusalCode): boolean =>
    error instanceof TransactionRefused && error.refusal.code === code;

const calledAtOf = ({ slot, calledAt }: RoundRecord): number => {
    if (calledAt === undefined) {
        throw new Error(`the orders of slot ${slot} were called for, but the round does not say when`);
    }
    return calledAt;
};

async function closeOrSee(agent: Auction, round: RoundRecord, committee: EndorsementRule): Promise<RoundRecord> {
    try {
        return await agent.closeRound(round.slot, committee);
    } catch (error) {
        if (!isRefusal(error, 'ROUND_NOT_OPEN')) {
            throw error;
        }
        return seen(agent, round, ({ status }) => status !== 'open');
    }
}

/** The round as the agent's own peer has it, once that has what others have already. */
async function seen(
    agent: Auction,
    { slot }: RoundRecord,
    isThere: (round: RoundRecord) => boolean,
): Promise<RoundRecord> {
    for (const wait of WAITS_MS) {
        const round = await agent.round(slot);
        if (isThere(round)) {
            return round;
        }
        await pause(wait);
    }
    throw new PeerBehind(`the peer of the seat that closes slot ${slot} is behind the others`);
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
