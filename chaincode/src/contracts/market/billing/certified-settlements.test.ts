import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ScheduleClaim, SubmissionRecord } from '../../../api/records';
import { claimHash } from '../../../api/schedules';
import { DAY, DSO, household, ownerKey, SEATS, type TestCommunity } from '../../../testing/community';
import { everySlot, flat, openSchedule, scheduledCommunity, submission } from '../../../testing/market/schedule';
import { everySide, meterAll, settleScheduled, statePool } from '../../../testing/market/scheduled-settling';

const HOUSEHOLDS = [1, 2, 3, 4].map(household);
/** Its peer gets nothing from the certificate: it is none of the seats that endorse it. */
const OUTSIDE = HOUSEHOLDS.find((mspId) => !SEATS.includes(mspId)) ?? '';
/** Of the pool in every slot, Wh; the grid gives the rest. */
const TAKEN = new Map(HOUSEHOLDS.map((mspId, index) => [mspId, [-500n, 200n, 200n, 300n][index] ?? 0n]));
const CLAIM: ScheduleClaim = { day: DAY, prices: [flat(300_000_000n)], gridWh: everySlot(-200n) };

const agreement = (mspId: string, claim = CLAIM, signer = ownerKey(mspId)): SubmissionRecord =>
    submission(mspId, 0, everySlot(TAKEN.get(mspId) ?? 0n), { claim: claimHash(claim) }, signer);

let community: TestCommunity;
let agreed: SubmissionRecord;

const held = async (by: string): Promise<SubmissionRecord[]> =>
    (await community.query('schedule:openings', { day: DAY }, { by })).submissions;
const known = async (by: string, mspId = OUTSIDE) =>
    (await community.query('recovery:records', { mspId, day: DAY }, { by })).submissions;
const restoring = (record: SubmissionRecord, by = OUTSIDE) => {
    const nothing = { orders: [], readings: [], settlements: [], bills: [], corrections: [], suspicions: [] };
    const transient = { records: { ...nothing, submissions: [record] } };
    return [
        { mspId: OUTSIDE, day: DAY },
        { by, endorsers: [by], transient },
    ] as const;
};

beforeAll(async () => {
    community = await scheduledCommunity(HOUSEHOLDS.length, { mode: 'certificate' });
    await openSchedule(community);
    const agreements = HOUSEHOLDS.map((mspId) => agreement(mspId));
    agreed = agreements.find(({ mspId }) => mspId === OUTSIDE) ?? agreement(OUTSIDE);
    expect(await known(OUTSIDE)).toEqual([]);
    const options = { by: DSO, endorsers: [DSO, ...SEATS], transient: { agreements } };
    await community.submit('schedule:certify', { ...CLAIM, to: [...SEATS] }, options);
}, 60_000);

describe('a household without a seat, on a certified day', () => {
    it('finds nothing at its own peer, and knows that it should', async () => {
        expect(await held(OUTSIDE)).toEqual([]);
        expect((await known(OUTSIDE)).map(({ key, record }) => [key, record])).toEqual([[agreed.key, undefined]]);
        expect((await known(DSO)).map(({ record }) => record)).toEqual([agreed]);
    });

    it("is settled by what it kept itself, and its peer has it from then on, as the grid operator's", async () => {
        const readings = await meterAll(community, OUTSIDE, -(TAKEN.get(OUTSIDE) ?? 0n));
        await statePool(community, everySide('long'));
        const record = await settleScheduled(community, OUTSIDE, { readings, scheduled: agreed });
        expect(record.slots[0]).toMatchObject({ boughtWh: TAKEN.get(OUTSIDE), soldWh: 0n });
        expect(await held(OUTSIDE)).toEqual([agreed]);
        expect((await held(DSO)).filter(({ mspId }) => mspId === OUTSIDE)).toEqual([agreed]);
        expect((await known(OUTSIDE)).map((each) => each.record)).toEqual([agreed]);
    }, 60_000);
});

describe('an agreement that was lost', () => {
    it('comes back as the schedule names it, before it is settled, too', async () => {
        const other = await scheduledCommunity(HOUSEHOLDS.length, { mode: 'certificate' });
        await openSchedule(other);
        community = other;
        expect(await community.refusal('recovery:restore', ...restoring(agreed))).toBe('OPENING_MISMATCH');
        const agreements = HOUSEHOLDS.map((mspId) => agreement(mspId));
        const options = { by: DSO, endorsers: [DSO, ...SEATS], transient: { agreements } };
        await community.submit('schedule:certify', { ...CLAIM, to: [...SEATS] }, options);
        const [copy] = (await known(DSO)).flatMap(({ record }) => (record === undefined ? [] : [record]));
        expect(copy?.mspId).toBe(OUTSIDE);
        const changed = agreement(OUTSIDE, { ...CLAIM, gridWh: everySlot(-201n) });
        expect(await community.refusal('recovery:restore', ...restoring(changed))).toBe('OPENING_MISMATCH');
        await community.submit('recovery:restore', ...restoring(copy ?? agreed));
        expect(await held(OUTSIDE)).toEqual([copy]);
    }, 60_000);
});
