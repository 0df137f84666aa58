import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { netsOf } from '../data/meter-day';
import { decide } from '../household/decide';
import { batteryPlan, withBatteries } from './battery-plan';
import { orderLimits } from './decision';
import { SOURCES } from './preferences';

const BATTERY = { id: 'b', capacityWh: 4_000, chargeW: 4_000, dischargeW: 2_000 };
const PRICES = { retail: 300n, gridFee: 40n, communityFee: 30n };

/** Small numbers, so that batteries run full and empty, and limits meet prices. */
const price = fc.bigInt(-50n, 400n);
const anyPreferences = fc.record({
    buyUpTo: price,
    sellFrom: price,
    sources: fc.shuffledSubarray([...SOURCES], { minLength: SOURCES.length }),
});
const anyPrices = fc.record({ retail: price, gridFee: fc.bigInt(0n, 60n), communityFee: fc.bigInt(0n, 60n) });
const anyBattery = fc.record({
    id: fc.constant('b'),
    capacityWh: fc.nat(60),
    chargeW: fc.nat(80),
    dischargeW: fc.nat(80),
    chargePpm: fc.constantFrom(1_000_000, 900_000, 333_333),
    dischargePpm: fc.constantFrom(1_000_000, 950_000, 500_000),
});
const anyDay = fc.array(fc.bigInt(-20n, 20n), { minLength: 1, maxLength: 96 });

it.each([
    {
        name: 'neighbours before the grid: up to its limit',
        sources: ['local', 'green', 'grid'] as const,
        buyLimit: 250n,
    },
    { name: 'green before local: up to its limit', sources: ['green', 'local', 'grid'] as const, buyLimit: 250n },
    {
        name: 'the grid first: only what is cheaper than the grid',
        sources: ['grid', 'local', 'green'] as const,
        buyLimit: 229n,
    },
])('a home that wants $name', ({ sources, buyLimit }) => {
    const stated = { buyUpTo: 250n, sellFrom: 90n, sources: [...sources] };
    expect(orderLimits(stated, PRICES)).toEqual({ buyLimit, sellLimit: 90n });
});

it('no order is above what the home would pay or below what it wants, whatever it prefers', () => {
    fc.assert(
        fc.property(anyPreferences, anyPrices, fc.bigInt(-20n, 20n), (stated, prices, expected) => {
            const order = decide(expected, orderLimits(stated, prices));
            if (order?.side === 'buy') {
                expect(order.limit).toBeLessThanOrEqual(stated.buyUpTo);
            }
            if (order?.side === 'sell') {
                expect(order.limit).toBeGreaterThanOrEqual(stated.sellFrom);
            }
        }),
    );
});

it('behind the grid a home never orders at a price at which the grid is as cheap', () => {
    fc.assert(
        fc.property(anyPreferences, anyPrices, (stated, prices) => {
            const isBehind = stated.sources.indexOf('grid') < stated.sources.indexOf('local');
            const atMeter = orderLimits(stated, prices).buyLimit + prices.gridFee + prices.communityFee;
            expect(!isBehind || atMeter < prices.retail).toBe(true);
        }),
    );
});

it('with batteries no more is ordered than is needed, and never the other side of it', () => {
    fc.assert(
        fc.property(anyDay, fc.array(anyBattery, { maxLength: 2 }), fc.nat(100), (expected, batteries, reserve) => {
            const plan = batteryPlan(expected, batteries, reserve);
            expected.forEach((netWh, slot) => {
                const order = decide(netWh + (plan[slot] ?? 0n), { buyLimit: 1n, sellLimit: 1n });
                const side = netWh > 0n ? 'sell' : 'buy';
                expect(order === undefined || order.side === side).toBe(true);
                expect(order?.energyWh ?? 0n).toBeLessThanOrEqual(netWh > 0n ? netWh : -netWh);
            });
        }),
    );
});

it('the reserve is kept, nothing is stored beyond the capacity, and no limit of power is passed', () => {
    fc.assert(
        fc.property(anyDay, anyBattery, fc.nat(100), (expected, battery, reserve) => {
            const kept = (battery.capacityWh * reserve) / 100;
            let level = Math.ceil(kept);
            for (const wh of batteryPlan(expected, [battery], reserve).map(Number)) {
                level +=
                    wh < 0
                        ? Math.floor((-wh * battery.chargePpm) / 1e6)
                        : -Math.ceil((wh * 1e6) / battery.dischargePpm);
                expect(level).toBeGreaterThanOrEqual(kept);
                expect(level).toBeLessThanOrEqual(battery.capacityWh);
                expect(-wh).toBeLessThanOrEqual(battery.chargeW / 4);
                expect(wh).toBeLessThanOrEqual(battery.dischargeW / 4);
            }
        }),
    );
});

it('what is stored at noon is used in the evening, above the reserve', () => {
    const expected = [800n, 1_500n, -300n, -900n, -900n];
    expect(batteryPlan(expected, [BATTERY], 50)).toEqual([-800n, -1_000n, 300n, 500n, 500n]);
    expect(batteryPlan(expected, [BATTERY], 80)).toEqual([-800n, 0n, 300n, 500n, 0n]);
});

it('a battery of which all is kept in reserve rests', () => {
    expect(batteryPlan([800n, -300n], [BATTERY], 100)).toEqual([0n, 0n]);
});

it('the meter of a replay shows what the batteries took and gave', () => {
    const registers = { home: 'H1', consumed: [10n, 10n, 310n], produced: [0n, 800n, 800n] };
    const shown = withBatteries(registers, [-500n, 300n]);
    expect(netsOf(shown)).toEqual([300n, 0n]);
    expect(shown.consumed[0]).toBe(10n);
});
