import { registerDifference } from '@commonwatt/chaincode/domain/metering/registers';
import { SECONDS_PER_SLOT } from '@commonwatt/chaincode/domain/slot';

/** A register at a moment; what is of another series says nothing about the energy since. */
export interface Point {
    /** Unix seconds. */
    readonly at: number;
    readonly wh: bigint;
    readonly series: number;
}

/** What is known of one meter: its two registers in the order of time. */
export interface MeterCounts {
    readonly meterId: string;
    /** Its first reading, of either register. */
    readonly fromAt: number;
    /** Whether it took another meter's place. */
    readonly isReplacement: boolean;
    /** When another one took its place. */
    readonly replacedAt: number | undefined;
    readonly import: readonly Point[];
    readonly export: readonly Point[];
}

/** What a connection can carry at most, so that a total which jumps or falls is not taken for energy. */
export interface Limits {
    /** A register shows its total modulo this. */
    readonly modulusWh: bigint;
    readonly fastestW: bigint;
}

interface Totals {
    readonly importWh: bigint;
    readonly exportWh: bigint;
}

export interface Counting {
    readonly fromSlot: number;
    readonly slots: number;
    readonly begin: Totals;
    readonly end: Totals;
}

interface Anchor {
    readonly wh: bigint;
    /** Between two anchors of the same run the energy is known. */
    readonly run: number;
}

/** What a register showed when slots began, by slot; undefined for a register that the meter has not got. */
type Anchors = ReadonlyMap<number, Anchor> | undefined;

/** What a meter counted from one slot's start to a later one's, in the order of time and without overlap. */
export function countings(meter: MeterCounts, limits: Limits): Counting[] {
    const [imports, exports] = [anchorsOf(meter, meter.import, limits), anchorsOf(meter, meter.export, limits)];
    const starts = [...(imports ?? exports ?? new Map<number, Anchor>()).keys()]
        .filter((slot) => totalsAt(imports, exports, slot) !== undefined)
        .sort((one, other) => one - other);
    return starts.slice(1).flatMap((toSlot, index) => {
        const fromSlot = starts[index] ?? toSlot;
        const begin = totalsAt(imports, exports, fromSlot);
        const end = totalsAt(imports, exports, toSlot);
        return begin === undefined || end === undefined || begin.runs !== end.runs
            ? []
            : [{ fromSlot, slots: toSlot - fromSlot, begin, end }];
    });
}

function totalsAt(imports: Anchors, exports: Anchors, slot: number): (Totals & { runs: string }) | undefined {
    const none: Anchor = { wh: 0n, run: 0 };
    const [one, other] = [imports, exports].map((anchors) => (anchors === undefined ? none : anchors.get(slot)));
    return one === undefined || other === undefined
        ? undefined
        : { importWh: one.wh, exportWh: other.wh, runs: `${one.run}/${other.run}` };
}

/**
 * Where a slot begins between two readings, the register is taken to have risen evenly between them, rounded down to whole Wh. Readings that
 * lie far apart tell the first start of a slot after the one and the last before the other: what is between them is a gap.
 */
function anchorsOf(meter: MeterCounts, points: readonly Point[], limits: Limits): Anchors {
    if (points.length === 0) {
        return undefined;
    }
    const anchors = new Map<number, Anchor>();
    let run = 0;
    for (const [index, point] of points.entries()) {
        const before = points[index - 1];
        const counted = before === undefined ? 0n : countedBetween(before, point, limits);
        run += counted === undefined ? 1 : 0;
        if (point.at % SECONDS_PER_SLOT === 0) {
            anchors.set(point.at / SECONDS_PER_SLOT, { wh: point.wh, run });
        }
        if (before !== undefined && counted !== undefined) {
            for (const slot of startsBetween(before, point)) {
                const risen = (counted * BigInt(slot * SECONDS_PER_SLOT - before.at)) / BigInt(point.at - before.at);
                anchors.set(slot, { wh: (before.wh + risen) % limits.modulusWh, run });
            }
        }
    }
    anchorReplacement(anchors, meter, points, run);
    return anchors;
}

/** The first and the last start of a slot after one moment and before another. */
function startsBetween(before: Point, after: Point): number[] {
    const [first, last] = [Math.ceil(before.at / SECONDS_PER_SLOT), Math.floor(after.at / SECONDS_PER_SLOT)];
    return [...new Set([first, last])].filter((slot) => {
        const at = slot * SECONDS_PER_SLOT;
        return before.at < at && at < after.at;
    });
}

/** Undefined where the two say nothing about the energy between them: a total that fell without rolling over, or rose faster than any connection carries. */
function countedBetween(before: Point, after: Point, { modulusWh, fastestW }: Limits): bigint | undefined {
    const counted = registerDifference({ startWh: before.wh, endWh: after.wh }, modulusWh);
    // A slot more than has passed: meters and messages have clocks of their own.
    const most = (fastestW * BigInt(after.at - before.at + SECONDS_PER_SLOT)) / 3600n;
    return before.series !== after.series || counted === undefined || counted > most ? undefined : counted;
}

/** A replaced meter ends with its last reading, the new one begins with its first: the slot of the replacement has both. */
function anchorReplacement(
    anchors: Map<number, Anchor>,
    { fromAt, isReplacement, replacedAt }: MeterCounts,
    points: readonly Point[],
    run: number,
): void {
    const [first, last] = [points[0], points.at(-1)];
    const own = Math.floor(fromAt / SECONDS_PER_SLOT);
    if (isReplacement && first !== undefined && Math.floor(first.at / SECONDS_PER_SLOT) === own) {
        anchors.set(own, { wh: first.wh, run: 0 });
    }
    if (replacedAt === undefined || last === undefined) {
        return;
    }
    const slot = Math.floor(replacedAt / SECONDS_PER_SLOT);
    // Between the old meter's last reading and the new one's first nothing is counted, which takes an electrician minutes and not hours.
    for (let start = Math.floor(last.at / SECONDS_PER_SLOT) + 1; start <= slot + 1; start += 1) {
        if (replacedAt - last.at < SECONDS_PER_SLOT) {
            anchors.set(start, { wh: last.wh, run });
        }
    }
}
