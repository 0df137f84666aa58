import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as arbitrary from '../../testing/market/arbitraries';
import { microsPerKwh, wattHours } from '../quantity';
import { mechanism } from './mechanism';
import type { Clearing, Order, RoundRules } from '../auction/order';

const LOT = wattHours(2n);
/** Every limit that the books' own limits leave room for, and beyond both ends. */
const LIMITS = Array.from({ length: 9 }, (_, i) => microsPerKwh(BigInt(i) - 2n));

const lots = arbitrary
    .orders({ most: 7, energy: 1n, members: 'all different' })
    .map((orders) => orders.map((order) => ({ ...order, energy: LOT })));
const many = arbitrary.orders({ most: 6, energy: 4n, members: 'all different' });
const rulesOf = arbitrary.rules.map((rules): RoundRules => ({ ...rules, lot: LOT, reserve: microsPerKwh(1n) }));

/**
 * What the order's owner gains by the outcome if its limit is what a kWh is worth to it. Energy that the round leaves can be had from
 * the grid or given to it, so that beyond the bounds a kWh is worth the bound.
 */
function gain({ limit, side, id }: Order, { outcomes }: Clearing, { grid }: RoundRules): bigint {
    const { fill, amount } = outcomes.find(({ order }) => order === id) ?? { fill: 0n, amount: 0n };
    const value =
        typeof grid === 'string'
            ? limit
            : side === 'buy'
              ? limit < grid.highest
                  ? limit
                  : grid.highest
              : limit > grid.lowest
                ? limit
                : grid.lowest;
    return side === 'buy' ? fill * value - amount : amount - fill * value;
}

/** The first order of the book whose owner gains by another limit than its own, every one of `LIMITS` tried for every order. */
function manipulation(name: string, orders: readonly Order[], rules: RoundRules): string | undefined {
    const rule = mechanism(name);
    if (rule === undefined) {
        throw new Error(`no rule ${name}`);
    }
    const clear = (book: readonly Order[]): Clearing => rule.clear(book, rules);
    const honest = clear(orders);
    for (const order of orders) {
        for (const limit of LIMITS) {
            const lie = clear(orders.map((one) => (one.id === order.id ? { ...one, limit } : one)));
            if (gain(order, lie, rules) > gain(order, honest, rules)) {
                return `${order.side} ${order.limit.toString()} gains by ${limit.toString()}`;
            }
        }
    }
    return undefined;
}

const RUNS = { numRuns: 250, seed: 20_141_003 };

describe('nobody gains by another limit than its own', () => {
    it.each([
        { name: 'mcafee/v1', books: lots },
        { name: 'sbba/v1', books: lots },
        { name: 'trade-reduction/v1', books: many },
        { name: 'mid-market-rate/v1', books: many, needsGrid: true },
        { name: 'supply-demand-ratio/v1', books: many, needsGrid: true },
        { name: 'sharing-equal/v1', books: many, needsGrid: true },
    ])('$name', ({ name, books, needsGrid = false }) => {
        fc.assert(
            fc.property(books, rulesOf, (orders, rules) => {
                fc.pre(!needsGrid || typeof rules.grid !== 'string');
                expect(manipulation(name, orders, rules)).toBeUndefined();
            }),
            RUNS,
        );
    });
});

describe('some gain, and the table in docs says so', () => {
    it.each(['uniform-price/v1', 'pay-as-bid/v1', 'coalition-pay-as-bid/v1', 'coalition-highest-losing/v1'])(
        '%s',
        (name) => {
            const found = fc
                .sample(fc.tuple(many, rulesOf), { numRuns: 400, seed: RUNS.seed })
                .map(([orders, rules]) => manipulation(name, orders, rules))
                .find((one) => one !== undefined);
            expect(found).toMatch(/gains by/);
        },
    );

    it.each(['mid-market-rate/v1', 'supply-demand-ratio/v1', 'sharing-equal/v1'])('%s on an island', (name) => {
        const island = rulesOf.map((rules): RoundRules => ({ ...rules, grid: 'none', islanded: true }));
        const found = fc
            .sample(fc.tuple(many, island), { numRuns: 400, seed: RUNS.seed })
            .map(([orders, rules]) => manipulation(name, orders, rules))
            .find((one) => one !== undefined);
        expect(found).toMatch(/gains by/);
    });

    it('coalition-highest-losing/v1 is truthful for bidders in equal lots', () => {
        fc.assert(
            fc.property(lots, rulesOf, (orders, rules) => {
                const bidders = orders.filter(({ side }) => side === 'buy');
                const pool = [...bidders, ...orders.filter(({ side }) => side === 'sell')];
                const found = manipulation('coalition-highest-losing/v1', pool, rules);
                expect(found?.startsWith('buy')).not.toBe(true);
            }),
            RUNS,
        );
    });
});
