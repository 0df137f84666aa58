/** A register at the start and at the end. */
interface Pair {
    readonly startWh: bigint;
    readonly endWh: bigint;
}

interface SignedSpan {
    readonly meterId: string;
    readonly fromSlot: number;
    readonly slots: number;
    readonly consumption: Pair;
    readonly generation: Pair;
}

/** As much of a signed reading as the proof needs. */
export interface SignedReading {
    readonly key: string;
    readonly version: number;
    readonly spans: readonly SignedSpan[];
}

/**
 * Why two readings do not show that one slot was read in two ways, or undefined if they do: the same key and version, and a
 * meter that shows other registers over the same slots. Another salt, or a second signature under the same words, is no
 * lie; neither is a gap that is told slot by slot later. The signatures of owner and meter are for the caller to verify.
 */
export function doubleReadingFlaw(one: SignedReading, other: SignedReading): string | undefined {
    if (one.key !== other.key) {
        return 'the readings are of different slots or members';
    }
    if (one.version !== other.version) {
        return 'a later version is a correction';
    }
    const pairs = one.spans.flatMap((first) => other.spans.map((second) => [first, second] as const));
    const same = pairs.filter(([first, second]) => isSameTime(first, second));
    if (same.length === 0) {
        return 'no meter stands in both for the same slots';
    }
    return same.some(([first, second]) => !isSameWords(first, second)) ? undefined : 'both show the same registers';
}

const isSameTime = (one: SignedSpan, other: SignedSpan): boolean =>
    one.meterId === other.meterId && one.fromSlot === other.fromSlot && one.slots === other.slots;

const isSameWords = (one: SignedSpan, other: SignedSpan): boolean =>
    isSamePair(one.consumption, other.consumption) && isSamePair(one.generation, other.generation);

const isSamePair = (one: Pair, other: Pair): boolean => one.startWh === other.startWh && one.endWh === other.endWh;
