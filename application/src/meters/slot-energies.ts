import { registerDifference, type RegisterPair, type Registers } from '@commonwatt/chaincode/domain/metering/registers';
import { allocate } from '@commonwatt/chaincode/domain/quantity';
import { SECONDS_PER_SLOT } from '@commonwatt/chaincode/domain/slot';
import { countings, type Counting, type Limits, type MeterCounts } from './counting';
import type { SlotRange } from './register-reading';

/**
 * What is known of a slot, in the words of the market's readings: `register` between two totals, `gap` where totals are known only around
 * several slots, `replaced` where one meter took the place of another; `unknown` where no meter tells, or a total fell without rolling over.
 */
export type SlotKnowledge = 'register' | 'gap' | 'replaced' | 'unknown';

export interface SlotEnergy {
    readonly slot: number;
    readonly kind: SlotKnowledge;
    /** From the grid or pool, Wh; 0 where it is unknown. */
    readonly importWh: bigint;
    readonly exportWh: bigint;
    /** Positive towards the grid. */
    readonly netWh: bigint;
    /** The evidence, as a reading on the ledger gives it: a gap is told whole, also where it begins before the slots asked for. */
    readonly spans: readonly Registers[];
}

/** Energy of slots out of what the meters of one connection counted, each watt-hour once. @param meters in the order in which they were installed */
export function slotEnergies(
    meters: readonly MeterCounts[],
    { firstSlot, slotCount }: SlotRange,
    limits: Limits,
): SlotEnergy[] {
    const known = meters.map((meter) => spansBySlot(meter, limits));
    return Array.from({ length: slotCount }, (_, index) => {
        const slot = firstSlot + index;
        const spans = known.flatMap((each) => each.get(slot) ?? []);
        return told(slot, spans, replacedIn(meters, slot), limits.modulusWh);
    });
}

function replacedIn(meters: readonly MeterCounts[], slot: number): boolean {
    return meters.some(({ fromAt, isReplacement }) => isReplacement && Math.floor(fromAt / SECONDS_PER_SLOT) === slot);
}

function told(slot: number, spans: readonly Registers[], isReplacement: boolean, modulusWh: bigint): SlotEnergy {
    const isGap = spans.some(({ slots }) => slots > 1);
    if (spans.length !== (isReplacement ? 2 : 1) || (isReplacement && isGap)) {
        return { slot, kind: 'unknown', importWh: 0n, exportWh: 0n, netWh: 0n, spans: [] };
    }
    const sum = (register: 'consumption' | 'generation'): bigint =>
        spans.reduce((all, span) => all + share(span, span[register], slot, modulusWh), 0n);
    const [importWh, exportWh] = [sum('consumption'), sum('generation')];
    const kind = isReplacement ? 'replaced' : isGap ? 'gap' : 'register';
    return { slot, kind, importWh, exportWh, netWh: exportWh - importWh, spans };
}

/** As the rule on the ledger spreads it: evenly. */
function share({ fromSlot, slots }: Registers, pair: RegisterPair, slot: number, modulusWh: bigint): bigint {
    const whole = registerDifference(pair, modulusWh);
    if (whole === undefined) {
        throw new Error(`slot ${slot}: a register shows more than ${modulusWh.toString()} Wh`);
    }
    return allocate(whole, Array<bigint>(slots).fill(1n))[slot - fromSlot] ?? 0n;
}

function spansBySlot(meter: MeterCounts, limits: Limits): Map<number, Registers> {
    const found = new Map<number, Registers>();
    for (const counting of countings(meter, limits)) {
        const span = spanOf(meter.meterId, counting);
        for (let slot = span.fromSlot; slot < span.fromSlot + span.slots; slot += 1) {
            found.set(slot, span);
        }
    }
    return found;
}

const spanOf = (meterId: string, { fromSlot, slots, begin, end }: Counting): Registers => ({
    meterId,
    fromSlot,
    slots,
    consumption: { startWh: begin.importWh, endWh: end.importWh },
    generation: { startWh: begin.exportWh, endWh: end.exportWh },
});
