import { netEnergy, type NetEnergy } from '../quantity';
import { refuse } from '../refusals';
import { continues, netOfSlot, type Registers } from './registers';

export type ReadingKind = 'register' | 'replaced' | 'gap' | 'estimated';

/** A reading as it is given: what it claims, and the evidence. */
export interface Reading {
    readonly slot: number;
    readonly version: number;
    readonly kind: ReadingKind;
    readonly reason?: string | undefined;
    readonly netWh: bigint;
    readonly spans: readonly Registers[];
}

/** What the member's file says. */
export interface Installation {
    /** Modulus of each meter's registers, by id. */
    readonly moduli: ReadonlyMap<string, bigint>;
    readonly importLimitW: bigint;
    readonly exportLimitW: bigint;
}

const SLOTS_PER_HOUR = 4n;

/** Slots must rise, so that a batch has one order and no slot twice. */
export function checkOrder(readings: readonly Pick<Reading, 'slot'>[]): void {
    for (const [i, { slot }] of readings.entries()) {
        const before = readings[i - 1];
        if (before !== undefined && before.slot >= slot) {
            refuse('READINGS_OUT_OF_ORDER', `slot ${slot} after slot ${before.slot}`);
        }
    }
}

/** Without a limit a household could correct without end, and keep others from settling what it leaves behind. */
export const MOST_VERSIONS = 10;

/** Versions count up by one from 1; from the second on a reason is given. `known` is the version on the ledger, 0 if none. */
export function checkVersion({ slot, version }: Pick<Reading, 'slot' | 'version'>, known: number): void {
    if (version <= known) {
        refuse('READING_VERSION_EXISTS', `slot ${slot} version ${version}, the ledger has ${known}`);
    }
    if (version !== known + 1) {
        refuse('READING_VERSION_SKIPPED', `slot ${slot} version ${version}, the ledger has ${known}`);
    }
    if (version > MOST_VERSIONS) {
        refuse('TOO_MANY_VERSIONS', `slot ${slot} version ${version}, at most ${MOST_VERSIONS}`);
    }
}

/** A correction says why, and so does an estimate. */
export function checkReason({ slot, version, kind, reason }: Omit<Reading, 'netWh' | 'spans'>): void {
    if ((version > 1 || kind === 'estimated') && reason === undefined) {
        refuse('CORRECTION_WITHOUT_REASON', `slot ${slot} version ${version}, ${kind}`);
    }
}

/** Whether the spans are evidence of that kind for that slot. */
export function checkKind(reading: Reading): void {
    if (kindOf(reading) !== reading.kind) {
        refuse('READING_KIND_WRONG', `slot ${reading.slot} is called ${reading.kind}`);
    }
}

function kindOf({ slot, spans }: Reading): ReadingKind | undefined {
    const [span, second] = spans;
    if (span === undefined) {
        return 'estimated';
    }
    if (spans.some((each) => slot < each.fromSlot || slot >= each.fromSlot + each.slots)) {
        return undefined;
    }
    if (second === undefined) {
        return span.slots === 1 ? 'register' : 'gap';
    }
    const isReplacement =
        spans.length === 2 && span.slots === 1 && second.slots === 1 && span.meterId !== second.meterId;
    return isReplacement ? 'replaced' : undefined;
}

/** Net energy by the registers of a reading that has some. */
export function energyOf({ slot, spans }: Reading, { moduli }: Installation): NetEnergy {
    let sum = 0n;
    for (const span of spans) {
        const modulus = moduli.get(span.meterId) ?? refuse('METER_UNKNOWN', `slot ${slot}: meter ${span.meterId}`);
        const energy = netOfSlot(span, modulus, slot - span.fromSlot);
        sum += energy ?? refuse('READING_ENERGY_WRONG', `slot ${slot}: a register shows more than it can`);
    }
    return netEnergy(sum);
}

/** The registers, where there are any, give the energy that is claimed; and the connection can carry it. */
export function checkEnergy(reading: Reading, installation: Installation): void {
    if (reading.kind !== 'estimated' && energyOf(reading, installation) !== reading.netWh) {
        refuse('READING_ENERGY_WRONG', `slot ${reading.slot}`);
    }
    const limit = reading.netWh < 0n ? installation.importLimitW : installation.exportLimitW;
    const energy = reading.netWh < 0n ? -reading.netWh : reading.netWh;
    if (energy * SLOTS_PER_HOUR > limit) {
        refuse('READING_ABOVE_LIMIT', `slot ${reading.slot}`);
    }
}

/**
 * Registers run on: in a batch, the registers of a slot begin where those of the slot before ended. A gap is recorded whole, all
 * of its slots at once and with the same span: who could give a part of it as a gap and the rest by its registers would choose
 * which energy is counted. A replaced meter ends with its last reading, the new one begins with its first.
 */
export function checkContinuity(readings: readonly Reading[]): void {
    for (const [i, { slot, spans }] of readings.entries()) {
        const before = readings[i - 1];
        const last = before?.spans.at(-1);
        const [first] = spans;
        const areNeighbours =
            before !== undefined && before.slot + 1 === slot && last !== undefined && first !== undefined;
        if (areNeighbours && !isSameGap(last, first, slot) && !continues(last, first)) {
            refuse('METER_DISAGREES', `slot ${slot}`);
        }
    }
    checkWholeGaps(readings);
}

function checkWholeGaps(readings: readonly Reading[]): void {
    const firsts = new Map(readings.map(({ slot, spans: [first] }) => [slot, first]));
    for (const { slot, spans } of readings) {
        for (const gap of spans.filter(({ slots }) => slots > 1)) {
            for (let other = gap.fromSlot; other < gap.fromSlot + gap.slots; other += 1) {
                const span = firsts.get(other);
                if (span === undefined || !isSameGap(gap, span, other)) {
                    refuse('METER_DISAGREES', `slot ${slot} belongs to a gap, slot ${other} tells it otherwise`);
                }
            }
        }
    }
}

function isSameGap(last: Registers, first: Registers, slot: number): boolean {
    const pairs = [
        [last.consumption, first.consumption],
        [last.generation, first.generation],
    ] as const;
    return (
        last.meterId === first.meterId &&
        last.fromSlot === first.fromSlot &&
        last.slots === first.slots &&
        slot < first.fromSlot + first.slots &&
        pairs.every(([one, other]) => one.startWh === other.startWh && one.endWh === other.endWh)
    );
}
