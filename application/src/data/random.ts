/** A stream of numbers in [0, 1): the same for the same name, on every machine. */
export type RandomNumbers = () => number;

/** Mulberry32 (Tommy Ettinger, public domain), seeded by FNV-1a of a name: small, fast, good enough to draw weather. */
export function randomNumbers(name: string): RandomNumbers {
    let state = fnv1a(name);
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

export function between(random: RandomNumbers, low: number, high: number): number {
    return low + (high - low) * random();
}

function fnv1a(text: string): number {
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(text)) {
        hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
    return hash;
}
