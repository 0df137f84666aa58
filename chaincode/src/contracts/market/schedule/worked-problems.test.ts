import { describe, expect, it } from '@jest/globals';
import type { NetworkAnswer, ScheduleStep } from '../../../api/records';
import { dividedHalfEven } from '../../../domain/quantity';
import { DAY, household, type TestCommunity } from '../../../testing/community';
import {
    closeIteration,
    everySlot,
    openSchedule,
    scheduledCommunity,
    submission,
    submitAnswer,
} from '../../../testing/market/schedule';

const [GEN, LOAD, FIXED] = [household(1), household(2), household(3)];
const HOUSEHOLDS = [GEN, LOAD, FIXED];

/** Submissions of generator, load, fixed load and grid by iteration, the same in every slot of the day. */
type Row = readonly [bigint, bigint, bigint, bigint];
const FIRST_FIVE: readonly Row[] = [
    [0n, 5000n, 4000n, 2000n],
    [-2500n, 4750n, 4000n, 0n],
    [-4097n, 4437n, 4000n, 0n],
    [-5322n, 3977n, 4000n, -482n],
    [-6003n, 3746n, 4000n, -966n],
];
const E2: readonly Row[] = [
    ...FIRST_FIVE,
    [-6296n, 3708n, 4000n, -1295n],
    [-6383n, 3757n, 4000n, -1489n],
    [-6383n, 3825n, 4000n, -1596n],
    [-6356n, 3883n, 4000n, -1655n],
    [-6327n, 3925n, 4000n, -1688n],
    [-6304n, 3952n, 4000n, -1708n],
    [-6287n, 3970n, 4000n, -1721n],
    [-6275n, 3981n, 4000n, -1730n],
    [-6267n, 3988n, 4000n, -1736n],
    [-6262n, 3992n, 4000n, -1741n],
    [-6258n, 3995n, 4000n, -1744n],
    [-6256n, 3996n, 4000n, -1746n],
    [-6254n, 3998n, 4000n, -1747n],
    [-6253n, 3999n, 4000n, -1748n],
];
const E2_PRICES = [
    137_500_000n,
    215_625_000n,
    269_875_000n,
    297_037_500n,
    306_750_000n,
    308_212_500n,
    306_775_000n,
    304_850_000n,
    303_250_000n,
    302_125_000n,
    301_375_000n,
    300_900_000n,
    300_600_000n,
    300_412_500n,
    300_275_000n,
    300_187_500n,
    300_112_500n,
    300_075_000n,
    300_050_000n,
];
const E4: readonly Row[] = [
    ...FIRST_FIVE,
    [-6296n, 3708n, 4000n, -1000n],
    [-6465n, 3684n, 4000n, -1000n],
    [-6563n, 3668n, 4000n, -1000n],
    [-6616n, 3661n, 4000n, -1000n],
    [-6643n, 3660n, 4000n, -1000n],
    [-6657n, 3661n, 4000n, -1000n],
    [-6663n, 3662n, 4000n, -1000n],
];
const E4_PRICES = [
    ...E2_PRICES.slice(0, 5),
    311_900_000n,
    314_637_500n,
    315_950_000n,
    316_512_500n,
    316_725_000n,
    316_775_000n,
    316_762_500n,
];

/** A member that takes what it likes of every slot: limits of its connection that bind nobody here. */
const WIDE = { importLimitW: 100_000n, exportLimitW: 100_000n };

async function step(
    community: TestCommunity,
    iteration: number,
    energies: readonly bigint[],
    network?: NetworkAnswer,
): Promise<void> {
    for (const [i, energy] of energies.entries()) {
        await submitAnswer(community, submission(HOUSEHOLDS[i] ?? '', iteration, everySlot(energy)));
    }
    await closeIteration(community, network === undefined ? {} : { network });
}

const schedule = (community: TestCommunity) => community.query('schedule:get', { day: DAY });

/** What a step says of each slot, which is the same of all of them. */
function ofSlots({ prices, shortWh, residuals }: ScheduleStep) {
    const every = (numbers: readonly bigint[] | undefined): bigint => {
        const [first = 0n] = numbers ?? [];
        expect(numbers?.every((each) => each === first)).toBe(true);
        return first;
    };
    return { price: every(prices[0]?.pricesNanos), short: every(shortWh[0]?.energiesWh), dual: residuals.dual };
}

function last(steps: readonly ScheduleStep[]) {
    const [step] = steps.slice(-1);
    if (step === undefined) {
        throw new Error('no iteration was closed');
    }
    return ofSlots(step);
}

/** Generator 0.02g² + 0.05g up to 20 kWh, and elastic load ½·0.05(d − 10)²: nanos/kWh and Wh, minimised by hand. */
const between = (least: bigint, most: bigint, x: bigint): bigint => (x < least ? least : x > most ? most : x);
const RHO = 50_000n;
const generator = (price: bigint, scaled: bigint, n: bigint): bigint =>
    -between(0n, 20_000n, dividedHalfEven((price - 50_000_000n) * n - RHO * scaled, (40_000n + RHO) * n));
const load = (price: bigint, scaled: bigint, n: bigint): bigint =>
    between(0n, 20_000n, dividedHalfEven((500_000_000n - price) * n + RHO * scaled, (50_000n + RHO) * n));

describe('through the contract, on the ledger', () => {
    it('E1 goes the worked way, digit for digit', async () => {
        const community = await scheduledCommunity(2, {}, WIDE);
        await openSchedule(community);
        let [price, gen, elastic] = [0n, 0n, 0n];
        for (let iteration = 1; (await schedule(community)).status === 'open'; iteration += 1) {
            const answers = [generator(price, gen, 3n), load(price, elastic, 3n)];
            await step(community, iteration, answers);
            const { price: next, short } = last(await community.query('schedule:steps', { day: DAY }));
            [gen, elastic] = answers.map((own) => 3n * own - short) as [bigint, bigint];
            price = next;
        }
        const steps = (await community.query('schedule:steps', { day: DAY })).map(ofSlots);
        expect(steps.slice(0, 4)).toEqual([
            { price: 116_666_667n, short: 7000n, dual: 133_333_333n },
            { price: 168_833_334n, short: 3130n, dual: 72_850_000n },
            { price: 207_850_001n, short: 2341n, dual: 36_600_000n },
            { price: 230_283_334n, short: 1346n, dual: 25_416_667n },
        ]);
        expect(steps).toHaveLength(11);
        const { status, agreed } = await schedule(community);
        expect([status, agreed?.prices[0]?.pricesNanos[0]]).toEqual(['converged', 250_066_667n]);
        // −4994 and 4993 Wh: the grid gives up the Wh that is left.
        expect(agreed?.gridWh).toEqual(everySlot(1n));
    });

    it.each([
        { problem: 'E2', rows: E2, prices: E2_PRICES, importLimitW: 4_000_000n, gridWh: -1746n, agreed: 300_000_000n },
        { problem: 'E4', rows: E4, prices: E4_PRICES, importLimitW: 4_000n, gridWh: -999n, agreed: 316_762_500n },
    ])('$problem is replayed digit for digit', async ({ rows, prices, importLimitW, gridWh, agreed: price }) => {
        const community = await scheduledCommunity(3, { importLimitW }, WIDE);
        await openSchedule(community);
        for (const [i, [gen, elastic, fixed, grid]] of rows.entries()) {
            expect((await schedule(community)).status).toBe('open');
            // The problem rounds ties away from zero; S1's own grid takes the even Wh, and takes either for its step.
            await step(community, i + 1, [gen, elastic, fixed], [{ bus: 'root', energiesWh: everySlot(grid) }]);
        }
        const { status, run, agreed } = await schedule(community);
        const steps = (await community.query('schedule:steps', { day: DAY })).map(ofSlots);
        expect(steps.map(({ price }) => price)).toEqual(prices);
        const grid = rows.map(([gen, elastic, fixed], i) => (steps[i]?.short ?? 0n) - gen - elastic - fixed);
        expect(grid).toEqual(rows.map(([, , , taken]) => taken));
        expect([status, run?.iteration]).toEqual(['converged', rows.length]);
        expect(agreed?.gridWh).toEqual(everySlot(gridWh));
        // The grid gives: below its limit at its tariff, which λ has come near to; at its limit the price is what λ says.
        expect(agreed?.prices[0]?.pricesNanos).toEqual(everySlot(price));
        expect(agreed?.worthNanos).toBe(-gridWh * dividedHalfEven(price, 1000n) * 96n);
    });
});
