import { describe, expect, it } from '@jest/globals';
import { TelegramFrames } from './framing';
import { P1Reader, type P1Meter } from './p1-source';
import { crc16, readTelegram, type Telegram, type TelegramFlaw } from './telegram';
import type { RegisterReading } from '../register-reading';

/** Lines as a meter sends them, with the right checksum unless told otherwise. */
const telegram = (lines: readonly string[], sum?: string): Buffer => {
    const body = ['/ABC5METER', '', ...lines, '!'].join('\r\n');
    const right = crc16(Buffer.from(body, 'latin1')).toString(16).toUpperCase().padStart(4, '0');
    return Buffer.from(`${body}${sum ?? right}\r\n`, 'latin1');
};
const FIVE = [
    '1-3:0.2.8(50)',
    '0-0:1.0.0(250416120000S)',
    '0-0:96.1.1(4530303331)',
    '1-0:1.8.1(001234.567*kWh)',
    '1-0:1.8.2(000100.001*kWh)',
    '1-0:2.8.1(000007.000*kWh)',
    '1-0:2.8.2(000000.999*kWh)',
    '0-0:96.14.0(0002)',
    '1-0:1.7.0(00.120*kW)',
    '1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)',
    '(101208151004W)(0000000301*s)',
    '0-0:96.13.0()',
    '0-1:24.2.1(250416115500S)(00981.443*m3)',
];
const TWO = [
    '0-0:96.1.1(4530303331)',
    '1-0:1.8.1(00001.001*kWh)',
    '0-1:24.3.0(250416120000)(00)(60)(1)(0-1:24.2.0)(m3)',
    '(00001.001)',
];
const NOON = Date.parse('2025-04-16T10:00:00Z') / 1000;
const without = (lines: readonly string[], part: string): string[] => lines.filter((line) => !line.includes(part));
const changed = (from: string, to: string): string[] => FIVE.map((line) => line.replace(from, to));

describe('the checksum', () => {
    /** The published check value of CRC-16/ARC. */
    it('is the CRC-16 that meters use', () => {
        expect(crc16(Buffer.from('123456789'))).toBe(0xbb3d);
    });
});

describe('a telegram', () => {
    it('of DSMR 4 and 5 tells time, meter and the sum of its tariffs', () => {
        expect(readTelegram(telegram(FIVE))).toEqual({
            at: NOON,
            importWh: 1_334_568n,
            exportWh: 7_999n,
            equipment: '(4530303331)',
            isChecked: true,
        });
    });

    it('of DSMR 2 and 3 tells neither time nor checksum, and that is said', () => {
        expect(readTelegram(telegram(TWO, ''))).toEqual({
            at: undefined,
            importWh: 1_001n,
            exportWh: undefined,
            equipment: '(4530303331)',
            isChecked: false,
        });
    });

    it.each([
        { shown: '250416120000S', utc: '2025-04-16T10:00:00Z' },
        { shown: '250116120000W', utc: '2025-01-16T11:00:00Z' },
        { shown: '251026023000S', utc: '2025-10-26T00:30:00Z' },
        { shown: '251026023000W', utc: '2025-10-26T01:30:00Z' },
        { shown: '251231235959W', utc: '2025-12-31T22:59:59Z' },
    ])('of $shown is of $utc', ({ shown, utc }) => {
        const found = readTelegram(telegram(changed('250416120000S', shown)));
        expect(found).toMatchObject({ at: Date.parse(utc) / 1000 });
    });

    it('of a meter with one total for all tariffs is that total', () => {
        const lines = [...without(without(FIVE, ':1.8.'), ':2.8.'), '1-0:1.8.0(00012.5*kWh)', '1-0:2.8.0(3*Wh)'];
        expect(readTelegram(telegram(lines))).toMatchObject({ importWh: 12_500n, exportWh: 3n });
    });

    it('with a right checksum may have lines that nobody knows', () => {
        expect(readTelegram(telegram(['1-0:99:97.0(2)', ...FIVE]))).toMatchObject({ importWh: 1_334_568n });
    });

    const flaws: { what: string; bytes: Buffer; flaw: TelegramFlaw }[] = [
        { what: 'a wrong checksum', bytes: telegram(FIVE, '1234'), flaw: 'the checksum is wrong' },
        { what: 'a checksum that is none', bytes: telegram(FIVE, 'zzzz'), flaw: 'the checksum is wrong' },
        {
            what: 'one digit that has changed',
            bytes: Buffer.from(telegram(FIVE).toString('latin1').replace('001234.567', '001234.568'), 'latin1'),
            flaw: 'the checksum is wrong',
        },
        {
            what: 'no checksum, though of DSMR 5',
            bytes: telegram(FIVE, ''),
            flaw: 'the checksum is missing, though its meter sends one',
        },
        {
            what: 'no checksum and a time',
            bytes: telegram([...TWO, '0-0:1.0.0(250416120000S)'], ''),
            flaw: 'the checksum is missing, though its meter sends one',
        },
        {
            what: 'rubbish between its lines',
            bytes: telegram([...TWO, 'rubbish'], ''),
            flaw: 'a line is no line of a telegram',
        },
        { what: 'no energy', bytes: telegram(without(FIVE, ':1.8.')), flaw: 'it has no register of energy' },
        {
            what: 'a register in other units',
            bytes: telegram(changed('000100.001*kWh', '000100.001*GJ')),
            flaw: 'a register is no number of kWh',
        },
        {
            what: 'a negative register',
            bytes: telegram(changed('000100.001', '-00100.001')),
            flaw: 'a register is no number of kWh',
        },
        { what: 'a day that is none', bytes: telegram(changed('250416', '250231')), flaw: 'its time is none' },
        { what: 'no season', bytes: telegram(changed('120000S', '120000')), flaw: 'its time is none' },
    ];
    it.each(flaws)('is not used for $what', ({ bytes, flaw }) => {
        expect(readTelegram(bytes)).toBe(flaw);
    });
});

describe('a stream of a P1 port', () => {
    const read = (pieces: readonly (string | Buffer)[], change: Partial<P1Meter> = {}, isLive = true) => {
        const [readings, notes]: [RegisterReading[], string[]] = [[], []];
        const meter: P1Meter = { meterId: 'main', source: 'p1', isSame: () => true, ...change };
        const reader = new P1Reader(meter, {
            sink: (more) => {
                readings.push(...more);
            },
            notes: (note) => {
                notes.push(note);
            },
            now: () => NOON + 60,
        });
        for (const piece of pieces) {
            reader.push(Buffer.from(piece), isLive);
        }
        return {
            readings: readings.map(({ register, at, wh }) => `${register} ${at - NOON} ${wh.toString()}`),
            notes,
            reader,
        };
    };
    const whole = telegram(FIVE);
    const GOOD = ['import 0 1334568', 'export 0 7999'];

    it.each([
        { what: 'whole', pieces: [whole] },
        { what: 'byte by byte', pieces: [...whole].map((byte) => Buffer.from([byte])) },
        { what: 'after the end of another', pieces: [whole.subarray(100), whole] },
        { what: 'after the beginning of another', pieces: [whole.subarray(0, 100), '\r\n', whole] },
        { what: 'after rubbish', pieces: [Buffer.from([0, 255, 33, 10, 13, 128]), 'x/y!\r\n', whole] },
        { what: 'after rubbish without an end', pieces: [`/${'x'.repeat(50_000)}\n`, whole] },
        {
            what: 'with other line ends',
            pieces: [telegram(TWO, '').toString().replaceAll('\r\n', '\n'), whole],
            more: true,
        },
    ])('gives a telegram that comes $what', ({ pieces, more }) => {
        expect(read(pieces).readings.slice(more === true ? 1 : 0)).toEqual(GOOD);
    });

    it('drops a telegram with rubbish in it and takes the next', () => {
        const spoilt = Buffer.concat([whole.subarray(0, 150), Buffer.from('\u0000\u0007?'), whole.subarray(150)]);
        const { readings, notes, reader } = read([spoilt, whole]);
        expect(readings).toEqual(GOOD);
        expect(notes).toEqual(['a telegram is not used: the checksum is wrong']);
        expect(reader.counts).toEqual({ kept: 1, dropped: 1 });
    });

    it('never holds more than a telegram can be', () => {
        const frames = new TelegramFrames();
        expect(frames.push(Buffer.from(`/${'x'.repeat(20_000)}\r\n!\r\n`))).toEqual([]);
        expect(frames.push(whole)).toHaveLength(1);
    });

    it('takes a telegram without time for one of now as the meter sends it, and not out of a file', () => {
        const old = telegram(TWO, '');
        const live = read([old]);
        expect(live.readings).toEqual(['import 60 1001']);
        expect(live.notes).toEqual([
            'telegrams of this meter bear no checksum (DSMR 2 and 3): an error on the line may pass for a reading',
        ]);
        const { readings, notes } = read([old], {}, false);
        expect(readings).toEqual([]);
        expect(notes).toEqual([
            'a telegram is not used: it has no time of its own (DSMR 2 and 3): it can only be read as the meter sends it',
        ]);
    });

    it('is not used where another meter speaks, or one whose clock is ahead', () => {
        const other = read([whole], { isSame: (equipment) => equipment !== '(4530303331)' });
        expect(other.readings).toEqual([]);
        expect(other.notes[0]).toMatch(/another meter has taken the place of main/);
        const ahead = read([telegram(changed('250416120000S', '250416121000S'))]);
        expect(ahead.notes).toEqual([
            "a telegram is not used: the meter's clock is more than five minutes ahead of ours",
        ]);
    });
});

const isFlaw = (found: Telegram | TelegramFlaw): found is TelegramFlaw => typeof found === 'string';

describe('whatever bytes come', () => {
    it('are read or refused, never taken for another total', () => {
        const whole = telegram(FIVE);
        for (let position = 0; position < whole.length - 6; position += 1) {
            const spoilt = Buffer.from(whole);
            spoilt[position] = (spoilt[position] ?? 0) ^ 0x04;
            const found = readTelegram(spoilt);
            expect([position, isFlaw(found)]).toEqual([position, true]);
        }
    });
});
