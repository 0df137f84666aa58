import { describe, expect, it } from '@jest/globals';
import { ranges } from './bill-text';
import { decimal, exactNumber, kilowattHours, money, price } from './decimal';
import { roundText } from './round-text';
import { left, right, table } from './table';

describe('numbers for people', () => {
    it.each([
        { shown: decimal(-1234n, 2), text: '-12.34' },
        { shown: decimal(5n, 3), text: '0.005' },
        { shown: decimal(-5n, 3), text: '-0.005' },
        { shown: decimal(0n, 2), text: '0.00' },
        { shown: decimal(7n, 0), text: '7' },
        { shown: kilowattHours(19_530n), text: '19.530' },
        { shown: money(-57n), text: '-0.57' },
        { shown: price(150_000n), text: '0.15' },
        { shown: price(300_000n), text: '0.30' },
        { shown: price(157_501n), text: '0.157501' },
    ])('$text', ({ shown, text }) => {
        expect(shown).toBe(text);
    });

    it('refuses to put a number into JSON that would not be exact', () => {
        expect(exactNumber(-9_007_199_254_740_991n)).toBe(-9_007_199_254_740_991);
        expect(() => exactNumber(9_007_199_254_740_992n)).toThrow(RangeError);
    });
});

it('a table has its columns below each other and the sum below a line', () => {
    expect(
        table(
            [left('home'), right('kWh')],
            [
                ['H1', '1.0'],
                ['H10', '12.0'],
            ],
            ['all', '13.0'],
        ),
    ).toBe(['home   kWh', '────  ────', 'H1     1.0', 'H10   12.0', '────  ────', 'all   13.0'].join('\n'));
});

it.each([
    { slots: [], text: '' },
    { slots: [7], text: '7' },
    { slots: [9, 7, 8, 11, 13, 12], text: '7-9, 11-13' },
])('slots $slots are named $text', ({ slots, text }) => {
    expect(ranges(slots)).toBe(text);
});

describe('a round, for everybody', () => {
    const round = {
        day: '2014-10-03',
        slot: 1_567_200,
        replay: true,
        charterVersion: 4,
        mechanism: 'uniform-price/v1',
    } as const;
    it.each([
        { record: { ...round, status: 'open' as const }, says: /takes orders\.$/ },
        {
            record: { ...round, status: 'cleared' as const, price: 150_000n, volumeWh: 1200n },
            says: /Price: 0\.15 EUR\/kWh; 1\.200 kWh were traded/,
        },
        {
            record: { ...round, status: 'cleared' as const, price: 150_000n },
            says: /the volume is not published, because fewer than three/,
        },
        { record: { ...round, status: 'cleared' as const, price: null }, says: /Nothing was traded/ },
        { record: { ...round, status: 'void' as const, reason: 'no quorum' }, says: /is void\.[^]*Reason: no quorum/ },
    ])('$record.status', ({ record, says }) => {
        expect(roundText(record, '2014-10-03', '12:00', 'EUR')).toMatch(says);
    });
});
