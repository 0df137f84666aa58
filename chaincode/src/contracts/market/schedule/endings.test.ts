import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { submissionKey } from '../../../api/keys';
import { encodeBytes } from '../../../api/wire';
import {
    DAY,
    DSO,
    FIRST,
    household,
    NOW,
    order,
    commitment,
    SEATS,
    type TestCommunity,
} from '../../../testing/community';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { SEED } from '../../../testing/property';
import {
    closeIteration,
    closing,
    everySlot,
    flat,
    openSchedule,
    scheduledCommunity,
    submission,
    submitAnswer,
} from '../../../testing/market/schedule';

const [H1, H2, H3, H4] = [household(1), household(2), household(3), household(4)];
const ALL = [H1, H2, H3, H4];
const SECONDS = 30;
const DEADLINE = NOW + 600;

const schedule = (community: TestCommunity) => community.query('schedule:get', { day: DAY });
const abandon = (by: string, time: number, endorsers: readonly string[] = SEATS) => ({ by, endorsers, time });

/** Everybody takes what it says in every slot. */
async function everybody(community: TestCommunity, iteration: number, energies: readonly bigint[], time = NOW) {
    for (const [i, energy] of energies.entries()) {
        await submitAnswer(community, submission(ALL[i] ?? '', iteration, everySlot(energy)), time);
    }
}

/** Three that give and take without the grid, at a price between its tariffs: converges at once. */
const BALANCED = [-500n, 300n, 200n];
const BETWEEN = [flat(200_000_000n)];

describe('where an answer is', () => {
    let community: TestCommunity;

    beforeAll(async () => {
        community = await scheduledCommunity(4);
        await openSchedule(community);
        await everybody(community, 1, [...BALANCED, 0n]);
    });

    it('with its household, the grid operator and the seats named, and nobody else', async () => {
        const held = async (by: string) =>
            (await community.query('schedule:openings', { day: DAY }, { by })).submissions.map(({ mspId }) => mspId);
        expect(await held(DSO)).toEqual(ALL);
        expect(await held(H1)).toEqual(ALL);
        expect(await held(H3)).toEqual([H3]);
        expect(await held(H4)).toEqual([H4]);
        const markers = await community.query('schedule:submissions', { day: DAY });
        expect(markers.map(({ mspId, iteration, holders }) => [mspId, iteration, holders])).toEqual(
            ALL.map((mspId) => [mspId, 1, [...SEATS]]),
        );
    });

    it('not on the channel: neither energies nor salts, before and after the iteration is closed', async () => {
        await closeIteration(community);
        const texts = [...community.network.world.range('market', '')].map(({ value }) =>
            Buffer.from(value).toString(),
        );
        expect(texts.length).toBeGreaterThan(100);
        const secrets = ALL.map((mspId) => submission(mspId, 1, []).salt);
        expect(texts.filter((text) => secrets.some((salt) => text.includes(salt)))).toEqual([]);
        expect(texts.filter((text) => text.includes('"-500"') || text.includes('"300"'))).toEqual([]);
    });

    it('cannot be marked by owner and grid operator alone, nor by a committee without the household', () => {
        const { type, parts } = submissionKey(DAY, H3);
        const writes = new Map([[placeOf('market', compositeKey(type, parts)), encodeBytes({ mspId: H3 })]]);
        for (const endorsers of [
            [H3],
            [H3, DSO],
            [DSO, ...SEATS],
            [H3, ...SEATS],
            [H3, DSO, H1],
            [H4, DSO, ...SEATS],
        ]) {
            expect(community.network.forge({ writes }, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
    });
});

describe('the order of submissions', () => {
    it('changes nothing that is on the channel', async () => {
        const after = async (permutation: readonly number[]): Promise<string[]> => {
            const community = await scheduledCommunity(4);
            await openSchedule(community, BETWEEN);
            for (const at of permutation) {
                await submitAnswer(community, submission(ALL[at] ?? '', 1, everySlot(BigInt(100 * at - 137))));
            }
            const { args, options } = await closing(community);
            const submissions = permutation.flatMap((at) => options.transient.submissions[at] ?? []);
            await community.submit('schedule:close', args, {
                ...options,
                transient: { ...options.transient, submissions },
            });
            const { run } = await schedule(community);
            const step = community.network.publicText('market', 'scheduleStep', DAY, '0001') ?? '';
            return [JSON.stringify([run?.prices, run?.residuals, run?.missed], text), step];
        };
        const expected = await after([0, 1, 2, 3]);
        const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
        await fc.assert(
            fc.asyncProperty(orders, async (permutation) => {
                expect(await after(permutation)).toEqual(expected);
            }),
            { numRuns: 5, seed: SEED },
        );
    });
});

const text = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

describe('a run that converges', () => {
    let community: TestCommunity;

    beforeAll(async () => {
        community = await scheduledCommunity(3, { dualTolerance: 100_000_000n });
        await openSchedule(community, BETWEEN);
    });

    it('takes no orders meanwhile, and none after: its rounds are not asked', async () => {
        const orders = { orders: [commitment(order({ mspId: H3, slot: FIRST + 3 }))] };
        const refusal = () => community.refusal('auction:submitOrders', orders, { by: H3, endorsers: [H3, DSO] });
        expect(await refusal()).toBe('DAY_SCHEDULED');
        await everybody(community, 1, BALANCED);
        await closeIteration(community);
        expect((await schedule(community)).status).toBe('converged');
        expect(await refusal()).toBe('DAY_SCHEDULED');
        const close = { by: H1, endorsers: SEATS };
        expect(await community.refusal('auction:closeRound', { slot: FIRST }, close)).toBe('DAY_SCHEDULED');
    });

    it('names the record of each household that is settled by it', async () => {
        const { agreed } = await schedule(community);
        const markers = await community.query('schedule:submissions', { day: DAY });
        expect(agreed?.households).toEqual(markers.map(({ mspId, hash }) => ({ mspId, bus: 'root', hash })));
        expect(agreed?.gridWh).toEqual(everySlot(0n));
        expect(agreed?.prices).toEqual(BETWEEN);
        expect(agreed?.worthNanos).toBe(0n);
    });

    it('is not abandoned, whatever the time', async () => {
        expect(await community.refusal('schedule:abandon', { day: DAY }, abandon(H1, DEADLINE))).toBe('SCHEDULE_ENDED');
    });
});

describe('an agent that dies', () => {
    it.each([1, 2, 3])('before iteration %i keeps what it said last, is noted, and holds nobody up', async (death) => {
        const community = await scheduledCommunity(4, { iterations: 3, primalToleranceWh: 0n, dualTolerance: 0n });
        await openSchedule(community);
        let time = NOW;
        for (let iteration = 1; iteration <= 3; iteration += 1) {
            const living = iteration < death ? ALL : ALL.slice(0, 3);
            for (const mspId of living) {
                await submitAnswer(community, submission(mspId, iteration, everySlot(BigInt(iteration))), time);
            }
            if (iteration >= death) {
                const { args, options } = await closing(community, { time: time + SECONDS - 1 });
                expect(await community.refusal('schedule:close', args, options)).toBe('DEADLINE_OPEN');
                time += SECONDS;
            }
            await closeIteration(community, { by: H2, time });
        }
        const { status, run, reason } = await schedule(community);
        expect([status, reason]).toEqual(['notConverged', 'not after 3 iterations']);
        const late = [1, 2, 3].filter((iteration) => iteration >= death);
        expect(run?.missed).toEqual([{ mspId: H4, iterations: late }]);
        expect(time).toBeLessThan(DEADLINE);
        const { book } = await community.query('schedule:openings', { day: DAY }, { by: H1 });
        expect(book?.households.at(-1)?.energiesWh).toEqual(everySlot(BigInt(death - 1)));
        const steps = await community.query('schedule:steps', { day: DAY });
        expect(steps.map(({ missed }) => missed)).toEqual([1, 2, 3].map((i) => (i >= death ? [H4] : [])));
    });

    it('does not end the run with its silence: it takes the answers of more than half in the iteration that converges', async () => {
        const community = await scheduledCommunity(4);
        await openSchedule(community, BETWEEN);
        for (const [i, answering] of [0, 2, 3].entries()) {
            const time = NOW + SECONDS * (i + 1);
            for (const mspId of ALL.slice(0, answering)) {
                await submitAnswer(community, submission(mspId, i + 1, everySlot(0n)), time - SECONDS);
            }
            expect((await schedule(community)).status).toBe('open');
            await closeIteration(community, { time });
        }
        const { status, agreed } = await schedule(community);
        expect(status).toBe('converged');
        expect(agreed?.households.map(({ hash }) => hash !== null)).toEqual([true, true, true, false]);
    });

    it('comes back: its answer in a later iteration counts', async () => {
        const community = await scheduledCommunity(2);
        await openSchedule(community);
        await submitAnswer(community, submission(H1, 1, everySlot(100n)));
        await closeIteration(community, { time: NOW + SECONDS });
        await everybody(community, 2, [100n, -100n], NOW + SECONDS);
        await closeIteration(community, { time: NOW + SECONDS });
        const { run } = await schedule(community);
        expect(run).toMatchObject({ iteration: 2, missed: [{ mspId: H2, iterations: [1] }] });
    });
});

describe('a coordinator that is killed', () => {
    it('after it was endorsed and before it submitted: another closes the same iteration, to the same end', async () => {
        const community = await scheduledCommunity(3, { dualTolerance: 100_000_000n });
        await openSchedule(community, BETWEEN);
        await everybody(community, 1, BALANCED);
        const { args, options } = await closing(community, { by: DSO });
        const lost = await community.endorse('schedule:close', args, options);
        await closeIteration(community, { by: H2 });
        expect((await schedule(community)).status).toBe('converged');
        // What was endorsed for the first comes back from the dead: it changes nothing.
        expect(community.network.commit(lost, [DSO, ...SEATS])).toBe('MVCC_READ_CONFLICT');
    });

    it('for good, with the grid operator and all agents: any quorum ends the run at its deadline, and the day is traded', async () => {
        const community = await scheduledCommunity(4);
        await openSchedule(community);
        await everybody(community, 1, [1n, 2n]);
        const early = community.refusal('schedule:abandon', { day: DAY }, abandon(H2, DEADLINE - 1));
        expect(await early).toBe('DEADLINE_OPEN');
        expect(await community.refusal('schedule:abandon', { day: DAY }, abandon(H3, DEADLINE))).toBe('FORBIDDEN');
        await community.submit('schedule:abandon', { day: DAY }, abandon(H2, DEADLINE));
        expect(await schedule(community)).toMatchObject({ status: 'notConverged', reason: 'open at the deadline' });
        expect(await community.refusal('schedule:abandon', { day: DAY }, abandon(H2, DEADLINE))).toBe('SCHEDULE_ENDED');
        await community.submitOrder({ mspId: H3, slot: FIRST + 3 });
        await community.submitOrder({ mspId: H4, slot: FIRST + 3, side: 'sell', limit: 100_000n });
        await community.closeRound(FIRST + 3);
        await community.clearRound(FIRST + 3);
        expect((await community.query('auction:round', { slot: FIRST + 3 })).status).toBe('cleared');
    });

    it('before anybody opened the run: a replayed day has no deadline to wait for', async () => {
        const community = await scheduledCommunity(2);
        await community.submit('schedule:abandon', { day: DAY }, abandon(H1, NOW));
        expect(await schedule(community)).toMatchObject({ status: 'notConverged', reason: 'planned at the deadline' });
    });
});

describe('whoever closes', () => {
    it('may be any seat or the grid operator: all of them hold what it takes, after every iteration', async () => {
        const community = await scheduledCommunity(3);
        await openSchedule(community);
        for (const [i, by] of [DSO, H1, H2].entries()) {
            await everybody(community, i + 1, [10n, -20n, 30n]);
            await closeIteration(community, { by });
        }
        expect((await schedule(community)).run?.iteration).toBe(3);
    });
});

describe('once records need no longer be kept', () => {
    it('answers and books go, whoever held them, and their hashes stay', async () => {
        const community = await scheduledCommunity(3, { dualTolerance: 100_000_000n });
        await openSchedule(community, BETWEEN);
        await everybody(community, 1, BALANCED);
        await closeIteration(community);
        // The first second of 2025 by the community's clock: records of 2014 are ten years old.
        const time = Date.UTC(2024, 11, 31, 23) / 1000;
        for (const [by, mspId] of [
            [H1, H3],
            [H3, H3],
        ] as const) {
            await community.submit('retention:purge', { mspId, day: DAY }, { by, endorsers: [by], time });
        }
        const held = (by: string) => community.query('schedule:openings', { day: DAY }, { by });
        expect(await held(H3)).toEqual({ submissions: [], book: null });
        expect((await held(H1)).submissions.map(({ mspId }) => mspId)).toEqual([H1, H2]);
        expect((await held(H1)).book).toBeNull();
        expect((await held(DSO)).submissions).toHaveLength(3);
        expect((await schedule(community)).agreed?.households.every(({ hash }) => hash !== null)).toBe(true);
    });
});

describe('a live day', () => {
    const day = '2015-01-04';
    const begins = NOW + 3 * 86_400 - 3_600;
    /** Eight slots before it begins: two hours. */
    const end = begins - 8 * 900;
    const open = (time: number) => ({ by: DSO, endorsers: [DSO, ...SEATS], time });
    const firstPrices = BETWEEN;

    async function liveDay(): Promise<TestCommunity> {
        const community = await scheduledCommunity(2);
        await community.submit('auction:openDay', { day, replay: false }, { endorsers: [DSO, H1] });
        return community;
    }

    it('has its run end in time to trade, however late it was opened', async () => {
        const community = await liveDay();
        await community.submit('schedule:open', { day, firstPrices }, open(end - 60));
        expect((await community.query('schedule:get', { day })).run?.deadline).toBe(end);
        const answer = submission(H2, 1, everySlot(0n), { day });
        const asked = { day, iteration: 1, to: [...SEATS] };
        const late = { by: H2, endorsers: [H2, DSO, H1], transient: { submission: answer }, time: end };
        expect(await community.refusal('schedule:submit', asked, late)).toBe('SCHEDULE_OVERDUE');
        await community.submit('schedule:abandon', { day }, abandon(H1, end));
        expect((await community.query('schedule:get', { day })).status).toBe('notConverged');
        await community.commitTo(order({ mspId: H2, slot: begins / 900 + 5 }), end + 1);
    });

    it('is traded where nobody opened a run in time', async () => {
        const community = await liveDay();
        expect(await community.refusal('schedule:abandon', { day }, abandon(H1, end - 1))).toBe('DEADLINE_OPEN');
        expect(await community.refusal('schedule:open', { day, firstPrices }, open(end))).toBe('SCHEDULE_OVERDUE');
        await community.submit('schedule:abandon', { day }, abandon(H1, end));
        expect(await community.query('schedule:get', { day })).toMatchObject({ reason: 'planned at the deadline' });
    });
});
