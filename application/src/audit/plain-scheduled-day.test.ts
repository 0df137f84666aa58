import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SettlementMarker } from '@commonwatt/chaincode/api/records';
import { commitmentOf, sumsToClose } from '@commonwatt/chaincode/api/settlements';
import { issueBill } from '@commonwatt/chaincode/domain/billing/bill';
import { microsPerKwh, netEnergy, type MicrosPerKwh } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh, poolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import { closeScheduledDay } from '@commonwatt/chaincode/domain/scheduled/close-scheduled-day';
import {
    imbalanceOnly,
    imbalancePrice,
    poolSide,
    scheduledTrade,
    scheduledWorth,
    settledPrice,
} from '@commonwatt/chaincode/domain/scheduled/scheduled-slot';
import type { SlotPosition } from '@commonwatt/chaincode/domain/settlement/position';
import { settleDay } from '@commonwatt/chaincode/domain/settlement/settle';
import { slot as slotOf, type LocalDay } from '@commonwatt/chaincode/domain/slot';
import type { Check, Sums } from './check';
import { plainBill } from './plain-bill';
import { plainImbalance, plainScheduledSlot } from './plain-schedule';
import { scheduleChecks } from './plain-scheduled-day';

type Given = Parameters<typeof scheduleChecks>[0];

const TARIFF = { retail: microsPerKwh(300_000n), feedIn: microsPerKwh(80_000n) };
const PLAIN = { ...TARIFF, gridFee: 40_000n, communityFee: 30_000n };
const IMBALANCE = { shortPrice: microsPerKwh(350_000n), longPrice: microsPerKwh(50_000n) };
const salt = (name: string): string => createHash('sha256').update(name).digest('hex');

/** A slot of a home: what it agreed to take from the pool, and what its meter saw towards the grid. Even homes stand at one bus, odd ones at another. */
interface HomeSlot {
    readonly agreed: bigint;
    readonly metered: bigint;
}
interface Played {
    readonly homes: readonly (readonly HomeSlot[])[];
    /** By bus and slot, nanos for each kWh. */
    readonly prices: readonly (readonly bigint[])[];
}

const home = fc.array(
    fc.record({ agreed: fc.bigInt({ min: -9n, max: 9n }), metered: fc.bigInt({ min: -9n, max: 9n }) }),
    { minLength: 2, maxLength: 2 },
);
const price = fc.array(fc.bigInt({ min: -4_000n, max: 400_000_500n }), { minLength: 2, maxLength: 2 });
const days: fc.Arbitrary<Played> = fc.record({
    homes: fc.array(home, { minLength: 3, maxLength: 6 }),
    prices: fc.array(price, { minLength: 2, maxLength: 2 }),
});

interface Settled {
    readonly schedule: Given;
    readonly sums: Sums;
    readonly bills: readonly { readonly said: bigint; readonly worked: bigint }[];
}

/** Settled by the rule, as the channel has it. */
function settled({ homes, prices }: Played): Settled {
    const day: LocalDay = { day: '2014-10-03', first: slotOf(1_569_212), count: 2 };
    const sum = (i: number, of: (slot: HomeSlot) => bigint): bigint =>
        homes.reduce((so, slots) => so + of(slots[i] ?? { agreed: 0n, metered: 0n }), 0n);
    const priceAt = (bus: number, i: number): bigint => prices[bus]?.[i] ?? 0n;
    const slots = [0, 1].map((i) => {
        const net = netEnergy(-sum(i, ({ agreed }) => agreed));
        return {
            net,
            side: poolSide(netEnergy(sum(i, ({ metered }) => metered)), net),
            tariff: TARIFF,
        };
    });
    const worth = scheduledWorth(
        homes.flatMap((own, n) =>
            own.map(({ agreed }, i) => ({ price: nanosPerKwh(priceAt(n % 2, i)), taken: poolEnergy(agreed) })),
        ),
    );
    const sides = slots.map(({ side }) => side);
    const settlements = homes.map((own, n) => {
        const positions = own.map(({ agreed, metered }, i): SlotPosition => ({
            slot: slotOf(day.first + i),
            prices: imbalanceOnly(imbalancePrice(sides[i] ?? 'long', IMBALANCE)),
            ...scheduledTrade(poolEnergy(agreed), nanosPerKwh(priceAt(n % 2, i))),
            metered: netEnergy(metered),
            estimated: false,
            scheduled: true,
        }));
        return settleDay(day, `H${n}MSP`, positions);
    });
    const busPrices = (n: number): MicrosPerKwh[] => [0, 1].map((i) => settledPrice(nanosPerKwh(priceAt(n % 2, i))));
    const { totals } = closeScheduledDay({
        day,
        imbalance: IMBALANCE,
        worth,
        slots,
        settlements,
        prices: new Map(settlements.map(({ mspId }, n) => [mspId, busPrices(n)])),
    });
    const records = settlements.map(({ mspId }) => ({ key: `settlement/${mspId}`, version: 1, salt: salt(mspId) }));
    const markers = settlements.map((each, n): SettlementMarker => ({
        hash: '00'.repeat(32),
        version: 1,
        mspId: each.mspId,
        day: day.day,
        signedBy: 'owner',
        provisional: false,
        pool: 1,
        commitment: commitmentOf(each, records[n] ?? { key: '', version: 1, salt: '' }),
        signature: 'bm9uZQ==',
    }));
    const imbalance = plainImbalance(sides, IMBALANCE);
    return {
        schedule: {
            gridWh: slots.map(({ net }) => net),
            prices,
            worthNanos: worth,
            sides,
            version: 1,
            ...IMBALANCE,
            governed: [{ shortPrice: 1n, longPrice: 0n }, IMBALANCE],
            settled: markers,
            tariffs: [PLAIN, PLAIN],
        },
        sums: {
            households: homes.length,
            provisional: false,
            tradedWh: totals.traded,
            importedWh: totals.imported,
            exportedWh: totals.exported,
            slots: totals.slots.map(({ slot, metered, short, supplier, spread }) => ({
                ...{ slot, meteredWh: metered, shortWh: short, supplierNanos: supplier, spreadNanos: spread },
            })),
            postings: totals.postings.map(({ account, amount }) => ({ account, amountNanos: amount })),
            settlementsHash: '00'.repeat(32),
            given: sumsToClose(settlements, records),
        },
        bills: settlements.map((settlement, n) => {
            const own = {
                energiesWh: homes[n]?.map(({ agreed }) => agreed) ?? [],
                pricesNanos: prices[n % 2] ?? [],
                imbalance,
            };
            const bill = issueBill(
                settlement.mspId,
                [{ settlement, charges: [], vat: undefined, meters: 1 }],
                10_000_000n,
            );
            const plain = (homes[n] ?? []).map(({ metered }, i) => ({
                slot: i,
                netWh: metered,
                ...plainScheduledSlot(own, i, PLAIN),
            }));
            return { said: 0n - bill.balance, worked: plainBill(plain).nanos };
        }),
    };
}

const failing = (checks: readonly Check[]): string[] => checks.filter(({ holds }) => !holds).map(({ what }) => what);

const PLAYED = settled({
    homes: [
        [
            { agreed: 4000n, metered: -4000n },
            { agreed: 0n, metered: 10n },
        ],
        [
            { agreed: 4000n, metered: -4300n },
            { agreed: 500n, metered: -500n },
        ],
        [
            { agreed: -6250n, metered: 6000n },
            { agreed: -700n, metered: 900n },
        ],
    ],
    prices: [
        [300_000_000n, 250_066_667n],
        [300_000_000n, 250_066_667n],
    ],
});

describe('a scheduled day that is worked out again', () => {
    it('holds whatever was agreed and metered, and every household works out its bill to the nano', () => {
        fc.assert(
            fc.property(days, (given) => {
                const { schedule, sums, bills } = settled(given);
                expect(failing(scheduleChecks(schedule, sums))).toEqual([]);
                for (const { said, worked } of bills) {
                    expect(worked).toBe(said);
                }
            }),
            { numRuns: 25, seed: 20_250_416 },
        );
    });

    const { schedule, sums } = PLAYED;
    const posting = (account: string, more: bigint): Sums['postings'] =>
        sums.postings.map((each) =>
            each.account === account ? { ...each, amountNanos: each.amountNanos + more } : each,
        );

    it.each<{ what: string; given?: Partial<Given>; totals?: Partial<Sums>; says: RegExp }>([
        { what: 'a settlement under an earlier statement', given: { version: 2 }, says: /under the last statement/ },
        {
            what: 'another statement than the meters give',
            given: { sides: ['long', 'long'] },
            says: /stood to its schedule as was stated/,
        },
        {
            what: 'other energy than was agreed to, whatever it is worth',
            given: { gridWh: [-1751n, 200n], worthNanos: schedule.worthNanos + 300_000_000n },
            says: /settled for what the schedule says/,
        },
        {
            what: 'a schedule that ends before the day',
            given: { gridWh: schedule.gridWh.slice(1) },
            says: /for every slot/,
        },
        {
            what: 'another price',
            given: { prices: schedule.prices.map(() => [300_001_000n, 250_066_667n]) },
            says: /schedule's price × what the grid was to give/,
        },
        {
            what: 'another worth of scheduled energy, where buses have prices of their own',
            given: {
                prices: [
                    [1n, 1n],
                    [300_000_000n, 250_066_667n],
                ],
                worthNanos: schedule.worthNanos + 1n,
            },
            says: /paid at the schedule's prices/,
        },
        { what: 'another imbalance price', given: { shortPrice: 350_001n }, says: /imbalance price ×/ },
        {
            what: 'an imbalance price that nobody decided',
            given: { governed: [{ shortPrice: 350_000n, longPrice: 50_001n }] },
            says: /such as governance has decided/,
        },
        {
            what: 'a supplier that gets more',
            totals: { slots: sums.slots.map((slot) => ({ ...slot, supplierNanos: slot.supplierNanos + 1n })) },
            says: /supplier gets its tariff/,
        },
        {
            what: 'money on an account that nothing moved',
            totals: { postings: posting('community', 1n) },
            says: /accounts together are zero/,
        },
        { what: 'more that was bought of one another', totals: { tradedWh: sums.tradedWh + 1n }, says: /bears a fee/ },
    ])('does not hold with $what', ({ given = {}, totals = {}, says }) => {
        expect(failing(scheduleChecks({ ...schedule, ...given }, { ...sums, ...totals })).join('\n')).toMatch(says);
    });
});
