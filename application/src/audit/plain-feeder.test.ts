import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { FeederRecord } from '@commonwatt/chaincode/api/records';
import { feederStatement } from '@commonwatt/chaincode/api/statements';
import { compareFeeder, lossPostings } from '@commonwatt/chaincode/domain/feeder/comparison';
import type { MarketPrices } from '@commonwatt/chaincode/domain/market-prices';
import { microsPerKwh, netEnergy } from '@commonwatt/chaincode/domain/quantity';
import { slot as slotOf } from '@commonwatt/chaincode/domain/slot';
import type { PublicDay } from './plain-day';
import { feederChecks } from './plain-feeder';

const PRICES: MarketPrices = {
    retail: microsPerKwh(300_000n),
    feedIn: microsPerKwh(80_000n),
    gridFee: microsPerKwh(40_000n),
    communityFee: microsPerKwh(30_000n),
};
const LOSSES = { constantWh: 5n, lossPpm: 20_000n, tolerancePpm: 10_000n, payer: 'grid' as const };
const PAIRS = [
    [-1000n, -975n],
    [1000n, 1025n],
    // One watt-hour more than the day tolerates: 10 + 10 + 1.
    [0n, 27n],
] as const;
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const operatorKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const FEEDER = PAIRS.map(([feeder, metered], i) => ({
    slot: slotOf(700 + i),
    feeder: netEnergy(feeder),
    metered: netEnergy(metered),
}));

/** As the chaincode makes it. */
function compared(): FeederRecord {
    const day = compareFeeder(FEEDER, LOSSES);
    const prices = FEEDER.map(() => PRICES);
    const { cost, postings } = lossPostings(FEEDER, prices, LOSSES.payer, []);
    const slots = day.slots.map(({ slot, feeder, metered, expected, fits }) => ({
        slot,
        feederWh: feeder,
        meteredWh: metered,
        expectedWh: expected,
        fits,
    }));
    return {
        day: '2014-10-03',
        signature: sign('sha256', feederStatement('2014-10-03', slots), pair.privateKey).toString('base64'),
        slots,
        lostWh: day.lost,
        expectedWh: day.expected,
        residualWh: day.residual,
        fits: day.fits,
        payer: LOSSES.payer,
        costNanos: cost,
        postings: postings.map(({ account, amount }) => ({ account, amountNanos: amount })),
    };
}

const PUBLIC = {
    charter: { operatorKey, members: {} },
    totals: { sums: { slots: FEEDER.map(({ slot, metered }) => ({ slot, meteredWh: metered })) } },
    prices: FEEDER.map(() => PRICES),
} as unknown as PublicDay;
const held = (record: FeederRecord): boolean[] => feederChecks(PUBLIC, record, LOSSES).map(({ holds }) => holds);

describe('what everybody can check of the feeder', () => {
    const right = compared();
    const others = right.slots.slice(1);
    /** The record with another first slot. */
    const withFirst = (change: Partial<FeederRecord['slots'][number]>): FeederRecord => ({
        ...right,
        slots: right.slots.map((each, i) => (i === 0 ? { ...each, ...change } : each)),
    });

    it('holds of what the chaincode makes', () => {
        expect(held(right)).toEqual([true, true, true, true]);
    });

    it.each<{ what: string; record: FeederRecord; says: readonly boolean[] }>([
        {
            what: 'a reading that was not signed',
            record: withFirst({ feederWh: -1001n }),
            says: [false, true, false, false],
        },
        {
            what: 'meters that the totals do not have',
            record: withFirst({ meteredWh: -974n }),
            says: [true, false, false, false],
        },
        { what: 'a slot that is left out', record: { ...right, slots: others }, says: [false, false, false, false] },
        {
            what: 'a day that fits and says no',
            record: { ...right, fits: !right.fits },
            says: [true, true, false, true],
        },
        {
            what: 'another cost',
            record: { ...right, costNanos: right.costNanos + 1n },
            says: [true, true, true, false],
        },
        {
            what: 'another payer',
            record: {
                ...right,
                postings: right.postings.map((each) =>
                    each.account === 'grid' ? { ...each, account: 'community' } : each,
                ),
            },
            says: [true, true, true, false],
        },
    ])('does not hold of $what', ({ record, says }) => {
        expect(held(record)).toEqual(says);
    });
});
