import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { between, book, OPEN_MARKET, saltOf, side } from '../../testing/market/book';
import { fraction, microsPerKwh } from '../quantity';
import type { Clearing, Order } from './order';
import { MOST_ORDERS } from './book';
import { clear } from './uniform-price';

const units = (...prices: number[]): string => prices.map((price) => `1@${price}`).join(' ');
const fillsOf = (clearing: Clearing, prefix: string): bigint[] =>
    clearing.outcomes.filter(({ order }) => order.startsWith(prefix)).map(({ fill }) => fill);
const reasons = (clearing: Clearing): Record<string, string> =>
    Object.fromEntries(clearing.outcomes.map(({ order, reason }) => [order, reason]));
const welfare = (orders: readonly Order[], { outcomes }: Clearing): bigint =>
    outcomes.reduce((sum, { order, fill }) => {
        const one = orders.find(({ id }) => id === order);
        return sum + (one === undefined ? 0n : (one.side === 'buy' ? 1n : -1n) * fill * one.limit);
    }, 0n);

describe('published and worked rounds', () => {
    it.each([
        {
            id: 'AUC-1',
            bids: '1@3 2@4 5@1',
            asks: '4@2 1@1 5@6',
            volume: 3n,
            interval: [2n, 2n],
            price: 2n,
            bought: [1n, 2n, 0n],
            sold: [2n, 1n, 0n],
            welfare: 6n,
        },
        {
            id: 'AUC-2',
            times: { price: 10 },
            bids: units(6.7, 6.6, 6.5, 6.4, 6.3, 6.0),
            asks: '1@1 1@2 2@3 2@4 1@6.1',
            volume: 6n,
            interval: [40n, 60n],
            price: 50n,
        },
        {
            id: 'AUC-3',
            times: { energy: 10, price: 10 },
            bids: '1@6 .1@5 1.9@4 1@3',
            asks: '1@1 1.5@2 1@2.5 1@4',
            volume: 35n,
            interval: [30n, 30n],
            price: 30n,
            bought: [10n, 1n, 19n, 5n],
            welfare: 910n,
        },
        {
            id: 'AUC-4',
            bids: units(100, 90, 80, 60, 40, 20),
            asks: units(10, 20, 40, 60, 70, 15, 25, 35, 45, 65),
            volume: 5n,
            interval: [35n, 40n],
            price: 37n,
        },
        {
            id: 'AUC-5',
            bids: units(1, 2, 3, 4, 5, 6, 7),
            asks: units(1, 2, 3, 4, 5, 6, 7),
            volume: 4n,
            interval: [4n, 4n],
            price: 4n,
        },
        {
            id: 'AUC-7',
            times: { price: 10 },
            bids: units(1, 2, 3, 4, 5, 6, 7),
            asks: units(2, 3, 3, 5, 6, 7, 8),
            volume: 3n,
            interval: [40n, 50n],
            price: 45n,
        },
        {
            id: 'AUC-8',
            bids: units(1, 2, 3, 4, 10, 10, 10),
            asks: units(10, 10, 10, 10, 10, 10, 10),
            volume: 3n,
            interval: [10n, 10n],
            price: 10n,
        },
        {
            id: 'AUC-9',
            bids: units(5, 5, 5, 5, 5, 5, 5),
            asks: units(1, 2, 5, 5, 5, 6, 7),
            volume: 5n,
            interval: [5n, 5n],
            price: 5n,
            sold: [1n, 1n, 1n, 1n, 1n, 0n, 0n],
        },
        {
            id: 'AUC-12',
            bids: '3000@28 2000@22 1000@22 2500@15',
            asks: '2500@8 1500@12 1000@20 4000@24',
            volume: 5000n,
            interval: [22n, 22n],
            price: 22n,
            bought: [3000n, 1333n, 667n, 0n],
            sold: [2500n, 1500n, 1000n, 0n],
        },
        {
            id: 'AUC-13',
            bids: '3000@28 2000@22 1000@22 2500@15',
            asks: '2500@8 3500@12 1000@20 4000@24',
            volume: 6000n,
            interval: [15n, 20n],
            price: 17n,
            bought: [3000n, 2000n, 1000n, 0n],
            sold: [2500n, 3500n, 0n, 0n],
        },
        {
            id: 'AUC-14',
            bids: '1000@30',
            asks: '700@10 700@10 700@10',
            volume: 1000n,
            interval: [10n, 10n],
            price: 10n,
            bought: [1000n],
        },
    ])('$id', (row) => {
        const given = book(row.bids, row.asks, row.times);
        const clearing = clear(given, OPEN_MARKET);
        const { price, volume, interval } = clearing;
        expect({ price, volume, interval: [interval?.lowest, interval?.highest] }).toEqual({
            price: row.price,
            volume: row.volume,
            interval: row.interval,
        });
        expect(fillsOf(clearing, 'b')).toEqual(row.bought ?? fillsOf(clearing, 'b'));
        expect(fillsOf(clearing, 'a')).toEqual(row.sold ?? fillsOf(clearing, 'a'));
        expect(welfare(given, clearing)).toBe(row.welfare ?? welfare(given, clearing));
    });

    it('AUC-14: of three equal asks one gets the odd watt-hour, by rank', () => {
        const given = book('1000@30', '700@10 700@10 700@10');
        const salts = createHash('sha256');
        for (const id of ['a1', 'a2', 'a3', 'b1']) {
            salts.update(Buffer.from(saltOf(id), 'hex'));
        }
        const digest = salts.digest();
        const rank = (id: string) => createHash('sha256').update(digest).update(id).digest('hex');
        const first = ['a1', 'a2', 'a3'].sort((x, y) => (rank(x) < rank(y) ? -1 : 1))[0];
        const clearing = clear(given, OPEN_MARKET);
        for (const { order, fill } of clearing.outcomes.filter(({ order: id }) => id.startsWith('a'))) {
            expect(fill).toBe(order === first ? 334n : 333n);
        }
    });

    it('AUC-8: of seven equal asks for three units each of three gets one whole', () => {
        const clearing = clear(book(units(1, 2, 3, 4, 10, 10, 10), units(10, 10, 10, 10, 10, 10, 10)), OPEN_MARKET);
        expect(fillsOf(clearing, 'a').sort()).toEqual([0n, 0n, 0n, 0n, 1n, 1n, 1n]);
    });
});

describe('the grid as a bound', () => {
    it.each([
        { name: 'lifts the lower end to feed-in', bids: '100@30', asks: '100@3', price: 15n, interval: [8n, 23n] },
        { name: 'leaves limits inside alone', bids: '100@20', asks: '100@10', price: 15n, interval: [10n, 20n] },
        {
            name: 'holds the price at feed-in where sellers compete below it',
            bids: '100@10',
            asks: '200@3',
            price: 8n,
            interval: [8n, 8n],
        },
        {
            name: 'holds the price at retail less fees where buyers compete above it',
            bids: '200@40',
            asks: '100@10',
            price: 23n,
            interval: [23n, 23n],
        },
        { name: 'does not make an order of itself', bids: '100@12', asks: '300@9', price: 9n, interval: [9n, 9n] },
    ])('$name', ({ bids, asks, price, interval }) => {
        const clearing = clear(book(bids, asks), between(8n, 23n));
        expect(clearing.price).toBe(price);
        expect([clearing.interval?.lowest, clearing.interval?.highest]).toEqual(interval);
    });

    it('keeps out bids below feed-in and asks above retail less fees, and says so', () => {
        const clearing = clear(book('100@5 100@20', '100@3 100@24'), between(8n, 23n));
        expect(reasons(clearing)).toEqual({ b1: 'OUTSIDE_GRID', b2: 'FILLED', a1: 'FILLED', a2: 'OUTSIDE_GRID' });
    });

    it('fills the better ask first also where both are below feed-in', () => {
        const clearing = clear(book('100@10', '100@7 100@3'), between(8n, 23n));
        expect(fillsOf(clearing, 'a')).toEqual([0n, 100n]);
        expect(clearing.price).toBe(8n);
    });

    it('takes k between the ends: 0 for the buyers, 1 for the sellers, rounded down', () => {
        const at = (numerator: bigint, denominator: bigint) =>
            clear(book('100@23', '100@8'), { ...between(8n, 23n), k: fraction(numerator, denominator) }).price;
        expect([at(0n, 1n), at(1n, 4n), at(1n, 1n)]).toEqual([8n, 11n, 23n]);
    });

    it('rounds a negative price down as well', () => {
        expect(clear(book('100@-2', '100@-5'), OPEN_MARKET).price).toBe(-4n);
    });
});

describe('a reason for every order', () => {
    it('shuts the round where feed-in is above retail less fees', () => {
        const clearing = clear(book('100@30', '100@3'), { ...OPEN_MARKET, grid: 'shut' });
        expect(clearing).toMatchObject({ volume: 0n, buyers: 0, sellers: 0 });
        expect(clearing.price).toBeUndefined();
        expect(reasons(clearing)).toEqual({ b1: 'ROUND_SHUT', a1: 'ROUND_SHUT' });
    });

    it('tells the limit that is worse than the price from the share at the margin', () => {
        const clearing = clear(book('100@30 100@20 100@20 100@10', '150@5'), OPEN_MARKET);
        expect(reasons(clearing)).toEqual({ b1: 'FILLED', b2: 'RATIONED', b3: 'RATIONED', b4: 'PRICE', a1: 'FILLED' });
    });

    it('says that nothing matched', () => {
        expect(reasons(clear(book('100@3', '100@4'), OPEN_MARKET))).toEqual({ b1: 'NO_MATCH', a1: 'NO_MATCH' });
    });

    it('drops what is outside floor and cap or without energy', () => {
        const clearing = clear(book('100@31 0@20 100@30', '100@-1 100@0'), {
            ...OPEN_MARKET,
            floor: microsPerKwh(0n),
            cap: microsPerKwh(30n),
        });
        expect(reasons(clearing)).toEqual({
            b1: 'OUT_OF_RANGE',
            b2: 'OUT_OF_RANGE',
            b3: 'FILLED',
            a1: 'OUT_OF_RANGE',
            a2: 'FILLED',
        });
    });

    it("drops a member's crossing bid and ask, and leaves those that do not cross", () => {
        const own = book('100@20 100@9', '100@10 100@21').map((order) => ({ ...order, member: 'H1' }));
        const others = side('sell', '100@5').map((order) => ({ ...order, id: 'c1', member: 'H2' }));
        expect(reasons(clear([...own, ...others], OPEN_MARKET))).toEqual({
            b1: 'SELF_TRADE',
            b2: 'FILLED',
            a1: 'SELF_TRADE',
            a2: 'PRICE',
            c1: 'FILLED',
        });
    });

    it('gives an empty book nothing', () => {
        expect(clear([], OPEN_MARKET)).toEqual({ volume: 0n, surplus: 0n, buyers: 0, sellers: 0, outcomes: [] });
    });
});

describe('the margin', () => {
    it('computes ranks only where remainders tie', () => {
        const unhashable = (orders: Order[]) => orders.map((order) => ({ ...order, salt: 'not hex' }));
        expect(() => clear(unhashable(book('1000@30', '700@10 800@10')), OPEN_MARKET)).not.toThrow();
        expect(() => clear(unhashable(book('1000@30', '700@10 300@10')), OPEN_MARKET)).not.toThrow();
        expect(() => clear(unhashable(book('1000@30', '700@10 700@10 700@10')), OPEN_MARKET)).toThrow('hex');
    });

    it('refuses what is not a book', () => {
        expect(() => clear([...book('1@1', ''), ...book('2@2', '')], OPEN_MARKET)).toThrow('one id');
        const many = Array.from(
            { length: MOST_ORDERS + 1 },
            (_, i) => ({ ...book('1@1', '')[0], id: `o${i}` }) as Order,
        );
        expect(() => clear(many, OPEN_MARKET)).toThrow('at most');
    });

    it('counts members, not orders', () => {
        const orders = book('100@30 100@30', '200@10').map((order) =>
            order.side === 'buy' ? { ...order, member: 'H1' } : order,
        );
        expect(clear(orders, OPEN_MARKET)).toMatchObject({ buyers: 1, sellers: 1, volume: 200n });
    });
});
