import fc from 'fast-check';
import { fraction, microsPerKwh, wattHours, type Fraction } from '../../domain/quantity';
import type { Order, RoundRules, Side } from '../../domain/auction/order';
import { saltOf } from './book';

/** Few limits, few watt-hours: so that orders tie, cross and stand at the bounds. */
export const limit = fc.bigInt({ min: -1n, max: 5n }).map(microsPerKwh);

export const k: fc.Arbitrary<Fraction> = fc.constantFrom(
    fraction(0n, 1n),
    fraction(1n, 2n),
    fraction(1n, 3n),
    fraction(1n, 1n),
);

const grid: fc.Arbitrary<RoundRules['grid']> = fc.oneof(
    fc.constant('none' as const),
    fc
        .tuple(fc.bigInt({ min: -1n, max: 3n }), fc.bigInt({ min: 0n, max: 3n }))
        .map(([lowest, width]) => ({ lowest: microsPerKwh(lowest), highest: microsPerKwh(lowest + width) })),
);

export const rules: fc.Arbitrary<RoundRules> = fc.record({ k, grid });

/** Orders with ids of their own; `members` few enough to trade with themselves, or one for each order. */
export function orders(of: { most: number; energy: bigint; members: 'few' | 'all different' }): fc.Arbitrary<Order[]> {
    const order = fc.record({
        member: fc.constantFrom('H1', 'H2', 'H3'),
        side: fc.constantFrom<Side>('buy', 'sell'),
        energy: fc.bigInt({ min: 1n, max: of.energy }).map(wattHours),
        limit,
    });
    return fc.array(order, { maxLength: of.most }).map((list) =>
        list.map((one, i) => ({
            ...one,
            id: `o${i}`,
            member: of.members === 'few' ? one.member : `M${i}`,
            salt: saltOf(`o${i}`),
        })),
    );
}
