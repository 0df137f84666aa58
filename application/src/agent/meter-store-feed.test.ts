import { expect, it } from '@jest/globals';
import { openMeterStore } from '../meters/meter-store';
import { meterStoreFeed } from './meter-store-feed';

const CLOCK = [{ fromSlot: 0, offsetMinutes: 60 }];
const PLACE = { latitude: 49, longitude: 9.5 };
/** Local midnight, in unix seconds. */
const MIDNIGHT = Date.UTC(2025, 3, 15, 23) / 1000;
const SLOTS = 96;

/** Registers at each end of a slot of so many days from midnight on: the home takes 100 Wh a slot more each day, and gives 10 Wh in each. */
function metered(days: number): ReturnType<typeof openMeterStore> {
    const store = openMeterStore(':memory:');
    let importWh = 5_000n;
    const readings = Array.from({ length: days * SLOTS + 1 }, (_, index) => {
        const at = MIDNIGHT + index * 900;
        importWh += index === 0 ? 0n : BigInt(100 * (1 + Math.floor((index - 1) / SLOTS)));
        return [
            { meterId: 'main', register: 'import' as const, at, wh: importWh, source: 'test' },
            { meterId: 'main', register: 'export' as const, at, wh: BigInt(index * 10), source: 'test' },
        ];
    });
    store.append(readings.flat());
    return store;
}

it('a day comes from the meter, and what is expected from the days before', async () => {
    const feed = meterStoreFeed('H1', metered(2), PLACE);
    const second = await feed.day('2025-04-17', 'yesterday', CLOCK);
    expect(second).toMatchObject({ firstSlot: MIDNIGHT / 900 + SLOTS, slotCount: SLOTS, isReplay: false });
    expect(second?.registers.consumed.at(-1)).toBe((second?.registers.consumed[0] ?? 0n) + 19_200n);
    expect(second?.expectedWh).toEqual(Array(SLOTS).fill(-90n)); // As yesterday.
    expect((await feed.day('2025-04-17', 'perfect', CLOCK))?.expectedWh).toEqual(Array(SLOTS).fill(-190n));
});

it('a day that the meter has not told to its end is none', async () => {
    expect(await meterStoreFeed('H1', metered(1), PLACE).day('2025-04-17', 'perfect', CLOCK)).toBeUndefined();
});
