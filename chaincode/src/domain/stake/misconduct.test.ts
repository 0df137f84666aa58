import { describe, expect, it } from '@jest/globals';
import { doubleReadingFlaw, type SignedReading } from './misconduct';

type Span = SignedReading['spans'][number];
const span = (change: Partial<Span> = {}): Span => ({
    meterId: 'm1',
    fromSlot: 7,
    slots: 1,
    consumption: { startWh: 0n, endWh: 5n },
    generation: { startWh: 0n, endWh: 0n },
    ...change,
});
const reading = (spans: readonly Span[], change: Partial<SignedReading> = {}): SignedReading => ({
    key: 'reading/H1MSP/2014-10-03/0000000007',
    version: 1,
    spans,
    ...change,
});
const otherwise = span({ consumption: { startWh: 0n, endWh: 6n } });

describe('two readings', () => {
    it.each<{ what: string; one?: SignedReading; other: SignedReading; prove: boolean }>([
        { what: 'of other registers', other: reading([otherwise]), prove: true },
        {
            what: 'of other generation',
            other: reading([span({ generation: { startWh: 1n, endWh: 1n } })]),
            prove: true,
        },
        { what: 'of the same registers', other: reading([span()]), prove: false },
        {
            what: 'of another slot',
            other: reading([otherwise], { key: 'reading/H1MSP/2014-10-03/0000000008' }),
            prove: false,
        },
        { what: 'of another version', other: reading([otherwise], { version: 2 }), prove: false },
        { what: 'of another meter', other: reading([{ ...otherwise, meterId: 'm2' }]), prove: false },
        { what: 'of a gap around the slot', other: reading([{ ...otherwise, slots: 2 }]), prove: false },
        { what: 'without registers', other: reading([]), prove: false },
        {
            what: 'of a replaced meter that say it twice',
            one: reading([span({ meterId: 'm0' }), span()]),
            other: reading([span({ meterId: 'm0' }), otherwise]),
            prove: true,
        },
    ])('$what prove a lie: $prove', ({ one = reading([span()]), other, prove }) => {
        expect(doubleReadingFlaw(one, other) === undefined).toBe(prove);
    });
});
