import { describe, expect, it } from '@jest/globals';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import type { DaySummary } from './day-summary';
import { droppedText, ordersSummary, unrevealedSummary, withoutOrders } from './dropped-orders';
import type { DayResult } from '../day/trading-day';

const round = (change: Partial<RoundRecord>): RoundRecord => ({
    ...{
        day: '2014-10-03',
        slot: 7,
        status: 'cleared',
        replay: true,
        charterVersion: 1,
        mechanism: 'uniform-price/v1',
    },
    ...change,
});
const filled = (...orders: string[]) => orders.map((order) => ({ order, masked: '0'.repeat(34) }));
const unrevealed = (...orders: string[]) => orders.map((order) => ({ order, reason: 'UNREVEALED' as const }));
const ROUNDS = [
    round({ outcomes: filled('H1MSP/o1', 'H2MSP/o1'), dropped: unrevealed('H3MSP/o1') }),
    round({ outcomes: filled('H1MSP/o1'), dropped: [{ order: 'H2MSP/o1', reason: 'FORGED' }] }),
    round({ status: 'void' }),
];

const text = (change: Partial<DaySummary>): string => {
    const quiet = { orders: { rounds: 96, count: 4, dropped: 0, reasons: {} }, provisional: [], withoutOrders: [] };
    return droppedText({ ...quiet, ...change } as unknown as DaySummary, 'EUR').join('\n');
};

describe('orders of a day that came to nothing', () => {
    it('are counted by their reasons', () => {
        expect(ordersSummary(ROUNDS)).toEqual({
            rounds: 2,
            count: 5,
            dropped: 2,
            reasons: { UNREVEALED: 1, FORGED: 1 },
        });
        expect(ordersSummary([])).toEqual({ rounds: 0, count: 0, dropped: 0, reasons: {} });
    });

    it('leave homes without an order that took part', () => {
        const homes = ['H1', 'H2', 'H3'].map((home) => ({ home, mspId: `${home}MSP` }));
        const result = { rounds: ROUNDS, households: homes.slice(0, 2), provisional: homes.slice(2) };
        expect(withoutOrders(result as unknown as DayResult)).toEqual(['H3']);
        // Of a day that was scheduled.
        const open = { ...result, rounds: [round({ status: 'open' })] };
        expect(withoutOrders(open as unknown as DayResult)).toEqual([]);
        expect(text({ orders: ordersSummary(open.rounds) })).toBe('');
    });

    it.each([
        { why: 'nothing is said where all took part', given: {}, says: /^$/ },
        {
            why: 'all of them',
            given: { orders: { rounds: 96, count: 2, dropped: 2, reasons: { UNREVEALED: 2 } } },
            says: /^NOT ONE ORDER TOOK PART: all 2 were dropped \(2 UNREVEALED\)\. NOBODY TRADED\.$/,
        },
        {
            why: 'some',
            given: { orders: { rounds: 96, count: 5, dropped: 2, reasons: { UNREVEALED: 1, FORGED: 1 } } },
            says: /^Dropped 2 of 5 orders: 1 UNREVEALED, 1 FORGED\.$/,
        },
        {
            why: 'no order',
            given: { orders: { rounds: 96, count: 0, dropped: 0, reasons: {} } },
            says: /^NOBODY ORDERED ANYTHING\.$/,
        },
        {
            why: 'silent homes',
            given: { provisional: [{ home: 'H3' }], withoutOrders: ['H2', 'H3'] },
            says: /^Silent, without orders and readings of their own: H3\.\nNo order of these took part: H2\.$/,
        },
        {
            why: 'who did not open them',
            given: { unrevealed: [{ home: 'H5', orders: 3, forfeitedNanos: 1_250_000_000, notTaken: null }] },
            says: /^H5 did not open 3 of its orders, and forfeits 1\.25 EUR of its deposit for them\.$/,
        },
    ])('are told of: $why', ({ given, says }) => {
        expect(text(given as unknown as Partial<DaySummary>)).toMatch(says);
    });

    it('name the home, and why a deposit was not taken', () => {
        const organisations = [{ id: 'H5', mspId: 'H5MSP' }];
        const reported = { mspId: 'H5MSP', orders: 3, known: 2, forfeitedNanos: 5n };
        const summary = { home: 'H5', orders: 3, forfeitedNanos: 5, notTaken: '2 were reported before' };
        expect(unrevealedSummary(reported, { organisations })).toEqual(summary);
        expect(unrevealedSummary({ ...reported, refused: 'PARAMETERS_MISSING' }, { organisations: [] })).toEqual({
            ...summary,
            home: 'H5MSP',
            notTaken: 'PARAMETERS_MISSING',
        });
    });
});
