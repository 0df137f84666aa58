import { describe, expect, it } from '@jest/globals';
import { slot } from '@commonwatt/chaincode/domain/slot';
import { clockAround, zoneNamed, type Zone } from '../../data/zone';
import { openMeterStore } from '../meter-store';
import { readCsv } from './csv-in';
import { readingsCsv } from './csv-out';
import type { ExportedSlot } from './exported';

const zone = (name: string): Zone => {
    const found = zoneNamed(name);
    if (found === undefined) {
        throw new Error(`no zone ${name}`);
    }
    return found;
};
const BERLIN = zone('Europe/Berlin');
const read = (text: string, of: Zone = BERLIN) => readCsv('meter.csv', text, 'main', of);
const at = (text: string): number => Date.parse(text) / 1000;

describe('a table of totals', () => {
    it('is read with times of any kind', () => {
        const { registers } = read(
            'time,import_wh,export_kwh,note\n2025-04-16T10:00:00Z,100,1.5,x\n2025-04-16 12:15:00,101,1.5009,\n2025-04-16T12:30+02:00,102.9,2,\n',
        );
        expect(registers.map(({ register, at: time, wh }) => [register, time, wh])).toEqual([
            ['import', at('2025-04-16T10:00:00Z'), 100n],
            ['export', at('2025-04-16T10:00:00Z'), 1_500n],
            ['import', at('2025-04-16T10:15:00Z'), 101n],
            ['export', at('2025-04-16T10:15:00Z'), 1_500n],
            ['import', at('2025-04-16T10:30:00Z'), 102n],
            ['export', at('2025-04-16T10:30:00Z'), 2_000n],
        ]);
    });

    it('tells the hour that strikes twice by the order of its lines', () => {
        const times = ['01:30', '02:00', '02:30', '02:00', '02:30', '03:00'];
        const { registers } = read(
            `time,import_wh\n${times.map((time, i) => `2025-10-26 ${time}:00,${i}\n`).join('')}`,
        );
        expect(registers.map(({ at: time }) => (time - at('2025-10-25T23:30:00Z')) / 60)).toEqual([
            0, 30, 60, 90, 120, 150,
        ]);
    });

    it.each([
        {
            text: 'time,import_wh\n2025-03-30 02:30:00,5\n',
            why: /line 2, column time: '2025-03-30 02:30:00' is no time in Europe\/Berlin/,
        },
        { text: 'time,import_wh\n2025-02-30T12:00:00Z,5\n', why: /is no time/ },
        { text: 'time,import_wh\nyesterday,5\n', why: /is no time/ },
        {
            text: 'time,import_wh\n2025-04-16T10:00:00Z,-5\n',
            why: /line 2, column import_wh: '-5' is not a number of Wh/,
        },
        { text: 'time,import_wh\n2025-04-16T10:00:00Z,1e3\n', why: /is not a number of Wh/ },
        { text: 'time,import_wh,import_kwh\n', why: /the same is there in another unit/ },
        { text: 'time,total\n', why: /the headings are time, total; there have to be/ },
        { text: 'from,imported_wh\n', why: /there have to be/ },
        {
            text: 'from,to,imported_wh\n2025-04-16T10:00:00Z,2025-04-16T10:00:00Z,5\n',
            why: /not after the time in column from/,
        },
        { text: '', why: /the file is empty/ },
    ])('is refused: $text', ({ text, why }) => {
        expect(() => read(text)).toThrow(why);
    });
});

describe('an exported table', () => {
    it.each([
        { day: '2025-04-16', count: 96 },
        { day: '2025-03-30', count: 92 },
        { day: '2025-10-26', count: 100 },
    ])('is read again as it was: $day', ({ day, count }) => {
        const clock = clockAround(BERLIN, day).map(({ fromSlot, offsetMinutes }) => ({
            fromSlot: slot(fromSlot),
            offsetMinutes,
        }));
        const first = at(day === '2025-03-30' ? '2025-03-29T23:00:00Z' : `${day}T00:00:00+02:00`) / 900;
        const slots: ExportedSlot[] = Array.from({ length: count }, (_, i) => ({
            slot: first + i,
            importWh: BigInt(i % 7),
            exportWh: BigInt(i % 5),
            quality: 'metered',
        }));
        const text = readingsCsv({ household: 'H1', clock, slots });
        expect(text.split('\r\n')).toHaveLength(count + 2);
        expect(text.split('\r\n').filter((line) => line.includes(day))).toHaveLength(count);
        const store = openMeterStore(':memory:');
        store.appendIntervals(read(text).intervals);
        expect(
            store
                .slotEnergies({ firstSlot: first, slotCount: count })
                .map(({ importWh, exportWh }) => [importWh, exportWh]),
        ).toEqual(slots.map(({ importWh, exportWh }) => [importWh, exportWh]));
        store.close();
    });
});
