import { describe, expect, it } from '@jest/globals';
import { fraction } from '../quantity';
import { certificateFlaw, type ClaimedSchedule } from './certificate';
import { nanosPerKwh, poolEnergy } from './exchange';
import { ROOT } from './lin-dist-flow';
import type { RunProblem } from './run';

const SLOT = { retail: nanosPerKwh(300n), feedIn: nanosPerKwh(100n), importLimit: 1000n, exportLimit: 500n };
const PROBLEM: RunProblem = {
    rules: {
        slots: 2,
        iterations: 1,
        primalTolerance: 0n,
        dualTolerance: 0n,
        overRelaxation: fraction(1n, 2n),
        penalty: { initial: 1n, least: 1n, most: 1n, adaptiveUntil: 0 },
    },
    networkWeight: 'one',
    buses: [ROOT],
    households: [
        { mspId: 'gen', bus: ROOT, importLimit: 0n, exportLimit: 7000n },
        { mspId: 'load', bus: ROOT, importLimit: 7000n, exportLimit: 0n },
    ],
    grid: [SLOT, SLOT],
    floor: nanosPerKwh(-5n),
    cap: nanosPerKwh(301n),
};

/** Slot 0 imports 900 of a load of 5900; slot 1 balances inside. */
const claim = (
    change: { gen?: bigint[]; load?: bigint[]; grid?: bigint[]; prices?: bigint[] } = {},
): ClaimedSchedule => {
    const { gen = [-5000n, -4000n], load = [5900n, 4000n], grid = [-900n, 0n], prices = [300n, 200n] } = change;
    return {
        prices: [prices.map(nanosPerKwh)],
        energies: [gen.map(poolEnergy), load.map(poolEnergy)],
        grid: grid.map(poolEnergy),
    };
};

describe('a certificate', () => {
    it.each([
        { what: 'import below the limit at retail', change: {} },
        {
            what: 'import at the limit above retail',
            change: { load: [6000n, 4000n], grid: [-1000n, 0n], prices: [301n, 200n] },
        },
        {
            what: 'export below the limit at feed-in',
            change: { gen: [-6000n, -4000n], grid: [100n, 0n], prices: [100n, 200n] },
        },
        {
            what: 'export at the limit below feed-in',
            change: { gen: [-6400n, -4000n], grid: [500n, 0n], prices: [-5n, 200n] },
        },
        { what: 'no exchange at either tariff', change: { prices: [300n, 300n] } },
    ])('holds with $what', ({ change }) => {
        expect(certificateFlaw(PROBLEM, claim(change))).toBeUndefined();
    });

    it.each([
        { what: 'a slot too few', change: { prices: [300n] }, flaw: { kind: 'shape', of: ROOT } },
        { what: "a slot too few of the grid's", change: { grid: [0n] }, flaw: { kind: 'shape', of: 'grid' } },
        { what: "a slot too few of a member's", change: { gen: [-5000n] }, flaw: { kind: 'shape', of: 'gen' } },
        {
            what: 'a watt-hour over the limit',
            change: { gen: [-7001n, 0n] },
            flaw: { kind: 'limit', of: 'gen', slot: 0 },
        },
        { what: 'a watt-hour too much', change: { load: [5901n, 4000n] }, flaw: { kind: 'balance', slot: 0, sum: 1n } },
        { what: 'a nano too little', change: { prices: [299n, 200n] }, flaw: { kind: 'grid', slot: 0 } },
        { what: 'a nano too much', change: { prices: [301n, 200n] }, flaw: { kind: 'grid', slot: 0 } },
        {
            what: 'a price above the cap',
            change: { load: [6000n, 4000n], grid: [-1000n, 0n], prices: [302n, 200n] },
            flaw: { kind: 'bounds', slot: 0 },
        },
        {
            what: 'a price above retail without exchange',
            change: { prices: [300n, 301n] },
            flaw: { kind: 'grid', slot: 1 },
        },
        {
            what: 'a price below feed-in without exchange',
            change: { prices: [300n, 99n] },
            flaw: { kind: 'grid', slot: 1 },
        },
        {
            what: 'more from the grid than it carries',
            change: { load: [6001n, 4000n], grid: [-1001n, 0n], prices: [301n, 200n] },
            flaw: { kind: 'network', slot: 0 },
        },
    ])('is refused with $what', ({ change, flaw }) => {
        expect(certificateFlaw(PROBLEM, claim(change))).toEqual(flaw);
    });

    it('is refused where a member takes no part', () => {
        const { energies } = claim();
        expect(certificateFlaw(PROBLEM, { ...claim(), energies: energies.slice(0, 1) })).toEqual({
            kind: 'shape',
            of: 'load',
        });
    });
});
