import { daysSinceEpoch, type CalendarDay } from '../calendar';
import { ACCOUNTS, assertBalanced, balanceOf, householdAccount, Imbalance, summed, type Posting } from '../postings';
import {
    compareBigints,
    dividedHalfEven,
    minorUnits,
    nanos,
    negated,
    plus,
    total,
    type MinorUnits,
    type Nanos,
} from '../quantity';
import type { DaySettlement } from '../settlement/position';
import type { Payee } from '../tariff/charges';
import { taxOn } from '../tariff/vat';
import { billLines, isSettled, type BilledDay, type BillLine } from './lines';

/** Value added tax of one rate, on what the household buys or on what it sells. */
export interface BillTax {
    readonly on: 'bought' | 'sold';
    readonly ppm: bigint;
    /** Σ of the lines at this rate, as they stand: positive is earned by the household. */
    readonly net: Nanos;
    /** Positive is paid by the household. */
    readonly tax: MinorUnits;
}

export interface Bill {
    readonly mspId: string;
    /** First and last day. */
    readonly from: CalendarDay;
    readonly to: CalendarDay;
    readonly lines: readonly BillLine[];
    /** Σ of the lines, without tax: positive is owed to the household. */
    readonly balance: Nanos;
    /** One for each rate and direction that lines have, bought before sold, by rate. */
    readonly taxes: readonly BillTax[];
    /** What the household has to pay: the balance rounded once, half to even, and the taxes. Negative is paid out to it. */
    readonly due: MinorUnits;
    /**
     * Money that moves with the bill: charges to their payees, taxes to `vat`, the rounding's difference to `rounding`. Sums to zero.
     * With the settlements' own postings, and those for losses, the household has then paid exactly what is due.
     */
    readonly postings: readonly Posting[];
    /** At least one reading is an estimate. */
    readonly provisional: boolean;
}

/**
 * A household's bill over its settled days: in order of time, without a gap (a RangeError if not). Money is rounded here and nowhere
 * else, to the minor unit of the currency, `nanosPerMinorUnit` (10⁷ for a hundredth): the balance once, the tax once for each rate.
 */
export function issueBill(mspId: string, days: readonly BilledDay[], nanosPerMinorUnit: bigint): Bill {
    const settlements = days.map(({ settlement }) => settlement);
    const [first, last] = [settlements[0], settlements.at(-1)];
    if (first === undefined || last === undefined) {
        throw new RangeError(`no settled day to bill ${mspId} for`);
    }
    checkPeriod(mspId, settlements);
    const lines = billLines(days);
    checkLines(mspId, lines, days);
    const { moved, ...money } = moneyOn(mspId, lines, isSettled, nanosPerMinorUnit);
    return {
        mspId,
        from: first.day,
        to: last.day,
        lines,
        ...money,
        postings: assertBalanced(moved, `${mspId}'s bill`),
        provisional: settlements.some(({ provisional }) => provisional),
    };
}

interface LinesMoney extends Pick<Bill, 'balance' | 'taxes' | 'due'> {
    readonly moved: readonly Posting[];
}

/**
 * What lines come to: rounded to the minor unit once, and once for the tax of each rate. `moved` is what moves with them: the lines that
 * have not been posted already, taxes, and the rounding's difference.
 */
export function moneyOn(
    mspId: string,
    lines: readonly BillLine[],
    isPosted: (line: BillLine) => boolean,
    nanosPerMinorUnit: bigint,
): LinesMoney {
    const balance = total(lines.map(({ amount }) => amount));
    const taxes = taxesOn(lines, nanosPerMinorUnit);
    const rounded = minorUnits(dividedHalfEven(0n - balance, nanosPerMinorUnit));
    const rounding = nanos(rounded * nanosPerMinorUnit + balance);
    const moved = [
        ...lines.filter((line) => !isPosted(line)).map(({ seller, amount }) => ({ to: seller as Payee, amount })),
        ...taxes.map(({ tax }) => ({ to: ACCOUNTS.vat, amount: nanos(0n - tax * nanosPerMinorUnit) })),
        { to: ACCOUNTS.rounding, amount: negated(rounding) },
    ];
    return {
        balance,
        taxes,
        due: minorUnits(rounded + total(taxes.map(({ tax }) => tax))),
        moved: summed(moved.flatMap(({ to, amount }) => between(mspId, to, amount))),
    };
}

/** Both sides of what the household gets (or, negative, pays). */
const between = (mspId: string, account: Posting['account'], amount: Nanos): Posting[] => [
    { account: householdAccount(mspId), amount },
    { account, amount: negated(amount) },
];

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

/** What was posted on the household's account before the bill: by the settlements, and for losses. */
export function postedBefore(mspId: string, days: readonly Pick<BilledDay, 'settlement' | 'losses'>[]): Nanos {
    const settled = balanceOf(
        householdAccount(mspId),
        days.flatMap(({ settlement }) => settlement.postings),
    );
    return plus(settled, total(days.map(({ losses = nanos(0n) }) => losses)));
}

/** The lines of energy and losses say what was posted. */
function checkLines(mspId: string, lines: readonly BillLine[], days: readonly BilledDay[]): void {
    const listed = total(lines.filter(isSettled).map(({ amount }) => amount));
    const posted = postedBefore(mspId, days);
    if (listed !== posted) {
        throw new Imbalance(
            `the lines of ${mspId}'s bill sum to ${listed.toString()}, its postings to ${posted.toString()} nanos`,
        );
    }
}

function taxesOn(lines: readonly BillLine[], nanosPerMinorUnit: bigint): BillTax[] {
    return (['bought', 'sold'] as const).flatMap((on) => {
        const sided = lines.filter(({ seller }) => (seller === 'household') === (on === 'sold'));
        const rates = [...new Set(sided.map(({ vatPpm }) => vatPpm))].sort(compareBigints);
        return rates.map((ppm) => {
            const net = total(sided.filter(({ vatPpm }) => vatPpm === ppm).map(({ amount }) => amount));
            return { on, ppm, net, tax: taxOn(negated(net), ppm, nanosPerMinorUnit) };
        });
    });
}
