import type {
    BillRecord,
    Charter,
    OrderRecord,
    RoundRecord,
    SettlementRecord,
    Terms,
    Totals,
} from '@commonwatt/chaincode/api/records';
import { TransactionRefused } from '../gateway/failures';
import type { HouseholdAgent, OwnResult } from '../household/agent';
import type { Paid } from '../household/home-money';
import { concurrently } from './concurrently';
import type { GridOperatorAgent } from './grid-operator';

/** Orders that are under way at once, rounds, and households that settle: enough to fill blocks, few enough to answer in time. */
const ORDERS_AT_ONCE = 100;
const MOST_ROUNDS_AT_ONCE = 8;
const HOUSEHOLDS_AT_ONCE = 6;

export interface DayProgress {
    /** How many of the parts of a phase are done. */
    report(phase: Phase, done: number, of: number): void;
}
export type Phase = 'covers' | 'rounds' | 'readings' | 'settlements' | 'releases' | 'bills';

export interface DayPlan {
    readonly day: string;
    readonly charter: Charter;
    readonly operator: GridOperatorAgent;
    readonly households: readonly HouseholdAgent[];
    readonly progress: DayProgress;
    /** Waits until what was sent before, by a day that broke off, is committed everywhere. */
    readonly untilStill: () => Promise<unknown>;
}

export interface HouseholdResult {
    readonly home: string;
    readonly mspId: string;
    readonly settlement: SettlementRecord;
    readonly bill: BillRecord;
    /** What became of the bill; undefined where members have no accounts. */
    readonly paid?: Paid | undefined;
    /** Private to the household; here for whoever audits with all households' leave. */
    readonly orders: readonly OrderRecord[];
    /** As the household works it out by itself. */
    readonly own: OwnResult;
}

export interface DayResult {
    readonly day: string;
    readonly charter: Charter;
    readonly terms: Terms;
    readonly rounds: readonly RoundRecord[];
    readonly totals: Totals;
    readonly households: readonly HouseholdResult[];
    /** Orders that the market refused, in words. */
    readonly refusedOrders: readonly string[];
    readonly seconds: { readonly trading: number; readonly settlement: number };
}

/**
 * A market day from opening to bills, as a replay: the rounds are run side by side, a round's orders all at once; then readings,
 * settlements, totals, bills. Each part first looks at what the ledger has, so that a day that was broken off anywhere goes
 * on from there: nothing is done twice, nothing that was acknowledged is lost.
 */
export class TradingDay {
    readonly #plan: DayPlan;
    readonly #refused: string[] = [];
    /** Nobody has been here before us, so nothing has to be looked up. */
    #isFresh = false;

    constructor(plan: DayPlan) {
        this.#plan = plan;
    }

    async run(): Promise<DayResult> {
        const { day } = this.#plan;
        const terms = termsOn(this.#plan.charter, day);
        const begin = performance.now();
        const rounds = await this.#trade();
        const traded = performance.now();
        const settled = await this.#settle(rounds, terms);
        const { operator, households } = this.#plan;
        const totals = await operator.closeDay(
            day,
            rounds,
            households.map(({ mspId }) => mspId),
        );
        await this.#release(settled);
        const billed = await this.#bill(rounds, terms, settled);
        return {
            day,
            charter: this.#plan.charter,
            terms,
            rounds,
            totals,
            households: billed,
            refusedOrders: this.#refused,
            seconds: { trading: (traded - begin) / 1000, settlement: (performance.now() - traded) / 1000 },
        };
    }

    async #trade(): Promise<RoundRecord[]> {
        const { day, operator, households, untilStill } = this.#plan;
        const witness = households[0]?.mspId ?? operator.mspId;
        if ((await operator.findDay(day)) === undefined) {
            await operator.openDay(day, true, witness);
            this.#isFresh = true;
        } else {
            await untilStill();
        }
        await this.#cover();
        const known = await operator.rounds(day);
        const atOnce = Math.ceil(ORDERS_AT_ONCE / Math.max(1, households.length));
        return this.#each('rounds', known, Math.min(atOnce, MOST_ROUNDS_AT_ONCE), (round) => this.#runRound(round));
    }

    /** Who has too little on its account for the day places no orders, and is told of once. */
    async #cover(): Promise<void> {
        const { households, day } = this.#plan;
        const covered = await this.#each('covers', households, HOUSEHOLDS_AT_ONCE, (household) => household.cover());
        households.forEach(({ home }, index) => {
            if (covered[index] !== true) {
                this.#refused.push(`${home}, all of ${day}: its account does not cover the day`);
            }
        });
    }

    async #runRound(round: RoundRecord): Promise<RoundRecord> {
        const { operator, households } = this.#plan;
        const { slot } = round;
        if (round.status === 'open') {
            const isFresh = this.#isFresh || !(await operator.hasOrders(slot));
            await Promise.all(households.map((household) => this.#order(household, slot, isFresh)));
        } else {
            await this.#recall(round);
        }
        return operator.finishRound(round);
    }

    /** A refused order is that household's loss and nobody else's: the day goes on without it. */
    async #order(household: HouseholdAgent, slot: number, isFresh: boolean): Promise<void> {
        try {
            if (isFresh || !(await household.recallOrder(slot))) {
                await household.order(slot);
            }
        } catch (error) {
            if (!(error instanceof TransactionRefused)) {
                throw error;
            }
            this.#refused.push(`${household.home}, slot ${slot}: ${error.refusal.code}`);
        }
    }

    /** After a restart agents do not remember their orders in rounds that are closed: they read them back. */
    async #recall({ slot, closed = [] }: RoundRecord): Promise<void> {
        const owners = new Set(closed.map(({ order }) => order.split('/')[0]));
        const ours = this.#plan.households.filter(({ mspId }) => owners.has(mspId));
        await Promise.all(ours.map((household) => household.recallOrder(slot)));
    }

    async #settle(rounds: readonly RoundRecord[], terms: Terms): Promise<SettlementRecord[]> {
        const { households } = this.#plan;
        await this.#each('readings', households, HOUSEHOLDS_AT_ONCE, (household) => household.recordReadings());
        return this.#each('settlements', households, HOUSEHOLDS_AT_ONCE, (household) =>
            household.settle(rounds, terms),
        );
    }

    /** The day is closed: what is not owed for it is free again. */
    async #release(settled: readonly SettlementRecord[]): Promise<void> {
        const settlements = new Map(settled.map((settlement) => [settlement.mspId, settlement]));
        await this.#each('releases', this.#plan.households, HOUSEHOLDS_AT_ONCE, async (household) => {
            const settlement = settlements.get(household.mspId);
            if (settlement !== undefined) {
                await household.release(settlement);
            }
        });
    }

    #bill(
        rounds: readonly RoundRecord[],
        terms: Terms,
        settled: readonly SettlementRecord[],
    ): Promise<HouseholdResult[]> {
        const settlements = new Map(settled.map((settlement) => [settlement.mspId, settlement]));
        return this.#each('bills', this.#plan.households, HOUSEHOLDS_AT_ONCE, async (household) => {
            const { home, mspId } = household;
            const settlement = settlements.get(mspId);
            if (settlement === undefined) {
                throw new Error(`${home} is not settled`);
            }
            const bill = await household.bill(rounds, terms, settlement);
            const paid = await household.pay(bill);
            const { orders } = household;
            return { home, mspId, settlement, bill, paid, orders, own: household.ownResult(rounds, terms, settlement) };
        });
    }

    #each<T, R>(phase: Phase, items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
        let done = 0;
        return concurrently(items, limit, async (item) => {
            const result = await work(item);
            done += 1;
            this.#plan.progress.report(phase, done, items.length);
            return result;
        });
    }
}

/** @throws Error where no tariffs apply on that day. */
export function termsOn(charter: Charter, day: string): Terms {
    const terms = charter.terms.find(({ fromDay, toDay }) => fromDay <= day && (toDay === null || day <= toDay));
    if (terms === undefined) {
        throw new Error(`no tariffs apply on ${day}; the operator schedules them (tariffs:schedule)`);
    }
    return terms;
}
