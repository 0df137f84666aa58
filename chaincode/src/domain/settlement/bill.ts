import { daysSinceEpoch, type CalendarDay } from '../calendar';
import { ACCOUNTS, assertBalanced, balanceOf, householdAccount, Imbalance, summed, type Posting } from '../postings';
import {
    compareBigints,
    dividedHalfEven,
    microsPerKwh,
    minorUnits,
    nanos,
    negated,
    plus,
    total,
    wattHours,
    type MicrosPerKwh,
    type MinorUnits,
    type Nanos,
    type WattHours,
} from '../quantity';
import type { Slot } from '../slot';
import type { DaySettlement, SlotSettlement } from './position';

/** In the order in which a bill lists them. */
export const BILL_ITEMS = ['localSale', 'localPurchase', 'gridFee', 'communityFee', 'feedIn', 'retail'] as const;
export type BillItem = (typeof BILL_ITEMS)[number];

/** Energy of one kind at one price. `amount` = ± energy × price: positive is earned by the household, negative is paid. */
export interface BillLine {
    readonly item: BillItem;
    /** Undefined where a rule shared money among sellers, so that no whole price gives the amount. */
    readonly price: MicrosPerKwh | undefined;
    readonly energy: WattHours;
    readonly amount: Nanos;
    /** The rounds (slots) that the energy comes from, in order of time. */
    readonly rounds: readonly Slot[];
}

export interface Bill {
    readonly mspId: string;
    /** First and last day. */
    readonly from: CalendarDay;
    readonly to: CalendarDay;
    readonly lines: readonly BillLine[];
    /** Σ of the lines: positive is owed to the household. */
    readonly balance: Nanos;
    /** What the household has to pay, rounded once, half to even; negative is paid out to it. */
    readonly due: MinorUnits;
    /** The rounding's difference between the household and the account `rounding`. Sums to zero; empty where there is none. */
    readonly postings: readonly Posting[];
    /** At least one reading is an estimate. */
    readonly provisional: boolean;
}

/**
 * A household's bill over its settled days: `settlements` in order of time, without a gap (a RangeError if not). The only place
 * where money is rounded: to the minor unit of the currency, `nanosPerMinorUnit` (10⁷ for a hundredth).
 */
export function issueBill(mspId: string, settlements: readonly DaySettlement[], nanosPerMinorUnit: bigint): Bill {
    const [first, last] = [settlements[0], settlements.at(-1)];
    if (first === undefined || last === undefined) {
        throw new RangeError(`no settled day to bill ${mspId} for`);
    }
    checkPeriod(mspId, settlements);
    const lines = billLines(settlements.flatMap(({ slots }) => slots));
    const balance = total(lines.map(({ amount }) => amount));
    const posted = balanceOf(
        householdAccount(mspId),
        settlements.flatMap(({ postings }) => postings),
    );
    if (balance !== posted) {
        throw new Imbalance(
            `the lines of ${mspId}'s bill sum to ${balance.toString()}, its postings to ${posted.toString()} nanos`,
        );
    }
    const due = minorUnits(dividedHalfEven(0n - balance, nanosPerMinorUnit));
    const rounding = nanos(due * nanosPerMinorUnit + balance);
    return {
        mspId,
        from: first.day,
        to: last.day,
        lines,
        balance,
        due,
        postings: assertBalanced(
            summed([
                { account: householdAccount(mspId), amount: negated(rounding) },
                { account: ACCOUNTS.rounding, amount: rounding },
            ]),
            `the rounding of ${mspId}'s bill`,
        ),
        provisional: settlements.some(({ provisional }) => provisional),
    };
}

function checkPeriod(mspId: string, settlements: readonly DaySettlement[]): void {
    for (const [i, settlement] of settlements.entries()) {
        if (settlement.mspId !== mspId) {
            throw new RangeError(`a settlement of ${settlement.mspId} cannot stand on the bill of ${mspId}`);
        }
        const before = settlements[i - 1];
        if (before !== undefined && daysSinceEpoch(settlement.day) !== daysSinceEpoch(before.day) + 1) {
            throw new RangeError(`${settlement.day} does not follow ${before.day} on the bill of ${mspId}`);
        }
    }
}

/** One line for each item and price, by item and then by price. */
function billLines(slots: readonly SlotSettlement[]): BillLine[] {
    const lines = new Map<string, BillLine>();
    for (const line of slots.flatMap(slotLines)) {
        const key = `${line.item} ${line.price?.toString() ?? 'shared'}`;
        const known = lines.get(key);
        lines.set(key, known === undefined ? line : joined(known, line));
    }
    return [...lines.values()].sort(
        (a, b) => BILL_ITEMS.indexOf(a.item) - BILL_ITEMS.indexOf(b.item) || comparePrices(a.price, b.price),
    );
}

/** Lines without a price come last. */
function comparePrices(a: MicrosPerKwh | undefined, b: MicrosPerKwh | undefined): number {
    return a === undefined || b === undefined
        ? Number(a === undefined) - Number(b === undefined)
        : compareBigints(a, b);
}

const joined = (line: BillLine, next: BillLine): BillLine => ({
    ...line,
    energy: plus(line.energy, next.energy),
    amount: plus(line.amount, next.amount),
    rounds: [...line.rounds, ...next.rounds],
});

function slotLines({ slot, prices, bought, sold, paid, earned, deviation }: SlotSettlement): BillLine[] {
    const short = 0n - deviation;
    return [
        ...billLine(slot, 'localSale', sold, earned),
        ...billLine(slot, 'localPurchase', bought, paid),
        ...billLine(slot, 'gridFee', bought, bought * prices.gridFee),
        ...billLine(slot, 'communityFee', bought, bought * prices.communityFee),
        ...billLine(slot, 'feedIn', deviation, deviation * prices.feedIn),
        ...billLine(slot, 'retail', short, short * prices.retail),
    ];
}

/** `worth` is energy × price: earned for the two items that are sold, paid for the others. */
function billLine(slot: Slot, item: BillItem, energy: bigint, worth: bigint): BillLine[] {
    if (energy <= 0n) {
        return [];
    }
    const isEarned = item === 'localSale' || item === 'feedIn';
    return [
        {
            item,
            price: worth % energy === 0n ? microsPerKwh(worth / energy) : undefined,
            energy: wattHours(energy),
            amount: nanos(isEarned ? worth : 0n - worth),
            rounds: [slot],
        },
    ];
}
