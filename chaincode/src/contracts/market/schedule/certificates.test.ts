import { beforeAll, describe, expect, it } from '@jest/globals';
import { claimHash } from '../../../api/schedules';
import type { ScheduleClaim, SubmissionRecord } from '../../../api/records';
import { DAY, DSO, household, NOW, ownerKey, SEATS, TestCommunity } from '../../../testing/community';
import { everySlot, flat, openSchedule, scheduledCommunity, SLOTS, submission } from '../../../testing/market/schedule';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const QUORUM = [...SEATS];
/** What everybody's connection takes in a slot, Wh: 6 kW. */
const MOST = 1500n;

describe('schedule:certify', () => {
    let community: TestCommunity;
    // Every slot imports 200 Wh at retail.
    const claim: ScheduleClaim = { day: DAY, prices: [flat(300_000_000n)], gridWh: everySlot(-200n) };
    const energies: Readonly<Record<string, bigint>> = { [H1]: -500n, [H2]: 300n, [H3]: 400n };

    function agreement(
        mspId: string,
        change: Partial<SubmissionRecord> = {},
        to: ScheduleClaim = claim,
        signer = ownerKey(mspId),
    ): SubmissionRecord {
        const own = everySlot(energies[mspId] ?? 0n);
        return submission(mspId, 0, own, { claim: claimHash(to), ...change }, signer);
    }
    const all = (of: ScheduleClaim = claim, change: Partial<Record<string, Partial<SubmissionRecord>>> = {}) =>
        [H1, H2, H3].map((mspId) => agreement(mspId, change[mspId] ?? {}, of));
    const off = (slots: readonly bigint[], by: bigint): bigint[] =>
        slots.map((each, i) => (i === 7 ? each + by : each));

    const forged = (mspId: string, change: Partial<SubmissionRecord> = {}): SubmissionRecord =>
        agreement(mspId, change, claim, ownerKey(mspId === H1 ? H2 : H1));

    beforeAll(async () => {
        community = await scheduledCommunity(3, { mode: 'certificate' });
        await openSchedule(community);
    });

    const offered = (
        claimed: ScheduleClaim,
        agreements: readonly SubmissionRecord[],
        how: { by?: string; to?: string[]; time?: number } = {},
    ) => {
        const { by = DSO, to = QUORUM, time = NOW } = how;
        return {
            args: { ...claimed, to },
            options: { by, endorsers: [DSO, ...QUORUM], transient: { agreements }, time },
        };
    };
    const dearer = { ...claim, prices: [flat(300_000_001n)] };
    const cheaper = { ...claim, prices: [flat(299_999_999n)] };

    it.each<{
        code: string;
        why: string;
        of?: ScheduleClaim;
        agreements: SubmissionRecord[];
        how?: { by?: string; to?: string[]; time?: number };
    }>([
        { code: 'SCHEDULE_OVERDUE', why: 'after the deadline', agreements: [], how: { by: H3, time: NOW + 600 } },
        { code: 'FORBIDDEN', why: 'by who has no seat', agreements: [], how: { by: H3, to: [H1] } },
        { code: 'COALITION_TOO_LIGHT', why: 'for one seat', agreements: [], how: { to: [H1] } },
        { code: 'OPENING_UNKNOWN', why: "with an outsider's", agreements: [agreement(DSO)] },
        { code: 'OPENING_UNKNOWN', why: 'with one twice', agreements: [agreement(H1), agreement(H1)] },
        // Wrong in every way below, too: another's is an answer of an iteration, to other prices, and forged.
        {
            code: 'AGREEMENT_MISSING',
            why: 'without one',
            of: dearer,
            agreements: [forged(H1, { iteration: 1 }), agreement(H2)],
        },
        {
            code: 'RECORD_WRONG',
            why: 'an answer of an iteration',
            of: dearer,
            agreements: [forged(H1), agreement(H2), agreement(H3, { iteration: 1 })],
        },
        {
            code: 'AGREEMENT_WRONG',
            why: 'signed for other prices',
            of: dearer,
            agreements: [forged(H1, { claim: claimHash(dearer) }), ...all().slice(1)],
        },
        {
            code: 'AGREEMENT_WRONG',
            why: 'signed for another day',
            agreements: all({ ...claim, day: '2014-10-04' }),
        },
        {
            code: 'SIGNATURE_INVALID',
            why: "with another's key",
            of: dearer,
            agreements: [forged(H1, { claim: claimHash(dearer), energiesWh: [] }), ...all(dearer).slice(1)],
        },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'a slot too few',
            agreements: all(claim, { [H3]: { energiesWh: everySlot(400n).slice(1) } }),
        },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'a price too few',
            of: { ...claim, prices: [{ bus: 'root', pricesNanos: everySlot(300_000_000n).slice(1) }] },
            agreements: all({ ...claim, prices: [{ bus: 'root', pricesNanos: everySlot(300_000_000n).slice(1) }] }),
        },
        {
            code: 'ENERGY_ABOVE_LIMIT',
            why: 'a Wh above a connection',
            agreements: all(claim, { [H3]: { energiesWh: off(everySlot(400n), MOST - 399n) } }),
        },
        {
            code: 'SCHEDULE_UNBALANCED',
            why: 'off by one Wh',
            agreements: all(claim, { [H3]: { energiesWh: off(everySlot(400n), 1n) } }),
        },
        { code: 'GRID_PRICE_WRONG', why: 'a nano too dear', of: dearer, agreements: all(dearer) },
        { code: 'GRID_PRICE_WRONG', why: 'a nano too cheap', of: cheaper, agreements: all(cheaper) },
    ])('refuses with $code and writes nothing: $why', async ({ code, of = claim, agreements, how }) => {
        const { args, options } = offered(of, agreements, how);
        expect(await community.refusal('schedule:certify', args, options)).toBe(code);
    });

    it('takes the certificate, and ends the run with it', async () => {
        const agreements = all();
        const { args, options } = offered(claim, agreements);
        await community.submit('schedule:certify', args, options);
        const { status, agreed } = await community.query('schedule:get', { day: DAY });
        expect(status).toBe('converged');
        expect(agreed).toMatchObject({ prices: claim.prices, gridWh: claim.gridWh });
        expect(agreed?.worthNanos).toBe(200n * 300_000n * BigInt(SLOTS));
        const { submissions } = await community.query('schedule:openings', { day: DAY }, { by: DSO });
        expect(submissions).toEqual(agreements);
        expect(await community.refusal('schedule:certify', args, options)).toBe('SCHEDULE_NOT_OPEN');
    });
});
