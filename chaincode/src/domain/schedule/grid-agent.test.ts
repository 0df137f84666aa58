import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { nanosPerKwh, poolEnergy } from './exchange';
import { tariffPrice, type GridSlot } from './grid-agent';

const SLOT: GridSlot = {
    retail: nanosPerKwh(300n),
    feedIn: nanosPerKwh(80n),
    importLimit: 1000n,
    exportLimit: 500n,
};

describe('the price at which a slot is settled', () => {
    test.each([
        { what: 'retail where the grid gives', price: 270n, taken: -11n, settled: 300n },
        { what: 'feed-in where it takes', price: 110n, taken: 11n, settled: 80n },
        {
            what: 'what the exchange found where it takes little and λ is near retail',
            price: 270n,
            taken: 20n,
            settled: 270n,
        },
        {
            what: 'what the exchange found where it gives little and λ is near feed-in',
            price: 95n,
            taken: -20n,
            settled: 95n,
        },
        { what: 'feed-in where it takes more than is left to doubt', price: 270n, taken: 21n, settled: 80n },
        { what: 'what the exchange found where it does neither', price: 270n, taken: 10n, settled: 270n },
        { what: 'not above retail where it does neither', price: 310n, taken: -10n, settled: 300n },
        { what: 'not below feed-in where it does neither', price: -5n, taken: 0n, settled: 80n },
        { what: 'above retail where it can give no more', price: 410n, taken: -1000n, settled: 410n },
        { what: 'retail where it can give no more and need not', price: 290n, taken: -1000n, settled: 300n },
        { what: 'below feed-in where it can take no more', price: 40n, taken: 500n, settled: 40n },
    ])('is $what', ({ price, taken, settled }) => {
        expect(tariffPrice(SLOT, nanosPerKwh(price), poolEnergy(taken), { indifference: 10n, certainty: 20n })).toBe(
            settled,
        );
    });

    it('leaves the grid no better energy where nothing is left to indifference', () => {
        const energies = fc.constantFrom(-1000n, -999n, -1n, 0n, 1n, 499n, 500n);
        // What an energy costs the grid: what it pays the pool for it, less what it sells it for.
        const costOf = (x: bigint, price: bigint): bigint => price * x - (x < 0n ? SLOT.retail : SLOT.feedIn) * x;
        holds(
            fc.property(energies, fc.bigInt({ min: -100n, max: 500n }), (taken, price) => {
                const settled = tariffPrice(SLOT, nanosPerKwh(price), poolEnergy(taken), {
                    indifference: 0n,
                    certainty: 0n,
                });
                for (const other of [0n - SLOT.importLimit, 0n, SLOT.exportLimit]) {
                    expect(costOf(other, settled)).toBeGreaterThanOrEqual(costOf(taken, settled));
                }
            }),
        );
    });
});
