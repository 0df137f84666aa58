import { commitmentOfBill, commitmentOfCorrections } from '../../../api/bills';
import { billKey, keyName, settlementKey } from '../../../api/keys';
import type {
    BillDraft,
    BillMarker,
    Charter,
    ReadingRecord,
    SettlementMarker,
    SettlementRecord,
} from '../../../api/records';
import { dayFrom, daysSinceEpoch, isCalendarDay } from '../../../domain/calendar';
import { householdAccount } from '../../../domain/postings';
import type { Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { issueBill, postedBefore, type Bill } from '../../../domain/billing/bill';
import { billCorrections, withCorrections } from '../../../domain/billing/corrected';
import { metersAfter } from '../../../domain/metering/meters';
import type { LocalDay } from '../../../domain/slot';
import { partiesPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { correctionsToBill, isEarlier, type Openings as BillOpenings } from './billed-corrections';
import { openedSettlements, totalsOf } from './closing';
import { standingBills } from './standing-bills';
import { lossesOf } from '../feeder/comparing';
import { memberOf } from '../guards';
import { settlementMarkerOf } from '../markers';
import { openedUnder, termsOf } from '../rounds';
import { registersOn } from './registers';
import { postingRecord, settledAgain } from './settling';

const MOST_DAYS = 366;
/** The grid operator's, and its owner's twice. */
const MOST_VERSIONS = 3;

export interface Period {
    readonly mspId: string;
    readonly from: string;
    readonly to: string;
}

/** Every day from the first to the last. Refuses MALFORMED. */
export function daysOf({ from, to }: Pick<Period, 'from' | 'to'>): string[] {
    if (!isCalendarDay(from) || !isCalendarDay(to) || from > to) {
        refuse('MALFORMED', `from ${from} to ${to}`);
    }
    const first = daysSinceEpoch(from);
    const count = daysSinceEpoch(to) - first + 1;
    if (count > MOST_DAYS) {
        refuse('MALFORMED', `${count} days, at most ${MOST_DAYS}`);
    }
    return Array.from({ length: count }, (_, i) => dayFrom(first + i));
}

/** The household's own word; or the grid operator's, after the deadline. */
export type Signer = 'owner' | 'operator';

/** The bill over the closed days of a period, and over corrections that no other has, as it stands to be salted and signed. */
export async function billDraft(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    { settlements, corrections, readings }: BillOpenings & { readonly readings: readonly ReadingRecord[] },
    added: { readonly salt: string; readonly signedBy: Signer },
): Promise<BillDraft> {
    const { mspId, from, to } = period;
    const version = await nextVersion(ctx, charter, period, added.signedBy);
    const days = await closedDays(ctx, charter, period);
    const stranger = settlements.find(
        (each) => !isEarlier(each, period) && !days.some(({ marker }) => each.key === nameOf(marker)),
    );
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', stranger.key);
    }
    const opened: SettlementRecord[] = [];
    for (const { marker, local, view } of days) {
        const own = settlements.filter(({ key }) => key === nameOf(marker));
        opened.push(...(await openedSettlements(ctx, { charter, view }, local.first, [marker], own)));
    }
    const losses = await lossesOn(ctx, charter, mspId, days);
    const settled = days.map(({ local }, i) => {
        const { charges = [], vat } = termsOf(charter, local.day);
        return {
            losses: losses[i],
            settlement: settledAgain(charter, local, opened[i] ?? refuse('NOTHING_TO_BILL', from)),
            charges,
            vat,
            meters: metersAfter(memberOf(charter, mspId).meters, local.first + local.count - 1),
        };
    });
    const [firstDay, lastDay] = [days[0]?.local, days.at(-1)?.local];
    const registers =
        firstDay === undefined || lastDay === undefined
            ? {}
            : await registersOn(ctx, charter, { mspId, first: firstDay, last: lastDay }, readings);
    const toBill = await correctionsToBill(ctx, charter, period, days, { settlements, corrections });
    const { minorUnitNanos } = charter.rules;
    const bill = issueBill(mspId, settled, minorUnitNanos);
    const corrected = billCorrections(mspId, toBill.days, minorUnitNanos);
    const settledNanos = postedBefore(mspId, settled);
    const named = { key: keyName(billKey(mspId, from, to)), version, mspId, ...added };
    return {
        ...named,
        from,
        to,
        provisional: added.signedBy === 'operator' || opened.some(toBill.isEstimated),
        settledNanos,
        ...registers,
        ...moneyOf(withCorrections(bill, corrected)),
        commitment: commitmentOfBill({ ...bill, settled: settledNanos }, named),
        ...(corrected === undefined
            ? {}
            : {
                  corrections: {
                      of: toBill.of,
                      correctedNanos: corrected.corrected,
                      dueMinor: corrected.due,
                      postings: corrected.postings.map(postingRecord),
                      commitment: commitmentOfCorrections(mspId, corrected, named),
                  },
              }),
    };
}

/** The bill's money as its record says it. */
function moneyOf(bill: Bill): Pick<BillDraft, 'lines' | 'balanceNanos' | 'taxes' | 'dueMinor' | 'postings'> {
    return {
        lines: bill.lines.map(({ price, energy, amount, rounds, ...line }) => ({
            ...line,
            price: price ?? null,
            energyWh: energy,
            amountNanos: amount,
            rounds: [...rounds],
        })),
        balanceNanos: bill.balance,
        taxes: bill.taxes.map(({ on, ppm, net, tax }) => ({ on, ppm, netNanos: net, taxMinor: tax })),
        dueMinor: bill.due,
        postings: bill.postings.map(postingRecord),
    };
}

/** Who may write the bill's marker: the parties, with the committee that served when the first of its days was opened. */
export async function billPolicy(
    ctx: TransactionContext,
    charter: Charter,
    { mspId, from }: Period,
): Promise<Uint8Array> {
    const local = findDay(charter, from) ?? refuse('DAY_UNKNOWN', from);
    return partiesPolicy(await openedUnder(ctx, charter, from), mspId, local.first);
}

/**
 * No day is billed twice, whatever the periods are; but the owner may replace a provisional bill of the same period, a few times.
 * Refuses BILL_EXISTS.
 */
async function nextVersion(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    signedBy: Signer,
): Promise<number> {
    const bills = await standingBills(ctx, charter, period.mspId);
    const [known] = bills.filter(({ from, to }) => from <= period.to && period.from <= to);
    if (known !== undefined && (signedBy !== 'owner' || !isReplaceable(known, period))) {
        refuse('BILL_EXISTS', keyName(billKey(known.mspId, known.from, known.to)));
    }
    return (known?.version ?? 0) + 1;
}

const isReplaceable = (bill: BillMarker, { from, to }: Period): boolean =>
    bill.provisional && bill.version < MOST_VERSIONS && bill.from === from && bill.to === to;

const nameOf = ({ day, mspId }: SettlementMarker): string => keyName(settlementKey(day, mspId));

interface ClosedDay {
    readonly local: LocalDay;
    /** Governance as it stood when the day was opened. */
    readonly view: Charter;
    readonly marker: SettlementMarker;
}

/** What the losses of each day posted on the household's account. Refuses what `lossesOf` refuses. */
async function lossesOn(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    days: readonly ClosedDay[],
): Promise<(Nanos | undefined)[]> {
    const found: (Nanos | undefined)[] = [];
    for (const { local, view } of days) {
        found.push((await lossesOf(ctx, charter, view, local.day)).get(householdAccount(mspId)));
    }
    return found;
}

/** Each day of the period, which must be closed. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG, DAY_NOT_CLOSED, NOTHING_TO_BILL. */
async function closedDays(ctx: TransactionContext, charter: Charter, period: Period): Promise<ClosedDay[]> {
    const days: ClosedDay[] = [];
    for (const day of daysOf(period)) {
        const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
        const view = await openedUnder(ctx, charter, day);
        if ((await totalsOf(ctx, view, day)).status !== 'closed') {
            refuse('DAY_NOT_CLOSED', day);
        }
        const marker = await settlementMarkerOf(ctx, day, period.mspId);
        days.push({
            local,
            view,
            marker: marker ?? refuse('NOTHING_TO_BILL', `${period.mspId} on ${day}`),
        });
    }
    return days;
}
