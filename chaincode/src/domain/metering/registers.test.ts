import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { continues, netOfSlot, registerDifference, type Registers } from './registers';

const MODULUS = 1_000n;

describe('a register', () => {
    it.each([
        { startWh: 10n, endWh: 25n, energy: 15n },
        { startWh: 10n, endWh: 10n, energy: 0n },
        { startWh: 990n, endWh: 5n, energy: 15n },
        { startWh: 999n, endWh: 0n, energy: 1n },
        { startWh: 1_000n, endWh: 0n, energy: undefined },
        { startWh: 0n, endWh: 1_000n, energy: undefined },
        { startWh: -1n, endWh: 0n, energy: undefined },
    ])('from $startWh to $endWh of 1000 has counted $energy', ({ energy, ...pair }) => {
        expect(registerDifference(pair, MODULUS)).toBe(energy);
    });

    it('counts what flowed, wherever it stood, as long as it rolls over once', () => {
        const within = fc.bigInt({ min: 0n, max: MODULUS - 1n });
        holds(
            fc.property(within, within, (startWh, energy) => {
                expect(registerDifference({ startWh, endWh: (startWh + energy) % MODULUS }, MODULUS)).toBe(energy);
            }),
        );
    });
});

describe('a span', () => {
    const registers = (slots: number, consumed: bigint, generated: bigint): Registers => ({
        meterId: 'm1',
        fromSlot: 100,
        slots,
        consumption: { startWh: 0n, endWh: consumed },
        generation: { startWh: 0n, endWh: generated },
    });

    it('is spread so that its slots add up and differ by one on each side at most', () => {
        const small = fc.bigInt({ min: 0n, max: 40n });
        holds(
            fc.property(fc.integer({ min: 1, max: 12 }), small, small, (slots, consumed, generated) => {
                const nets = Array.from({ length: slots }, (_, i) =>
                    netOfSlot(registers(slots, consumed, generated), MODULUS, i),
                );
                expect(nets.reduce<bigint>((sum, each) => sum + (each ?? 0n), 0n)).toBe(generated - consumed);
                const sorted = nets.map((each) => Number(each)).sort((a, b) => a - b);
                expect((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)).toBeLessThanOrEqual(2);
            }),
        );
    });

    it('says nothing of slots outside it', () => {
        expect([-1, 2].map((position) => netOfSlot(registers(2, 5n, 0n), MODULUS, position))).toEqual([
            undefined,
            undefined,
        ]);
    });

    it.each<{ what: string; next: Partial<Registers>; does: boolean }>([
        { what: 'the next slot', next: {}, does: true },
        { what: 'another meter', next: { meterId: 'm2' }, does: false },
        { what: 'a slot later', next: { fromSlot: 103 }, does: false },
        { what: 'other consumption', next: { consumption: { startWh: 4n, endWh: 9n } }, does: false },
        { what: 'other generation', next: { generation: { startWh: 4n, endWh: 9n } }, does: false },
    ])('is continued by $what: $does', ({ next, does }) => {
        const after: Registers = {
            ...registers(1, 0n, 0n),
            fromSlot: 102,
            consumption: { startWh: 5n, endWh: 9n },
            generation: { startWh: 3n, endWh: 3n },
            ...next,
        };
        expect(continues(registers(2, 5n, 3n), after)).toBe(does);
    });
});
