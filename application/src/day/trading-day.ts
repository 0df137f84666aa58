import type {
    BillRecord,
    Charter,
    OrderRecord,
    RoundRecord,
    SettlementRecord,
    Terms,
    Totals,
} from '@commonwatt/chaincode/api/records';
import type { HouseholdAgent, OwnResult } from '../household/agent';
import type { Paid } from '../household/home-money';
import type { CommitteeAgents } from './committee-agents';
import { energyOf, type DayContracts } from '../storage/contract-energy';
import type { ContractsOfDay } from '../storage/contracts-of-day';
import type { DayAheadOutcome } from '../day-ahead/plan';
import type { OwnScheduledDay } from '../day-ahead/own-schedule';
import { plainImbalance } from '../audit/plain-schedule';
import { NO_CONTRACTS } from '../storage/contract-energy';
import { concurrently } from './concurrently';
import type { ScheduledDay } from './day-sums';
import type { FeederAgent, FeederResult } from './feeder-agent';
import { passedMeters, simulatedFeeder } from './feeder-meter';
import type { GridOperatorAgent } from './grid-operator';
import type { SilentHouseholds } from './silent-households';
import { tradeRounds, type RoundsPhase, type TradedRounds } from './rounds';

/** Households that settle at once: enough to fill blocks, few enough to answer in time. */
const HOUSEHOLDS_AT_ONCE = 6;

export interface DayProgress {
    /** How many of the parts of a phase are done. */
    report(phase: Phase, done: number, of: number): void;
}
export type Phase = 'covers' | RoundsPhase | 'readings' | 'settlements' | 'releases' | 'bills';

export interface DayPlan {
    readonly day: string;
    readonly charter: Charter;
    readonly operator: GridOperatorAgent;
    readonly committee: CommitteeAgents;
    readonly households: readonly HouseholdAgent[];
    readonly contracts: ContractsOfDay;
    /** Where the community agrees on the day ahead; it is traded by auction where it does not come to that. */
    readonly ahead?: AheadOfDay | undefined;
    /** The feeder's meter is simulated: it sees what the meters of silent homes saw, and what no meter counted. */
    readonly feeder: {
        readonly agent: FeederAgent;
        readonly silentWh: ReadonlyMap<string, readonly bigint[]>;
        readonly unmeteredWh: readonly (readonly bigint[])[];
    };
    /** Households whose peers are silent: the grid operator and the committee do in their place what the rules allow. */
    readonly silent?: { readonly agent: SilentHouseholds; readonly households: readonly SilentHome[] } | undefined;
    readonly progress: DayProgress;
    /** Waits until what was sent before, by a day that broke off, is committed everywhere. */
    readonly untilStill: () => Promise<unknown>;
}

export interface AheadOfDay {
    /** Until it is agreed on, or is known not to be. The day has to be open. */
    agree(): Promise<DayAheadOutcome>;
    /** What was agreed for one home, from its own peer. */
    ofHome(mspId: string, outcome: DayAheadOutcome): Promise<OwnScheduledDay>;
}

export interface HouseholdResult {
    readonly home: string;
    readonly mspId: string;
    readonly settlement: SettlementRecord;
    /** The one that has the day: undefined as long as its period goes on. */
    readonly bill: BillRecord | undefined;
    /** What became of the bill; undefined where there is none, or members have no accounts. */
    readonly paid?: Paid | undefined;
    /** Private to the household; here for whoever audits with all households' leave. */
    readonly orders: readonly OrderRecord[];
    /** As the household works it out by itself. */
    readonly own: OwnResult;
}

export interface SilentHome {
    readonly home: string;
    readonly mspId: string;
}

export interface ProvisionalResult extends SilentHome {
    /** Slots that were estimated. */
    readonly estimated: number;
    readonly settlement: SettlementRecord;
    /** As a household's. */
    readonly bill: BillRecord | undefined;
}

export interface DayResult {
    readonly day: string;
    readonly charter: Charter;
    readonly terms: Terms;
    readonly rounds: readonly RoundRecord[];
    readonly totals: Totals;
    /** Of a day that was to be agreed on ahead; it was traded by auction unless it converged. */
    readonly ahead?: DayAheadOutcome | undefined;
    /** Undefined where the terms name no losses, or too few stand in the sums. */
    readonly feeder: FeederResult | undefined;
    readonly households: readonly HouseholdResult[];
    /** What was settled and billed in the place of households that were silent. */
    readonly provisional: readonly ProvisionalResult[];
    /** Orders that the market refused, in words. */
    readonly refusedOrders: readonly string[];
    /** Contracts with storage as they ended, and those that the market refused. */
    readonly contracts: DayContracts;
    readonly refusedContracts: readonly string[];
    readonly seconds: { readonly trading: number; readonly settlement: number };
}

/**
 * A market day from opening to bills, as a replay: the rounds with their sealed orders, then readings, settlements, totals, bills.
 * Each part first looks at what the ledger has, so that a day that was broken off anywhere goes on from there: nothing is done twice,
 * nothing that was acknowledged is lost.
 */
export class TradingDay {
    readonly #plan: DayPlan;
    /** Nobody has been here before us. */
    #isFresh = false;

    constructor(plan: DayPlan) {
        this.#plan = plan;
    }

    async run(): Promise<DayResult> {
        const { day } = this.#plan;
        const terms = termsOn(this.#plan.charter, day);
        const begin = performance.now();
        const uncovered = await this.#open();
        const ahead = await this.#agreeAhead();
        const isAgreed = ahead?.record.status === 'converged';
        const { rounds, refused } = isAgreed
            ? { rounds: await this.#plan.operator.rounds(day), refused: uncovered }
            : await this.#trade(uncovered);
        const traded = performance.now();
        const contracts = isAgreed ? NO_CONTRACTS : await this.#deliver();
        await this.#read();
        const estimated = await this.#estimateSilent(rounds);
        const scheduled = await this.#statePool(rounds, isAgreed ? ahead : undefined);
        const settled = await this.#settle(rounds, terms);
        const { operator, households, silent } = this.#plan;
        const substituted = await this.#settleSilent(rounds, estimated);
        const everybody = [...households, ...(silent?.households ?? [])].map(({ mspId }) => mspId);
        const totals = await operator.closeDay(day, rounds, everybody, scheduled);
        // Neither waits for the other: one is of the members' accounts, one of the feeder.
        const [feeder] = await Promise.all([this.#compareFeeder(totals, settled, substituted), this.#release(settled)]);
        const billed = await this.#bill(rounds, terms, settled);
        const provisional = await this.#billSilent(rounds, substituted);
        await operator.publishBills(day, rounds, everybody);
        return {
            day,
            charter: this.#plan.charter,
            terms,
            rounds,
            totals,
            ahead,
            feeder,
            households: billed,
            provisional,
            refusedOrders: refused,
            contracts,
            refusedContracts: this.#plan.contracts.refused,
            seconds: { trading: (traded - begin) / 1000, settlement: (performance.now() - traded) / 1000 },
        };
    }

    /** Opens the day where it is not, and has it covered. Returns who is not covered. */
    async #open(): Promise<string[]> {
        const { day, operator, households, untilStill } = this.#plan;
        const witness = households[0]?.mspId ?? operator.mspId;
        this.#isFresh = (await operator.findDay(day)) === undefined;
        await (this.#isFresh ? operator.openDay(day, true, witness) : untilStill());
        return this.#cover();
    }

    /** A schedule takes the place of rounds and of contracts with storage. */
    async #agreeAhead(): Promise<DayAheadOutcome | undefined> {
        const { ahead, households } = this.#plan;
        const outcome = await ahead?.agree();
        if (ahead !== undefined && outcome?.record.status === 'converged') {
            await Promise.all(
                households.map(async (household) => {
                    household.scheduled(await ahead.ofHome(household.mspId, outcome));
                }),
            );
        }
        return outcome;
    }

    async #trade(uncovered: readonly string[]): Promise<TradedRounds> {
        const { day, charter, committee, operator, households, progress } = this.#plan;
        await this.#agree();
        const { rounds, refused } = await tradeRounds(await operator.rounds(day), {
            charter,
            committee,
            households,
            isFresh: this.#isFresh,
            markers: (slot) => operator.orderMarkers(slot),
            sealed: (from, to) => operator.sealedOrders(from, to),
            report: (phase, done, of) => {
                progress.report(phase, done, of);
            },
        });
        return { rounds, refused: [...uncovered, ...refused] };
    }

    /** Who has too little on its account for the day places no orders, and is told of once. */
    async #cover(): Promise<string[]> {
        const { households, day } = this.#plan;
        const covered = await this.#each('covers', households, HOUSEHOLDS_AT_ONCE, (household) => household.cover());
        return households
            .filter((_, index) => covered[index] !== true)
            .map(({ home }) => `${home}, all of ${day}: its account does not cover the day`);
    }

    /** Contracts with storage come before the rounds: agents order what is left. */
    async #agree(): Promise<void> {
        const agreed = await this.#plan.contracts.agree();
        this.#tell(agreed, () => true);
    }

    /** What was bought is given out, and the meters of the rest of the day are those of what was confirmed. */
    async #deliver(): Promise<DayContracts> {
        const delivered = await this.#plan.contracts.deliver();
        this.#tell(delivered, (status) => status === 'confirmed');
        return delivered;
    }

    #tell(contracts: DayContracts, counts: (status: string) => boolean): void {
        const { households, contracts: ofDay } = this.#plan;
        for (const household of households) {
            const { mspId } = household;
            household.contracted(energyOf(mspId, contracts, counts), mspId === ofDay.storageMspId);
        }
    }

    async #read(): Promise<void> {
        await this.#each('readings', this.#plan.households, HOUSEHOLDS_AT_ONCE, (household) =>
            household.recordReadings(),
        );
    }

    /** Who differs from the schedule pays or earns by how the community as a whole does. */
    async #statePool(
        rounds: readonly RoundRecord[],
        outcome: DayAheadOutcome | undefined,
    ): Promise<ScheduledDay | undefined> {
        const { day, operator, households, silent } = this.#plan;
        const agreed = outcome?.record.agreed;
        if (outcome === undefined || agreed === undefined) {
            return undefined;
        }
        const everybody = [...households, ...(silent?.households ?? [])].map(({ mspId }) => mspId);
        const pool = await operator.statePool(day, rounds, outcome.record, everybody);
        const imbalance = plainImbalance(pool.sides, pool);
        households.forEach((household) => {
            household.settledAt(imbalance);
        });
        return { agreed, pool };
    }

    #settle(rounds: readonly RoundRecord[], terms: Terms): Promise<SettlementRecord[]> {
        const { households } = this.#plan;
        return this.#each('settlements', households, HOUSEHOLDS_AT_ONCE, (household) =>
            household.settle(rounds, terms),
        );
    }

    /** One after the other: there are few, and each waits for the committee. */
    async #settleSilent(
        rounds: readonly RoundRecord[],
        estimated: ReadonlyMap<string, number>,
    ): Promise<Omit<ProvisionalResult, 'bill'>[]> {
        const { silent, committee } = this.#plan;
        const settled: Omit<ProvisionalResult, 'bill'>[] = [];
        for (const { home, mspId } of silent?.households ?? []) {
            const settlement = await silent?.agent.settle(mspId, rounds, await committee.ordersOf(mspId, rounds));
            const slots = estimated.get(mspId) ?? 0;
            settled.push(...(settlement === undefined ? [] : [{ home, mspId, estimated: slots, settlement }]));
        }
        return settled;
    }

    /** Slots by household. Before anything is said of how the community stood to its schedule: that is over everybody's readings. */
    async #estimateSilent(rounds: readonly RoundRecord[]): Promise<ReadonlyMap<string, number>> {
        const { silent } = this.#plan;
        const estimated = new Map<string, number>();
        for (const { mspId } of silent?.households ?? []) {
            estimated.set(mspId, (await silent?.agent.estimate(mspId, rounds)) ?? 0);
        }
        return estimated;
    }

    async #billSilent(
        rounds: readonly RoundRecord[],
        settled: readonly Omit<ProvisionalResult, 'bill'>[],
    ): Promise<ProvisionalResult[]> {
        const [first] = rounds;
        const billed: ProvisionalResult[] = [];
        for (const each of settled) {
            const bill = first && (await this.#plan.silent?.agent.bill(each.settlement, first));
            billed.push({ ...each, bill });
        }
        return billed;
    }

    /** Sums of fewer than three households are not published, and nothing is compared with them. */
    async #compareFeeder(
        { day, sums }: Totals,
        settled: readonly SettlementRecord[],
        substituted: readonly Omit<ProvisionalResult, 'bill'>[],
    ): Promise<FeederResult | undefined> {
        const { agent, silentWh, unmeteredWh } = this.#plan.feeder;
        const { losses } = termsOn(this.#plan.charter, day);
        if (losses === undefined || sums === undefined || sums.slots.length === 0) {
            return undefined;
        }
        const readings = simulatedFeeder(passedMeters(sums.slots, substituted, silentWh, unmeteredWh), losses);
        return agent.compare(day, readings, [...settled, ...substituted.map(({ settlement }) => settlement)]);
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
            const billed = await household.bill(rounds, terms, settlement);
            const orders = household.closedOrders(rounds);
            return { home, mspId, settlement, ...billed, orders, own: household.ownResult(rounds, terms, settlement) };
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
