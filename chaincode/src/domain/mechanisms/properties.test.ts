import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as arbitrary from '../../testing/market/arbitraries';
import { holds } from '../../testing/property';
import { microsPerKwh, wattHours } from '../quantity';
import { MECHANISMS, type Mechanism } from './mechanism';
import type { Order, Outcome, RoundRules } from '../auction/order';

const LOT = wattHours(2n);
const MEMBERS = ['H1', 'H2', 'H3', ...Array.from({ length: 10 }, (_, i) => `M${i}`)];
const keys = new Map<string, bigint>([
    ...MEMBERS.map((member, i): [string, bigint] => [member, BigInt(i % 3)]),
    ...MEMBERS.flatMap((from, i) => MEMBERS.map((to, j): [string, bigint] => [`${from}/${to}`, BigInt((i * j) % 4)])),
]);

const few = arbitrary.orders({ most: 10, energy: 6n, members: 'few' });
const strangers = arbitrary.orders({ most: 9, energy: 6n, members: 'all different' });
/** Half of the books trade in lots, so that rules for unit demand have something to do. */
const books = fc
    .tuple(fc.oneof(few, strangers), fc.boolean())
    .map(([orders, lots]) => (lots ? orders.map((order) => ({ ...order, energy: LOT })) : orders));
const rulesOf = arbitrary.rules.map((rules): RoundRules => ({ ...rules, lot: LOT, keys, reserve: microsPerKwh(2n) }));

/** Rules that leave nothing over. */
const LEAVES_A_SURPLUS = ['mcafee/v1', 'trade-reduction/v1'];

const worth = ({ limit }: Order, { fill }: Outcome): bigint => fill * limit;

describe.each(MECHANISMS)('$name', (rule: Mechanism) => {
    it('moves as much energy out as in, and no more money out than in', () => {
        holds(
            fc.property(books, rulesOf, (orders, rules) => {
                const { outcomes, volume, surplus } = rule.clear(orders, rules);
                const sum = (side: string, of: 'fill' | 'amount') =>
                    orders
                        .filter((order) => order.side === side)
                        .reduce((so, { id }) => so + (outcomes.find(({ order }) => order === id)?.[of] ?? 0n), 0n);
                expect([sum('buy', 'fill'), sum('sell', 'fill')]).toEqual([volume, volume]);
                expect(sum('buy', 'amount') - sum('sell', 'amount')).toBe(surplus);
                expect(LEAVES_A_SURPLUS.includes(rule.name) ? surplus >= 0n : surplus === 0n).toBe(true);
                expect(outcomes.map(({ order }) => order)).toEqual(orders.map(({ id }) => id).sort());
            }),
        );
    });

    it('fills nobody past its energy, on worse terms than it accepts, or than the grid gives', () => {
        holds(
            fc.property(books, rulesOf, (orders, rules) => {
                for (const outcome of rule.clear(orders, rules).outcomes) {
                    const order = orders.find(({ id }) => id === outcome.order) as Order;
                    const { fill, amount, reason } = outcome;
                    expect(fill >= 0n && fill <= order.energy).toBe(true);
                    expect(fill === order.energy).toBe(reason === 'FILLED');
                    expect(
                        order.side === 'buy' ? amount <= worth(order, outcome) : amount >= worth(order, outcome),
                    ).toBe(true);
                    if (typeof rules.grid !== 'string') {
                        const { lowest, highest } = rules.grid;
                        expect(order.side === 'buy' ? amount <= fill * highest : amount >= fill * lowest).toBe(true);
                    }
                }
            }),
        );
    });

    it('tells every bid that an island does not serve that there is no more, and whatever it drops for itself why', () => {
        const island = rulesOf.map((rules): RoundRules => ({ ...rules, grid: 'none', islanded: true }));
        const own = new Set(['FILLED', 'ISLANDED', 'SELF_TRADE', 'OUT_OF_RANGE', 'REDUCED', 'LOT_SIZE', 'ONE_ORDER']);
        holds(
            fc.property(books, island, (orders, rules) => {
                const { outcomes } = rule.clear(orders, { ...rules, floor: microsPerKwh(-9n), cap: microsPerKwh(9n) });
                const bids = outcomes.filter(({ order }) =>
                    orders.some(({ id, side }) => id === order && side === 'buy'),
                );
                expect(bids.filter(({ reason }) => !own.has(reason))).toEqual([]);
                const asks = outcomes.filter(({ order }) => !bids.some((bid) => bid.order === order));
                expect(asks.filter(({ reason }) => reason === 'ISLANDED')).toEqual([]);
            }),
        );
    });

    it('does not depend on the order of arrival', () => {
        const shuffled = books.chain((orders) =>
            fc.tuple(fc.constant(orders), fc.shuffledSubarray(orders, { minLength: orders.length })),
        );
        holds(
            fc.property(shuffled, rulesOf, ([orders, other], rules) => {
                expect(rule.clear(other, rules)).toEqual(rule.clear(orders, rules));
            }),
        );
    });

    it('lets nobody trade with itself', () => {
        holds(
            fc.property(few, rulesOf, (orders, rules) => {
                const { outcomes } = rule.clear(orders, rules);
                const traders = (side: string) =>
                    orders
                        .filter(
                            (o) => o.side === side && (outcomes.find(({ order }) => order === o.id)?.fill ?? 0n) > 0n,
                        )
                        .map(({ member }) => member);
                expect(traders('buy').filter((member) => traders('sell').includes(member))).toEqual([]);
            }),
        );
    });
});
