/** A fraction in lowest terms: laws of the draws are compared exactly. */
export interface Exact {
    readonly numerator: bigint;
    readonly denominator: bigint;
}

export function exact(numerator: bigint, denominator = 1n): Exact {
    const divisor = gcd(numerator < 0n ? -numerator : numerator, denominator) || 1n;
    return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export const plus = (a: Exact, b: Exact): Exact =>
    exact(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
export const times = (a: Exact, b: Exact): Exact => exact(a.numerator * b.numerator, a.denominator * b.denominator);
export const over = (a: Exact, b: Exact): Exact => exact(a.numerator * b.denominator, a.denominator * b.numerator);
export const text = ({ numerator, denominator }: Exact): string => `${numerator.toString()}/${denominator.toString()}`;
export const decimal = ({ numerator, denominator }: Exact): number => Number(numerator) / Number(denominator);
const ONE = exact(1n);
const less = (a: Exact, b: Exact): Exact => plus(a, exact(-b.numerator, b.denominator));

function gcd(a: bigint, b: bigint): bigint {
    return b === 0n ? a : gcd(b, a % b);
}

const sum = (weights: readonly bigint[]): bigint => weights.reduce((a, b) => a + b, 0n);

/** How likely each is drawn first: in proportion to weight. */
export const proportionalLaw = (weights: readonly bigint[]): Exact[] => weights.map((w) => exact(w, sum(weights)));

/**
 * How likely each has the largest W/U, U uniform on (0, 1): P(k) = ∫₀^{1/M} W_k ∏_{j≠k}(1 − W_j x) dx with M = max W. The product
 * is a polynomial, so the integral is a fraction.
 */
export function largestQuotientLaw(weights: readonly bigint[]): Exact[] {
    const largest = weights.reduce((a, b) => (a > b ? a : b));
    return weights.map((weight, k) => {
        const polynomial = weights.reduce<bigint[]>(
            (product, w, j) => (j === k ? product : timesOneLess(product, w)),
            [1n],
        );
        return polynomial.reduce(
            (integral, coefficient, i) =>
                plus(integral, exact(weight * coefficient, BigInt(i + 1) * largest ** BigInt(i + 1))),
            exact(0n),
        );
    });
}

/** The coefficients of p(x)·(1 − w·x). */
function timesOneLess(polynomial: readonly bigint[], w: bigint): bigint[] {
    return [...polynomial, 0n].map((coefficient, i) => coefficient - w * (polynomial[i - 1] ?? 0n));
}

/** How likely each set of k (as sorted positions) is drawn without replacement in proportion to weight. */
export function committeeLaw(weights: readonly bigint[], k: number): Map<string, Exact> {
    const law = new Map<string, Exact>();
    const walk = (drawn: readonly number[], chance: Exact): void => {
        if (drawn.length === k) {
            const name = [...drawn].sort((a, b) => a - b).join(' ');
            law.set(name, plus(law.get(name) ?? exact(0n), chance));
            return;
        }
        const left = sum(weights.filter((_, i) => !drawn.includes(i)));
        for (const [i, weight] of weights.entries()) {
            if (!drawn.includes(i)) {
                walk([...drawn, i], times(chance, exact(weight, left)));
            }
        }
    };
    walk([], ONE);
    return law;
}

/**
 * What the last to reveal can make of one seat by choosing whether to reveal. Honest: the chance that the seat goes where it wants.
 * `staying`: who withholds stays in the draw. `leaving`: it leaves the draw, which is the rule here.
 */
export interface LastRevealer {
    readonly honest: Exact;
    readonly staying: Exact;
    readonly leaving: Exact;
}

/** It wants the seat for itself, or for an accomplice of weight `accomplice` (zero: it has none). Weights are shares of all. */
export function lastRevealerLaw(own: Exact, accomplice: Exact): LastRevealer {
    const wanted = plus(own, accomplice);
    const unwanted = less(ONE, wanted);
    return {
        honest: wanted,
        staying: plus(wanted, times(unwanted, wanted)),
        leaving: plus(wanted, times(unwanted, over(accomplice, less(ONE, own)))),
    };
}

/** Pearson's χ² of counts against a law. */
export function chiSquared(counts: readonly number[], law: readonly Exact[]): number {
    const total = counts.reduce((a, b) => a + b, 0);
    return counts.reduce((chi, count, i) => {
        const expected = total * decimal(law[i] ?? exact(0n));
        return chi + (count - expected) ** 2 / expected;
    }, 0);
}
