/** How far the prices of an iteration were from suiting everybody. */
export interface CourseStep {
    /** From 1. */
    readonly iteration: number;
    /** The largest sum of a slot, Wh. */
    readonly primalWh: bigint;
    /** How far the prices still push the agents, nanos/kWh. */
    readonly dual: bigint;
}

/** The prices of one bus, nanos/kWh, by slot. */
export interface BusPrices {
    readonly bus: string;
    readonly prices: readonly bigint[];
}

/** What a day ahead looked like from outside: only what is on the channel. */
export interface ScheduleCourse {
    readonly day: string;
    readonly currency: string;
    readonly steps: readonly CourseStep[];
    readonly tolerances: { readonly primalWh: bigint; readonly dual: bigint };
    readonly buses: readonly BusPrices[];
    /** The grid's tariffs, nanos/kWh, by slot. */
    readonly retail: readonly bigint[];
    readonly feedIn: readonly bigint[];
}
