import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeBytes } from '../../../api/wire';
import { dayFrom, daysSinceEpoch } from '../../../domain/calendar';
import { DAY, DSO, FIRST, household, TestCommunity } from '../../../testing/community';
import { closed, commit, countsOf, PARAMETERS, reveal, secretOf, weighed } from '../../../testing/epochs';
import { withElected } from './closing';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import type { Code } from '../../../testing/world-state';

const [H1, H2, H3, H4, H5] = [household(1), household(2), household(3), household(4), household(5)];
const EVERYBODY = [H1, H2, H3, H4, H5];
const NEXT = '2014-10-04';
/** A day of a community that has clocks, 2015-01-01 in local time (UTC+1): its first slot begins an hour before the first of NOW. */
const TODAY = '2015-01-01';
const MIDNIGHT = 1_420_066_800;
const COMMITTED = MIDNIGHT + 72 * 900;
const REVEALED = COMMITTED + 12 * 900;
const CONFIRMED = REVEALED + 96 * 900;

async function withParameters(size = 5, change: Partial<typeof PARAMETERS> = {}): Promise<TestCommunity> {
    const community = await TestCommunity.governed(size);
    await community.submit('stake:setParameters', { ...PARAMETERS, ...change });
    return community;
}

const placeIn = (type: string, ...parts: string[]): string => placeOf('governance', compositeKey(type, parts));
const forged = (community: TestCommunity, place: string, value: object | string, by: readonly string[]): Code =>
    community.network.forge(
        { writes: new Map([[place, typeof value === 'string' ? Buffer.from(value) : encodeBytes(value)]]) },
        by,
    );

describe('keys of an epoch', () => {
    let community: TestCommunity;
    beforeAll(async () => {
        community = await withParameters();
        await community.submit('stake:openEpoch', { epoch: DAY });
    });

    it.each(['seedCommitment', 'seedReveal', 'producerConfirmation'])(
        '%s: are written by their owner alone, whatever chaincode the others run',
        (type) => {
            const record = { epoch: DAY, mspId: H1 };
            const others = [DSO, ...EVERYBODY.filter((mspId) => mspId !== H1)];
            expect(forged(community, placeIn(type, DAY, H1), record, others)).toBe('ENDORSEMENT_POLICY_FAILURE');
            expect(forged(community, placeIn(type, DAY, H1), record, [H1])).toBe('VALID');
        },
    );

    it('of energy are written by household and grid operator together', () => {
        const record = { epoch: DAY, mspId: H1, tokens: 9n };
        const write = (by: readonly string[]): Code => forged(community, placeIn('matchedEnergy', DAY, H1), record, by);
        expect(write([DSO, H2, H3, H4, H5])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(write([H1])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(write([H1, DSO])).toBe('VALID');
    });

    it('hold no more energy than a connection carries, whatever household and grid operator write', async () => {
        const other = await withParameters();
        await other.submit('stake:openEpoch', { epoch: DAY });
        const [most, some] = [
            { epoch: DAY, mspId: H1, tokens: 2n ** 63n - 1n },
            { epoch: DAY, mspId: H2, tokens: 20n },
        ];
        expect(forged(other, placeIn('matchedEnergy', DAY, H1), most, [H1, DSO])).toBe('VALID');
        expect(forged(other, placeIn('matchedEnergy', DAY, H2), some, [H2, DSO])).toBe('VALID');
        await other.submit('stake:fixWeights', { epoch: DAY });
        const { weights } = await other.query('stake:weights', {});
        expect(weights.slice(0, 2).map(({ tokens }) => tokens)).toEqual([100n, 20n]);
        expect(weights.every(({ weight }) => weight < 333_334n)).toBe(true);
    });

    it.each(['epoch', 'stakeBook'])('%s: fall to the community, not to the operator with a minority', (type) => {
        const place = placeIn(type, type === 'epoch' ? DAY : 'document');
        expect(forged(community, place, {}, [DSO, H1, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });
});

describe('a member that runs other chaincode on its own peer', () => {
    let community: TestCommunity;
    beforeEach(async () => {
        community = await withParameters();
    });

    it('gains nothing by another commitment after the weights are fixed', async () => {
        const epoch = await weighed(community, DAY);
        const late = { epoch: DAY, mspId: H1, commitment: 'ab'.repeat(32) };
        expect(forged(community, placeIn('seedCommitment', DAY, H1), late, [H1])).toBe('VALID');
        for (const mspId of EVERYBODY) {
            await reveal(community, DAY, mspId);
        }
        await community.submit('stake:closeEpoch', { epoch: DAY });
        const { weights, result } = await community.query('stake:epoch', { epoch: DAY });
        expect(weights).toEqual(epoch.weights);
        expect(result?.unrevealed).toEqual([]);
    });

    it('is as one that did not reveal if it writes another secret', async () => {
        await weighed(community, DAY);
        const other = { epoch: DAY, mspId: H1, secret: secretOf(NEXT, H1) };
        expect(forged(community, placeIn('seedReveal', DAY, H1), other, [H1])).toBe('VALID');
        for (const mspId of [H2, H3, H4, H5]) {
            await reveal(community, DAY, mspId);
        }
        await community.submit('stake:closeEpoch', { epoch: DAY });
        const { result } = await community.query('stake:epoch', { epoch: DAY });
        expect(result).toMatchObject({ unrevealed: [H1], revealed: [H2, H3, H4, H5] });
        expect(result?.ranking).not.toContain(H1);
    });

    it.each([
        { what: 'no JSON', value: 'nonsense' },
        { what: "another's name", value: { epoch: DAY, mspId: H2, commitment: 'ab'.repeat(32) } },
        { what: 'another epoch', value: { epoch: NEXT, mspId: H1, commitment: 'ab'.repeat(32) } },
    ])('stops nobody by writing $what into its keys', async ({ value }) => {
        await community.submit('stake:openEpoch', { epoch: DAY });
        for (const type of ['seedCommitment', 'seedReveal', 'producerConfirmation']) {
            expect(forged(community, placeIn(type, DAY, H1), value, [H1])).toBe('VALID');
        }
        for (const mspId of [H2, H3, H4, H5]) {
            await commit(community, DAY, mspId);
        }
        await community.submit('stake:fixWeights', { epoch: DAY });
        for (const mspId of [H2, H3, H4, H5]) {
            await reveal(community, DAY, mspId);
        }
        await community.submit('stake:closeEpoch', { epoch: DAY }, { by: H2 });
        const { result } = await community.query('stake:epoch', { epoch: DAY });
        expect(result).toMatchObject({ unrevealed: [], revealed: [H2, H3, H4, H5] });
        const counts = countsOf([H2, H3]);
        for (const mspId of [H2, H3, H4]) {
            await community.submit('stake:confirmProducers', { epoch: DAY, counts }, { by: mspId, endorsers: [mspId] });
        }
        await community.submit('stake:reward', { epoch: DAY });
        expect(await community.query('stake:participation', { epoch: DAY })).toHaveLength(5);
    });
});

describe('an epoch by the clock', () => {
    let community: TestCommunity;
    const opened = async (): Promise<void> => {
        community = await TestCommunity.governed(4, {
            replayAllowed: false,
            fromDay: '2015-01-02',
            fromSlot: MIDNIGHT / 900 + 96,
        });
        await community.submit('stake:setParameters', { ...PARAMETERS, fromDay: '2015-01-02' });
    };
    const DAY_AFTER = 86_400;

    it('takes commitments, secrets and confirmations in their time only', async () => {
        await opened();
        const epoch = '2015-01-02';
        const at = (time: number): number => time + DAY_AFTER;
        expect(await community.refusal('stake:openEpoch', { epoch: TODAY }, { by: H1 })).toBe('PARAMETERS_MISSING');
        expect(await community.refusal('stake:openEpoch', { epoch: '2015-01-03' }, { by: H1 })).toBe('DAY_TOO_FAR');
        expect(await community.refusal('stake:openEpoch', { epoch }, { by: H1, time: at(COMMITTED) })).toBe(
            'EPOCH_PAST',
        );
        await community.submit('stake:openEpoch', { epoch }, { by: H1 });
        await commit(community, epoch, H1);
        await commit(community, epoch, H2, at(COMMITTED) - 1);
        await commit(community, epoch, H3, at(COMMITTED) - 1);
        const late = { epoch, commitment: 'ab'.repeat(32) };
        const byH4 = { by: H4, endorsers: [H4], time: at(COMMITTED) };
        expect(await community.refusal('stake:commitSeed', late, byH4)).toBe('COMMITMENTS_CLOSED');
        for (const by of [DSO, H1]) {
            const early = { by, time: at(COMMITTED) - 1 };
            expect(await community.refusal('stake:fixWeights', { epoch }, early)).toBe('COMMITMENTS_OPEN');
        }
        await community.submit('stake:fixWeights', { epoch }, { by: H2, time: at(COMMITTED) });
        await reveal(community, epoch, H1, at(COMMITTED));
        await reveal(community, epoch, H2, at(REVEALED) - 1);
        const missed = { by: H3, endorsers: [H3], time: at(REVEALED) };
        expect(await community.refusal('stake:revealSeed', { epoch, secret: secretOf(epoch, H3) }, missed)).toBe(
            'REVEALS_CLOSED',
        );
        const early = { by: DSO, time: at(REVEALED) - 1 };
        expect(await community.refusal('stake:closeEpoch', { epoch }, early)).toBe('REVEALS_OPEN');
        await community.submit('stake:closeEpoch', { epoch }, { by: H4, time: at(REVEALED) });
        const { result } = await community.query('stake:epoch', { epoch });
        expect(result).toMatchObject({ revealed: [H1, H2], unrevealed: [H3] });
        expect(result?.committee).toMatchObject({ fromSlot: MIDNIGHT / 900 + 2 * 96 });
        for (const mspId of [H1, H2, H3]) {
            const options = { by: mspId, endorsers: [mspId], time: at(REVEALED) };
            await community.submit('stake:confirmProducers', { epoch, counts: countsOf([H1, H2]) }, options);
        }
        const open = { by: DSO, time: at(CONFIRMED) - 1 };
        expect(await community.refusal('stake:reward', { epoch }, open)).toBe('CONFIRMATIONS_OPEN');
        await community.submit('stake:reward', { epoch }, { by: H1, time: at(CONFIRMED) });
    });

    it('elects for the next day that has not begun when it is closed late', async () => {
        await opened();
        const epoch = '2015-01-02';
        await community.submit('stake:openEpoch', { epoch });
        await commit(community, epoch, H1);
        await commit(community, epoch, H2);
        await community.submit('stake:fixWeights', { epoch }, { by: H1, time: COMMITTED + DAY_AFTER });
        await reveal(community, epoch, H1, COMMITTED + DAY_AFTER);
        await reveal(community, epoch, H2, COMMITTED + DAY_AFTER);
        await community.submit('stake:closeEpoch', { epoch }, { by: H1, time: MIDNIGHT + 3 * DAY_AFTER });
        const { result } = await community.query('stake:epoch', { epoch });
        expect(result?.committee?.fromSlot).toBe(MIDNIGHT / 900 + 4 * 96);
    });
});

describe('an elected committee by the clock', () => {
    const EPOCH = '2015-01-02';
    const DAYS = 86_400;
    let community: TestCommunity;

    beforeEach(async () => {
        const fromSlot = MIDNIGHT / 900 + 96;
        community = await TestCommunity.governed(5, { replayAllowed: false, fromDay: EPOCH, fromSlot });
        await community.submit('stake:setParameters', { ...PARAMETERS, fromDay: EPOCH });
        await community.submit('stake:openEpoch', { epoch: EPOCH });
        for (const mspId of EVERYBODY) {
            await commit(community, EPOCH, mspId);
        }
        await community.submit('stake:fixWeights', { epoch: EPOCH }, { time: COMMITTED + DAYS });
        for (const mspId of EVERYBODY) {
            await reveal(community, EPOCH, mspId, COMMITTED + DAYS);
        }
        await community.submit('stake:closeEpoch', { epoch: EPOCH }, { time: COMMITTED + DAYS });
    });

    it('is not set aside by an appointment for a later day until a week of it has passed', async () => {
        const [begins, day] = [MIDNIGHT + 2 * DAYS, (n: number): number => MIDNIGHT / 900 + n * 96];
        const appointment = {
            seats: [H1, H2, H3].map((mspId) => ({ mspId, weight: 1n })),
            quorum: { numerator: 1n, denominator: 2n },
        };
        const asked = (time: number): Promise<string> =>
            community.refusal('committee:appoint', { ...appointment, fromSlot: day(30) }, { time });
        expect(await asked(COMMITTED + DAYS)).toBe('COMMITTEE_EXISTS');
        expect(await asked(begins + 7 * DAYS - 1)).toBe('COMMITTEE_EXISTS');
        const time = begins + 7 * DAYS;
        await community.submit('committee:appoint', { ...appointment, fromSlot: day(30) }, { time });
    });

    it('is not filed again for a far day by whoever finds a seat vacant', async () => {
        const { result } = await community.query('stake:epoch', {});
        const mspId = result?.committee?.seats[0]?.mspId ?? '';
        const time = COMMITTED + DAYS;
        await community.submit('community:suspend', { mspId, fromDay: '2015-01-04', reason: 'a test' }, { time });
        const far = { epoch: EPOCH, fromDay: '2015-01-05' };
        expect(await community.refusal('stake:substitute', far, { by: H1, time })).toBe('DAY_TOO_FAR');
        const next = { epoch: EPOCH, fromDay: '2015-01-04' };
        await community.submit('stake:substitute', next, { by: H1, time: time + DAYS });
    });

    it('answers with its deposits for a week after its term', async () => {
        const { result } = await community.query('stake:epoch', {});
        const mspId = result?.committee?.seats[0]?.mspId ?? '';
        const begins = MIDNIGHT + 2 * DAYS;
        await community.submit('stake:deposit', { mspId, amountNanos: 5n, reference: 'paid in' });
        const seats = EVERYBODY.filter((each) => each !== mspId).slice(0, 3);
        await community.submit(
            'committee:appoint',
            {
                fromSlot: begins / 900 + 96 * 9,
                seats: seats.map((each) => ({ mspId: each, weight: 1n })),
                quorum: { numerator: 1n, denominator: 2n },
            },
            { time: begins + 7 * DAYS },
        );
        const ends = begins + 9 * DAYS;
        const amount = { amountNanos: 5n };
        const late = { by: mspId, time: ends + 7 * DAYS - 1 };
        expect(await community.refusal('stake:withdraw', amount, late)).toBe('DEPOSIT_LOCKED');
        await community.submit('stake:withdraw', amount, { by: mspId, time: ends + 7 * DAYS });
    });
});

describe('who does not reveal', () => {
    it('pays from what there is, once, and is not drawn', async () => {
        const community = await withParameters();
        await community.submit('stake:deposit', { mspId: H5, amountNanos: 150_000_000n, reference: 'paid in' });
        const first = await closed(community, DAY, { committing: EVERYBODY, revealing: [H1, H2, H3, H4] });
        expect(first.result).toMatchObject({ unrevealed: [H5] });
        expect(first.result?.ranking).toHaveLength(4);
        expect(await community.query('stake:account', { mspId: H5 })).toMatchObject({
            depositNanos: 50_000_000n,
            penalties: 1,
            age: 0,
        });
        await closed(community, NEXT, { committing: EVERYBODY, revealing: [H1, H2, H3, H4] });
        expect((await community.query('stake:account', { mspId: H5 })).depositNanos).toBe(0n);
        expect((await community.query('stake:book', {})).penaltiesNanos).toBe(150_000_000n);
        expect(await community.query('stake:misconducts', { mspId: H5 })).toMatchObject([
            { kind: 'unrevealed', subject: DAY, depositNanos: 100_000_000n },
            { kind: 'unrevealed', subject: NEXT, depositNanos: 50_000_000n },
        ]);
        expect(await community.query('stake:misconducts', { mspId: H1 })).toEqual([]);
    });

    it('leaves the committee that there was where fewer than two reveal', async () => {
        const community = await withParameters();
        const { result } = await closed(community, DAY, { committing: EVERYBODY, revealing: [H1] });
        expect(result).toMatchObject({ committee: null, ranking: [H1] });
        const { committees } = await community.query('charter:document', {});
        expect(committees).toHaveLength(1);
    });
});

describe('a committee', () => {
    it('cannot be set aside by an appointment until no election has been held for a week', async () => {
        const community = await withParameters();
        await closed(community, DAY);
        const appointment = {
            seats: [H1, H2, H3].map((mspId) => ({ mspId, weight: 1n })),
            quorum: { numerator: 1n, denominator: 2n },
        };
        const asked = { ...appointment, fromSlot: FIRST + 96 * 7 };
        expect(await community.refusal('committee:appoint', asked)).toBe('COMMITTEE_EXISTS');
        await community.submit('committee:appoint', { ...appointment, fromSlot: FIRST + 96 * 8 });
        const { result } = await closed(community, NEXT);
        expect(result).toMatchObject({ committee: null });
    });

    it('goes on with the next in the ranking when a seat is vacant', async () => {
        const community = await withParameters();
        const { result } = await closed(community, DAY);
        const [gone = '', second = '', third = '', fourth = ''] = result?.ranking ?? [];
        const fromDay = '2014-10-06';
        await community.submit('community:suspend', { mspId: gone, fromDay, reason: 'a test' });
        expect(await community.refusal('stake:substitute', { epoch: DAY, fromDay: '2014-10-05' })).toBe(
            'SUBSTITUTE_MISSING',
        );
        await community.submit('stake:substitute', { epoch: DAY, fromDay }, { by: H2 });
        const seats = async (slot: number): Promise<string[]> =>
            (await community.query('committee:current', { slot })).seats.map(({ mspId }) => mspId);
        expect(await seats(FIRST + 3 * 96 - 1)).toEqual([gone, second, third]);
        expect(await seats(FIRST + 3 * 96)).toEqual([second, third, fourth]);
    });

    it('that stayed away altogether has missed its duty', async () => {
        const community = await withParameters();
        const first = await closed(community, DAY);
        await closed(community, NEXT);
        const [idle = '', busy = ''] = first.result?.committee?.seats.map(({ mspId }) => mspId) ?? [];
        const counts = countsOf([H1, H2], { endorsed: [{ mspId: busy, rounds: 96 }] });
        for (const mspId of EVERYBODY.filter((each) => each !== idle)) {
            await community.submit(
                'stake:confirmProducers',
                { epoch: NEXT, counts },
                { by: mspId, endorsers: [mspId] },
            );
        }
        await community.submit('stake:reward', { epoch: NEXT });
        expect((await community.query('stake:rewards', { epoch: NEXT })).missedDuty).toEqual([idle]);
        expect(await community.query('stake:misconducts', { mspId: idle })).toMatchObject([{ kind: 'missedDuty' }]);
        expect(await community.refusal('stake:reward', { epoch: NEXT })).toBe('REWARD_EXISTS');
    });
});

describe('the charter', () => {
    it('forgets committees whose days can no longer be billed, and no others', async () => {
        const community = await withParameters(4, { keepDays: 31 });
        const epoch = await closed(community, DAY);
        let charter = await community.query('charter:document', {});
        const { committee } = epoch.result ?? {};
        if (committee === null || committee === undefined) {
            throw new Error('a committee was elected');
        }
        for (let n = 2; n <= 400; n += 1) {
            const next = { ...committee, fromSlot: FIRST + n * 96 };
            const of = { ...epoch, epoch: dayFrom(daysSinceEpoch(DAY) + n - 1) };
            charter = { ...withElected(charter, next, of, 0).charter, version: charter.version + 1 };
        }
        const kept = charter.committees.map(({ fromSlot }) => (fromSlot - FIRST) / 96);
        // The oldest serves on the day that lies 31 days before the newest epoch's.
        expect([kept[0], kept.at(-1), kept.length]).toEqual([368, 400, 33]);
    });
});
