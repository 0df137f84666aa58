import { describe, expect, it } from '@jest/globals';
import type { SettlementRecord } from '@commonwatt/chaincode/api/records';
import { suspectedSettlement } from './feeder-agent';

const settlement = (mspId: string, metered: readonly bigint[]): SettlementRecord =>
    ({ mspId, provisional: false, slots: metered.map((meteredWh) => ({ meteredWh })) }) as unknown as SettlementRecord;
/** H1's meter counts half: as much again as it shows is missing, besides the 2 Wh that are expected. */
const SHOWN = [-100n, -400n, -100n, -200n, -500n, -100n];
const H1 = settlement('H1MSP', SHOWN);
const H2 = settlement('H2MSP', [-300n, -100n, -200n, -100n, -100n, -400n]);
const SLOTS = SHOWN.map((wh, i) => {
    const meteredWh = wh + (H2.slots[i]?.meteredWh ?? 0n);
    return { slot: i, meteredWh, feederWh: meteredWh + wh - 2n, expectedWh: 2n, fits: false };
});

describe('the meter that the grid operator suspects', () => {
    it.each([
        { what: 'is the one that explains what is missing', fits: false, of: [H1, H2], found: 'H1MSP' },
        { what: 'is nobody’s on a day that fits', fits: true, of: [H1, H2], found: undefined },
        { what: 'is nobody’s where no meter explains it', fits: false, of: [H2], found: undefined },
        {
            what: 'is nobody’s where an estimate stands in the sums',
            fits: false,
            of: [H1, { ...H2, provisional: true }],
            found: undefined,
        },
    ])('$what', ({ fits, of, found }) => {
        expect(suspectedSettlement({ fits, slots: SLOTS }, of)?.mspId).toBe(found);
    });
});
