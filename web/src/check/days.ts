import type { PlainSlot } from '@commonwatt/application/audit/plain-bill';
import type { PlainCorrectedDay, PlainDay } from '@commonwatt/application/audit/plain-tariff';
import {
    BillDisputed,
    payerOf,
    plainSlots,
    settledSlots,
    type OwnDay,
} from '@commonwatt/application/household/bill-check';
import type { billEvidence } from '@commonwatt/application/server/schemas/bills';
import { energyOf } from '@commonwatt/application/storage/contract-energy';
import type { ReadingRecord, SettlementRecord, Terms } from '@commonwatt/chaincode/api/records';
import type { z } from 'zod';

export type Evidence = z.output<typeof billEvidence>;
type EvidenceDay = Evidence['days'][number];

/** What does not fit in a slot: the record of a reading against its meter's registers, or the settlement against reading or trade; or a result that does not open. */
export interface Finding {
    readonly slot: number;
    readonly kind: 'meter' | 'reading' | 'trade' | 'result';
}

export interface WorkedOutDay {
    readonly plain: PlainDay;
    /** Where other bills do not have all of its corrections: as it was billed, and as it is. */
    readonly correctedDay: PlainCorrectedDay | undefined;
    readonly findings: readonly Finding[];
    readonly unread: number;
}

/** One day from the home's own readings and orders and what is public. */
export function workedOutDay(day: EvidenceDay, evidence: Evidence): WorkedOutDay {
    const { first, count } = day;
    const { lossesNanos } = day;
    const known = knownOf(day, evidence);
    const slots = Array.from({ length: count }, (_, index) => slotOf(first + index, day, known));
    const plain = {
        ...{ day: day.day, lossesNanos, terms: known.own.terms, meters: known.own.payer.meters },
        slots: slots.map((each) => each.plain),
    };
    return {
        plain,
        correctedDay: correctionsOf(day, plain),
        findings: slots.flatMap(({ findings }) => findings),
        unread: slots.filter(({ isRead }) => !isRead).length,
    };
}

interface Known {
    /** What is the same in every slot. */
    readonly own: Omit<OwnDay, 'firstSlot' | 'netsWh'>;
    readonly settled: ReadonlyMap<number, SettledSlot>;
    readonly readings: ReadonlyMap<number, ReadingRecord>;
    /** Wh at the meter, of the slots that were corrected. */
    readonly corrected: ReadonlyMap<number, bigint>;
}

function knownOf(day: EvidenceDay, { charter, mspId }: Evidence): Known {
    const { zone, meters } = payerOf(charter, mspId, day.first + day.count - 1);
    return {
        own: {
            terms: termsOn(charter.terms, day.day),
            clock: charter.clock,
            payer: { mspId, zone, meters },
            contracts: energyOf(mspId, day.contracts, (status) => status === 'confirmed'),
            isStorage: charter.roles.ess === mspId,
            orders: day.orders,
            rounds: day.rounds,
        },
        settled: new Map(day.settlement?.slots.map((each) => [each.slot, each])),
        readings: newest(day.readings),
        corrected: correctedTo(day, day.corrections.length),
    };
}

interface WorkedOutSlot {
    readonly plain: PlainSlot;
    readonly findings: readonly Finding[];
    readonly isRead: boolean;
}

function slotOf(slot: number, day: EvidenceDay, { own, settled, readings, corrected }: Known): WorkedOutSlot {
    const [line, reading, correction] = [settled.get(slot), readings.get(slot), corrected.get(slot)];
    const settledWh = line?.meteredWh ?? 0n;
    // A slot that was corrected is billed as it was first, and its correction beside it.
    const netWh = correction === undefined ? (reading?.netWh ?? settledWh) : settledWh;
    const ownSlot: OwnDay = {
        ...own,
        ...{ firstSlot: slot, netsWh: [netWh], scheduled: scheduledIn(day, slot) },
        orders: own.orders.filter((order) => order.slot === slot),
        rounds: own.rounds.filter((round) => round.slot === slot),
    };
    const worked = workedOutSlot(ownSlot);
    return {
        plain: worked ?? settledSlot(line, ownSlot),
        isRead: reading !== undefined,
        findings: [
            ...(reading === undefined ? [] : readingFindings(reading, correction ?? line?.meteredWh)),
            ...tradeFindings(worked, line, slot),
        ],
    };
}

function termsOn(all: readonly Terms[], day: string): Terms {
    const terms = all.find(({ fromDay, toDay }) => fromDay <= day && (toDay === null || day <= toDay));
    if (terms === undefined) {
        throw new Error(`no tariffs apply on ${day}`);
    }
    return terms;
}

function newest(readings: readonly ReadingRecord[]): ReadonlyMap<number, ReadingRecord> {
    const known = new Map<number, ReadingRecord>();
    for (const reading of readings) {
        if ((known.get(reading.slot)?.version ?? 0) < reading.version) {
            known.set(reading.slot, reading);
        }
    }
    return known;
}

/** What the first so many corrections say of their slots. */
function correctedTo({ corrections }: EvidenceDay, count: number): ReadonlyMap<number, bigint> {
    const inOrder = corrections.toSorted((one, other) => one.number - other.number).slice(0, count);
    return new Map(inOrder.flatMap(({ slots }) => slots.map((each) => [each.slot, each.meteredWh])));
}

/** The record against its meter's registers, where these bracket the slot alone, and against what was settled. */
function readingFindings(reading: ReadingRecord, settledWh: bigint | undefined): Finding[] {
    const { slot, netWh } = reading;
    return [
        ...((shownWh(reading) ?? netWh) === netWh ? [] : [{ slot, kind: 'meter' as const }]),
        ...((settledWh ?? netWh) === netWh ? [] : [{ slot, kind: 'reading' as const }]),
    ];
}

/** Undefined where the registers do not say: an estimate, a gap, a replaced meter, or one that began again at zero. */
function shownWh({ kind, spans }: ReadingRecord): bigint | undefined {
    const [span] = spans;
    if (kind !== 'register' || span === undefined || spans.length > 1 || span.slots > 1) {
        return undefined;
    }
    const [given, taken] = [grown(span.generation), grown(span.consumption)];
    return given < 0n || taken < 0n ? undefined : given - taken;
}

const grown = ({ startWh, endWh }: { readonly startWh: bigint; readonly endWh: bigint }): bigint => endWh - startWh;

function scheduledIn({ schedule, first }: EvidenceDay, slot: number): OwnDay['scheduled'] {
    const at = <T>(all: readonly T[]): T[] => all.slice(slot - first, slot - first + 1);
    return schedule === null
        ? undefined
        : {
              energiesWh: at(schedule.energiesWh),
              pricesNanos: at(schedule.pricesNanos),
              imbalance: at(schedule.imbalance),
          };
}

/** Undefined where a round does not say what became of an order, or not what the order agreed to. */
function workedOutSlot(own: OwnDay): PlainSlot | undefined {
    try {
        return plainSlots(own)[0];
    } catch (error) {
        if (error instanceof BillDisputed) {
            return undefined;
        }
        throw error;
    }
}

type SettledSlot = SettlementRecord['slots'][number];

function tradeFindings(worked: PlainSlot | undefined, line: SettledSlot | undefined, slot: number): Finding[] {
    if (worked === undefined) {
        return [{ slot, kind: 'result' }];
    }
    const { boughtWh, soldWh, paidNanos, earnedNanos } = worked;
    const isSame =
        line === undefined ||
        (line.boughtWh === boughtWh &&
            line.soldWh === soldWh &&
            line.paidNanos === paidNanos &&
            line.earnedNanos === earnedNanos);
    return isSame ? [] : [{ slot, kind: 'trade' }];
}

/** The settlement's word, where ours cannot be had: the slot is among the findings. */
function settledSlot(line: SettledSlot | undefined, own: OwnDay): PlainSlot {
    const nothing = { slot: own.firstSlot, readingVersion: 1, readingKind: 'register', meteredWh: 0n } as const;
    const zero = { boughtWh: 0n, soldWh: 0n, paidNanos: 0n, earnedNanos: 0n };
    const [slot] = settledSlots([line ?? { ...nothing, ...zero }], { ...own, zone: own.payer.zone });
    if (slot === undefined) {
        throw new Error('a settled slot became nothing');
    }
    return slot;
}

function correctionsOf(day: EvidenceDay, plain: PlainDay): PlainCorrectedDay | undefined {
    if (day.corrections.length <= day.billed) {
        return undefined;
    }
    const upTo = (count: number): PlainSlot[] => {
        const corrected = correctedTo(day, count);
        return plain.slots.map((slot) => ({ ...slot, netWh: corrected.get(slot.slot) ?? slot.netWh }));
    };
    return { ...plain, slots: upTo(day.billed), corrected: upTo(day.corrections.length) };
}
