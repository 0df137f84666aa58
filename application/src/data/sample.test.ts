import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { differences, netsOf, type HomeRegisters } from './meter-day';
import { sampleDay, sampleHomes } from './sample';

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const total = (homes: readonly HomeRegisters[], of: 'consumed' | 'produced', from: number, to: number): bigint =>
    sum(homes.flatMap((home) => differences(home[of]).slice(from * 4, to * 4)));

describe('the generated sample', () => {
    const day = sampleDay();

    it('is the same every time, on every machine', () => {
        expect(sampleDay()).toEqual(day);
        const text = day.homes.map(({ home, consumed, produced }) => `${home} ${consumed.join()} ${produced.join()}`);
        expect(createHash('sha256').update(text.join('\n')).digest('hex')).toBe(
            'eec158e13390c58e7a4bff25f0540f57e9750ea296e33e905e451e9cfff056aa',
        );
    });

    it('has twenty homes: 14 with load and panels, 4 with load only, 2 with panels only', () => {
        const kinds = day.homes.map(
            ({ consumed, produced }) => `${(consumed.at(-1) ?? 0n) > 0n}/${(produced.at(-1) ?? 0n) > 0n}`,
        );
        expect(kinds.filter((kind) => kind === 'true/true')).toHaveLength(14);
        expect(kinds.filter((kind) => kind === 'true/false')).toHaveLength(4);
        expect(kinds.filter((kind) => kind === 'false/true')).toHaveLength(2);
    });

    it('has peaks of load in the morning and in the evening', () => {
        const [night, morning, noon, evening] = [
            total(day.homes, 'consumed', 1, 4),
            total(day.homes, 'consumed', 6, 9),
            total(day.homes, 'consumed', 11, 14),
            total(day.homes, 'consumed', 18, 21),
        ];
        expect(morning).toBeGreaterThan(2n * night);
        expect(morning).toBeGreaterThan(2n * noon);
        expect(evening).toBeGreaterThan(2n * noon);
    });

    it('has sun around noon and none at night', () => {
        expect(total(day.homes, 'produced', 0, 4)).toBe(0n);
        expect(total(day.homes, 'produced', 22, 24)).toBe(0n);
        expect(total(day.homes, 'produced', 11, 14)).toBeGreaterThan(total(day.homes, 'produced', 6, 9));
    });

    it('leaves something to trade over in many slots', () => {
        const nets = day.homes.map(netsOf);
        const both = Array.from({ length: day.slotCount }, (_, slot) => nets.map((net) => net[slot] ?? 0n)).filter(
            (slot) => slot.some((net) => net > 0n) && slot.some((net) => net < 0n),
        );
        expect(both.length).toBeGreaterThan(20);
    });

    it('keeps roofs and changes the weather from day to day', () => {
        const other = sampleDay(sampleHomes(), '2025-04-15');
        expect(other.homes[0]?.produced).not.toEqual(day.homes[0]?.produced);
        expect(other.homes[8]?.consumed).toEqual(day.homes[8]?.consumed);
    });
});
