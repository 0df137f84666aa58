import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Formats, microsOf, shifted } from './formats';

const RUNS = { numRuns: 300, seed: 20_250_416 };
const COMMUNITY = {
    currency: 'EUR',
    minorUnitNanos: '10000000',
    clock: [
        { fromSlot: '0', offsetMinutes: '60' },
        { fromSlot: '1934932', offsetMinutes: '120' },
    ],
};
const [english, german] = [new Formats('en', COMMUNITY), new Formats('de', COMMUNITY)];
/** Intl puts spaces that do not break, of two kinds. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f\u2009]/g, ' ');

describe('figures', () => {
    it.each([
        {
            what: 'money',
            en: english.money('1234567890123'),
            de: german.money('1234567890123'),
            is: ['€1,234.57', '1.234,57 €'],
        },
        { what: 'a bill', en: english.minor('-16'), de: german.minor('-16'), is: ['-€0.16', '-0,16 €'] },
        { what: 'a price', en: english.price('85000'), de: german.price('85000'), is: ['€0.085/kWh', '0,085 €/kWh'] },
        { what: 'energy', en: english.energy('4398'), de: german.energy('4398'), is: ['4.398 kWh', '4,398 kWh'] },
        { what: 'power', en: english.power('52'), de: german.power('52'), is: ['0.21 kW', '0,21 kW'] },
        { what: 'a share', en: english.percent('167000'), de: german.percent('167000'), is: ['16.7%', '16,7 %'] },
        { what: 'almost nothing', en: english.money('-1'), de: german.money('-1'), is: ['€0.00', '0,00 €'] },
        {
            what: 'every digit',
            en: english.exactMoney('-455187479'),
            de: german.exactMoney('1'),
            is: ['-€0.455187479', '0,000000001 €'],
        },
    ])('$what in both languages', ({ en, de, is }) => {
        expect([en, de].map(plain)).toEqual(is);
    });

    it('stay exact where a float would not', () => {
        expect(plain(english.exactMoney('9007199254740993000000001'))).toBe('€9,007,199,254,740,993.000000001');
    });
});

describe('times', () => {
    it.each([
        // 2025-03-30, the night in which clocks go forward: 00:45 UTC is 01:45, 01:00 UTC is 03:00.
        { slot: '1936995', is: '01:45' },
        { slot: '1936996', is: '03:00' },
    ])('are those of the community: slot $slot begins at $is', ({ slot, is }) => {
        const clock = [
            { fromSlot: '0', offsetMinutes: '60' },
            { fromSlot: '1936996', offsetMinutes: '120' },
        ];
        const format = new Formats('de', { ...COMMUNITY, clock });
        expect(format.slotTime(slot)).toBe(is);
    });

    it('say until when a slot lasts, and periods as short as they can be said', () => {
        expect(english.slotSpan('0')).toBe('01:00–01:15');
        expect(plain(english.days('2025-04-16', '2025-04-16'))).toBe('16 Apr 2025');
        expect(plain(english.days('2025-04-01', '2025-04-30'))).toBe('1 – 30 Apr 2025');
        expect(german.month('2025-04-01')).toBe('April 2025');
    });
});

describe('decimals', () => {
    it('move their point exactly', () => {
        fc.assert(
            fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (n) => {
                const [whole = '', part = ''] = shifted(n, 6).split('.');
                expect(part).toHaveLength(6);
                expect(BigInt(whole.replace('-', '')) * 1_000_000n + BigInt(part)).toBe(n < 0n ? -n : n);
                expect(whole.startsWith('-')).toBe(n < 0n);
            }),
            RUNS,
        );
    });

    it('come back from what people type', () => {
        fc.assert(
            fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), (micros) => {
                expect(microsOf(shifted(micros, 6))).toBe(micros.toString());
            }),
            RUNS,
        );
        expect(['0.21', '.5', '3', '-0.01', '0.1234567'].map(microsOf)).toEqual([
            '210000',
            '500000',
            '3000000',
            '-10000',
            '123456',
        ]);
    });
});
