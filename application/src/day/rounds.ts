import { orderName } from '@commonwatt/chaincode/api/keys';
import type { Charter, OrderMarker, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { HouseholdAgent } from '../household/agent';
import { ORDER_ID } from '../household/records';
import type { SealedOrder } from '../market/auction';
import { servingCommittee } from '../market/endorsers';
import { OpeningsLacking, type CommitteeAgents } from './committee-agents';
import { concurrently } from './concurrently';

/** Transactions of rounds that are under way at once, and households that send a day's orders. */
const ROUNDS_AT_ONCE = 8;
const HOUSEHOLDS_AT_ONCE = 6;

export type RoundsPhase = 'orders' | 'closed' | 'revealed' | 'rounds';

export interface RoundsPlan {
    readonly charter: Charter;
    readonly committee: CommitteeAgents;
    readonly households: readonly HouseholdAgent[];
    /** As any peer has them. */
    readonly markers: (slot: number) => Promise<readonly OrderMarker[]>;
    /** Orders of closed rounds that are not revealed, as any peer has them. */
    readonly sealed: (from: number, to: number) => Promise<readonly SealedOrder[]>;
    /** Nobody has been here before us, so nothing has to be looked up. */
    readonly isFresh: boolean;
    readonly report: (phase: RoundsPhase, done: number, of: number) => void;
}

export interface TradedRounds {
    readonly rounds: readonly RoundRecord[];
    /** Orders that the market refused, in words. */
    readonly refused: readonly string[];
}

/**
 * Rounds from sealed orders to results, all of them together as in a replay: everybody orders, the committee closes, everybody reveals,
 * the committee clears. What is on the ledger already stays.
 */
export async function tradeRounds(known: readonly RoundRecord[], plan: RoundsPlan): Promise<TradedRounds> {
    return new Rounds(plan).run(known);
}

class Rounds {
    readonly #plan: RoundsPlan;
    /** Names of the orders that were revealed here, by slot. */
    readonly #revealed = new Map<number, readonly string[]>();

    constructor(plan: RoundsPlan) {
        this.#plan = plan;
    }

    async run(known: readonly RoundRecord[]): Promise<TradedRounds> {
        const refused = await this.#order(known.filter(({ status }) => status === 'open'));
        const closed = await this.#each('closed', known, ROUNDS_AT_ONCE, (round) =>
            round.status === 'open' ? this.#plan.committee.close(round) : Promise.resolve(round),
        );
        await this.#reveal(closed.filter(({ status }) => status === 'closed'));
        if (!this.#plan.isFresh) {
            await concurrently(this.#plan.households, HOUSEHOLDS_AT_ONCE, (household) => household.recall(closed));
        }
        await this.#call(closed.filter(({ status }) => status === 'closed'));
        const rounds = await this.#each('rounds', closed, ROUNDS_AT_ONCE, (round) =>
            round.status === 'closed' ? this.#clear(round) : Promise.resolve(round),
        );
        return { rounds, refused };
    }

    /** A refused order is that household's loss and nobody else's: the day goes on without it. */
    async #order(open: readonly RoundRecord[]): Promise<string[]> {
        const there = await this.#ordersThere(open);
        const refused = await this.#each('orders', this.#plan.households, HOUSEHOLDS_AT_ONCE, async (household) => {
            const name = orderName(household.mspId, ORDER_ID);
            const slots = open.map(({ slot }) => slot).filter((slot) => there.get(slot)?.has(name) !== true);
            const orders = await household.order(slots);
            return orders.map(({ slot, code }) => `${household.home}, slot ${slot}: ${code}`);
        });
        return refused.flat();
    }

    async #ordersThere(rounds: readonly RoundRecord[]): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
        const found = await this.#markersOf(rounds);
        return new Map(
            [...found].map(([slot, markers]) => [slot, new Set(markers.map(({ mspId, id }) => orderName(mspId, id)))]),
        );
    }

    async #markersOf(rounds: readonly RoundRecord[]): Promise<ReadonlyMap<number, readonly OrderMarker[]>> {
        const { isFresh, markers } = this.#plan;
        const found = await concurrently(isFresh ? [] : rounds, ROUNDS_AT_ONCE, async ({ slot }) => {
            return [slot, await markers(slot)] as const;
        });
        return new Map(found);
    }

    /** Seats first: who has not opened its own orders is shown nobody else's. */
    async #reveal(closed: readonly RoundRecord[]): Promise<void> {
        const { households, charter } = this.#plan;
        const sealed = this.#plan.isFresh ? undefined : await this.#sealedIn(closed);
        const seated = new Set(
            closed.flatMap((round) => servingCommittee(charter, round).seats.map(({ mspId }) => mspId)),
        );
        let done = 0;
        for (const isSeat of [true, false]) {
            const group = households.filter(({ mspId }) => seated.has(mspId) === isSeat);
            await concurrently(group, HOUSEHOLDS_AT_ONCE, async (household) => {
                const name = orderName(household.mspId, ORDER_ID);
                const own = closed.filter(({ slot }) => sealed?.get(slot)?.has(name) ?? sealed === undefined);
                for (const slot of await household.reveal(own)) {
                    this.#revealed.set(slot, [...(this.#revealed.get(slot) ?? []), name]);
                }
                done += 1;
                this.#plan.report('revealed', done, households.length);
            });
        }
    }

    /** Who has not revealed by now is called for in all rounds together: the time to reveal then runs once, and not in one after the other. */
    async #call(closed: readonly RoundRecord[]): Promise<void> {
        const sealed = await this.#sealedIn(closed);
        const waiting = closed.filter(({ slot, calledAt }) => sealed.has(slot) && calledAt === undefined);
        await concurrently(waiting, ROUNDS_AT_ONCE, (round) => this.#plan.committee.call(round));
    }

    /** The names of orders that are not revealed, by slot. */
    async #sealedIn(closed: readonly RoundRecord[]): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
        const slots = closed.map(({ slot }) => slot);
        const found = new Map<number, Set<string>>();
        const sealed = slots.length === 0 ? [] : await this.#plan.sealed(Math.min(...slots), Math.max(...slots));
        for (const { slot, order } of sealed.filter((each) => slots.includes(each.slot))) {
            found.set(slot, (found.get(slot) ?? new Set()).add(order));
        }
        return found;
    }

    /** Where no seat here holds all openings, the owners of those that are lacking open them to one that lacks few. */
    async #clear(round: RoundRecord): Promise<RoundRecord> {
        const { committee, households } = this.#plan;
        try {
            return await committee.clear(round, this.#revealed.get(round.slot));
        } catch (error) {
            if (!(error instanceof OpeningsLacking)) {
                throw error;
            }
            const owners = households.filter(({ mspId }) => error.lacking.includes(orderName(mspId, ORDER_ID)));
            await Promise.all(owners.map((owner) => owner.reveal([round], error.seat)));
            return committee.clear(round, this.#revealed.get(round.slot));
        }
    }

    #each<T, R>(phase: RoundsPhase, items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
        let done = 0;
        return concurrently(items, limit, async (item) => {
            const result = await work(item);
            done += 1;
            this.#plan.report(phase, done, items.length);
            return result;
        });
    }
}
