import { describe, expect, it } from '@jest/globals';
import { checkMeters, withReplacement, type MeterOnFile } from './meters';
import type { Reading } from './reading';
import type { Registers } from './registers';

const METERS: readonly MeterOnFile[] = [
    { id: 'm1', fromSlot: 0, toSlot: 10 },
    { id: 'm2', fromSlot: 10, toSlot: null },
];
const span = (meterId: string, fromSlot: number, slots = 1): Registers => ({
    meterId,
    fromSlot,
    slots,
    consumption: { startWh: 0n, endWh: 0n },
    generation: { startWh: 0n, endWh: 0n },
});
const reading = (slot: number, ...spans: Registers[]): Reading => ({
    slot,
    version: 1,
    kind: 'register',
    netWh: 0n,
    spans,
});

describe('the meters of a reading', () => {
    it.each([
        { what: 'the old one before', given: reading(9, span('m1', 9)), flaw: undefined },
        {
            what: 'both in the slot of the replacement',
            given: reading(10, span('m1', 10), span('m2', 10)),
            flaw: undefined,
        },
        { what: 'the new one after', given: reading(11, span('m2', 11)), flaw: undefined },
        { what: 'none, for an estimate', given: reading(10), flaw: undefined },
        { what: 'the old one after', given: reading(11, span('m1', 11)), flaw: /METER_UNKNOWN/ },
        { what: 'the new one before', given: reading(9, span('m2', 9)), flaw: /METER_UNKNOWN/ },
        { what: 'a gap across the replacement', given: reading(9, span('m1', 9, 3)), flaw: /METER_UNKNOWN/ },
        { what: 'a meter that is not on file', given: reading(9, span('m3', 9)), flaw: /METER_UNKNOWN/ },
        {
            what: 'the old one alone in the slot of the replacement',
            given: reading(10, span('m1', 10)),
            flaw: /METER_DISAGREES/,
        },
        {
            what: 'the new one alone in the slot of the replacement',
            given: reading(10, span('m2', 10)),
            flaw: /METER_DISAGREES/,
        },
    ])('are $what: $flaw', ({ given, flaw }) => {
        const check = (): void => {
            checkMeters(given, METERS);
        };
        if (flaw === undefined) {
            expect(check).not.toThrow();
        } else {
            expect(check).toThrow(flaw);
        }
    });
});

describe('a replacement', () => {
    it('ends the meter before it in the slot in which it begins', () => {
        const meters = withReplacement(METERS, { id: 'm3', fromSlot: 20, toSlot: null });
        expect(meters.map(({ id, toSlot }) => [id, toSlot])).toEqual([
            ['m1', 10],
            ['m2', 20],
            ['m3', null],
        ]);
    });

    it.each([
        { id: 'm3', fromSlot: 10 },
        { id: 'm3', fromSlot: 5 },
        { id: 'm1', fromSlot: 20 },
    ])('is refused for $id from $fromSlot', (next) => {
        expect(() => withReplacement(METERS, { ...next, toSlot: null })).toThrow(/METER_EXISTS/);
    });
});
