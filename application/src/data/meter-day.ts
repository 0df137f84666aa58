import type { ClockChange } from './zone';

/** What the two registers of a home's meter show at the day's slot boundaries, in Wh: one entry more than there are slots. */
export interface HomeRegisters {
    readonly home: string;
    readonly consumed: readonly bigint[];
    readonly produced: readonly bigint[];
    /** What of `consumed` cars, appliances and the like take where nobody steers them, Wh by slot. */
    readonly unattendedWh?: readonly bigint[];
}

/** One local day of meter data of a community. */
export interface MeterDay {
    /** The local day, `2014-10-03`. */
    readonly day: string;
    /** Where the data come from, in words, for the report. */
    readonly source: string;
    readonly zone: string;
    /** The clock of the zone, as governance keeps it. */
    readonly clock: readonly ClockChange[];
    /** ⌊unix seconds / 900⌋ of the day's first quarter hour. */
    readonly firstSlot: number;
    /** 92, 96 or 100. */
    readonly slotCount: number;
    readonly homes: readonly HomeRegisters[];
}

/** Generation minus consumption per slot, in Wh: positive is towards the grid. */
export function netsOf(registers: HomeRegisters): bigint[] {
    const consumed = differences(registers.consumed);
    return differences(registers.produced).map((produced, slot) => produced - (consumed[slot] ?? 0n));
}

/** What a home consumes that nobody can move, by slot. */
export function fixedLoadOf({ consumed, unattendedWh = [] }: HomeRegisters): bigint[] {
    return differences(consumed).map((energy, slot) => energy - (unattendedWh[slot] ?? 0n));
}

/** The energy of each slot, from what a register showed at the boundaries. */
export function differences(register: readonly bigint[]): bigint[] {
    return register.slice(1).map((end, slot) => end - (register[slot] ?? 0n));
}

/** The registers of `home`, or an error that names it: every member of the community has a meter. */
export function registersOf(day: MeterDay, home: string): HomeRegisters {
    const found = day.homes.find((candidate) => candidate.home === home);
    if (found === undefined) {
        throw new Error(`${day.source} has no meter data of ${home}`);
    }
    return found;
}

/** The same day with meters that count half of what these homes consume: for trying what becomes of it. */
export function understated(day: MeterDay, homes: readonly string[]): MeterDay {
    return {
        ...day,
        homes: day.homes.map((each) => (homes.includes(each.home) ? halved(each) : each)),
    };
}

const half = (wh: bigint): bigint => wh / 2n;
const halved = ({ unattendedWh, ...registers }: HomeRegisters): HomeRegisters => ({
    ...registers,
    consumed: registers.consumed.map(half),
    ...(unattendedWh === undefined ? {} : { unattendedWh: unattendedWh.map(half) }),
});

/** A register that counts these energies. */
export function registerOf(first: bigint, energies: readonly bigint[]): bigint[] {
    let shown = first;
    return [first, ...energies.map((energy) => (shown += energy))];
}
