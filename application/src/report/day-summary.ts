import type { LateSummary } from './late-homes';
import { dayScheduleSummary, type DayScheduleSummary } from './schedule/day-schedule';
import type { MoneyBook } from '../audit/money-book';
import { contractFacts, type ContractFacts } from '../storage/contract-energy';
import type { FeederResult } from '../day/feeder-agent';
import type { DayResult, HouseholdResult, ProvisionalResult } from '../day/trading-day';
import { exactNumber } from './decimal';
import type { ForecastSummary } from './forecast';
import { ordersSummary, withoutOrders, type OrdersSummary, type UnrevealedSummary } from './dropped-orders';

/** What the channel itself says, apart from the day's records. */
export interface ChannelFacts {
    readonly transactions: number;
    /** By validation code. */
    readonly invalid: Readonly<Record<string, number>>;
    /** Every peer has the same blocks, validation codes and state. */
    readonly peersAgree: boolean;
}

/** Money in nanos and minor units from the household's side of the counter: positive is what it pays. */
export interface BillSummary {
    readonly home: string;
    readonly meteredNetWh: number;
    readonly boughtWh: number;
    readonly soldWh: number;
    readonly fromSupplierWh: number;
    readonly toSupplierWh: number;
    /** Energy alone, without the bill's charges and taxes. */
    readonly nanos: number;
    readonly chargesNanos: number;
    /** Value added tax, minor units. */
    readonly tax: number;
    /** Minor units of the currency: as billed, or as the household works it out where its bill has more days. */
    readonly due: number;
    readonly withoutMarketNanos: number;
}

/** Where the money is that members have paid in, in nanos; nothing is unaccounted for, or something is wrong. */
export interface AccountsSummary {
    readonly atBankNanos: number;
    readonly availableNanos: number;
    readonly reservedNanos: number;
    readonly escrowNanos: number;
    readonly paidForBillsNanos: number;
    readonly unaccountedNanos: number;
    /** Homes whose bill was not paid: too little on the account, or a provisional bill. */
    readonly unpaid: readonly string[];
}

/** A contract with storage, which is public; slots and energy at the meter of the storage system. */
export interface ContractSummary {
    readonly id: string;
    readonly seller: string;
    readonly buyer: string | null;
    readonly storedIn: number;
    readonly deliveredIn: number;
    readonly takenWh: number;
    readonly deliveredWh: number;
    /** From the buyer into escrow, and what of it the community gets. */
    readonly paymentNanos: number;
    readonly feeNanos: number;
    readonly status: string;
}

/** Losses between the members' meters and the feeder's, and who pays the supplier for them. */
export interface FeederSummary {
    readonly lostWh: number;
    /** By the terms. */
    readonly expectedWh: number;
    /** Lost and not expected. */
    readonly residualWh: number;
    readonly fits: boolean;
    readonly slotsThatDoNotFit: number;
    readonly payer: FeederResult['record']['payer'];
    readonly costNanos: number;
    /** The member whose meter explains what is missing; whether it was told on the ledger, which everybody sees. */
    readonly suspected: string | null;
    readonly told: boolean;
}

/** The JSON of `npm start -- --exit --json`. */
export interface DaySummary {
    readonly day: string;
    readonly homes: number;
    readonly rounds: number;
    readonly transactions: number;
    readonly invalid: Readonly<Record<string, number>>;
    readonly tradedWh: number;
    readonly energyImbalanceWh: number;
    readonly moneyImbalanceNanos: number;
    /** Households that pay more than with the supplier's two tariffs alone. */
    readonly worseOff: readonly string[];
    /** What households gained against the tariffs alone in slots in which they bought, and in which they sold: together all of it. */
    readonly savedMicros: number;
    readonly sellersGainMicros: number;
    readonly seconds: { readonly start: number; readonly trading: number; readonly settlement: number };
    /** Of a day that was to be agreed on ahead. */
    readonly schedule?: DayScheduleSummary;
    /** What agents expected the day to be like. */
    readonly forecast?: ForecastSummary;
    /** Energy that was stored for others, and what came back of it. */
    readonly contracts: readonly ContractSummary[];
    /** Where the feeder's meter was compared with the members' meters. */
    readonly feeder?: FeederSummary;
    readonly peersAgree: boolean;
    /** Where members have accounts. */
    readonly accounts?: AccountsSummary;
    readonly bills: readonly BillSummary[];
    /** Of homes that were silent: estimated, settled and billed by grid operator and committee. */
    readonly provisional: readonly ProvisionalSummary[];
    /** Orders that counted and what became of them, besides fills. */
    readonly orders: OrdersSummary;
    /** Homes whose orders the rounds went without, because they did not open them. */
    readonly unrevealed?: readonly UnrevealedSummary[];
    /** Homes that did not answer in the run of the day's schedule although they were covered. */
    readonly late?: readonly LateSummary[];
    /** Homes without an order that took part in a round. */
    readonly withoutOrders: readonly string[];
}

export interface ProvisionalSummary {
    readonly home: string;
    readonly estimatedSlots: number;
    readonly meteredNetWh: number;
    /** Null while the bill's period goes on. */
    readonly due: number | null;
}

const NANOS_PER_MICRO = 1000n;

export function daySummary(result: DayResult, channel: ChannelFacts, startSeconds: number): DaySummary {
    const { households, rounds, totals, seconds } = result;
    const own = households.map((household) => household.own);
    const schedule = dayScheduleSummary(result);
    return {
        day: result.day,
        homes: households.length,
        rounds: rounds.length,
        transactions: channel.transactions,
        invalid: channel.invalid,
        tradedWh: exactNumber(totals.sums?.tradedWh ?? 0n),
        energyImbalanceWh: exactNumber(energyImbalance(result)),
        moneyImbalanceNanos: exactNumber(moneyImbalance(result)),
        worseOff: households
            .filter(
                ({ own: { nanos, contractNanos, withoutMarketNanos } }) => nanos + contractNanos > withoutMarketNanos,
            )
            .map(({ home }) => home),
        savedMicros: exactNumber(sum(own.map(({ savedNanos }) => savedNanos)) / NANOS_PER_MICRO),
        sellersGainMicros: exactNumber(sum(own.map(({ sellersGainNanos }) => sellersGainNanos)) / NANOS_PER_MICRO),
        seconds: { start: round(startSeconds), trading: round(seconds.trading), settlement: round(seconds.settlement) },
        ...(schedule === undefined ? {} : { schedule }),
        contracts: contractFacts(result.contracts).map(contractSummary),
        ...(result.feeder === undefined ? {} : { feeder: feederSummary(result.feeder) }),
        peersAgree: channel.peersAgree,
        bills: households.map(billSummary),
        provisional: result.provisional.map(provisionalSummary),
        orders: ordersSummary(rounds),
        withoutOrders: withoutOrders(result),
    };
}

export function accountsSummary({ households }: DayResult, book: MoneyBook): AccountsSummary {
    const { atBank, available, reserved, waiting, escrow, fees, billed, imbalance } = book;
    return {
        atBankNanos: exactNumber(atBank),
        availableNanos: exactNumber(available + waiting),
        reservedNanos: exactNumber(reserved),
        escrowNanos: exactNumber(escrow),
        paidForBillsNanos: exactNumber(billed + fees),
        unaccountedNanos: exactNumber(imbalance),
        unpaid: households.filter(({ paid }) => paid !== undefined && paid !== 'paid').map(({ home }) => home),
    };
}

function contractSummary(contract: ContractFacts): ContractSummary {
    const { id, seller, buyer, storedIn, deliveredIn, takenWh, deliveredWh, paymentNanos, feeNanos, status } = contract;
    return {
        ...{ id, seller, buyer: buyer ?? null, storedIn, deliveredIn, status },
        takenWh: exactNumber(takenWh),
        deliveredWh: exactNumber(deliveredWh),
        paymentNanos: exactNumber(paymentNanos),
        feeNanos: exactNumber(feeNanos),
    };
}

function feederSummary({ record, suspected }: FeederResult): FeederSummary {
    return {
        lostWh: exactNumber(record.lostWh),
        expectedWh: exactNumber(record.expectedWh),
        residualWh: exactNumber(record.residualWh),
        fits: record.fits,
        slotsThatDoNotFit: record.slots.filter(({ fits }) => !fits).length,
        payer: record.payer,
        costNanos: exactNumber(record.costNanos),
        suspected: suspected === undefined ? null : suspected.mspId,
        told: suspected?.isTold ?? false,
    };
}

const provisionalSummary = ({ home, estimated, settlement, bill }: ProvisionalResult): ProvisionalSummary => ({
    home,
    estimatedSlots: estimated,
    meteredNetWh: exactNumber(sum(settlement.slots.map(({ meteredWh }) => meteredWh))),
    due: bill === undefined ? null : exactNumber(bill.dueMinor),
});

function billSummary({ home, own, bill }: HouseholdResult): BillSummary {
    return {
        home,
        meteredNetWh: exactNumber(own.netWh),
        boughtWh: exactNumber(own.boughtWh),
        soldWh: exactNumber(own.soldWh),
        fromSupplierWh: exactNumber(own.fromSupplierWh),
        toSupplierWh: exactNumber(own.toSupplierWh),
        nanos: exactNumber(own.nanos),
        chargesNanos: exactNumber(own.due.chargesNanos),
        tax: exactNumber(own.due.taxMinor),
        due: exactNumber(dueOfDay(own, bill)),
        withoutMarketNanos: exactNumber(own.withoutMarketNanos),
    };
}

/** What a day comes to: the bill says it, unless it has other days and corrections of them, too. */
export const dueOfDay = ({ due }: HouseholdResult['own'], bill: HouseholdResult['bill']): bigint =>
    bill === undefined || bill.from !== bill.to || bill.corrections !== undefined ? due.dueMinor : bill.dueMinor;

/**
 * What was bought and not sold or the other way round, slot by slot, plus what the day's totals say otherwise than the
 * settlements. Zero, or something is wrong.
 */
function energyImbalance({ rounds, totals, ahead, ...result }: DayResult): bigint {
    const households = [...result.households, ...result.provisional];
    const agreed = ahead?.record.agreed;
    let imbalance = 0n;
    let traded = 0n;
    rounds.forEach((_, index) => {
        const slots = households.map(({ settlement }) => settlement.slots[index]);
        const bought = sum(slots.map((slot) => slot?.boughtWh ?? 0n));
        const sold = sum(slots.map((slot) => slot?.soldWh ?? 0n));
        // By a schedule the grid takes part, too.
        imbalance += magnitude(sold - bought - (agreed?.gridWh[index] ?? 0n));
        imbalance += magnitude(sum(slots.map((slot) => slot?.contractedWh ?? 0n)));
        // What passed between neighbours; by an auction that is all that was bought.
        traded += bought < sold ? bought : sold;
    });
    return imbalance + magnitude(traded - (totals.sums?.tradedWh ?? 0n));
}

/**
 * What the postings of each settlement, of each bill, of the day's totals and of its losses add up to, and what the totals say of the
 * households otherwise than their settlements. Zero, or something is wrong.
 */
function moneyImbalance({ totals, feeder, ...result }: DayResult): bigint {
    const households = [...result.households, ...result.provisional];
    const books = [
        ...households.flatMap(({ settlement, bill }) => [settlement.postings, bill?.postings ?? []]),
        totals.sums?.postings ?? [],
        feeder?.record.postings ?? [],
    ];
    const unbalanced = sum(books.map((postings) => magnitude(sum(postings.map(({ amountNanos }) => amountNanos)))));
    const theirs = sum(
        households.flatMap(({ settlement, mspId }) =>
            settlement.postings
                .filter(({ account }) => account === `household:${mspId}`)
                .map((each) => each.amountNanos),
        ),
    );
    const together = totals.sums?.postings.find(({ account }) => account === 'households')?.amountNanos ?? 0n;
    return unbalanced + magnitude(theirs - together);
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);
const round = (seconds: number): number => Math.round(seconds * 10) / 10;
