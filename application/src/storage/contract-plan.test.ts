import { describe, expect, it } from '@jest/globals';
import type { StorageTermsRecord } from '@commonwatt/chaincode/api/records';
import { planContracts, type HomeExpectation } from './contract-plan';

const TERMS: StorageTermsRecord = {
    fromDay: '2010-01-01',
    mspId: 'S',
    capacityWh: 10_000n,
    chargeW: 3_600n,
    dischargeW: 3_600n,
    chargePpm: 960_000n,
    dischargePpm: 960_000n,
    credibility: 'broadcast',
    fee: 5_000n,
    holdDays: 1,
    attestSlots: 96,
    refundSlots: 96,
};

/** Slots 48, 49, … are noon, 75, 76, … evening. */
const home = (mspId: string, noon: bigint, evening: bigint): HomeExpectation => ({
    mspId,
    expectedWh: Array.from({ length: 96 }, (_, i) => (i >= 75 ? evening : i >= 48 && i < 60 ? noon : -50n)),
});

describe('the contracts of a day', () => {
    it('store the largest surplus for whoever lacks most, after losses, and never the storage’s own', () => {
        const homes = [
            home('A', 500n, -100n),
            home('B', 700n, -200n),
            home('C', -100n, -900n),
            home('S', 9_000n, -9_000n),
        ];
        expect(planContracts(homes, TERMS, 4)).toEqual([
            {
                id: 's1',
                seller: 'B',
                buyer: 'C',
                storedAt: 48,
                deliveredAt: 75,
                takenWh: 700n,
                deliveredWh: 645n,
            },
        ]);
    });

    it('take from each home once, within power and room', () => {
        const homes = Array.from({ length: 9 }, (_, i) => home(`H${i}`, i % 2 === 0 ? 2_000n : -5n, -2_000n));
        const plan = planContracts(homes, { ...TERMS, capacityWh: 2_000n }, 4);
        expect(plan.map(({ takenWh }) => takenWh)).toEqual([900n, 900n, expect.any(BigInt)]);
        const traders = plan.flatMap(({ seller, buyer }) => [seller, buyer]);
        expect(new Set(traders).size).toBe(traders.length);
    });

    it.each([
        { what: 'nobody has a surplus', homes: [home('A', -1n, -500n), home('B', -1n, -500n)] },
        { what: 'nobody lacks anything', homes: [home('A', 500n, 1n), home('B', 500n, 1n)] },
        { what: 'it would be too little', homes: [home('A', 90n, 1n), home('B', 50n, -500n)] },
        { what: 'there are no homes', homes: [] },
    ])('are none where $what', ({ homes }) => {
        expect(planContracts(homes, TERMS, 4)).toEqual([]);
    });
});
