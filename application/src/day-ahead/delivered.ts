import type { HomeRegisters } from '../data/meter-day';
import { differences } from '../data/meter-day';

/** What a home's connection carries in a slot, Wh. */
export interface SlotLimits {
    readonly importWh: bigint;
    readonly exportWh: bigint;
}

/**
 * What a home's controllable devices take besides its forecast, Wh by slot; negative is given: a battery that charges, panels that are
 * turned down. It is what the schedule asks for and load and PV alone would not do. `scheduled` is energy from the pool, as the schedule has it.
 */
export function controlledWh(
    scheduled: readonly bigint[],
    forecast: { readonly load: readonly bigint[]; readonly generation: readonly bigint[] },
): bigint[] {
    return scheduled.map((taken, slot) => taken - (forecast.load[slot] ?? 0n) + (forecast.generation[slot] ?? 0n));
}

/**
 * The registers of a replayed day on which the home's devices did what the schedule asked of them: the data's load and generation, and on top
 * what was controlled. So the meter differs from the schedule by the error of the forecast, and by what the connection would not carry.
 * Where there is no battery, taking more means turning panels down, which ends at nothing.
 */
export function delivered(
    registers: HomeRegisters,
    controlled: readonly bigint[],
    { hasBattery, limits }: { readonly hasBattery: boolean; readonly limits: SlotLimits },
): HomeRegisters {
    const consumed = differences(registers.consumed);
    const produced = differences(registers.produced);
    const slots = consumed.map((load, slot) => {
        const taken = controlled[slot] ?? 0n;
        const wanted = hasBattery
            ? { load: load + positive(taken), generation: (produced[slot] ?? 0n) + positive(-taken) }
            : { load, generation: positive((produced[slot] ?? 0n) - positive(taken)) };
        return withinLimits(wanted, limits);
    });
    return {
        ...registers,
        consumed: register(
            registers.consumed[0] ?? 0n,
            slots.map(({ load }) => load),
        ),
        produced: register(
            registers.produced[0] ?? 0n,
            slots.map(({ generation }) => generation),
        ),
    };
}

interface SlotEnergy {
    readonly load: bigint;
    readonly generation: bigint;
}

/** An inverter gives no more than the connection carries; nor is more taken. */
function withinLimits({ load, generation }: SlotEnergy, { importWh, exportWh }: SlotLimits): SlotEnergy {
    const net = generation - load;
    return {
        load: net < -importWh ? generation + importWh : load,
        generation: net > exportWh ? load + exportWh : generation,
    };
}

function register(first: bigint, energies: readonly bigint[]): bigint[] {
    let shown = first;
    return [first, ...energies.map((energy) => (shown += energy))];
}

const positive = (n: bigint): bigint => (n > 0n ? n : 0n);
