import { assertBalanced, balanceOf, householdAccount, Imbalance, summed, type Posting } from '../postings';
import { nanos, negated, netEnergy, plus, total, type MinorUnits, type Nanos } from '../quantity';
import type { DaySettlement } from '../settlement/position';
import type { Charge } from '../tariff/charges';
import type { VatTerms } from '../tariff/vat';
import { moneyOn, type Bill, type BillTax } from './bill';
import { energyLines, joinedLines, percentageLines, type BillLine } from './lines';

/** One correction: its day as it was, with all corrections before this one, and as it is with it. */
export interface CorrectedDay {
    readonly before: DaySettlement;
    readonly after: DaySettlement;
    /** Of the corrected day's terms. */
    readonly charges: readonly Charge[];
    readonly vat: VatTerms | undefined;
}

/** What corrections add to a bill. */
export interface BilledCorrections {
    /**
     * Of item `correction`: differences of energy at the prices and rates of tax of the lines that they correct, whose seller they name (supplier:
     * bought from it; household: sold to it), and of percentages on them.
     */
    readonly lines: readonly BillLine[];
    /** What the corrections themselves post on the household's account. */
    readonly corrected: Nanos;
    readonly balance: Nanos;
    readonly taxes: readonly BillTax[];
    readonly due: MinorUnits;
    /** What moves besides what was corrected: percentages, taxes, the rounding's difference. Sums to zero. */
    readonly postings: readonly Posting[];
}

/**
 * What a household owes or gets for corrections of its settled days, rounded apart from the bill that they stand on: they come to the
 * same on whichever bill, and what the bill's own days come to does not tell them. Undefined where there are none.
 */
export function billCorrections(
    mspId: string,
    days: readonly CorrectedDay[],
    nanosPerMinorUnit: bigint,
): BilledCorrections | undefined {
    if (days.length === 0) {
        return undefined;
    }
    const changes = days.map(({ before, after, charges, vat }) => {
        const lines = differences(energyLines({ settlement: before, vat }), energyLines({ settlement: after, vat }));
        return { day: { settlement: after, charges, vat }, lines };
    });
    const energy = changes.flatMap(({ lines }) => lines);
    const lines = [...joinedLines(energy), ...percentageLines(changes)]
        .filter(({ energy: wh, amount }) => wh !== 0n || amount !== 0n)
        .map((line): BillLine => ({ ...line, item: 'correction', rounds: inTime(line.rounds) }));
    const corrected = total(energy.map(({ amount }) => amount));
    checkPosted(mspId, days, corrected);
    const { moved, ...money } = moneyOn(mspId, lines, ({ charge }) => charge === undefined, nanosPerMinorUnit);
    return { lines, corrected, ...money, postings: assertBalanced(moved, `corrections on ${mspId}'s bill`) };
}

/** A bill with the corrections that stand on it. */
export const withCorrections = (bill: Bill, corrections: BilledCorrections | undefined): Bill =>
    corrections === undefined
        ? bill
        : {
              ...bill,
              lines: [...bill.lines, ...corrections.lines],
              balance: plus(bill.balance, corrections.balance),
              taxes: [...bill.taxes, ...corrections.taxes],
              due: plus(bill.due, corrections.due),
              postings: assertBalanced(summed([...bill.postings, ...corrections.postings]), `${bill.mspId}'s bill`),
          };

/** New lines less old ones. A line of a slot that did not change leaves nothing. */
function differences(before: readonly BillLine[], after: readonly BillLine[]): BillLine[] {
    const name = ({ item, rounds }: BillLine): string => `${item} ${rounds.join()}`;
    const was = new Map(before.map((line) => [name(line), line]));
    const now = new Set(after.map(name));
    const gone = before.filter((line) => !now.has(name(line))).map((line) => less(line, netEnergy(0n), nanos(0n)));
    const changed = after.map((line) => {
        const old = was.get(name(line));
        return old === undefined ? line : less(old, line.energy, line.amount);
    });
    return [...gone, ...changed].filter(({ energy, amount }) => energy !== 0n || amount !== 0n);
}

const less = (line: BillLine, energy: bigint, amount: bigint): BillLine => ({
    ...line,
    energy: netEnergy(energy - line.energy),
    amount: nanos(amount + negated(line.amount)),
});

const inTime = (rounds: BillLine['rounds']): BillLine['rounds'] => [...new Set(rounds)].sort((a, b) => a - b);

function checkPosted(mspId: string, days: readonly CorrectedDay[], corrected: Nanos): void {
    const own = householdAccount(mspId);
    const posted = total(
        days.map(({ before, after }) => nanos(balanceOf(own, after.postings) - balanceOf(own, before.postings))),
    );
    if (posted !== corrected) {
        throw new Imbalance(
            `the corrections of ${mspId} post ${posted.toString()} nanos, their lines ${corrected.toString()}`,
        );
    }
}
