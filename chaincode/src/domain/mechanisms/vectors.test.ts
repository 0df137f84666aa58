import { describe, expect, it } from '@jest/globals';
import { book, OPEN_MARKET } from '../../testing/market/book';
import { allocate, fraction, microsPerKwh, nanos, wattHours } from '../quantity';
import { mechanism } from './mechanism';
import type { Clearing, Order, RoundRules } from '../auction/order';
import { staticKey } from './allocation-keys';
import { sharedRevenue } from './revenue';

const LOT = wattHours(1n);
const units = (...prices: number[]): string => prices.map((price) => `1@${price}`).join(' ');
const cleared = (name: string, orders: readonly Order[], rules: RoundRules = OPEN_MARKET): Clearing => {
    const rule = mechanism(name);
    if (rule === undefined) {
        throw new Error(`no rule ${name}`);
    }
    return rule.clear(orders, rules);
};
const tradesOf = ({ outcomes }: Clearing, prefix: string): [string, bigint, bigint][] =>
    outcomes
        .filter(({ order, fill }) => order.startsWith(prefix) && fill > 0n)
        .map(({ order, fill, amount }) => [order, fill, amount]);
const paid = (clearing: Clearing, prefix: string): bigint =>
    tradesOf(clearing, prefix).reduce((sum, [, , amount]) => sum + amount, 0n);

describe('unit demand, worked (prices in tenths)', () => {
    it.each([
        { bids: [17, 14, 13, 9, 6], asks: [1, 4, 5, 8, 11], trades: 4, pay: 85n, get: 85n },
        { bids: [17, 14, 13, 9, 6], asks: [1, 4, 5, 8, 13], trades: 3, pay: 90n, get: 80n },
        { bids: [9, 8], asks: [3, 4], trades: 1, pay: 80n, get: 40n },
        // Published: Segal-Halevi's protocols (MIT).
        { bids: [9], asks: [4], trades: 0, pay: 0n, get: 0n },
        { bids: [9, 8], asks: [4], trades: 0, pay: 0n, get: 0n },
        { bids: [9], asks: [4, 3], trades: 0, pay: 0n, get: 0n },
    ])('McAfee: $bids against $asks: $trades trades', ({ bids, asks, trades, pay, get }) => {
        const orders = book(units(...bids), units(...asks), { price: 10 });
        const clearing = cleared('mcafee/v1', orders, { ...OPEN_MARKET, lot: LOT });
        expect(tradesOf(clearing, 'b').map(([, , amount]) => amount)).toEqual(Array(trades).fill(pay));
        expect(tradesOf(clearing, 'a').map(([, , amount]) => amount)).toEqual(Array(trades).fill(get));
        expect(clearing.surplus).toBe(BigInt(trades) * (pay - get));
    });

    it.each([
        { bids: [17, 14, 13, 9, 6], asks: [1, 4, 5, 8, 11], price: 90n, trades: 3, among: ['a1', 'a2', 'a3', 'a4'] },
        { bids: [17, 14, 13, 9, 6], asks: [1, 4, 5, 8, 13], price: 90n, trades: 3, among: ['a1', 'a2', 'a3', 'a4'] },
        { bids: [9, 8], asks: [3, 4], price: 80n, trades: 1, among: ['a1', 'a2'] },
        { bids: [17, 14, 13, 9, 6], asks: [1, 4, 5, 8, 8.5], price: 85n, trades: 4, among: ['a1', 'a2', 'a3', 'a4'] },
    ])('strongly balanced: $bids against $asks: $trades trades at $price', ({ bids, asks, price, trades, among }) => {
        const orders = book(units(...bids), units(...asks), { price: 10 });
        const clearing = cleared('sbba/v1', orders, { ...OPEN_MARKET, lot: LOT });
        expect(clearing).toMatchObject({ surplus: 0n, price, volume: BigInt(trades) });
        expect(tradesOf(clearing, 'a')).toHaveLength(trades);
        expect(among).toEqual(expect.arrayContaining(tradesOf(clearing, 'a').map(([order]) => order)));
    });
});

describe('many units', () => {
    it('trade reduction: the marginal pair prices and leaves (pymarket, dataset 0)', () => {
        const clearing = cleared('trade-reduction/v1', book('1@3 2@4 5@1', '4@2 1@1 5@6'));
        expect(tradesOf(clearing, 'b')).toEqual([['b2', 1n, 3n]]);
        expect(tradesOf(clearing, 'a')).toEqual([['a2', 1n, 2n]]);
        expect(clearing).toMatchObject({ price: 3n, surplus: 1n });
        const reasons = Object.fromEntries(clearing.outcomes.map(({ order, reason }) => [order, reason]));
        expect(reasons).toEqual({
            a1: 'REDUCED',
            a2: 'FILLED',
            a3: 'PRICE',
            b1: 'REDUCED',
            b2: 'REDUCED',
            b3: 'PRICE',
        });
    });

    // Grid Singularity's framework skips pairs of one party and goes on; here a member that crosses itself is dropped on both sides
    // (SELF_TRADE), so the members are different ones and only the fills and payments are compared.
    it('pay as bid: each bid pays itself, the cheapest ask is matched first', () => {
        const clearing = cleared('pay-as-bid/v1', book('10@10000 15@20000 20@30000', '25@10000.2 30@50000 35@24000'));
        expect(tradesOf(clearing, 'b')).toEqual([
            ['b2', 5n, 100_000n],
            ['b3', 20n, 600_000n],
        ]);
        expect(tradesOf(clearing, 'a')).toEqual([['a1', 25n, 700_000n]]);
    });

    it('pay as bid: the first ask earns the highest bids', () => {
        const clearing = cleared('pay-as-bid/v1', book('100@30 100@20', '100@1 100@2'));
        expect(tradesOf(clearing, 'a')).toEqual([
            ['a1', 100n, 3000n],
            ['a2', 100n, 2000n],
        ]);
    });
});

describe('a coalition of sellers', () => {
    const reserve = microsPerKwh(10n);

    it('shares what it earns in proportion to energy, to the nano', () => {
        const sellers = book('', '2500@1 1500@1 1000@1');
        const sold = sellers.map(({ energy }) => energy);
        expect(sharedRevenue(nanos(100_003n), sellers, sold, (a, b) => (a.id < b.id ? -1 : 1))).toEqual([
            50_001n,
            30_001n,
            20_001n,
        ]);
    });

    it.each([
        { whole: 10n, weights: [1n, 1n, 1n], shares: [4n, 3n, 3n] },
        { whole: 1n, weights: [1n, 1n, 1n], shares: [1n, 0n, 0n] },
        { whole: 1000n, weights: [1n, 2n, 3n, 1n], shares: [143n, 286n, 428n, 143n] },
    ])('$whole over $weights by largest remainder', ({ whole, weights, shares }) => {
        expect(allocate(nanos(whole), weights)).toEqual(shares);
    });

    it('sells to the highest bids, who pay what they bid', () => {
        const orders = book('600@30 600@20 600@15 100@9', '500@1 500@11');
        const clearing = cleared('coalition-pay-as-bid/v1', orders, { ...OPEN_MARKET, reserve });
        expect(tradesOf(clearing, 'b')).toEqual([['b1', 500n, 15_000n]]);
        expect(tradesOf(clearing, 'a')).toEqual([['a1', 500n, 15_000n]]);
        expect(clearing.outcomes.find(({ order }) => order === 'a2')?.reason).toBe('PRICE');
    });

    it('sells at the highest bid that is left', () => {
        const orders = book('600@30 400@20 600@15', '500@1 500@2');
        const clearing = cleared('coalition-highest-losing/v1', orders, { ...OPEN_MARKET, reserve });
        expect(clearing).toMatchObject({ price: 15n, volume: 1000n, surplus: 0n });
        expect(paid(clearing, 'b')).toBe(15_000n);
    });

    it('asks the reserve where nobody is left over', () => {
        const orders = book('600@30 400@20', '900@1 500@2');
        const clearing = cleared('coalition-highest-losing/v1', orders, { ...OPEN_MARKET, reserve });
        expect(clearing).toMatchObject({ price: 10n, volume: 1000n });
        expect(tradesOf(clearing, 'a')).toEqual([
            ['a1', 643n, 6430n],
            ['a2', 357n, 3570n],
        ]);
    });
});

describe("prices that follow from the grid's (rec-operation, facts; in thousandths)", () => {
    const bids = '500@45000 500@40000 500@35000';
    it('mid-market rate', () => {
        const clearing = cleared('mid-market-rate/v1', book(bids, '500@0 600@10000 500@15000'));
        expect(clearing).toMatchObject({ price: 25_000n, volume: 1500n });
    });

    it.each([
        { asks: '500@0 400@10000 500@15000', price: 15_594n, compensated: 25_485n },
        { asks: '500@0 500@10000 1000@15000', price: 15_000n, compensated: undefined },
        { asks: '500@0 500@10000 250@15000', price: 16_578n, compensated: undefined },
    ])('supply and demand ratio: $price', ({ asks, price, compensated }) => {
        expect(cleared('supply-demand-ratio/v1', book(bids, asks))).toMatchObject({ price });
        if (compensated !== undefined) {
            const half = { ...OPEN_MARKET, k: fraction(1n, 2n) };
            expect(cleared('supply-demand-ratio-compensated/v1', book(bids, asks), half).price).toBe(compensated);
        }
    });
});

describe('collective self-consumption', () => {
    it('leaves what a fixed share does not use to the grid, and gives it on in rounds', () => {
        const orders = book('100@30 600@30 900@30', '1000@1');
        const keys = new Map([
            ['member of b1', 1n],
            ['member of b2', 1n],
            ['member of b3', 2n],
        ]);
        const fillsOf = (name: string) =>
            tradesOf(cleared(name, orders, { ...OPEN_MARKET, keys }), 'b').map(([, fill]) => fill);
        expect(fillsOf('sharing-static/v1')).toEqual([100n, 250n, 500n]);
        expect(fillsOf('sharing-static-rounds/v1')).toEqual([100n, 300n, 600n]);
        expect(fillsOf('sharing-hybrid/v1')).toEqual([100n, 320n, 580n]);
        expect(fillsOf('sharing-equal/v1')).toEqual([100n, 450n, 450n]);
        expect(fillsOf('sharing-pro-rata/v1')).toEqual([63n, 375n, 562n].toSorted((a, b) => (a < b ? -1 : 1)));
    });

    it('shares one consumer among two producers 6 : 4 (OpenZEV, facts)', () => {
        const clearing = cleared('sharing-pro-rata/v1', book('5000@300', '6000@0 4000@0'));
        expect(tradesOf(clearing, 'a').map(([, fill]) => fill)).toEqual([3000n, 2000n]);
    });

    it('normalises shares that do not add up to one: 0.45 of 0.1, 0.45, 0.3 is 52.94 % (eegfaktura, facts)', () => {
        const demands = [wattHours(10_000n), wattHours(10_000n), wattHours(10_000n)];
        const shares = staticKey(wattHours(10_000n), demands, [10n, 45n, 30n], (a, b) => a - b);
        expect(shares).toEqual([1177n, 5294n, 3529n]);
    });

    it('of a matrix: each producer by its own row, nobody more than it uses', () => {
        const orders = book('500@30 800@30', '600@1 600@1');
        const keys = new Map([
            ['member of a1/member of b1', 1n],
            ['member of a2/member of b1', 1n],
            ['member of a2/member of b2', 2n],
        ]);
        const clearing = cleared('sharing-matrix/v1', orders, { ...OPEN_MARKET, keys });
        expect(tradesOf(clearing, 'b').map(([, fill]) => fill)).toEqual([500n, 400n]);
        expect(tradesOf(clearing, 'a').map(([, fill]) => fill)).toEqual([375n, 525n]);
    });
});

describe('an island', () => {
    it('tells a bid that is not served that there is no more', () => {
        const clearing = cleared('uniform-price/v1', book('600@30 600@20', '700@1'), {
            ...OPEN_MARKET,
            islanded: true,
        });
        expect(clearing.outcomes.map(({ order, reason }) => [order, reason])).toEqual([
            ['a1', 'FILLED'],
            ['b1', 'FILLED'],
            ['b2', 'ISLANDED'],
        ]);
    });
});
