import { correctionKey, keyName } from '../../../api/keys';
import type {
    Charter,
    CorrectionDraft,
    CorrectionMarker,
    CorrectionRecord,
    ReadingRecord,
    SettlementMarker,
    SettlementRecord,
    SettlementSlot,
} from '../../../api/records';
import { settlementOf } from '../../../api/settlements';
import { netEnergy } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { correct } from '../../../domain/settlement/correction';
import { slot as slotOf, type LocalDay } from '../../../domain/slot';
import { partiesPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { openedSettlements, totalsOf } from '../billing/closing';
import { openedReading, postingRecord } from '../billing/settling';
import { hasPolicy, isSigned, memberOf, recordHash } from '../guards';
import { readingMarkersOf, settlementMarkerOf } from '../markers';
import { openedUnder, pricesOfDay } from '../rounds';

/** Each is a difference to all before it, so that their number has to end somewhere. */
const MOST_CORRECTIONS = 20;
/** Keys give a number two digits. */
const HIGHEST_NUMBER = 99;

/** A closed day of one household, and what has been corrected of it. */
export interface DayToCorrect {
    readonly local: LocalDay;
    /** Governance as it stood when the day was opened. */
    readonly view: Charter;
    readonly marker: SettlementMarker;
    /** By number. */
    readonly corrections: readonly CorrectionMarker[];
}

/** Refuses DAY_UNKNOWN, KEY_POLICY_WRONG, DAY_NOT_CLOSED, SETTLEMENT_MISSING. */
export async function dayToCorrect(
    ctx: TransactionContext,
    charter: Charter,
    { day, mspId }: { readonly day: string; readonly mspId: string },
): Promise<DayToCorrect> {
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const view = await openedUnder(ctx, charter, day);
    if ((await totalsOf(ctx, view, day)).status !== 'closed') {
        refuse('DAY_NOT_CLOSED', day);
    }
    const marker = (await settlementMarkerOf(ctx, day, mspId)) ?? refuse('SETTLEMENT_MISSING', `${mspId} on ${day}`);
    return { local, view, marker, corrections: await correctionMarkersOf(ctx, charter, { view, local }, mspId) };
}

/**
 * The corrections of a household's day, by number, each under its parties' policy and signed by the household: what others wrote beside them is
 * nobody's word, and stops neither corrections nor bills.
 */
export async function correctionMarkersOf(
    ctx: TransactionContext,
    charter: Charter,
    { view, local }: Pick<DayToCorrect, 'view' | 'local'>,
    mspId: string,
): Promise<CorrectionMarker[]> {
    const { ownerKey } = memberOf(charter, mspId);
    const found: CorrectionMarker[] = [];
    for (const { parts, record } of await ctx.ledger.listWithParts('correction', local.day, mspId)) {
        if (record === undefined || !isSigned(record, ownerKey)) {
            continue;
        }
        const key = correctionKey(record.day, record.mspId, record.number);
        const isOwnKey = key.parts.join('/') === parts.join('/');
        if (isOwnKey && (await hasPolicy(ctx, key, partiesPolicy(view, mspId, local.first)))) {
            found.push(record);
        }
    }
    return found;
}

/** The first number behind everything that stands there, whoever wrote it. Refuses TOO_MANY_VERSIONS. */
async function nextNumber(ctx: TransactionContext, day: string, mspId: string): Promise<number> {
    const taken = (await ctx.ledger.listWithParts('correction', day, mspId)).map(({ parts }) => Number(parts[2]));
    const next = Math.max(0, ...taken.filter(Number.isSafeInteger)) + 1;
    return next <= HIGHEST_NUMBER ? next : refuse('TOO_MANY_VERSIONS', `${mspId} on ${day}: no number is left`);
}

/**
 * The records that the markers name, each signed by its owner and referring to the one before it. Refuses OPENING_UNKNOWN, OPENING_MISSING,
 * OPENING_MISMATCH, SIGNATURE_INVALID.
 */
export function openedCorrections(
    charter: Charter,
    settlement: SettlementMarker,
    markers: readonly CorrectionMarker[],
    corrections: readonly CorrectionRecord[],
): CorrectionRecord[] {
    const hashes = corrections.map(recordHash);
    const stranger = corrections.find(
        (_, i) => !markers.some(({ hash }) => hash === hashes[i]) || hashes.indexOf(hashes[i] ?? '') !== i,
    );
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', stranger.key);
    }
    let corrects = settlement.hash;
    return markers.map((marker) => {
        const key = keyName(correctionKey(marker.day, marker.mspId, marker.number));
        const record = corrections[hashes.indexOf(marker.hash)] ?? refuse('OPENING_MISSING', key);
        if (record.key !== key || record.mspId !== marker.mspId || record.corrects !== corrects) {
            refuse('OPENING_MISMATCH', key);
        }
        if (!isSigned(record, memberOf(charter, marker.mspId).ownerKey)) {
            refuse('SIGNATURE_INVALID', key);
        }
        corrects = marker.hash;
        return record;
    });
}

interface Inputs {
    readonly settlement: SettlementRecord;
    readonly corrections: readonly CorrectionRecord[];
    readonly readings: readonly ReadingRecord[];
    readonly salt: string;
}

/** The difference that all readings make which are newer than what the day was settled with. */
export async function correctionDraft(
    ctx: TransactionContext,
    charter: Charter,
    { local, view, marker, corrections: markers }: DayToCorrect,
    { settlement, corrections, readings, salt }: Inputs,
): Promise<CorrectionDraft> {
    await openedSettlements(ctx, { charter, view }, local.first, [marker], [settlement]);
    const earlier = openedCorrections(charter, marker, markers, corrections);
    const slots = slotsAfter(settlement, earlier);
    const changed = await changedReadings(ctx, charter, { local, mspId: marker.mspId }, slots, readings);
    if (markers.length >= MOST_CORRECTIONS) {
        refuse('TOO_MANY_VERSIONS', `${marker.mspId} on ${marker.day} was corrected ${MOST_CORRECTIONS} times`);
    }
    const number = await nextNumber(ctx, local.day, marker.mspId);
    const settled = settlementOf(local, pricesOfDay(charter, local, marker.mspId), { mspId: marker.mspId, slots });
    const { corrected, postings } = correct(
        local,
        settled,
        changed.map(({ slot, netWh, kind }) => ({
            slot: slotOf(slot),
            metered: netEnergy(netWh),
            estimated: kind === 'estimated',
        })),
    );
    const was = new Map(slots.map((each) => [each.slot, each.meteredWh]));
    return {
        key: keyName(correctionKey(local.day, marker.mspId, number)),
        version: 1,
        mspId: marker.mspId,
        salt,
        day: local.day,
        number,
        corrects: markers.at(-1)?.hash ?? marker.hash,
        provisional: corrected.provisional,
        slots: changed.map(({ slot, version, kind, netWh }) => ({
            slot,
            readingVersion: version,
            readingKind: kind,
            meteredWh: netWh,
            wasWh: was.get(slot) ?? 0n,
        })),
        postings: postings.map(postingRecord),
    };
}

/** The settlement's slots with every correction so far. */
export function slotsAfter(
    { slots }: Pick<SettlementRecord, 'slots'>,
    corrections: readonly Pick<CorrectionRecord, 'slots'>[],
): SettlementSlot[] {
    const newest = new Map(corrections.flatMap((each) => each.slots.map((slot) => [slot.slot, slot] as const)));
    return slots.map((each) => {
        const { readingVersion, readingKind, meteredWh } = newest.get(each.slot) ?? each;
        return { ...each, readingVersion, readingKind, meteredWh };
    });
}

/**
 * The openings of all readings that are newer than the settlement, and of no others: leaving one out would choose which are corrected. Refuses
 * NOTHING_TO_CORRECT, OPENING_UNKNOWN, OPENING_MISSING, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID.
 */
async function changedReadings(
    ctx: TransactionContext,
    charter: Charter,
    { local, mspId }: { readonly local: LocalDay; readonly mspId: string },
    slots: readonly SettlementSlot[],
    readings: readonly ReadingRecord[],
): Promise<ReadingRecord[]> {
    const markers = await readingMarkersOf(ctx, mspId, local.day);
    const newer = slots.filter(({ slot, readingVersion }) => (markers.get(slot)?.version ?? 0) > readingVersion);
    if (newer.length === 0) {
        refuse('NOTHING_TO_CORRECT', `${mspId} on ${local.day}`);
    }
    const expected = new Set(newer.map(({ slot }) => slot));
    const stranger = readings.find(({ slot }, i) => !expected.has(slot) || readings[i - 1]?.slot === slot);
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', `the reading of slot ${stranger.slot}`);
    }
    const opened: ReadingRecord[] = [];
    for (const { slot } of newer) {
        const reading = readings.find((each) => each.slot === slot) ?? refuse('OPENING_MISSING', `slot ${slot}`);
        opened.push(await openedReading(ctx, charter, local, mspId, reading, markers.get(slot)));
    }
    return opened;
}
