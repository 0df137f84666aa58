import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { netsOf, registersOf } from './meter-day';
import { readDay } from './read-directory';
import { localTime, slotsOfDay, zoneNamed, type Zone } from './zone';

const HOMES = [
    { home: 'H1', consumes: true, generates: true },
    { home: 'H2', consumes: true, generates: false },
];

let directory: string;
beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'commonwatt-data-'));
});
afterAll(() => {
    rmSync(directory, { recursive: true });
});

function zone(name: string): Zone {
    const found = zoneNamed(name);
    if (found === undefined) {
        throw new Error(name);
    }
    return found;
}

/** Labels of whole days on a zone's clock. */
function labels(name: string, ...days: string[]): string[] {
    return days.flatMap((day) => {
        const { first, count } = slotsOfDay(zone(name), day);
        return Array.from({ length: count }, (_, index) => localTime(zone(name), first + index));
    });
}

function load(times: string[], edit: (lines: string[]) => string[] = (lines) => lines): string[] {
    return edit(['Datetime,H1,H2', ...times.map((time, index) => `${time},${(index % 7) / 10 + 0.001},0.2`)]);
}

/** Reads a day from files with these lines. */
function read(options: { load: string[]; pv?: string[]; day?: string; zone?: string }) {
    const times = options.load.slice(1).map((line) => line.split(',')[0] ?? '');
    writeFileSync(join(directory, 'load.csv'), `${options.load.join('\n')}\n`);
    const pv = options.pv ?? ['Datetime,H1', ...times.map((time) => `${time},1.5`)];
    writeFileSync(join(directory, 'pv.csv'), `${pv.join('\r\n')}\r\n`);
    const { day = '2014-10-03', zone: name } = options;
    return readDay({ directory, day, homes: HOMES, ...(name === undefined ? {} : { zone: name }) });
}

const DAYS = ['2014-10-02', '2014-10-03'];

describe('a day read from files', () => {
    it('has differences of whole registers that count from the beginning of the file', () => {
        const day = read({ load: load(labels('UTC', ...DAYS)), zone: 'UTC' });
        expect(day).toMatchObject({ day: '2014-10-03', slotCount: 96, firstSlot: Date.UTC(2014, 9, 3) / 900_000 });
        const { consumed, produced } = registersOf(day, 'H1');
        // Σ 250·kW of the first 96 lines: 13 cycles of 0…0.6 and 5 more values, and 0.001 each time.
        expect(consumed[0]).toBe(BigInt(Math.floor(250 * (13 * 2.1 + 0 + 0.1 + 0.2 + 0.3 + 0.4 + 96 * 0.001))));
        expect(produced[0]).toBe(96n * 375n);
        expect(netsOf(registersOf(day, 'H2'))).toEqual(Array.from({ length: 96 }, () => -50n));
    });

    it('reads a file without a zone as a clock that stands still at UTC+01:00', () => {
        const day = read({ load: load(labels('UTC', ...DAYS)) });
        expect(day.firstSlot).toBe((Date.UTC(2014, 9, 3) - 3_600_000) / 900_000);
        expect(day.clock).toEqual([{ fromSlot: 0, offsetMinutes: 60 }]);
    });

    it.each([
        { day: '2014-10-26', slots: 100 },
        { day: '2014-03-30', slots: 92 },
        { day: '2014-10-25', slots: 96 },
    ])('has $slots slots on $day where the file shows the clock of Berlin', ({ day, slots }) => {
        const read2 = read({ load: load(labels('Europe/Berlin', day)), day, zone: 'Europe/Berlin' });
        expect(read2.slotCount).toBe(slots);
    });
});

describe('a file is refused, naming line and column,', () => {
    const times = labels('UTC', ...DAYS);
    const without = (from: number, to: number) => (lines: string[]) => [...lines.slice(0, from), ...lines.slice(to)];
    const cell = (line: number, text: string) => (lines: string[]) =>
        lines.map((old, index) => (index + 1 === line ? `${old.split(',').slice(0, 2).join(',')},${text}` : old));

    it.each([
        { why: 'a quarter hour missing', edit: without(10, 11), message: /line 11, column Datetime: 1 quarter hour/ },
        { why: 'an hour missing', edit: without(9, 13), message: /line 10, column Datetime: 4 quarter hour.*02:00:00/ },
        {
            why: 'an hour twice',
            edit: (lines: string[]) => [...lines.slice(0, 13), ...lines.slice(9)],
            message: /line 14, column Datetime: 2014-10-02 02:00:00 stands there again/,
        },
        { why: 'NaN', edit: cell(20, 'NaN'), message: /load\.csv, line 20, column H2: 'NaN' is not a power/ },
        { why: 'nothing in a cell', edit: cell(21, ''), message: /line 21, column H2: ''/ },
        { why: 'an exponent', edit: cell(21, '1e3'), message: /line 21, column H2: '1e3'/ },
        { why: 'a negative power', edit: cell(22, '-0.1'), message: /line 22, column H2: '-0\.1'/ },
        { why: 'ten decimals', edit: cell(22, '0.1234567890'), message: /line 22, column H2/ },
        {
            why: 'a short line',
            edit: (lines: string[]) => lines.map((line, i) => (i === 4 ? line.replace(/,[^,]*$/, '') : line)),
            message: /line 5, column H2: the line ends before/,
        },
        { why: 'a long line', edit: cell(6, '1,2'), message: /line 6, column 4: the line has 4 cells/ },
        {
            why: 'a column missing',
            edit: (lines: string[]) => lines.map((line) => line.replace(/,[^,]*$/, '')),
            message: /line 1, column H2: this column is missing; there are Datetime, H1/,
        },
        {
            why: 'a column of nobody',
            edit: (lines: string[]) => lines.map((line, i) => (i === 0 ? `${line},H99` : `${line},1`)),
            message: /line 1, column H99: no home/,
        },
        {
            why: 'a column twice',
            edit: (lines: string[]) => lines.map((line, i) => (i === 0 ? `${line},H1` : `${line},1`)),
            message: /line 1, column H1: this heading stands there twice/,
        },
        {
            why: 'a time that is none',
            edit: (lines: string[]) => lines.map((line, i) => (i === 1 ? `yesterday${line.slice(19)}` : line)),
            message: /line 2, column Datetime: 'yesterday' is not the start/,
        },
        { why: 'an open quotation', edit: cell(8, '"0.1'), message: /load\.csv, line \d+: not readable as CSV/ },
        { why: 'no data', edit: (lines: string[]) => lines.slice(0, 1), message: /line 2: there are headings but/ },
        { why: 'nothing at all', edit: () => [''], message: /line 1: the file is empty/ },
    ])('with $why', ({ edit, message }) => {
        const pv = ['Datetime,H1', ...times.map((time) => `${time},1.5`)];
        expect(() => read({ load: load(times, edit), pv, zone: 'UTC' })).toThrow(message);
    });

    it('that does not show the clock change of its zone', () => {
        const still = load(labels('UTC', '2014-10-25', '2014-10-26'));
        expect(() => read({ load: still, day: '2014-10-26', zone: 'Europe/Berlin' })).toThrow(
            /line 110, column Datetime: Europe\/Berlin moves its clock back here to 2014-10-26 02:00:00.*--zone UTC\+01:00/,
        );
        const spring = load(labels('UTC', '2014-03-30'));
        expect(() => read({ load: spring, day: '2014-03-30', zone: 'Europe/Berlin' })).toThrow(
            /line 10, column Datetime: Europe\/Berlin moves its clock forward here to 2014-03-30 03:00:00/,
        );
    });

    it('without the day that is asked for', () => {
        expect(() => read({ load: load(times), day: '2014-10-04', zone: 'UTC' })).toThrow(
            /the whole of 2014-10-04 is not in the file: it goes from 2014-10-02 00:00:00 to 2014-10-03 23:45:00/,
        );
    });

    it('that is not there', () => {
        const request = { directory: join(directory, 'none'), day: '2014-10-03', homes: HOMES };
        expect(() => readDay(request)).toThrow(/load\.csv: cannot be read .*--data names a folder/);
    });

    it.each([
        { day: '2014-02-30', zone: 'UTC', message: /'2014-02-30' is not a day/ },
        { day: '3.10.2014', zone: 'UTC', message: /is not a day/ },
        { day: '2014-10-03', zone: 'Europe/Atlantis', message: /'Europe\/Atlantis' is no zone/ },
        { day: '2014-10-03', zone: 'UTC+25:00', message: /is no zone/ },
    ])('for $day in $zone', ({ day, zone: name, message }) => {
        expect(() => read({ load: load(times), day, zone: name })).toThrow(message);
    });
});
