import { describe, expect, it } from '@jest/globals';
import { DEMONSTRATION, tradedAt } from '../../testing/market/day';
import { balanceOf, householdAccount, Imbalance } from '../postings';
import { microsPerKwh, netEnergy, wattHours } from '../quantity';
import { slot, type LocalDay } from '../slot';
import { feeBands } from '../commitment/settlement-layout';
import { billLines } from '../billing/lines';
import { closeDay, type DayToClose } from './close-day';
import type { DaySettlement, SlotPosition } from './position';
import { daySums, publicTotals, type PublicDay } from './public-day';
import { settleDay } from './settle';

const DAY: LocalDay = { day: '2014-10-03', first: slot(1_569_212), count: 2 };
const STORED = 1_000n;
const DELIVERED = 900n;

/** Energy in Wh of a slot: what the meter saw, what was contracted, what was received of it, what was bought (sold if negative). */
type Shape = readonly [metered: bigint, contracted: bigint, received?: bigint, bought?: bigint];

function settled(mspId: string, slots: readonly Shape[]): DaySettlement {
    const positions = slots.map(([metered, contracted, received = 0n, bought = 0n], i): SlotPosition => ({
        slot: slot(DAY.first + i),
        prices: DEMONSTRATION,
        ...tradedAt(110_000n, bought > 0n ? bought : 0n, bought < 0n ? -bought : 0n),
        ...(contracted === 0n ? {} : { contracted: netEnergy(contracted) }),
        ...(received === 0n ? {} : { received: wattHours(received) }),
        metered: netEnergy(metered),
        estimated: false,
    }));
    return settleDay(DAY, mspId, positions);
}

/** A stores 1,000 of its 1,200 Wh at noon and sells the rest; B takes 900 of the 1,000 Wh that it needs in the evening from the storage S. */
const SETTLEMENTS = [
    settled('A', [
        [1_200n, STORED, 0n, -200n],
        [-50n, 0n],
    ]),
    settled('B', [
        [-200n, 0n, 0n, 200n],
        [-1_000n, -DELIVERED, DELIVERED],
    ]),
    settled('S', [
        [-STORED, -STORED],
        [DELIVERED, DELIVERED],
    ]),
];
const closing = (settlements: readonly DaySettlement[]): DayToClose => ({
    day: DAY,
    households: settlements.map(({ mspId }) => mspId),
    rounds: [0, 1].map((i) => ({
        slot: slot(DAY.first + i),
        status: 'cleared' as const,
        price: i === 0 ? microsPerKwh(110_000n) : undefined,
        volume: wattHours(i === 0 ? 200n : 0n),
    })),
    settlements,
});

describe('energy under contracts', () => {
    it.each([
        { mspId: 'A', deviations: [0n, -50n], nanos: 200n * 110_000n - 50n * 300_000n },
        { mspId: 'B', deviations: [0n, -100n], nanos: -200n * 180_000n - 900n * 70_000n - 100n * 300_000n },
        { mspId: 'S', deviations: [0n, 0n], nanos: 0n },
    ])('is taken out of the meter of $mspId before deviations', ({ mspId, deviations, nanos }) => {
        const one = SETTLEMENTS.find((each) => each.mspId === mspId);
        expect(one?.slots.map(({ deviation }) => deviation)).toEqual(deviations);
        expect(balanceOf(householdAccount(mspId), one?.postings ?? [])).toBe(nanos);
    });

    it('bears the fees where it is received, once, and stands on the bill without an amount', () => {
        const [, buyer, storage] = SETTLEMENTS;
        const days = buyer === undefined ? [] : [{ settlement: buyer, charges: [], vat: undefined, meters: 1 }];
        const line = (item: string) => billLines(days).find((each) => each.item === item);
        expect(line('gridFee')).toMatchObject({ energy: 1_100n, amount: -1_100n * 40_000n });
        expect(line('contractTaken')).toMatchObject({ energy: 900n, amount: 0n });
        const fees = storage?.slots.map(({ gridFee, communityFee }) => gridFee + communityFee);
        expect(fees).toEqual([0n, 0n]);
    });

    it('cancels in every slot when the day is closed, and the fees on it are part of the totals', () => {
        const totals = closeDay(closing(SETTLEMENTS));
        expect(totals.slots.map(({ metered }) => metered)).toEqual([0n, -150n]);
        expect(totals.traded).toBe(200n);
        expect(totals.postings.find(({ account }) => account === 'grid')?.amount).toBe(1_100n * 40_000n);
    });

    it('is proved by the sums that all can check', () => {
        const { bands } = feeBands([DEMONSTRATION, DEMONSTRATION]);
        const sums = daySums(SETTLEMENTS);
        expect([bands.length, sums.bought, sums.received]).toEqual([1, [200n], [900n]]);
        const { rounds } = closing(SETTLEMENTS);
        const prices = [DEMONSTRATION, DEMONSTRATION];
        const given: PublicDay = { day: DAY, households: 3, provisional: false, rounds, prices, sums };
        expect(publicTotals(given)).toEqual(closeDay(closing(SETTLEMENTS)));
        const unpaid = { ...given, sums: { ...sums, received: [wattHours(899n)] } };
        expect(() => publicTotals(unpaid)).toThrow(/gridFee/);
    });

    it('that only one side settled stops the closing', () => {
        const alone = SETTLEMENTS.map((each) =>
            each.mspId === 'S'
                ? settled('S', [
                      [-STORED, 0n],
                      [DELIVERED, DELIVERED],
                  ])
                : each,
        );
        expect(() => closeDay(closing(alone))).toThrow(Imbalance);
        expect(() => closeDay(closing(alone))).toThrow(/contracted energy/);
    });

    it('of a storage system that did not take it in costs it the retail price, and of a release that was none as well', () => {
        const liar = settled('S', [
            [0n, -STORED],
            [0n, DELIVERED],
        ]);
        const nanos = STORED * 80_000n - DELIVERED * 300_000n;
        expect(balanceOf(householdAccount('S'), liar.postings)).toBe(nanos);
    });
});
