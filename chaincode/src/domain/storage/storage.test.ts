import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { wattHours } from '../quantity';
import {
    givingFlaw,
    heldFor,
    releasable,
    stateOfCharge,
    takingFlaw,
    type StorageFlow,
    type StorageLimits,
} from './storage';

const LIMITS: StorageLimits = {
    capacityWh: 2_000n,
    chargeW: 4_000n,
    dischargeW: 3_000n,
    chargePpm: 950_000n,
    dischargePpm: 900_000n,
};
const flow = (slot: number, energy: bigint): StorageFlow => ({ slot, energy: wattHours(energy) });

describe('losses', () => {
    it.each([
        { taken: 1_000n, given: 855n, held: 950n },
        { taken: 1n, given: 0n, held: 0n },
        { taken: 2n, given: 1n, held: 2n },
        { taken: 100n, given: 85n, held: 95n },
    ])('leave $given Wh of $taken Wh, for which $held Wh lie in the storage', ({ taken, given, held }) => {
        expect(releasable(wattHours(taken), LIMITS)).toBe(given);
        expect(heldFor(wattHours(given), LIMITS)).toBe(held);
    });

    it('are never negative, whatever the efficiencies: nobody gets more out than was taken in', () => {
        const ppm = fc.bigInt({ min: 1n, max: 1_000_000n });
        holds(
            fc.property(ppm, ppm, fc.bigInt({ min: 0n, max: 50n }), (chargePpm, dischargePpm, taken) => {
                const limits = { ...LIMITS, chargePpm, dischargePpm };
                const given = releasable(wattHours(taken), limits);
                expect(given <= taken).toBe(true);
                // What must lie there for it is not more than what charging left.
                expect(heldFor(given, limits) * 1_000_000n < taken * chargePpm + 1_000_000n).toBe(true);
            }),
        );
    });
});

describe('the state of charge', () => {
    it('is what was taken in, less losses, less what was given out until then', () => {
        const taken = [flow(10, 1_000n), flow(12, 400n)];
        const given = [flow(11, 800n), flow(13, 342n)];
        expect([9, 10, 11, 12, 13].map((slot) => stateOfCharge(taken, given, slot, LIMITS))).toEqual([
            0n,
            855n,
            55n,
            397n,
            55n,
        ]);
    });

    it('cannot fall below nothing', () => {
        expect(() => stateOfCharge([flow(1, 100n)], [flow(2, 86n)], 2, LIMITS)).toThrow(RangeError);
    });
});

describe('what the storage takes in', () => {
    it.each([
        { what: 'as much as its power carries', energy: 1_000n, code: undefined },
        { what: 'more than its power carries', energy: 1_001n, code: 'STORAGE_POWER' },
        {
            what: 'more than its power carries beside another',
            energy: 900n,
            beside: flow(5, 101n),
            code: 'STORAGE_POWER',
        },
        { what: 'what just fits', energy: 1_000n, beside: flow(4, 1_105n), code: undefined },
        { what: 'more than fits', energy: 1_000n, beside: flow(4, 1_108n), code: 'STORAGE_FULL' },
        { what: 'more than fits later', energy: 1_000n, beside: flow(6, 1_108n), code: 'STORAGE_FULL' },
        {
            what: 'what fits where other energy has left',
            energy: 1_000n,
            beside: flow(3, 1_108n),
            left: flow(4, 900n),
            code: undefined,
        },
        {
            what: 'more than fits before other energy leaves',
            energy: 1_000n,
            beside: flow(3, 1_108n),
            left: flow(6, 900n),
            code: 'STORAGE_FULL',
        },
    ])('is $what: $code', ({ energy, beside, left, code }) => {
        const taken = beside === undefined ? [] : [beside];
        const given = left === undefined ? [] : [left];
        expect(takingFlaw(flow(5, energy), taken, given, LIMITS)?.code).toBe(code);
    });
});

describe('what the storage promises to give out', () => {
    it.each([
        { what: 'as much as its power carries', energy: 750n, code: undefined },
        { what: 'more than its power carries', energy: 751n, code: 'STORAGE_POWER' },
        { what: 'more than that beside another', energy: 700n, beside: flow(5, 51n), code: 'STORAGE_POWER' },
        { what: 'beside another in another slot', energy: 700n, beside: flow(6, 51n), code: undefined },
    ])('is $what: $code', ({ energy, beside, code }) => {
        expect(givingFlaw(flow(5, energy), beside === undefined ? [] : [beside], LIMITS)?.code).toBe(code);
    });
});

describe('random flows', () => {
    const small: StorageLimits = { ...LIMITS, capacityWh: 30n, chargeW: 40n, dischargeW: 40n };
    const step = fc.record({
        slot: fc.integer({ min: 0, max: 6 }),
        energy: fc.bigInt({ min: 1n, max: 12n }),
        after: fc.integer({ min: 1, max: 4 }),
        isGiven: fc.boolean(),
    });

    it('never lift the charge above capacity, nor below nothing, nor either flow above its power', () => {
        holds(
            fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
                const taken: StorageFlow[] = [];
                const given: StorageFlow[] = [];
                for (const { slot, energy, after, isGiven } of steps) {
                    const lot = flow(slot, energy);
                    if (takingFlaw(lot, taken, given, small) !== undefined) {
                        continue;
                    }
                    taken.push(lot);
                    const out = { slot: slot + after, energy: releasable(lot.energy, small) };
                    if (isGiven && out.energy > 0n && givingFlaw(out, given, small) === undefined) {
                        given.push(out);
                    }
                }
                for (let slot = 0; slot <= 10; slot += 1) {
                    const charge = stateOfCharge(taken, given, slot, small);
                    expect(charge >= 0n && heldFor(charge, small) <= small.capacityWh).toBe(true);
                    for (const flows of [taken, given]) {
                        const sum = flows
                            .filter((each) => each.slot === slot)
                            .reduce((so, each) => so + each.energy, 0n);
                        expect(sum <= 10n).toBe(true);
                    }
                }
            }),
        );
    });
});
