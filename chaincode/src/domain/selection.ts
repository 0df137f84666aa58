/** Fewer are sorted at once. */
const FEW = 16;

/**
 * The `count` of the items that `compare` puts first, in any order: what sorting all and cutting would give, in time that grows with the items
 * alone. `compare` must never answer 0 for two of them.
 *
 * Pivots are medians of three at fixed places, so that the same list takes the same steps everywhere. Whoever chooses the items could make those
 * bad; after as many steps as halving would take several times over, what is left is sorted.
 */
export function firstOnes<T>(items: readonly T[], count: number, compare: (one: T, other: T) => number): T[] {
    const list = [...items];
    let [from, to] = [0, list.length];
    let steps = 4 * Math.ceil(Math.log2(list.length + 1));
    while (count > from && count < to) {
        if (to - from <= FEW || steps === 0) {
            list.splice(from, to - from, ...list.slice(from, to).sort(compare));
            break;
        }
        steps -= 1;
        const middle = partitioned(list, from, to, compare);
        if (count <= middle) {
            to = middle;
        } else {
            from = middle;
        }
    }
    return list.slice(0, Math.max(0, count));
}

/** Puts those of a range that come before some pivot in front of the others. Returns where the others begin: never at an end of the range. */
function partitioned<T>(list: T[], from: number, to: number, compare: (one: T, other: T) => number): number {
    const pivot = medianOf(list[from] as T, list[(from + to) >>> 1] as T, list[to - 1] as T, compare);
    let [low, high] = [from, to - 1];
    for (;;) {
        while (compare(list[low] as T, pivot) < 0) {
            low += 1;
        }
        while (compare(pivot, list[high] as T) < 0) {
            high -= 1;
        }
        if (low >= high) {
            return Math.max(low, from + 1);
        }
        [list[low], list[high]] = [list[high] as T, list[low] as T];
        low += 1;
        high -= 1;
    }
}

function medianOf<T>(a: T, b: T, c: T, compare: (one: T, other: T) => number): T {
    const [low, high] = before(a, b, compare) ? [a, b] : [b, a];
    return before(c, low, compare) ? low : before(high, c, compare) ? high : c;
}

/** An item is not compared with itself. */
const before = <T>(one: T, other: T, compare: (one: T, other: T) => number): boolean =>
    one !== other && compare(one, other) < 0;
