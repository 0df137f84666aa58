import { beforeAll, describe, expect, it } from '@jest/globals';
import { nanos } from '../../../domain/quantity';
import { DAY, DSO, household, NOW, SEATS, type TestCommunity } from '../../../testing/community';
import { TestAccount, withBank } from '../../../testing/market/money';
import {
    closeIteration,
    closing,
    everySlot,
    openSchedule,
    scheduledCommunity,
    submission,
    submitAnswer,
} from '../../../testing/market/schedule';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const MUCH = 1_000_000_000_000_000n;
const SECONDS = 30;

let community: TestCommunity;

async function cover(mspId: string): Promise<void> {
    const account = new TestAccount(community, mspId);
    await account.fill(MUCH);
    const { amountNanos } = await community.query('accounts:coverOf', { mspId, day: DAY });
    const hold = { kind: 'day' as const, subject: DAY, amount: nanos(amountNanos) };
    await account.submit('accounts:reserveDay', { day: DAY }, { use: { kind: 'hold', hold } });
}

async function answers(iteration: number, members: readonly string[], time: number): Promise<void> {
    for (const mspId of members) {
        await submitAnswer(community, submission(mspId, iteration, everySlot(BigInt(iteration))), time);
    }
}

const closedAt = async (time: number): Promise<string> => {
    const { args, options } = await closing(community, { time });
    return community.refusal('schedule:close', args, options);
};
const missed = async () => (await community.query('schedule:get', { day: DAY })).run?.missed;

beforeAll(async () => {
    community = await scheduledCommunity(3, { primalToleranceWh: 0n, dualTolerance: 0n }, {}, true);
    await withBank(community);
    await openSchedule(community);
    for (const mspId of [H1, H2]) {
        await cover(mspId);
    }
}, 60_000);

describe('a home that has no cover for the day', () => {
    it('may not answer', async () => {
        const submitted = { day: DAY, iteration: 1, to: [...SEATS] };
        const transient = { submission: submission(H3, 1, everySlot(0n)) };
        const options = { by: H3, endorsers: [H3, DSO, ...SEATS], transient };
        expect(await community.refusal('schedule:submit', submitted, options)).toBe('NOT_COVERED');
    });

    it('is waited for in the first iteration, in which it may still be covered, and is not noted as late', async () => {
        await answers(1, [H1, H2], NOW);
        expect(await closedAt(NOW + SECONDS - 1)).toBe('DEADLINE_OPEN');
        await closeIteration(community, { time: NOW + SECONDS });
        expect(await missed()).toEqual([]);
    });

    it('holds nobody up later, while one that is covered is waited for and noted', async () => {
        await answers(2, [H1], NOW + SECONDS);
        expect(await closedAt(NOW + 2 * SECONDS - 1)).toBe('DEADLINE_OPEN');
        await answers(2, [H2], NOW + SECONDS);
        await closeIteration(community, { time: NOW + SECONDS });
        await answers(3, [H1], NOW + SECONDS);
        await closeIteration(community, { time: NOW + 2 * SECONDS });
        expect(await missed()).toEqual([{ mspId: H2, iterations: [3] }]);
    });

    it('takes part from when it is covered, and is noted from then on like all', async () => {
        await cover(H3);
        await answers(4, [H1, H2, H3], NOW + 2 * SECONDS);
        await closeIteration(community, { time: NOW + 2 * SECONDS });
        await answers(5, [H1, H2], NOW + 2 * SECONDS);
        expect(await closedAt(NOW + 3 * SECONDS - 1)).toBe('DEADLINE_OPEN');
        await closeIteration(community, { time: NOW + 3 * SECONDS });
        expect(await missed()).toEqual([
            { mspId: H2, iterations: [3] },
            { mspId: H3, iterations: [5] },
        ]);
    });
});
