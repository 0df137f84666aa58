import { allocate, netEnergy, wattHours, type NetEnergy, type WattHours } from '../quantity';

/** What one register showed at the start and at the end. */
export interface RegisterPair {
    readonly startWh: bigint;
    readonly endWh: bigint;
}

/** What a meter says over `slots` whole slots from `fromSlot` on. */
export interface Registers {
    readonly meterId: string;
    readonly fromSlot: number;
    readonly slots: number;
    readonly consumption: RegisterPair;
    readonly generation: RegisterPair;
}

/**
 * Energy between two readings of a register that shows its total modulo `modulus`: one that shows less than before has rolled
 * over, once. Whether that is plausible is for the connection's limit to say. Undefined where a reading is no such total.
 */
export function registerDifference({ startWh, endWh }: RegisterPair, modulus: bigint): WattHours | undefined {
    if (startWh < 0n || endWh < 0n || startWh >= modulus || endWh >= modulus) {
        return undefined;
    }
    return wattHours(endWh >= startWh ? endWh - startWh : modulus - startWh + endWh);
}

/**
 * Net energy of the slot that lies `position` slots into the span: generation less consumption. Where a span has more than one
 * slot nobody knows how the energy was spread, so it is spread evenly, each watt-hour counted once.
 */
export function netOfSlot(registers: Registers, modulus: bigint, position: number): NetEnergy | undefined {
    const consumed = registerDifference(registers.consumption, modulus);
    const generated = registerDifference(registers.generation, modulus);
    if (consumed === undefined || generated === undefined || position < 0 || position >= registers.slots) {
        return undefined;
    }
    const evenly = Array<bigint>(registers.slots).fill(1n);
    return netEnergy(share(generated, evenly, position) - share(consumed, evenly, position));
}

function share(whole: WattHours, weights: readonly bigint[], position: number): bigint {
    return allocate(whole, weights)[position] ?? 0n;
}

/** Whether `next` begins where `before` ended: the same meter, the slot after, the same registers. */
export function continues(before: Registers, next: Registers): boolean {
    return (
        before.meterId === next.meterId &&
        before.fromSlot + before.slots === next.fromSlot &&
        before.consumption.endWh === next.consumption.startWh &&
        before.generation.endWh === next.generation.startWh
    );
}
