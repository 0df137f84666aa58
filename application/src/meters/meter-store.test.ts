import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
    checkContinuity,
    checkEnergy,
    checkKind,
    type Installation,
    type Reading,
} from '@commonwatt/chaincode/domain/metering/reading';
import { openMeterStore, type MeterStore, type MeterStoreOptions } from './meter-store';
import type { IntervalReading, RegisterName, RegisterReading } from './register-reading';
import type { SlotEnergy } from './slot-energies';

const SLOT = 1_700_000;
/** Seconds after the start of slot `SLOT`. */
const after = (slots: number, seconds = 0): number => (SLOT + slots) * 900 + seconds;
const shows = (wh: bigint, at: number, register: RegisterName = 'import', meterId = 'main'): RegisterReading => ({
    meterId,
    register,
    at,
    wh,
    source: 'test',
});
const used = (wh: bigint, fromAt: number, toAt = fromAt + 900): IntervalReading => ({
    meterId: 'main',
    register: 'import',
    fromAt,
    toAt,
    wh,
    source: 'test',
});
const short = ({ slot, kind, netWh }: SlotEnergy): string => `${slot - SLOT} ${kind} ${netWh.toString()}`;

let directory: string;
let store: MeterStore;
const open = (options?: MeterStoreOptions): MeterStore =>
    openMeterStore(join(directory, 'H1', 'meter.sqlite'), options);

beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meter-store-'));
    store = open();
});
afterEach(() => {
    store.close();
    rmSync(directory, { recursive: true });
});

describe("a meter's readings", () => {
    it('are there again after a restart, in a file that only its owner reads', () => {
        store.append([shows(5n, after(0)), shows(7n, after(1))]);
        store.close();
        expect(statSync(join(directory, 'H1', 'meter.sqlite')).mode & 0o777).toBe(0o600);
        expect(statSync(join(directory, 'H1')).mode & 0o777).toBe(0o700);
        store = open();
        expect(store.readings(0, after(9)).map(({ wh }) => wh)).toEqual([5n, 7n]);
        expect(statSync(join(directory, 'H1', 'meter.sqlite-wal')).mode & 0o777).toBe(0o600);
    });

    it('may be handed in again; what contradicts them is told and not kept', () => {
        expect(store.append([shows(5n, after(0))])).toEqual({ added: 1, repeated: 0, contradicted: [] });
        const other = shows(6n, after(0));
        expect(store.append([shows(5n, after(0)), other, shows(8n, after(1))])).toEqual({
            added: 1,
            repeated: 1,
            contradicted: [other],
        });
        expect(store.latest()).toEqual([shows(8n, after(1))]);
        expect(store.readings(after(0), after(1))).toEqual([shows(5n, after(0))]);
    });

    it('are all kept or none', () => {
        const rows = [shows(5n, after(0)), shows(10n ** 12n, after(1))];
        expect(() => store.append(rows)).toThrow(/cannot show 1000000000000 Wh/);
        expect(() => store.append([shows(5n, after(0)), shows(5n, -1)])).toThrow(/cannot show/);
        expect(store.latest()).toEqual([]);
    });

    it('are of the device that spoke first in the name of the meter', () => {
        expect(store.isSameDevice('main', 'E001')).toBe(true);
        expect(store.isSameDevice('main', 'E002')).toBe(false);
        expect(store.isSameDevice('m2', 'E002')).toBe(true);
        store.close();
        store = open();
        expect(store.isSameDevice('main', 'E001')).toBe(true);
        expect(store.isSameDevice('main', 'E002')).toBe(false);
    });

    it('reach whoever has the same file open', () => {
        const other = open();
        store.append([shows(5n, after(0))]);
        expect(other.latest()).toEqual([shows(5n, after(0))]);
        other.close();
    });
});

describe('the energy of slots', () => {
    const cases: {
        what: string;
        readings: RegisterReading[];
        energies: string[];
        options?: MeterStoreOptions;
    }[] = [
        {
            what: 'the difference of totals at their ends',
            readings: [
                shows(100n, after(0)),
                shows(130n, after(1)),
                shows(131n, after(2)),
                shows(7n, after(0), 'export'),
                shows(7n, after(1), 'export'),
                shows(57n, after(2), 'export'),
            ],
            energies: ['0 register -30', '1 register 49'],
        },
        {
            what: 'unknown where nobody has read the meter yet',
            readings: [shows(100n, after(1)), shows(130n, after(2))],
            energies: ['0 unknown 0', '1 register -30', '2 unknown 0'],
        },
        {
            what: 'cut where a slot begins between two readings',
            readings: [shows(100n, after(0, -100)), shows(110n, after(0, 100)), shows(120n, after(1, 50))],
            energies: ['-1 unknown 0', '0 register -14', '1 unknown 0'],
        },
        {
            what: 'cut at both ends, rounded down to whole watt-hours and never lost',
            readings: [
                shows(100n, after(0, -100)),
                shows(111n, after(0, 100)),
                shows(120n, after(1, -50)),
                shows(123n, after(1, 50)),
                shows(124n, after(2)),
            ],
            energies: ['0 register -16', '1 register -3'],
        },
        {
            what: 'spread evenly over a gap',
            readings: [shows(0n, after(0)), shows(10n, after(3)), shows(11n, after(4))],
            energies: ['0 gap -4', '1 gap -3', '2 gap -3', '3 register -1'],
        },
        {
            what: 'spread over the slots between where readings are few and at odd times',
            readings: [shows(0n, after(0, 450)), shows(60n, after(5, 450)), shows(120n, after(10, 450))],
            energies: ['0 unknown 0', '1 gap -12', '2 gap -12', '3 gap -12', '4 gap -12', '5 register -12'],
        },
        {
            what: 'told across the end of the register',
            options: { modulusWh: 1_000n },
            readings: [shows(990n, after(0)), shows(20n, after(1))],
            energies: ['0 register -30'],
        },
        {
            what: 'unknown where a total falls and cannot have rolled over',
            readings: [shows(990n, after(0)), shows(20n, after(1)), shows(25n, after(2))],
            energies: ['0 unknown 0', '1 register -5'],
        },
        {
            what: 'unknown where a total rises faster than any connection carries',
            readings: [shows(0n, after(0)), shows(125_001n, after(1)), shows(125_002n, after(2))],
            energies: ['0 unknown 0', '1 register -1'],
        },
        {
            what: 'of both meters in the slot of a replacement',
            readings: [
                shows(90n, after(0)),
                shows(95n, after(0, 400)),
                shows(3n, after(0, 700), 'import', 'm2'),
                shows(10n, after(1), 'import', 'm2'),
                shows(12n, after(2), 'import', 'm2'),
            ],
            energies: ['0 replaced -12', '1 register -2'],
        },
        {
            what: 'unknown where nobody read the old meter when it was replaced',
            readings: [
                shows(90n, after(0)),
                shows(95n, after(1)),
                shows(3n, after(5, 700), 'import', 'm2'),
                shows(10n, after(6), 'import', 'm2'),
            ],
            energies: ['0 register -5', '1 unknown 0', '5 unknown 0'],
        },
    ];
    it.each(cases)('is $what', ({ readings, energies, options }) => {
        store.close();
        store = open(options);
        store.append(readings);
        const wanted = energies.map((text) => SLOT + Number(text.split(' ')[0]));
        expect(wanted.flatMap((firstSlot) => store.slotEnergies({ firstSlot, slotCount: 1 })).map(short)).toEqual(
            energies,
        );
    });

    it('tells a gap whole, also where the day begins within it', () => {
        store.append([shows(0n, after(0)), shows(10n, after(200)), shows(11n, after(201))]);
        const [first] = store.slotEnergies({ firstSlot: SLOT + 150, slotCount: 1 });
        expect(first?.spans).toEqual([
            {
                meterId: 'main',
                fromSlot: SLOT,
                slots: 200,
                consumption: { startWh: 0n, endWh: 10n },
                generation: { startWh: 0n, endWh: 0n },
            },
        ]);
    });

    it.each([92, 96, 100])('adds up over a day of %i slots, whatever its readings', (slotCount) => {
        const all = Array.from({ length: slotCount + 1 }, (_, i) => shows(BigInt(i * i), after(i)));
        store.append(all.filter((_, i) => i % 7 !== 3));
        const day = store.registersOf('H1', { firstSlot: SLOT, slotCount });
        expect(day?.home).toBe('H1');
        expect(day?.consumed).toHaveLength(slotCount + 1);
        expect(day?.consumed.at(-1)).toBe(BigInt(slotCount * slotCount));
        expect(day?.produced).toEqual(Array<bigint>(slotCount + 1).fill(0n));
        expect(store.registersOf('H1', { firstSlot: SLOT + 1, slotCount })).toBeUndefined();
    });
});

describe('intervals', () => {
    it('become totals that go on where one of their ends is known', () => {
        store.append([shows(50n, after(1))]);
        store.appendIntervals([used(3n, after(1)), used(4n, after(0)), used(5n, after(2))]);
        expect(store.readings(0, after(9)).map(({ wh }) => wh)).toEqual([46n, 50n, 53n, 58n]);
        expect(store.slotEnergies({ firstSlot: SLOT, slotCount: 3 }).map(short)).toEqual([
            '0 register -4',
            '1 register -3',
            '2 register -5',
        ]);
    });

    it('say nothing of what lies between them', () => {
        store.appendIntervals([used(3n, after(0))]);
        store.appendIntervals([used(4n, after(3)), used(4n, after(4))]);
        expect(store.slotEnergies({ firstSlot: SLOT, slotCount: 5 }).map(short)).toEqual([
            '0 register -3',
            '1 unknown 0',
            '2 unknown 0',
            '3 register -4',
            '4 register -4',
        ]);
    });

    it('may be handed in again, also with what came since', () => {
        const [one, two, three] = [used(3n, after(0)), used(4n, after(1)), used(5n, after(2))];
        expect(store.appendIntervals([one, two])).toEqual({ added: 3, repeated: 0, contradicted: [] });
        expect(store.appendIntervals([one, two, three])).toEqual({ added: 1, repeated: 3, contradicted: [] });
        const { contradicted } = store.appendIntervals([one, used(9n, after(1))]);
        expect(contradicted.map(({ at, wh }) => [at, wh])).toEqual([[after(2), 12n]]);
    });

    it.each([used(1n, after(1), after(1)), used(1n, after(1), after(0)), used(-1n, after(1))])(
        'of no time or less than nothing are refused: $fromAt to $toAt, $wh Wh',
        (interval) => {
            expect(() => store.appendIntervals([used(3n, after(0)), interval])).toThrow(/cannot count/);
            expect(store.latest()).toEqual([]);
        },
    );
});

describe('what a store knows of slots', () => {
    const installation: Installation = {
        moduli: new Map([['main', 1_000n]]),
        importLimitW: 1_000_000n,
        exportLimitW: 1_000_000n,
    };

    /** What a register that began at `SLOT` has counted at a moment, rising evenly in each step. */
    const risenAt = (moment: number, steps: readonly { seconds: number; wh: bigint }[]): bigint => {
        let [at, risen] = [after(0), 0n];
        for (const { seconds, wh } of steps) {
            if (at + seconds >= moment) {
                return risen + (wh * BigInt(moment - at)) / BigInt(seconds);
            }
            [at, risen] = [at + seconds, risen + wh];
        }
        throw new Error('it was not read until then');
    };

    it('stands before the rules of the ledger, and counts each watt-hour once', () => {
        const step = fc.record({ seconds: fc.integer({ min: 1, max: 2_500 }), wh: fc.bigInt({ min: 0n, max: 300n }) });
        fc.assert(
            fc.property(
                fc.array(step, { minLength: 2, maxLength: 12 }),
                fc.bigInt({ min: 0n, max: 999n }),
                (steps, start) => {
                    const memory = openMeterStore(':memory:', { modulusWh: 1_000n, fastestW: 1_200n });
                    let [at, risen] = [after(0), 0n];
                    const readings = steps.map(({ seconds, wh }) => {
                        [at, risen] = [at + seconds, risen + wh];
                        return shows((start + risen) % 1_000n, at);
                    });
                    memory.append([shows(start, after(0)), ...readings]);
                    const slotCount = Math.floor(at / 900) - SLOT;
                    const slots = memory.slotEnergies({ firstSlot: SLOT, slotCount });
                    memory.close();
                    expect(slots.map(({ kind }) => kind)).not.toContain('unknown');
                    const claimed = slots.map(({ slot, kind, netWh, spans }): Reading => ({
                        slot,
                        version: 1,
                        kind: kind === 'unknown' ? 'estimated' : kind,
                        netWh,
                        spans,
                    }));
                    claimed.forEach((reading) => {
                        checkKind(reading);
                        checkEnergy(reading, installation);
                    });
                    checkContinuity(claimed);
                    const sum = slots.reduce((all, { importWh }) => all + importWh, 0n);
                    expect(sum).toBe(slotCount > 0 ? risenAt(after(slotCount), steps) : 0n);
                },
            ),
            { numRuns: 300, seed: 20141003 },
        );
    });
});
