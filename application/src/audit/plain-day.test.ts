import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type {
    Charter,
    DaySumsRecord,
    RoundRecord,
    SettlementMarker,
    SettlementRecord,
    Totals,
} from '@commonwatt/chaincode/api/records';
import { markerOfSettlement, commitmentOf, sumsGiven, sumsToClose } from '@commonwatt/chaincode/api/settlements';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import type { DayToClose } from '@commonwatt/chaincode/domain/settlement/close-day';
import { isLargeEnough, publicTotals } from '@commonwatt/chaincode/domain/settlement/public-day';
import type { MarketPrices } from '@commonwatt/chaincode/domain/market-prices';
import { cost, microsPerKwh, nanos, netEnergy, wattHours } from '@commonwatt/chaincode/domain/quantity';
import type { SlotPosition } from '@commonwatt/chaincode/domain/settlement/position';
import { settleDay } from '@commonwatt/chaincode/domain/settlement/settle';
import { slot as slotOf, type LocalDay } from '@commonwatt/chaincode/domain/slot';
import type { Check } from './check';
import { dayChecks, type PublicDay } from './plain-day';

const DEMONSTRATION: MarketPrices = {
    retail: microsPerKwh(300_000n),
    feedIn: microsPerKwh(80_000n),
    gridFee: microsPerKwh(40_000n),
    communityFee: microsPerKwh(30_000n),
};
const PRICE = microsPerKwh(110_000n);

interface TestKey {
    readonly publicKey: string;
    sign(statement: Uint8Array): string;
}

const pairs = new Map<string, { privateKey: KeyObject; publicKey: KeyObject }>();

function testKey(name: string): TestKey {
    const pair = pairs.get(name) ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
    pairs.set(name, pair);
    return {
        publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
        sign: (statement) => sign('sha256', statement, pair.privateKey).toString('base64'),
    };
}

const testSalt = (name: string): string => createHash('sha256').update(name).digest('hex');

/** A slot of a home: what it metered, and what it sold (or, negative, bought) to the home after it. */
interface HomeSlot {
    readonly metered: bigint;
    readonly sold: bigint;
}
type Homes = readonly (readonly HomeSlot[])[];

/** Each home trades with its neighbours in a ring, so that in every slot as much is sold as is bought. */
function played(homes: Homes): DayToClose {
    const count = homes[0]?.length ?? 0;
    const day: LocalDay = { day: '2014-10-03', first: slotOf(1_569_212), count };
    const names = homes.map((_, i) => `H${i}MSP`);
    const settlements = names.map((mspId, home) => {
        const positions = Array.from({ length: count }, (_, i) => positionOf(homes, home, i, day));
        return settleDay(day, mspId, positions);
    });
    const rounds = Array.from({ length: count }, (_, i) => ({
        slot: slotOf(day.first + i),
        status: 'cleared' as const,
        price: PRICE,
    }));
    return { day, households: names, rounds, settlements };
}

function positionOf(homes: Homes, home: number, i: number, day: LocalDay): SlotPosition {
    const own = homes[home]?.[i] ?? { metered: 0n, sold: 0n };
    const before = homes.at(home - 1)?.[i]?.sold ?? 0n;
    const [out, into] = [own.sold, before];
    const sold = wattHours((out > 0n ? out : 0n) + (into < 0n ? 0n - into : 0n));
    const bought = wattHours((into > 0n ? into : 0n) + (out < 0n ? 0n - out : 0n));
    return {
        slot: slotOf(day.first + i),
        prices: DEMONSTRATION,
        sold,
        bought,
        paid: cost(bought, PRICE),
        earned: cost(sold, PRICE),
        metered: netEnergy(own.metered),
        estimated: false,
    };
}

const OPERATOR = testKey('operator');

/** A day as the channel would have it. */
function channel(given: DayToClose): PublicDay {
    const prices = Array.from({ length: given.day.count }, () => DEMONSTRATION);
    const records = given.settlements.map((settled): SettlementRecord => {
        const { mspId, day } = settled;
        const named = { key: `settlement/${day}/${mspId}`, version: 1, mspId, salt: testSalt(mspId) };
        return {
            ...named,
            day,
            signedBy: 'owner',
            provisional: false,
            slots: [],
            postings: [],
            commitment: commitmentOf(settled, named),
            signature: 'bm9uZQ==',
        };
    });
    const none = { imported: wattHours(0n), exported: wattHours(0n), supplier: nanos(0n) };
    const sums = sumsToClose(given.settlements, records, isLargeEnough(records.length) ? undefined : none);
    const markers = records.map((record): SettlementMarker => {
        const marker = markerOfSettlement(record);
        return { ...marker, signature: testKey(record.mspId).sign(ownerStatement(marker)) };
    });
    const members = Object.fromEntries(given.households.map((mspId) => [mspId, memberOf(mspId)]));
    const rounds = given.rounds.map(({ slot, status, price }): RoundRecord => ({
        day: given.day.day,
        slot,
        status,
        replay: true,
        charterVersion: 1,
        mechanism: 'uniform-price/v1',
        price: price ?? null,
    }));
    return {
        charter: { members, operatorKey: OPERATOR.publicKey },
        totals: closed(given, prices, sums),
        markers,
        rounds,
        prices,
        zoneDifferences: [],
    };
}

const memberOf = (mspId: string): Charter['members'][string] => ({
    mspId,
    ownerKey: testKey(mspId).publicKey,
    meters: [],
    importLimitW: 0n,
    exportLimitW: 0n,
    prosumer: true,
    applicationHash: '00'.repeat(32),
    standings: [{ fromDay: '2014-10-01', status: 'active', recorded: { version: 1, slot: 0 } }],
});

function closed(
    { day, households, rounds }: DayToClose,
    prices: readonly MarketPrices[],
    given: DaySumsRecord,
): Totals {
    const sums = sumsGiven(given);
    if (sums === undefined) {
        throw new Error('neither opened nor stated');
    }
    const totals = publicTotals({
        day,
        households: households.length,
        provisional: false,
        rounds,
        prices,
        sums,
    });
    return {
        day: day.day,
        charterVersion: 1,
        status: 'closed',
        sums: {
            households: households.length,
            provisional: false,
            tradedWh: totals.traded,
            importedWh: totals.imported,
            exportedWh: totals.exported,
            slots: totals.slots.map(({ slot, metered, short, supplier, spread }) => ({
                slot,
                meteredWh: metered,
                shortWh: short,
                supplierNanos: supplier,
                spreadNanos: spread,
            })),
            postings: totals.postings.map(({ account, amount }) => ({ account, amountNanos: amount })),
            settlementsHash: '00'.repeat(32),
            given,
        },
    };
}

const failing = (checks: readonly Check[]): string[] => checks.filter(({ holds }) => !holds).map(({ what }) => what);

/** Few watt-hours, so that deviations cancel and some slots stay without trade. */
const home = fc.array(
    fc.record({ metered: fc.bigInt({ min: -9n, max: 9n }), sold: fc.bigInt({ min: -4n, max: 4n }) }),
    {
        minLength: 2,
        maxLength: 2,
    },
);
const homes: fc.Arbitrary<Homes> = fc.array(home, { minLength: 3, maxLength: 6 });

const HOMES: Homes = [
    [{ metered: 900n, sold: 900n }],
    [{ metered: -800n, sold: -100n }],
    [{ metered: -300n, sold: 0n }],
    [{ metered: 40n, sold: 20n }],
];

describe('a day that is worked out again from what is public', () => {
    it('holds whatever was traded, by other code than the rule', () => {
        fc.assert(
            fc.property(homes, (given) => {
                expect(failing(dayChecks(channel(played(given))))).toEqual([]);
            }),
            { numRuns: 25, seed: 20_250_416 },
        );
    });

    const right = channel(played(HOMES));
    const sums = right.totals.sums as NonNullable<Totals['sums']>;
    const withSums = (change: Partial<typeof sums>): PublicDay => ({
        ...right,
        totals: { ...right.totals, sums: { ...sums, ...change } },
    });
    const [first] = right.markers as [SettlementMarker];

    it.each<{ what: string; day: () => PublicDay; says: RegExp }>([
        {
            what: 'a household left out',
            day: () => ({ ...right, markers: right.markers.slice(1) }),
            says: /every household that took part/,
        },
        {
            what: 'a household counted twice',
            day: () => ({ ...right, markers: [...right.markers, first] }),
            says: /every household that took part/,
        },
        {
            what: "a marker that somebody else made in the household's name",
            day: () => ({
                ...right,
                markers: [{ ...first, signature: OPERATOR.sign(ownerStatement(first)) }, ...right.markers.slice(1)],
            }),
            says: /signature/,
        },
        {
            what: 'a commitment to other figures',
            day: () => ({
                ...right,
                markers: [
                    { ...first, commitment: (right.markers[1] as SettlementMarker).commitment },
                    ...right.markers.slice(1),
                ],
            }),
            says: /commitments open/,
        },
        {
            what: 'a commitment that is no element of the group',
            day: () => ({
                ...right,
                markers: [
                    { ...first, commitment: { ...first.commitment, element: 'f'.repeat(64) } },
                    ...right.markers.slice(1),
                ],
            }),
            says: /commitments open/,
        },
        {
            what: 'energy that no meter saw',
            day: () => {
                const { opening } = sums.given;
                const slots = (opening?.slots ?? []).map((slot) => ({ ...slot, meteredWh: slot.meteredWh + 1n }));
                return withSums({ given: { ...sums.given, opening: { blinding: opening?.blinding ?? '', slots } } });
            },
            says: /commitments open/,
        },
        {
            what: 'a supplier that gets more than its tariff',
            day: () =>
                withSums({ slots: sums.slots.map((slot) => ({ ...slot, supplierNanos: slot.supplierNanos + 1n })) }),
            says: /supplier/,
        },
        {
            what: 'money on an account that nothing moved',
            day: () => withSums({ postings: [...sums.postings, { account: 'rounding', amountNanos: 1n }] }),
            says: /zero/,
        },
        {
            what: 'a day that is open',
            day: () => ({ ...right, totals: { ...right.totals, status: 'open' } }),
            says: /closed/,
        },
    ])('does not hold with $what', ({ day, says }) => {
        expect(failing(dayChecks(day())).join('\n')).toMatch(says);
    });

    it('has no opening where two households would learn each other, and the rest is checked', () => {
        const two: Homes = [[{ metered: 0n, sold: 0n }], [{ metered: 0n, sold: 0n }]];
        const day = channel(played(two));
        expect(day.totals.sums?.given.opening).toBeUndefined();
        expect(failing(dayChecks(day))).toEqual([]);
        expect(dayChecks(day).some(({ what }) => what.includes('commitments'))).toBe(false);
    });
});
