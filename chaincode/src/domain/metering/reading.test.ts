import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import {
    checkContinuity,
    checkEnergy,
    checkKind,
    checkReason,
    checkVersion,
    energyOf,
    type Installation,
    type Reading,
} from './reading';
import type { Registers } from './registers';

const INSTALLATION: Installation = {
    moduli: new Map([
        ['m1', 1_000n],
        ['m2', 1_000n],
    ]),
    importLimitW: 400n,
    exportLimitW: 200n,
};

const span = (fromSlot: number, slots: number, start: bigint, end: bigint, meterId = 'm1'): Registers => ({
    meterId,
    fromSlot,
    slots,
    consumption: { startWh: start, endWh: end },
    generation: { startWh: 0n, endWh: 0n },
});
const reading = (slot: number, spans: readonly Registers[], change: Partial<Reading> = {}): Reading => ({
    slot,
    version: 1,
    kind: 'register',
    netWh: 0n,
    spans,
    ...change,
});

describe('the kind of a reading', () => {
    it.each([
        { kind: 'register', spans: [span(5, 1, 0n, 1n)] },
        { kind: 'gap', spans: [span(4, 3, 0n, 1n)] },
        { kind: 'replaced', spans: [span(5, 1, 0n, 1n), span(5, 1, 7n, 8n, 'm2')] },
        { kind: 'estimated', spans: [] },
    ] as const)('is $kind by its evidence and by nothing else', ({ kind, spans }) => {
        for (const said of ['register', 'gap', 'replaced', 'estimated'] as const) {
            const check = (): void => {
                checkKind(reading(5, spans, { kind: said }));
            };
            if (said === kind) {
                expect(check).not.toThrow();
            } else {
                expect(check).toThrow(/READING_KIND_WRONG/);
            }
        }
    });

    it.each([
        { what: 'a span of another slot', spans: [span(6, 1, 0n, 1n)] },
        { what: 'a gap that ended before', spans: [span(2, 3, 0n, 1n)] },
        { what: 'one meter twice', spans: [span(5, 1, 0n, 1n), span(5, 1, 1n, 2n)] },
        { what: 'three meters', spans: [span(5, 1, 0n, 1n), span(5, 1, 1n, 2n, 'm2'), span(5, 1, 0n, 0n, 'm3')] },
        { what: 'a replacement within a gap', spans: [span(5, 2, 0n, 1n), span(5, 1, 1n, 2n, 'm2')] },
    ])('is none for $what', ({ spans }) => {
        for (const kind of ['register', 'gap', 'replaced', 'estimated'] as const) {
            expect(() => {
                checkKind(reading(5, spans, { kind }));
            }).toThrow(/READING_KIND_WRONG/);
        }
    });
});

describe('the energy of a reading', () => {
    it.each([
        { netWh: -100n, end: 100n, flaw: undefined },
        { netWh: -101n, end: 101n, flaw: /READING_ABOVE_LIMIT/ },
        { netWh: -99n, end: 100n, flaw: /READING_ENERGY_WRONG/ },
        { netWh: 100n, end: 100n, flaw: /READING_ENERGY_WRONG/ },
    ])('of $netWh Wh where the register counts $end', ({ netWh, end, flaw }) => {
        const check = (): void => {
            checkEnergy(reading(5, [span(5, 1, 0n, end)], { netWh }), INSTALLATION);
        };
        if (flaw === undefined) {
            expect(check).not.toThrow();
        } else {
            expect(check).toThrow(flaw);
        }
    });

    it('is what the registers of a whole chain say, with gaps and rollovers, each watt-hour once', () => {
        const piece = fc.record({ slots: fc.integer({ min: 1, max: 5 }), energy: fc.bigInt({ min: 0n, max: 400n }) });
        holds(
            fc.property(
                fc.bigInt({ min: 0n, max: 999n }),
                fc.array(piece, { minLength: 1, maxLength: 8 }),
                (start, pieces) => {
                    const readings: Reading[] = [];
                    let [slot, register] = [100, start];
                    for (const { slots, energy } of pieces) {
                        const end = (register + energy) % 1_000n;
                        const shared = span(slot, slots, register, end);
                        for (let i = 0; i < slots; i += 1) {
                            readings.push(reading(slot + i, [shared], { kind: slots === 1 ? 'register' : 'gap' }));
                        }
                        [slot, register] = [slot + slots, end];
                    }
                    readings.forEach(checkKind);
                    checkContinuity(readings);
                    const total = readings.reduce((sum, each) => sum + energyOf(each, INSTALLATION), 0n);
                    expect(-total).toBe(pieces.reduce((sum, { energy }) => sum + energy, 0n));
                },
            ),
        );
    });
});

describe('registers of neighbouring slots', () => {
    it.each([
        { what: 'run on', readings: [[span(5, 1, 0n, 3n)], [span(6, 1, 3n, 4n)]], agree: true },
        { what: 'jump', readings: [[span(5, 1, 0n, 3n)], [span(6, 1, 4n, 5n)]], agree: false },
        { what: 'are of different meters', readings: [[span(5, 1, 0n, 3n)], [span(6, 1, 3n, 4n, 'm2')]], agree: false },
        {
            what: 'go on with the new meter',
            readings: [[span(5, 1, 0n, 3n), span(5, 1, 9n, 9n, 'm2')], [span(6, 1, 9n, 10n, 'm2')]],
            agree: true,
        },
        { what: 'share a gap', readings: [[span(5, 2, 0n, 3n)], [span(5, 2, 0n, 3n)]], agree: true },
        { what: 'tell a gap in two ways', readings: [[span(5, 2, 0n, 3n)], [span(5, 2, 0n, 4n)]], agree: false },
        {
            what: 'go on after a gap',
            readings: [[span(5, 2, 0n, 3n)], [span(5, 2, 0n, 3n)], [span(7, 1, 3n, 4n)]],
            agree: true,
        },
        { what: 'leave out the end of a gap', readings: [[span(5, 3, 0n, 3n)], [span(5, 3, 0n, 3n)]], agree: false },
        { what: 'leave out the beginning of a gap', readings: [[span(4, 2, 0n, 3n)]], agree: false },
        {
            what: 'tell half of a gap by its registers',
            readings: [[span(5, 1, 0n, 0n)], [span(5, 2, 0n, 9n)]],
            agree: false,
        },
    ])('$what: $agree', ({ readings, agree }) => {
        const check = (): void => {
            checkContinuity(readings.map((spans, i) => reading(5 + i, spans)));
        };
        if (agree) {
            expect(check).not.toThrow();
        } else {
            expect(check).toThrow(/METER_DISAGREES/);
        }
    });
});

describe('versions', () => {
    it.each([
        { version: 1, known: 0, code: undefined },
        { version: 2, known: 1, code: undefined },
        { version: 1, known: 1, code: /READING_VERSION_EXISTS/ },
        { version: 1, known: 2, code: /READING_VERSION_EXISTS/ },
        { version: 2, known: 0, code: /READING_VERSION_SKIPPED/ },
        { version: 10, known: 9, code: undefined },
        { version: 11, known: 10, code: /TOO_MANY_VERSIONS/ },
    ])('$version after $known', ({ version, known, code }) => {
        const check = (): void => {
            checkVersion({ slot: 5, version }, known);
        };
        if (code === undefined) {
            expect(check).not.toThrow();
        } else {
            expect(check).toThrow(code);
        }
    });

    it('from the second on say why, and so do estimates', () => {
        const check = (change: Partial<Reading>) => (): void => {
            checkReason(reading(5, [], change));
        };
        expect(check({})).not.toThrow();
        expect(check({ version: 2 })).toThrow(/CORRECTION_WITHOUT_REASON/);
        expect(check({ kind: 'estimated' })).toThrow(/CORRECTION_WITHOUT_REASON/);
        expect(check({ version: 2, reason: 'misread' })).not.toThrow();
    });
});
