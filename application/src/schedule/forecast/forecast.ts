/** A local day: which quarter hours it has. */
export interface CalendarDay {
    /** `2014-10-03`. */
    readonly day: string;
    /** ⌊unix seconds / 900⌋ of its first quarter hour. */
    readonly firstSlot: number;
    /** 92, 96 or 100. */
    readonly slotCount: number;
}

/** A day of the past with what a meter counted on one side, Wh by slot. */
export interface MeteredDay extends CalendarDay {
    readonly energies: readonly bigint[];
}

/** Days without a gap, earliest first: the day before the predicted one is the last. */
export type MeterHistory = readonly MeteredDay[];

/** Tells the next day of one meter, load or generation, from its past. A learned model can take the place of these. */
export interface Forecast {
    readonly name: string;
    /** Whole Wh by slot, none negative. A RangeError where the history is too short. */
    predict(history: MeterHistory, day: CalendarDay): Promise<readonly bigint[]>;
}

/** How far a prediction was from what came, Wh in a slot: mean |error|, and mean error (above 0: too much was predicted). */
export interface ForecastError {
    readonly mae: number;
    readonly bias: number;
}

export function forecastError(predicted: readonly bigint[], metered: readonly bigint[]): ForecastError {
    const errors = predicted.map((energy, slot) => Number(energy - (metered[slot] ?? 0n)));
    const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
    return { mae: mean(errors.map(Math.abs)), bias: mean(errors) };
}

/** The last day of a history. @throws RangeError where it is empty. */
export function lastDay(history: MeterHistory): MeteredDay {
    const last = history.at(-1);
    if (last === undefined) {
        throw new RangeError('there is nothing to predict from: the history is empty');
    }
    return last;
}

/** Clocks change before three in the morning: from then on slots are counted from the end of the day, so that the same local time meets. */
const AFTER_CHANGE = 12;

/** The slot of `other` that has the local time of `slot` of `day`. */
export const sameTime = (slot: number, day: CalendarDay, other: CalendarDay): number =>
    slot < AFTER_CHANGE ? slot : other.slotCount - (day.slotCount - slot);

/** The slots of a day from a function of their numbers, as whole Wh. */
export const wholeDay = ({ slotCount }: CalendarDay, energy: (slot: number) => number): bigint[] =>
    Array.from({ length: slotCount }, (_, slot) => BigInt(Math.max(0, Math.round(energy(slot)))));
