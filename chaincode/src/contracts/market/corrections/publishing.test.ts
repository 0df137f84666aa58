import { beforeAll, describe, expect, it } from '@jest/globals';
import { sumsToPublish } from '../../../api/corrections';
import type { CorrectionRecord, CorrectionSums } from '../../../api/records';
import { DAY, DSO, FIRST, household, TestCommunity } from '../../../testing/community';
import { correctedDay } from '../../../testing/market/correcting';
import { tradedDay } from '../../../testing/market/traded-day';

const [H1, H2, H3] = [household(1), household(2), household(3)];
/** 3, 2 and 1 Wh more than were metered: 6 Wh at retail. */
const CHANGES = [-10n, -9n, -8n];
const DUE = 6n * 300_000n;

let community: TestCommunity;
const corrections: CorrectionRecord[] = [];

const sumsOf = (records: readonly CorrectionRecord[], change: Partial<CorrectionSums> = {}): CorrectionSums => ({
    corrections: records.map(({ day, mspId, number }) => ({ day, mspId, number })),
    ...sumsToPublish(records),
    supplierNanos: DUE,
    ...change,
});
const options = { endorsers: [DSO, H1, H2] };
const refused = (sums: CorrectionSums, { run = 'r2', by = DSO } = {}): Promise<string> =>
    community.refusal('corrections:publish', { run, sums }, { ...options, by });

beforeAll(async () => {
    community = await TestCommunity.trading(4);
    await tradedDay(community, [], {});
    for (const [i, mspId] of [H1, H2, H3].entries()) {
        corrections.push(await correctedDay(community, mspId, FIRST + i, CHANGES[i] ?? 0n));
    }
}, 60_000);

describe('publish', () => {
    const postings = (households: bigint, other = 'deviation', rest = 0n - households): CorrectionSums['postings'] => [
        { account: other, amountNanos: rest },
        { account: 'households', amountNanos: households },
    ];

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; given: () => CorrectionSums; by?: string }>([
        { code: 'FORBIDDEN', given: () => sumsOf(corrections.slice(1)), by: H1 },
        {
            code: 'CORRECTION_UNKNOWN',
            given: () => sumsOf([], { corrections: [{ day: DAY, mspId: H1, number: 2 }] }),
        },
        {
            code: 'CORRECTION_UNKNOWN',
            given: () => sumsOf([], { corrections: [{ day: DAY, mspId: 'H9MSP', number: 1 }] }),
        },
        { code: 'CORRECTION_UNKNOWN', given: () => sumsOf([...corrections.slice(0, 1), ...corrections.slice(0, 1)]) },
        { code: 'GROUP_TOO_SMALL', given: () => sumsOf(corrections.slice(1), { postings: postings(0n) }) },
        { code: 'COMMITMENT_MISMATCH', given: () => sumsOf(corrections, { postings: postings(1n) }) },
        { code: 'COMMITMENT_MISMATCH', given: () => sumsOf(corrections, { postings: postings(-DUE, 'grid') }) },
        { code: 'COMMITMENT_MISMATCH', given: () => sumsOf(corrections, { blinding: '00'.repeat(32) }) },
    ])('is refused with $code and writes nothing', async ({ code, given, by }) => {
        expect(await refused(given(), { by })).toBe(code);
    });

    it('tells the sums that the commitments open to, and no household’s part', async () => {
        await community.submit('corrections:publish', { run: 'r1', sums: sumsOf(corrections) }, options);
        const [run] = await community.query('corrections:runs', {});
        expect(run).toMatchObject({
            households: 3,
            postings: [
                { account: 'households', amountNanos: -DUE },
                { account: 'supplier', amountNanos: DUE },
            ],
        });
        const channel = JSON.stringify(community.network.publicText('market', 'correctionRun', 'r1'));
        expect(corrections.some(({ postings: [own] }) => channel.includes(`${own?.amountNanos}`))).toBe(false);
    });

    it('takes each correction once, and each run', async () => {
        expect(await refused(sumsOf(corrections), { run: 'r1' })).toBe('RUN_EXISTS');
        expect(await refused(sumsOf(corrections))).toBe('CORRECTION_PUBLISHED');
    });
});
