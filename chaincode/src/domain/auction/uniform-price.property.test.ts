import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as arbitrary from '../../testing/market/arbitraries';
import { bestByTryingAll, tradableOrders } from '../../testing/market/exhaustive-clearing';
import { holds } from '../../testing/property';
import type { Clearing, Order, RoundRules } from './order';
import { clear } from './uniform-price';

const strangers = arbitrary.orders({ most: 9, energy: 7n, members: 'all different' });
const neighbours = arbitrary.orders({ most: 14, energy: 50n, members: 'few' });

const fillOf = ({ outcomes }: Clearing, { id }: Order): bigint =>
    outcomes.find(({ order }) => order === id)?.fill ?? -1n;
const filled = (clearing: Clearing, orders: readonly Order[], side: string): bigint =>
    orders.filter((order) => order.side === side).reduce((sum, order) => sum + fillOf(clearing, order), 0n);
const better = (one: Order, other: Order): boolean =>
    one.side === 'buy' ? one.limit > other.limit : one.limit < other.limit;
const inBounds = (price: bigint, { grid }: RoundRules): boolean =>
    typeof grid === 'string' || (price >= grid.lowest && price <= grid.highest);

describe('clear', () => {
    it('reaches the greatest welfare, and the greatest volume among allocations of that welfare', () => {
        const small = arbitrary.orders({ most: 6, energy: 3n, members: 'all different' });
        holds(
            fc.property(small, arbitrary.rules, (orders, rules) => {
                const clearing = clear(orders, rules);
                const welfare = orders.reduce(
                    (sum, order) => sum + (order.side === 'buy' ? 1n : -1n) * fillOf(clearing, order) * order.limit,
                    0n,
                );
                expect({ welfare, volume: clearing.volume }).toEqual(bestByTryingAll(tradableOrders(orders, rules)));
            }),
        );
    });

    it('buys what it sells, and gives every order one outcome', () => {
        holds(
            fc.property(neighbours, arbitrary.rules, (orders, rules) => {
                const clearing = clear(orders, rules);
                expect(filled(clearing, orders, 'buy')).toBe(clearing.volume);
                expect(filled(clearing, orders, 'sell')).toBe(clearing.volume);
                expect(clearing.outcomes.map(({ order }) => order)).toEqual(orders.map(({ id }) => id).sort());
            }),
        );
    });

    it('fills nobody past the energy, the limit or the bounds, and says FILLED of exactly those that are', () => {
        holds(
            fc.property(neighbours, arbitrary.rules, (orders, rules) => {
                const clearing = clear(orders, rules);
                const { price } = clearing;
                expect(price === undefined).toBe(clearing.volume === 0n);
                for (const order of orders) {
                    const fill = fillOf(clearing, order);
                    const { reason } = clearing.outcomes.find((one) => one.order === order.id) ?? {};
                    expect(fill >= 0n && fill <= order.energy).toBe(true);
                    expect(reason === 'FILLED').toBe(fill === order.energy);
                    if (fill > 0n && price !== undefined) {
                        expect(order.side === 'buy' ? price <= order.limit : price >= order.limit).toBe(true);
                        expect(inBounds(price, rules)).toBe(true);
                    }
                }
            }),
        );
    });

    it('leaves no order wanting that is better than one that is filled', () => {
        holds(
            fc.property(strangers, arbitrary.rules, (orders, rules) => {
                const clearing = clear(orders, rules);
                const tradable = tradableOrders(orders, rules);
                const wanting = tradable.filter((order) => fillOf(clearing, order) < order.energy);
                const filledOnes = tradable.filter((order) => fillOf(clearing, order) > 0n);
                for (const order of wanting) {
                    expect(filledOnes.filter((one) => one.side === order.side && better(order, one))).toEqual([]);
                }
            }),
        );
    });

    it('without a grid fills every order whose limit is strictly better than the price', () => {
        holds(
            fc.property(strangers, arbitrary.k, (orders, k) => {
                const clearing = clear(orders, { k, grid: 'none' });
                const { price } = clearing;
                for (const order of price === undefined ? [] : orders) {
                    const strictly = order.side === 'buy' ? order.limit > (price ?? 0n) : order.limit < (price ?? 0n);
                    expect(!strictly || fillOf(clearing, order) === order.energy).toBe(true);
                }
            }),
        );
    });

    it('shares among equals by energy, to the watt-hour', () => {
        holds(
            fc.property(strangers, arbitrary.rules, (orders, rules) => {
                const clearing = clear(orders, rules);
                for (const order of tradableOrders(orders, rules)) {
                    const equals = orders.filter(({ side, limit }) => side === order.side && limit === order.limit);
                    const energy = equals.reduce((sum, one) => sum + one.energy, 0n);
                    const given = equals.reduce((sum, one) => sum + fillOf(clearing, one), 0n);
                    const difference = fillOf(clearing, order) * energy - given * order.energy;
                    expect(difference < energy && difference > -energy).toBe(true);
                }
            }),
        );
    });

    it('does not depend on the order of arrival', () => {
        const shuffled = neighbours.chain((orders) =>
            fc.tuple(fc.constant(orders), fc.shuffledSubarray(orders, { minLength: orders.length })),
        );
        holds(
            fc.property(shuffled, arbitrary.rules, ([orders, other], rules) => {
                expect(clear(other, rules)).toEqual(clear(orders, rules));
            }),
        );
    });

    it('lets nobody trade with itself', () => {
        holds(
            fc.property(neighbours, arbitrary.rules, (orders, rules) => {
                const clearing = clear(orders, rules);
                const traders = (side: string) =>
                    orders.filter((order) => order.side === side && fillOf(clearing, order) > 0n).map((o) => o.member);
                expect(traders('buy').filter((member) => traders('sell').includes(member))).toEqual([]);
            }),
        );
    });
});
