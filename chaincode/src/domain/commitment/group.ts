import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { fromHex, toHex } from '../digest';

// The one door to the curve library, as digest.ts is to hashing: see docs/decisions. Nothing else knows what an element is made of.

const { Point } = ristretto255;
type Point = InstanceType<typeof Point>;

declare const group: unique symbol;

/** An element of ristretto255 (RFC 9496), a group of prime order in which nobody knows how to take logarithms. */
export interface GroupElement {
    readonly [group]: true;
}

const pointOf = (element: GroupElement): Point => element as unknown as Point;
const elementOf = (point: Point): GroupElement => point as unknown as GroupElement;

/** How many elements there are: scalars count modulo this prime, 2²⁵² + 27742317777372353535851937790883648493. */
export const GROUP_ORDER: bigint = Point.Fn.ORDER;

export const IDENTITY: GroupElement = elementOf(Point.ZERO);

/** A scalar and what it multiplies. */
export interface Term {
    readonly element: GroupElement;
    /** Any whole number, negative ones too; small ones are fast. */
    readonly times: bigint;
}

/** The element that a name stands for: `hash_to_ristretto255` (RFC 9380, appendix B), so nobody knows how two of them relate. */
export const hashedToGroup = (domain: string, name: string): GroupElement =>
    elementOf(ristretto255_hasher.hashToCurve(Buffer.from(name), { DST: domain }));

/** 32 bytes in lower-case hex: every element has one spelling. */
export const elementToHex = (element: GroupElement): string => toHex(pointOf(element).toBytes());

/** Undefined where that is no element. */
export function elementFromHex(text: string): GroupElement | undefined {
    try {
        return elementOf(Point.fromBytes(fromHex(text)));
    } catch {
        return undefined;
    }
}

export const sumOfElements = (elements: readonly GroupElement[]): GroupElement =>
    elementOf(elements.reduce((sum, element) => sum.add(pointOf(element)), Point.ZERO));

export const isSameElement = (one: GroupElement, other: GroupElement): boolean => pointOf(one).equals(pointOf(other));

/** For an element that is multiplied by large scalars again and again: some memory, five times the speed. */
export function prepared(element: GroupElement): GroupElement {
    pointOf(element).precompute(8);
    return element;
}

/** One element any number of times. Takes as long for every scalar, so that it can be a secret one. */
export function multiple({ element, times }: Term): GroupElement {
    const scalar = Point.Fn.create(times);
    return scalar === 0n ? IDENTITY : elementOf(pointOf(element).multiply(scalar));
}

const WINDOW_BITS = 6;
const WINDOW = 1n << BigInt(WINDOW_BITS);

/**
 * Σ scalar × element by buckets (Pippenger), a window of six bits at a time: made for hundreds of terms with small scalars. Its time
 * depends on the scalars, so they are for machines only that know them anyway.
 */
export function sumOfMultiples(terms: readonly Term[]): GroupElement {
    let digits = terms
        .filter(({ times }) => times !== 0n)
        .map(({ element, times }) =>
            times < 0n
                ? { element: pointOf(element).negate(), times: 0n - times }
                : { element: pointOf(element), times },
        );
    const windows: Point[] = [];
    while (digits.length > 0) {
        windows.push(sumOfWindow(digits.map(({ element, times }) => ({ element, digit: Number(times % WINDOW) }))));
        digits = digits
            .map(({ element, times }) => ({ element, times: times / WINDOW }))
            .filter(({ times }) => times > 0n);
    }
    return elementOf(windows.reduceRight((sum, window) => shifted(sum).add(window), Point.ZERO));
}

function shifted(element: Point): Point {
    let result = element;
    for (let bit = 0; bit < WINDOW_BITS; bit += 1) {
        result = result.double();
    }
    return result;
}

/** Σ digit × element: each element into the bucket of its digit, then every bucket as often as its digit says. */
function sumOfWindow(terms: readonly { readonly element: Point; readonly digit: number }[]): Point {
    const buckets: (Point | undefined)[] = Array<Point | undefined>(Number(WINDOW)).fill(undefined);
    for (const { element, digit } of terms) {
        const known = buckets[digit];
        buckets[digit] = known === undefined ? element : known.add(element);
    }
    let running = Point.ZERO;
    let sum = Point.ZERO;
    for (const bucket of buckets.slice(1).reverse()) {
        running = bucket === undefined ? running : running.add(bucket);
        sum = sum.add(running);
    }
    return sum;
}
