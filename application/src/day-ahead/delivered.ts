import { differences, fixedLoadOf, registerOf, type HomeRegisters } from '../data/meter-day';

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

/** What a schedule can have a home do besides its load and panels. */
export interface Movable {
    /** Take more: a battery, a car, an appliance. */
    readonly takes: boolean;
    /** Give more: a battery, a generator on fuel. */
    readonly gives: boolean;
}

/**
 * The registers of a replayed day on which the home's devices did what the schedule asked of them: the data's load and generation, and on top
 * what was controlled. So the meter differs from the schedule by the error of the forecast, and by what the connection would not carry.
 * Where nothing can take more, that means turning panels down, which ends at nothing. What cars and appliances would have taken unsteered is not
 * there: when they run is part of what was controlled.
 */
export function delivered(
    registers: HomeRegisters,
    controlled: readonly bigint[],
    { takes, gives, limits }: Movable & { readonly limits: SlotLimits },
): HomeRegisters {
    const produced = differences(registers.produced);
    const slots = fixedLoadOf(registers).map((load, slot) => {
        const [more, other] = [positive(controlled[slot] ?? 0n), positive(-(controlled[slot] ?? 0n))];
        const generation = (produced[slot] ?? 0n) + (gives ? other : 0n);
        return takes ? { load: load + more, generation } : { load, generation: positive(generation - more) };
    });
    return shown(registers, slots, limits);
}

/** The registers of a home that follows no schedule. */
export function withinConnection(registers: HomeRegisters, limits: SlotLimits): HomeRegisters {
    const produced = differences(registers.produced);
    const slots = differences(registers.consumed).map((load, slot) => ({ load, generation: produced[slot] ?? 0n }));
    return shown(registers, slots, limits);
}

function shown(
    { home, consumed, produced }: HomeRegisters,
    wanted: readonly SlotEnergy[],
    limits: SlotLimits,
): HomeRegisters {
    const slots = wanted.map((each) => withinLimits(each, limits));
    return {
        home,
        consumed: registerOf(
            consumed[0] ?? 0n,
            slots.map(({ load }) => load),
        ),
        produced: registerOf(
            produced[0] ?? 0n,
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

const positive = (n: bigint): bigint => (n > 0n ? n : 0n);
