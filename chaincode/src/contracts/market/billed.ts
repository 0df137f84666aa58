import { billKey, keyName, settlementKey } from '../../api/keys';
import type { BillDraft, Charter, SettlementMarker, SettlementRecord } from '../../api/records';
import { dayFrom, daysSinceEpoch, isCalendarDay } from '../../domain/calendar';
import { refuse } from '../../domain/refusals';
import { issueBill } from '../../domain/settlement/bill';
import { findDay } from '../clock';
import type { TransactionContext } from '../transaction-context';
import { openedSettlements, totalsOf } from './closing';
import { settlementMarkerOf } from './markers';
import { postingRecord, settledAgain } from './settling';

const MOST_DAYS = 366;

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

/** The bill over the closed days of a period, as it stands to be salted and signed. */
export async function billDraft(
    ctx: TransactionContext,
    charter: Charter,
    { mspId, from, to }: Period,
    settlements: readonly SettlementRecord[],
    salt: string,
): Promise<BillDraft> {
    const key = billKey(mspId, from, to);
    await requireUnbilled(ctx, { mspId, from, to });
    const opened: SettlementRecord[] = [];
    const markers = await markersOf(ctx, charter, { mspId, from, to });
    const stranger = settlements.find(({ key }) => !markers.some((marker) => key === nameOf(marker)));
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', stranger.key);
    }
    for (const marker of markers) {
        const first = findDay(charter, marker.day)?.first ?? refuse('NOTHING_TO_BILL', marker.day);
        const own = settlements.filter(({ key }) => key === nameOf(marker));
        opened.push(...(await openedSettlements(ctx, charter, first, [marker], own)));
    }
    const settled = opened.map((record) => {
        const local = findDay(charter, record.day) ?? refuse('NOTHING_TO_BILL', record.day);
        return settledAgain(charter, local, record);
    });
    const bill = issueBill(mspId, settled, charter.rules.minorUnitNanos);
    return {
        key: keyName(key),
        version: 1,
        mspId,
        salt,
        from,
        to,
        provisional: opened.some(({ provisional }) => provisional),
        lines: bill.lines.map(({ item, price, energy, amount, rounds }) => ({
            item,
            price,
            energyWh: energy,
            amountNanos: amount,
            rounds: [...rounds],
        })),
        balanceNanos: bill.balance,
        dueMinor: bill.due,
        postings: bill.postings.map(postingRecord),
    };
}

/** No day is billed twice, whatever the periods are. Refuses BILL_EXISTS. */
async function requireUnbilled(ctx: TransactionContext, { mspId, from, to }: Period): Promise<void> {
    for (const { parts } of await ctx.ledger.listWithParts('bill', mspId)) {
        const [, first = '', last = ''] = parts;
        if (first <= to && from <= last) {
            refuse('BILL_EXISTS', keyName(billKey(mspId, first, last)));
        }
    }
}

const nameOf = ({ day, mspId }: SettlementMarker): string => keyName(settlementKey(day, mspId));

/** One for each day of the period; each day must be closed. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG, DAY_NOT_CLOSED, NOTHING_TO_BILL. */
async function markersOf(ctx: TransactionContext, charter: Charter, period: Period): Promise<SettlementMarker[]> {
    const markers: SettlementMarker[] = [];
    for (const day of daysOf(period)) {
        if ((await totalsOf(ctx, charter, day)).status !== 'closed') {
            refuse('DAY_NOT_CLOSED', day);
        }
        const marker = await settlementMarkerOf(ctx, day, period.mspId);
        markers.push(marker ?? refuse('NOTHING_TO_BILL', `${period.mspId} on ${day}`));
    }
    return markers;
}
