import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { slowAllocate } from '../testing/market/slow-allocation';
import { holds } from '../testing/property';
import {
    allocate,
    compareBigints,
    cost,
    dividedHalfEven,
    dividedRoundedDown,
    fraction,
    microsPerKwh,
    meterReading,
    nanos,
    plus,
    wattHours,
    type WattHours,
} from './quantity';

// @ts-expect-error Energy and money do not add up.
export const mixed = (): unknown => plus(wattHours(1n), nanos(1n));
// @ts-expect-error A bare bigint has no unit.
export const bare = (): unknown => cost(1_000n, microsPerKwh(1n));
// @ts-expect-error A meter's running total is not energy in a slot.
export const running = (): WattHours => meterReading(1n);

describe('cost', () => {
    it.each([
        { energy: 0n, price: 250_000n, nano: 0n, why: 'nothing costs nothing' },
        { energy: 1_000n, price: 250_000n, nano: 250_000_000n, why: 'one kWh costs the price' },
        { energy: 1n, price: 1n, nano: 1n, why: 'the least energy at the least price is still a whole nano' },
        { energy: 7n, price: -3n, nano: -21n, why: 'a negative price pays the buyer' },
    ])('$energy Wh at $price: $why', ({ energy, price, nano }) => {
        expect(cost(wattHours(energy), microsPerKwh(price))).toBe(nano);
    });
});

describe('divisions', () => {
    it.each([
        { numerator: 5n, denominator: 2n, down: 2n, halfEven: 2n },
        { numerator: 7n, denominator: 2n, down: 3n, halfEven: 4n },
        { numerator: -5n, denominator: 2n, down: -3n, halfEven: -2n },
        { numerator: -7n, denominator: 2n, down: -4n, halfEven: -4n },
        { numerator: 2n, denominator: 3n, down: 0n, halfEven: 1n },
        { numerator: -1n, denominator: 3n, down: -1n, halfEven: 0n },
        { numerator: -6n, denominator: 3n, down: -2n, halfEven: -2n },
    ])('$numerator / $denominator', ({ numerator, denominator, down, halfEven }) => {
        expect(dividedRoundedDown(numerator, denominator)).toBe(down);
        expect(dividedHalfEven(numerator, denominator)).toBe(halfEven);
    });

    it('refuses to divide by what is not positive', () => {
        expect(() => dividedHalfEven(1n, 0n)).toThrow(RangeError);
        expect(() => dividedRoundedDown(1n, -1n)).toThrow(RangeError);
    });

    it('rounds half even to the nearest, and as often up as down', () => {
        holds(
            fc.property(fc.bigInt({ min: -1000n, max: 1000n }), fc.bigInt({ min: 1n, max: 12n }), (n, d) => {
                const rounded = dividedHalfEven(n, d);
                const distance = 2n * (n - rounded * d);
                expect(distance <= d && distance >= -d).toBe(true);
                expect(dividedHalfEven(-n, d)).toBe(-rounded);
            }),
        );
    });
});

describe('quantities', () => {
    it('refuse what their unit cannot be', () => {
        expect(() => wattHours(-1n)).toThrow('must not be negative');
        expect(() => meterReading(-1n)).toThrow('must not be negative');
        expect(() => fraction(3n, 2n)).toThrow('between 0 and 1');
        expect(() => fraction(-1n, 2n)).toThrow('between 0 and 1');
        expect(() => fraction(0n, 0n)).toThrow('between 0 and 1');
    });
});

describe('allocate', () => {
    it.each([
        { whole: 100_003n, weights: [2500n, 1500n, 1000n], shares: [50_001n, 30_001n, 20_001n] },
        { whole: 10n, weights: [1n, 1n, 1n], shares: [4n, 3n, 3n] },
        { whole: 1n, weights: [1n, 1n, 1n], shares: [1n, 0n, 0n] },
        { whole: 1000n, weights: [1n, 2n, 3n, 1n], shares: [143n, 286n, 428n, 143n] },
        { whole: 0n, weights: [1n, 2n], shares: [0n, 0n] },
    ])('$whole over $weights', ({ whole, weights, shares }) => {
        expect(allocate(wattHours(whole), weights)).toEqual(shares);
    });

    const whole = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(nanos);
    const weights = fc
        .array(fc.bigInt({ min: 0n, max: 6n }), { minLength: 1, maxLength: 12 })
        .filter((list) => list.some((weight) => weight > 0n));

    it('gives away all of it, and each at most one unit from the exact share', () => {
        holds(
            fc.property(whole, weights, (given, over) => {
                const shares = allocate(given, over);
                const sum = over.reduce((a, b) => a + b, 0n);
                expect(shares.reduce((a, b) => a + b, 0n)).toBe(given);
                shares.forEach((share, i) => {
                    const difference = share * sum - given * (over[i] ?? 0n);
                    expect(difference < sum && difference > -sum).toBe(true);
                });
            }),
        );
    });

    it('asks who comes first only of positions whose remainders are equal', () => {
        holds(
            fc.property(whole, weights, (given, over) => {
                const sum = over.reduce((a, b) => a + b, 0n);
                allocate(given, over, (one, other) => {
                    expect((given * (over[one] ?? 0n)) % sum).toBe((given * (over[other] ?? 0n)) % sum);
                    return one - other;
                });
            }),
        );
    });

    it('gives what sorting all by their remainders gives, whoever comes first among equals', () => {
        const manyWeights = fc
            .array(fc.bigInt({ min: 0n, max: 4n }), { minLength: 1, maxLength: 120 })
            .filter((list) => list.some((weight) => weight > 0n));
        holds(
            fc.property(whole, manyWeights, fc.nat(), (given, over, seed) => {
                const rank = (i: number): number => ((i + 1) * 7919 + seed) % 100_003;
                const before = (one: number, other: number): number => rank(one) - rank(other) || one - other;
                expect(allocate(given, over, before)).toEqual(slowAllocate(given, over, before));
            }),
        );
    });

    it.each([
        { whole: -1n, weights: [1n] },
        { whole: 1n, weights: [] },
        { whole: 1n, weights: [0n] },
        { whole: 1n, weights: [2n, -1n] },
    ])('cannot split $whole over $weights', ({ whole: amount, weights: over }) => {
        expect(() => allocate(nanos(amount), over)).toThrow('cannot allocate');
    });
});

it('compares bigints that numbers cannot tell apart', () => {
    expect([compareBigints(2n ** 60n, 2n ** 60n + 1n), compareBigints(1n, 1n), compareBigints(2n, 1n)]).toEqual([
        -1, 0, 1,
    ]);
});
