import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { FeederRecord } from '@commonwatt/chaincode/api/records';
import { feederStatement } from '@commonwatt/chaincode/api/statements';
import { compareFeeder, lossPostings } from '@commonwatt/chaincode/domain/feeder/comparison';
import type { MarketPrices } from '@commonwatt/chaincode/domain/market-prices';
import { microsPerKwh, netEnergy } from '@commonwatt/chaincode/domain/quantity';
import { slot as slotOf } from '@commonwatt/chaincode/domain/slot';
import type { PublicDay } from './plain-day';
import { feederChecks, plainLossShares } from './plain-feeder';

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
    markers: [],
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

describe('what members pay for losses', () => {
    const members = [
        // In order of their names, as the chaincode has them.
        { mspId: 'H10MSP', importLimitW: 7n },
        { mspId: 'H1MSP', importLimitW: 7n },
        { mspId: 'H2MSP', importLimitW: 3n },
    ];

    it.each([1n, 2n, 17n, 1_000_003n, -1n, -8n])(
        'is shared by the limits of their connections as the chaincode does: %s nanos',
        (costNanos) => {
            const slots = [{ slot: slotOf(700), feeder: netEnergy(0n), metered: netEnergy(costNanos) }];
            const one = { ...PRICES, feedIn: microsPerKwh(1n), retail: microsPerKwh(1n) };
            const { cost, postings } = lossPostings(slots, [one], 'members', members);
            const shares = plainLossShares({ payer: 'members', costNanos: cost }, members.toReversed());
            const posted = new Map(postings.map(({ account, amount }) => [account as string, 0n - amount]));
            expect(cost).toBe(costNanos);
            for (const { mspId } of members) {
                expect([mspId, shares.get(mspId) ?? 0n]).toEqual([mspId, posted.get(`household:${mspId}`) ?? 0n]);
            }
        },
    );

    it('is nothing where somebody else pays', () => {
        expect(plainLossShares({ payer: 'grid', costNanos: 5n }, members).size).toBe(0);
    });

    it('is compared with what the record posts', () => {
        const record = { ...compared(), payer: 'members' as const };
        const losses = { ...LOSSES, payer: 'members' as const };
        const known = {
            ...PUBLIC,
            charter: { operatorKey, members: Object.fromEntries(members.map((each) => [each.mspId, each])) },
            markers: members,
        } as unknown as PublicDay;
        const postingsWith = (off: bigint): FeederRecord['postings'] => [
            { account: 'supplier', amountNanos: record.costNanos },
            ...[...plainLossShares(record, members)].map(([mspId, share], i) => ({
                account: `household:${mspId}`,
                amountNanos: -share + (i === 0 ? off : i === 1 ? -off : 0n),
            })),
        ];
        const holds = (off: bigint): boolean | undefined =>
            feederChecks(known, { ...record, postings: postingsWith(off) }, losses).at(-1)?.holds;
        expect([holds(0n), holds(1n)]).toEqual([true, false]);
    });
});
