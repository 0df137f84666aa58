import { keyName, settlementKey } from '../../../api/keys';
import type {
    BillMarker,
    Charter,
    CorrectionMarker,
    CorrectionRecord,
    SettlementMarker,
    SettlementRecord,
} from '../../../api/records';
import { settlementOf } from '../../../api/settlements';
import type { CorrectedDay } from '../../../domain/billing/corrected';
import { compareStrings } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import type { LocalDay } from '../../../domain/slot';
import type { TransactionContext } from '../../transaction-context';
import { correctionMarkersOf, dayToCorrect, openedCorrections, slotsAfter } from '../corrections/correcting';
import { pricesOfDay, termsOf } from '../rounds';
import type { Period } from './billed';
import { openedSettlements } from './closing';
import { standingBills } from './standing-bills';

/** A closed day and all its corrections, before anything is opened. */
interface MarkedDay {
    readonly local: LocalDay;
    readonly view: Charter;
    readonly marker: SettlementMarker;
    readonly corrections: readonly CorrectionMarker[];
}

export interface Openings {
    readonly settlements: readonly SettlementRecord[];
    readonly corrections: readonly CorrectionRecord[];
}

export interface CorrectionsToBill {
    /** By day and number. */
    readonly of: { readonly day: string; readonly number: number }[];
    readonly days: CorrectedDay[];
    /** Of the period's days, whose readings are estimates even with all corrections. */
    readonly isEstimated: (settlement: SettlementRecord) => boolean;
}

/**
 * The corrections that no other bill has: of every day of the period, and of earlier days whose settlements are given; all of a day, or who
 * could choose would bill what suits it. Refuses OPENING_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, DAY_NOT_CLOSED, SETTLEMENT_MISSING,
 * CORRECTION_BILLED, OPENING_MISSING, OPENING_MISMATCH, SIGNATURE_INVALID.
 */
export async function correctionsToBill(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    closed: readonly Omit<MarkedDay, 'corrections'>[],
    { settlements, corrections }: Openings,
): Promise<CorrectionsToBill> {
    const days: MarkedDay[] = [];
    for (const earlier of settlements.filter((each) => isEarlier(each, period))) {
        days.push(await dayToCorrect(ctx, charter, earlier));
    }
    const isTaken = await takenElsewhere(ctx, charter, period);
    const done = days.find((each) => each.corrections.every(isTaken));
    if (done !== undefined) {
        refuse('CORRECTION_BILLED', `${period.mspId} on ${done.local.day}`);
    }
    for (const each of closed) {
        days.push({ ...each, corrections: await correctionMarkersOf(ctx, charter, each, period.mspId) });
    }
    const stranger = corrections.find(({ day }) => !days.some(({ local }) => local.day === day));
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', stranger.key);
    }
    const opened: { readonly marker: CorrectionMarker; readonly corrected: CorrectedDay }[] = [];
    for (const each of days.sort((one, other) => compareStrings(one.local.day, other.local.day))) {
        opened.push(...(await correctedDays(ctx, charter, each, { settlements, corrections })));
    }
    const open = opened.filter(({ marker }) => !isTaken(marker));
    const last = new Map<string, CorrectionMarker | undefined>(
        days.map((each) => [each.local.day, each.corrections.at(-1)]),
    );
    return {
        of: open.map(({ marker: { day, number } }) => ({ day, number })),
        days: open.map(({ corrected }) => corrected),
        isEstimated: ({ day, provisional }) => last.get(day)?.provisional ?? provisional,
    };
}

/** A settlement of the household's days before the period, which comes with corrections to be billed. */
export const isEarlier = ({ key, day, mspId }: SettlementRecord, period: Period): boolean =>
    mspId === period.mspId && day < period.from && key === keyName(settlementKey(day, mspId));

/** Whether a correction stands on the household's bill of another period. */
async function takenElsewhere(
    ctx: TransactionContext,
    charter: Charter,
    { mspId, from, to }: Period,
): Promise<(correction: CorrectionMarker) => boolean> {
    const bills = await standingBills(ctx, charter, mspId);
    const taken = new Set(bills.filter((bill) => bill.from !== from || bill.to !== to).flatMap(namesOn));
    return ({ day, number }) => taken.has(`${day}/${number}`);
}

const namesOn = (bill: BillMarker): string[] =>
    (bill.corrections?.of ?? []).map(({ day, number }) => `${day}/${number}`);

/** Each correction of a day on its own, with all before it. */
async function correctedDays(
    ctx: TransactionContext,
    charter: Charter,
    { local, view, marker, corrections: markers }: MarkedDay,
    given: Openings,
): Promise<{ readonly marker: CorrectionMarker; readonly corrected: CorrectedDay }[]> {
    const { day } = local;
    const records = openedCorrections(
        charter,
        marker,
        markers,
        given.corrections.filter((each) => each.day === day),
    );
    if (records.length === 0) {
        return [];
    }
    const own = given.settlements.filter((each) => each.day === day);
    const [settlement] = await openedSettlements(ctx, { charter, view }, local.first, [marker], own);
    const { mspId, slots } = settlement ?? refuse('OPENING_MISSING', keyName(settlementKey(day, marker.mspId)));
    const prices = pricesOfDay(charter, local, mspId);
    const { charges = [], vat } = termsOf(charter, day);
    const upTo = (count: number) =>
        settlementOf(local, prices, { mspId, slots: slotsAfter({ slots }, records.slice(0, count)) });
    return markers.map((each, i) => ({
        marker: each,
        corrected: { before: upTo(i), after: upTo(i + 1), charges, vat },
    }));
}
