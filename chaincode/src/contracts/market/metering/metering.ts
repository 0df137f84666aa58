import { dayFrom, daysSinceEpoch } from '../../../domain/calendar';
import { keyName, readingKey, type LedgerKey } from '../../../api/keys';
import type { Charter, Member, ReadingKind, ReadingMarker, ReadingRecord } from '../../../api/records';
import { spanStatement } from '../../../api/statements';
import { TRANSACTIONS, type ArgsOf } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { verifySignature } from '../../../domain/digest';
import {
    checkContinuity,
    checkEnergy,
    checkKind,
    checkOrder,
    checkReason,
    checkVersion,
    type Installation,
} from '../../../domain/metering/reading';
import { checkMeters } from '../../../domain/metering/meters';
import { refuse } from '../../../domain/refusals';
import { slot as slotOf, slotEnd } from '../../../domain/slot';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { gridOperator, partiesPolicy } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { findDayOf } from '../../clock';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import {
    activeMember,
    isSigned,
    memberOf,
    recordHash,
    requireDeadline,
    requireGridOperator,
    requireParty,
    requirePolicy,
} from '../guards';
import { readingMarkersOf } from '../markers';

const MOST_DAYS = 31;

type Asked = ArgsOf<'metering:recordReadings'>;

/** Readings of meters. What each function refuses, in order of precedence, stands in the catalogue (api/catalogue). */
export class MeteringContract extends BaseContract {
    constructor() {
        super('market', 'metering');
    }

    async recordReadings(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['metering:recordReadings'];
        const asked = argumentOf(specification, args);
        const { readings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        if (ctx.caller !== asked.mspId) {
            refuse('FORBIDDEN', `${ctx.caller} has no meter of ${asked.mspId}`);
        }
        const member = memberOf(charter, asked.mspId);
        asked.slots.forEach(({ slot }) => activeMember(charter, asked.mspId, slot));
        requireTimely(asked, ctx.now);
        requireAgreement(charter, asked, readings);
        requireKind(asked, (kind) => kind !== 'estimated');
        requireEvidence(member, readings);
        const saved = await saveReadings(ctx, charter, readings, [asked.mspId, gridOperator(charter)]);
        return answer(specification, saved);
    }

    async estimateReadings(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['metering:estimateReadings'];
        const asked = argumentOf(specification, args);
        const { readings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const member = memberOf(charter, asked.mspId);
        requireTimely(asked, ctx.now);
        asked.slots.forEach(({ slot }) => {
            requireDeadline(slot, charter.rules.readingDeadlineSlots, ctx.now);
        });
        requireAgreement(charter, asked, readings);
        requireKind(asked, (kind) => kind === 'estimated');
        readings.forEach((reading) => {
            checkKind(reading);
        });
        requireSignatures(readings, charter.operatorKey);
        readings.forEach((reading) => {
            checkEnergy(reading, installationOf(member));
        });
        const saved = await saveReadings(ctx, charter, readings, [gridOperator(charter)]);
        return answer(specification, saved);
    }

    async markers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['metering:markers'];
        const { mspId, day } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('reading', mspId, day));
    }

    async ownReadings(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['metering:ownReadings'];
        const { from, to, mspId = ctx.caller } = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireParty(charter, mspId, ctx.caller);
        const readings: ReadingRecord[] = [];
        for (const day of daysBetween(charter, from, to)) {
            readings.push(...(await ctx.ledger.listPrivate(ctx.caller, 'reading', mspId, day)));
        }
        return answer(
            specification,
            readings.filter(({ slot }) => slot >= from && slot <= to),
        );
    }
}

/** Refuses READINGS_OUT_OF_ORDER, READING_IN_FUTURE. */
function requireTimely({ slots }: Asked, now: number): void {
    checkOrder(slots);
    const early = slots.find(({ slot }) => slotEnd(slotOf(slot)) > now);
    if (early !== undefined) {
        refuse('READING_IN_FUTURE', `slot ${early.slot}: ${slotEnd(slotOf(early.slot)) - now} s to go`);
    }
}

/** Estimates are the grid operator's, and nothing else is. */
function requireKind({ slots }: Asked, isAllowed: (kind: ReadingKind) => boolean): void {
    const other = slots.find(({ kind }) => !isAllowed(kind));
    if (other !== undefined) {
        refuse('READING_KIND_WRONG', `slot ${other.slot} is ${other.kind}`);
    }
}

/** The private records are those that the argument lists, and each names its own key. Refuses CORRECTION_WITHOUT_REASON, RECORD_WRONG. */
function requireAgreement(charter: Charter, { mspId, slots }: Asked, readings: readonly ReadingRecord[]): void {
    slots.forEach(checkReason);
    const agrees = slots.every((asked, i) => {
        const reading = readings[i];
        return (
            reading !== undefined &&
            reading.key === keyName(keyOf(charter, mspId, asked.slot)) &&
            reading.mspId === mspId &&
            reading.slot === asked.slot &&
            reading.version === asked.version &&
            reading.kind === asked.kind &&
            reading.reason === asked.reason
        );
    });
    if (!agrees || readings.length !== slots.length) {
        refuse(
            'RECORD_WRONG',
            `${slots.length} readings of ${mspId} in the argument, ${readings.length} private, in the same order`,
        );
    }
}

/** Refuses READING_KIND_WRONG, METER_UNKNOWN, METER_DISAGREES, SIGNATURE_INVALID, READING_ENERGY_WRONG, READING_ABOVE_LIMIT. */
function requireEvidence(member: Member, readings: readonly ReadingRecord[]): void {
    readings.forEach(checkKind);
    readings.forEach((reading) => {
        checkMeters(reading, member.meters);
    });
    const keys = new Map(member.meters.map(({ id, key }) => [id, key]));
    const verified = new Set<string>();
    for (const { mspId, slot, spans } of readings) {
        for (const span of spans) {
            const key = keys.get(span.meterId) ?? refuse('METER_UNKNOWN', `slot ${slot}: meter ${span.meterId}`);
            // The slots of a gap share one statement: it is verified once.
            const statement = spanStatement(mspId, span);
            const name = `${span.signature} ${Buffer.from(statement).toString()}`;
            if (!verified.has(name) && !verifySignature(key, statement, span.signature)) {
                refuse('SIGNATURE_INVALID', `slot ${slot}: of the meter`);
            }
            verified.add(name);
        }
    }
    requireSignatures(readings, member.ownerKey);
    checkContinuity(readings);
    const installation = installationOf(member);
    readings.forEach((reading) => {
        checkEnergy(reading, installation);
    });
}

function requireSignatures(readings: readonly ReadingRecord[], key: string): void {
    const unsigned = readings.find((reading) => !isSigned(reading, key));
    if (unsigned !== undefined) {
        refuse('SIGNATURE_INVALID', `slot ${unsigned.slot}: of the record`);
    }
}

const installationOf = ({ meters, importLimitW, exportLimitW }: Member): Installation => ({
    moduli: new Map(meters.map(({ id, modulusWh }) => [id, modulusWh])),
    importLimitW,
    exportLimitW,
});

/** Refuses what `requireNext` does, KEY_POLICY_WRONG; then saves records and markers. */
async function saveReadings(
    ctx: TransactionContext,
    charter: Charter,
    readings: readonly ReadingRecord[],
    holders: readonly string[],
): Promise<{ recorded: string[] }> {
    const [{ mspId } = { mspId: '' }] = readings;
    const known = await knownMarkers(ctx, charter, mspId, readings);
    readings.forEach((reading) => {
        requireNext(reading, known.get(reading.slot));
    });
    const prepared = readings.map((reading) => {
        const { charterVersion = charter.version } = known.get(reading.slot) ?? {};
        requireLawfulVersion(charter, findDayOf(charter, reading.slot)?.first ?? reading.slot, charterVersion);
        return {
            key: keyOf(charter, mspId, reading.slot),
            isFirst: reading.version === 1,
            marker: markerOf(reading, charterVersion),
            bytes: encodeBytes(reading),
            policy: partiesPolicy(charterAt(charter, charterVersion), mspId, reading.slot),
        };
    });
    for (const { key, policy } of prepared.filter(({ isFirst }) => !isFirst)) {
        await requirePolicy(ctx, key, policy);
    }
    for (const { key, isFirst, marker, bytes, policy } of prepared) {
        await ctx.ledger.savePrivate(holders, key, bytes);
        await (isFirst ? ctx.ledger.create(key, marker, policy) : ctx.ledger.save(key, marker));
    }
    ctx.emit({
        type: 'ReadingsRecorded',
        mspId,
        slots: readings.map(({ slot, version, kind }) => ({ slot, version, kind })),
    });
    return { recorded: prepared.map(({ marker }) => marker.hash) };
}

const markerOf = (reading: ReadingRecord, charterVersion: number): ReadingMarker => ({
    hash: recordHash(reading),
    version: reading.version,
    mspId: reading.mspId,
    slot: reading.slot,
    kind: reading.kind,
    charterVersion,
    reason: reading.reason,
});

/** Nobody estimates what a meter has said. Refuses READING_VERSION_EXISTS, READING_VERSION_SKIPPED, TOO_MANY_VERSIONS. */
function requireNext(reading: ReadingRecord, known: ReadingMarker | undefined): void {
    if (reading.kind === 'estimated' && known !== undefined && known.kind !== 'estimated') {
        refuse('READING_VERSION_EXISTS', `slot ${reading.slot} was read: version ${known.version} is no estimate`);
    }
    checkVersion(reading, known?.version ?? 0);
}

async function knownMarkers(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    readings: readonly ReadingRecord[],
): Promise<Map<number, ReadingMarker>> {
    const known = new Map<number, ReadingMarker>();
    for (const day of new Set(readings.map(({ slot }) => dayOfReading(charter, slot)))) {
        for (const [slot, marker] of await readingMarkersOf(ctx, mspId, day)) {
            known.set(slot, marker);
        }
    }
    return known;
}

const keyOf = (charter: Charter, mspId: string, slot: number): LedgerKey<'reading'> =>
    readingKey(mspId, dayOfReading(charter, slot), slot);

function dayOfReading(charter: Charter, slot: number): string {
    return (
        findDayOf(charter, slot)?.day ??
        refuse('MEMBER_NOT_ACTIVE', `the community's clock does not reach slot ${slot}`)
    );
}

function daysBetween(charter: Charter, from: number, to: number): string[] {
    const [first, last] = [from, to].map((slot) => daysSinceEpoch(dayOfReading(charter, slot)));
    if (first === undefined || last === undefined || first > last || last - first >= MOST_DAYS) {
        refuse('MALFORMED', `a range of slots within ${MOST_DAYS} days`);
    }
    return Array.from({ length: last - first + 1 }, (_, i) => dayFrom(first + i));
}
