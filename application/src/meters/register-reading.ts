/** Which of a meter's two totals: what came from the grid or pool, and what went there. */
export type RegisterName = 'import' | 'export';

/** What one register of a meter showed at a moment, in whole Wh: a register never says less than it has counted. */
export interface RegisterReading {
    /** The meter at the connection, by the name that governance has on file. */
    readonly meterId: string;
    readonly register: RegisterName;
    /** Unix seconds. */
    readonly at: number;
    readonly wh: bigint;
    /** Where it came from, for the household: `mqtt tele/house/SENSOR`, a file's name. */
    readonly source: string;
}

/** Energy over a time, where a source knows no register: `fromAt` to `toAt` in unix seconds. */
export interface IntervalReading {
    readonly meterId: string;
    readonly register: RegisterName;
    readonly fromAt: number;
    readonly toAt: number;
    readonly wh: bigint;
    readonly source: string;
}

/** What became of readings that were handed in. */
export interface Appended {
    readonly added: number;
    /** They were there already, the same. */
    readonly repeated: number;
    /** Others are there for the same moments; those stay. */
    readonly contradicted: readonly RegisterReading[];
}

/** The slots of a local day, or any others that follow each other. */
export interface SlotRange {
    readonly firstSlot: number;
    readonly slotCount: number;
}
