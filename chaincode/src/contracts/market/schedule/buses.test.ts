import { describe, expect, it } from '@jest/globals';
import { claimHash } from '../../../api/schedules';
import type { AgreedSchedule, NetworkAnswer, ScheduleBook, ScheduleClaim, ScheduleRecord } from '../../../api/records';
import { dividedHalfEven } from '../../../domain/quantity';
import { DAY, DSO, household, SEATS, type TestCommunity } from '../../../testing/community';
import {
    closeIteration,
    closing,
    DAY_AHEAD,
    everySlot,
    flat,
    openSchedule,
    scheduledCommunity,
    submission,
    submitAnswer,
} from '../../../testing/market/schedule';

// A generator behind a line that carries 2 kWh in a quarter of an hour, a load before it: see domain/schedule/run.test.
const [GEN, LOAD] = [household(1), household(2)];
const RHO = 50_000n;
const MOST = 2_000n;
/** A Wh for each home. */
const RESERVE = 2n;
const WIDE = { importLimitW: 100_000n, exportLimitW: 100_000n };
const FEEDER = {
    rootVolt: 400n,
    leastVolt: 0n,
    mostVolt: 4_000n,
    transformerW: 1_000_000n,
    lines: [
        { bus: 'b1', from: 'root', resistanceMilliohm: 100n, reactanceMilliohm: 30n, limitW: 4n * (MOST + RESERVE) },
    ],
    homes: { [GEN]: 'b1' },
};
const FIRST = [flat(250_000_000n), flat(150_000_000n, 'b1')];

const schedule = (community: TestCommunity): Promise<ScheduleRecord> => community.query('schedule:get', { day: DAY });

/** What both agents know: their own reference points, and the network's, in halves of a Wh. */
interface Points {
    readonly gen: bigint;
    readonly load: bigint;
    readonly root: bigint;
    readonly behind: bigint;
}

const between = (least: bigint, most: bigint, x: bigint): bigint => (x < least ? least : x > most ? most : x);
const generator = (price: bigint, z: bigint): bigint =>
    -between(0n, 20_000n, dividedHalfEven((price - 50_000_000n) * 2n - RHO * z, (40_000n + RHO) * 2n));
const elastic = (price: bigint, z: bigint): bigint =>
    between(0n, 20_000n, dividedHalfEven((500_000_000n - price) * 2n + RHO * z, (50_000n + RHO) * 2n));

/** The network with the line full: what comes out of b1, and the best for the root besides. Undefined where less comes out. */
function fullLine(prices: readonly [bigint, bigint], { root, behind }: Points): NetworkAnswer | undefined {
    const [atRoot, atBus] = prices;
    const step = (price: bigint, z: bigint, tariff: bigint): bigint =>
        dividedHalfEven(RHO * z - 2n * (price - tariff), 2n * RHO);
    const own = (tariff: bigint): bigint => step(atRoot, root, tariff);
    const [taken, given] = [own(100_000_000n), own(300_000_000n)];
    const [tariff, energy] =
        taken + MOST > 0n ? [100_000_000n, taken] : given + MOST < 0n ? [300_000_000n, given] : [0n, -MOST];
    // With neither tariff the grid takes nothing, and the root is paid what it is worth there.
    const price = tariff === 0n ? atRoot + (RHO * (2n * energy - root)) / 2n : tariff;
    if (step(atBus, behind, price) <= MOST) {
        return undefined;
    }
    return [
        { bus: 'root', energiesWh: everySlot(energy) },
        { bus: 'b1', energiesWh: everySlot(MOST) },
    ];
}

/** What the difference of the prices leaves in a slot, in the currency: households' worth less what the grid is paid at retail. */
const surplusOf = (agreed: AgreedSchedule | undefined): number =>
    agreed === undefined ? 0 : Number(agreed.worthNanos + 96n * first(agreed.gridWh) * 300_000n) / 96 / 1e9;

/** Every slot is like the first. */
const first = (numbers: readonly bigint[] | undefined): bigint => numbers?.[0] ?? 0n;

const pricesOf = ({ run }: ScheduleRecord): [bigint, bigint] => {
    const [root, behind] = run?.prices ?? [];
    return [first(root?.pricesNanos), first(behind?.pricesNanos)];
};

const pointsOf = (book: ScheduleBook | null): Points => {
    const [gen, load] = book?.households ?? [];
    const [root, behind] = book?.network ?? [];
    return {
        gen: first(gen?.scaled),
        load: first(load?.scaled),
        root: first(root?.scaled),
        behind: first(behind?.scaled),
    };
};

/** One iteration; the same in every slot. */
async function step(community: TestCommunity, iteration: number, points: Points): Promise<Points> {
    const [atRoot, atBus] = pricesOf(await schedule(community));
    await submitAnswer(community, submission(GEN, iteration, everySlot(generator(atBus, points.gen))));
    await submitAnswer(community, submission(LOAD, iteration, everySlot(elastic(atRoot, points.load))));
    const network = fullLine([atRoot, atBus], points);
    await closeIteration(community, network === undefined ? {} : { network });
    const { book } = await community.query('schedule:openings', { day: DAY }, { by: DSO });
    return pointsOf(book);
}

describe('a community with a feeder', () => {
    it('converges to two prices where the line between two buses is full', async () => {
        const community = await scheduledCommunity(2, { feeder: FEEDER }, WIDE);
        await openSchedule(community, FIRST);
        let points = pointsOf(null);
        for (let iteration = 1; (await schedule(community)).status === 'open'; iteration += 1) {
            points = await step(community, iteration, points);
        }
        const { status, agreed, run } = await schedule(community);
        expect(status).toBe('converged');
        expect(run?.iteration).toBeLessThan(60);
        const [root, behind] = agreed?.prices ?? [];
        expect(first(root?.pricesNanos)).toBe(300_000_000n);
        expect(Math.abs(Number(first(behind?.pricesNanos)) / 1e6 - 130)).toBeLessThan(2);
        expect(agreed?.households.map(({ bus }) => bus)).toEqual(['b1', 'root']);
        expect(surplusOf(agreed)).toBeCloseTo(2 * 0.17, 2);
    }, 60_000);

    it('has no iteration closed with a limit broken, or with what nobody asked the network for', async () => {
        const community = await scheduledCommunity(2, { feeder: FEEDER }, WIDE);
        await openSchedule(community, [flat(300_000_000n), flat(0n, 'b1')]);
        await submitAnswer(community, submission(GEN, 1, everySlot(0n)));
        await submitAnswer(community, submission(LOAD, 1, everySlot(0n)));
        const refusal = async (network?: NetworkAnswer): Promise<string> => {
            const { args, options } = await closing(community, network === undefined ? {} : { network });
            return community.refusal('schedule:close', args, options);
        };
        const answer = (root: bigint, behind: bigint): NetworkAnswer => [
            { bus: 'root', energiesWh: everySlot(root) },
            { bus: 'b1', energiesWh: everySlot(behind) },
        ];
        // At b1 energy costs nothing: the network would take more than the line carries.
        expect(await refusal()).toBe('NETWORK_LIMIT_BROKEN');
        expect(await refusal(answer(-2_001n, 2_001n))).toBe('NETWORK_LIMIT_BROKEN');
        expect(await refusal(answer(0n, 0n))).toBe('NETWORK_ANSWER_WRONG');
        expect(await refusal(answer(-2_000n, 1_990n))).toBe('NETWORK_ANSWER_WRONG');
        expect(await refusal([...answer(0n, 0n)].reverse())).toBe('SCHEDULE_SHAPE_WRONG');
    });

    it('has a certificate judged by its lines', async () => {
        const community = await scheduledCommunity(2, { mode: 'certificate', feeder: FEEDER }, WIDE);
        await openSchedule(community, FIRST);
        const claim = (behind: bigint, grid: bigint): ScheduleClaim => ({
            day: DAY,
            prices: [flat(300_000_000n), flat(behind, 'b1')],
            gridWh: everySlot(grid),
        });
        const offered = (claimed: ScheduleClaim, gen: bigint, load: bigint) => {
            const agreement = (mspId: string, energy: bigint) =>
                submission(mspId, 0, everySlot(energy), { claim: claimHash(claimed) });
            return {
                args: { ...claimed, to: [...SEATS] },
                options: {
                    by: DSO,
                    endorsers: [DSO, ...SEATS],
                    transient: { agreements: [agreement(GEN, gen), agreement(LOAD, load)] },
                },
            };
        };
        const refusal = ({ args, options }: ReturnType<typeof offered>) =>
            community.refusal('schedule:certify', args, options);
        expect(await refusal(offered(claim(130_000_000n, -2_000n), -2_003n, 4_003n))).toBe('NETWORK_LIMIT_BROKEN');
        expect(await refusal(offered(claim(130_000_000n, -2_000n), -1_998n, 3_998n))).toBe('NETWORK_PRICE_WRONG');
        expect(await refusal(offered(claim(300_000_001n, -2_000n), -2_000n, 4_000n))).toBe('NETWORK_PRICE_WRONG');
        const { args, options } = offered(claim(130_000_000n, -2_000n), -2_000n, 4_000n);
        await community.submit('schedule:certify', args, options);
        const { agreed } = await schedule(community);
        expect(agreed?.worthNanos).toBe(96n * (4_000n * 300_000n - 2_000n * 130_000n));
    });

    it('opens with a price for each of its buses, in their order', async () => {
        const community = await scheduledCommunity(2, { ...DAY_AHEAD, feeder: FEEDER }, WIDE);
        for (const firstPrices of [[flat(0n)], [...FIRST].reverse(), [...FIRST, flat(0n, 'b2')]]) {
            const options = { by: DSO, endorsers: [DSO, ...SEATS] };
            expect(await community.refusal('schedule:open', { day: DAY, firstPrices }, options)).toBe(
                'SCHEDULE_SHAPE_WRONG',
            );
        }
    });
});
