import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CorrectionRecord, ReadingRecord, SettlementRecord } from '../../../api/records';
import { DAY, DSO, FIRST, household, ownerKey, reading, span, TestCommunity } from '../../../testing/community';
import { signedCorrection } from '../../../testing/market/correcting';
import { testSalt } from '../../../testing/identities';
import { tradedDay } from '../../../testing/market/traded-day';
import { recordHash } from '../guards';

const [H1, H2] = [household(1), household(2)];
const SLOT = FIRST + 40;
const args = { day: DAY, mspId: H1 };

let community: TestCommunity;
let settlement: SettlementRecord;
let other: SettlementRecord;
const corrected: ReadingRecord[] = [];
const corrections: CorrectionRecord[] = [];

/** A correction of H1's reading of a slot, recorded. */
async function corrects(slot: number, netWh: bigint, version: number): Promise<ReadingRecord> {
    const spans = [span(H1, slot, { consumption: [0n, -netWh] })];
    const given = reading(H1, slot, netWh, spans, { version, reason: 'the register was misread' });
    await community.recordReadings(H1, [given]);
    return given;
}

interface Given {
    readonly by?: string;
    readonly args?: Partial<typeof args>;
    readonly settlement?: SettlementRecord;
    readonly corrections?: readonly CorrectionRecord[];
    readonly readings?: readonly ReadingRecord[];
}

const inputs = (given: Given = {}): Record<string, unknown> => ({
    settlement: given.settlement ?? settlement,
    corrections: given.corrections ?? corrections,
    readings: given.readings ?? corrected,
    salt: testSalt(`correction ${corrections.length}`),
});

const refused = (given: Given): Promise<string> =>
    community.refusal(
        'corrections:record',
        { ...args, ...given.args },
        {
            by: given.by ?? H1,
            endorsers: [H1, DSO],
            transient: {
                ...inputs(given),
                signature: ownerKey(H2).sign(new Uint8Array(1)),
                markerSignature: ownerKey(H2).sign(new Uint8Array(1)),
            },
        },
    );

async function record(): Promise<CorrectionRecord> {
    const transient = inputs();
    const draft = await community.query('corrections:draft', args, { by: H1, transient });
    const { correction, signatures } = signedCorrection(draft);
    const options = { by: H1, endorsers: [H1, DSO], transient: { ...transient, ...signatures } };
    await community.submit('corrections:record', args, options);
    return correction;
}

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    expect(await refused({ settlement: bare(), readings: [reading(H1, SLOT, 0n, [])] })).toBe('DAY_NOT_CLOSED');
    const all = await tradedDay(community, [], { [H1]: { [SLOT]: -100n } });
    [settlement, other] = all as [SettlementRecord, SettlementRecord];
}, 60_000);

/** Some settlement, before there is one. */
const bare = (): SettlementRecord => ({
    key: 'settlement/none',
    version: 1,
    mspId: H1,
    salt: testSalt('none'),
    signature: 'bm9uZQ==',
    day: DAY,
    signedBy: 'owner',
    provisional: false,
    slots: [
        {
            slot: SLOT,
            readingVersion: 1,
            readingKind: 'register',
            meteredWh: 0n,
            boughtWh: 0n,
            soldWh: 0n,
            paidNanos: 0n,
            earnedNanos: 0n,
        },
    ],
    postings: [],
    commitment: { layout: 'settlement/v1', element: '00'.repeat(32) },
});

describe('a correction', () => {
    it('is refused while nothing has changed', async () => {
        const same = await community.query('metering:ownReadings', { from: SLOT, to: SLOT }, { by: H1 });
        expect(await refused({ readings: same })).toBe('NOTHING_TO_CORRECT');
        corrected.push(await corrects(SLOT, -70n, 2));
    });

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; given: () => Given }>([
        { code: 'MEMBER_UNKNOWN', given: () => ({ args: { mspId: 'H9MSP' }, by: H2 }) },
        { code: 'FORBIDDEN', given: () => ({ by: DSO, args: { day: '2014-02-30' } }) },
        { code: 'DAY_UNKNOWN', given: () => ({ args: { day: '2014-02-30' }, settlement: other }) },
        { code: 'DAY_UNKNOWN', given: () => ({ args: { day: '2014-10-04' }, settlement: other }) },
        { code: 'OPENING_UNKNOWN', given: () => ({ settlement: other, readings: [...corrected, ...corrected] }) },
        {
            code: 'OPENING_MISMATCH',
            given: () => ({
                settlement: { ...settlement, salt: testSalt('x') },
                readings: [...corrected, ...corrected],
            }),
        },
        { code: 'OPENING_UNKNOWN', given: () => ({ readings: [...corrected, ...corrected] }) },
        { code: 'OPENING_UNKNOWN', given: () => ({ readings: [reading(H1, SLOT + 1, 0n, []), ...corrected] }) },
        { code: 'OPENING_UNKNOWN', given: () => ({ readings: [reading(H1, SLOT + 1, 0n, [])] }) },
        { code: 'OPENING_MISMATCH', given: () => ({ readings: [reading(H1, SLOT, -1n, [])] }) },
        { code: 'SIGNATURE_INVALID', given: () => ({}) },
    ])('is refused with $code and writes nothing', async ({ code, given }) => {
        expect(await refused(given())).toBe(code);
    });

    it('needs household and grid operator', async () => {
        const transient = inputs();
        const draft = await community.query('corrections:draft', args, { by: H1, transient });
        const { signatures } = signedCorrection(draft);
        const wrong = { ...signatures, markerSignature: signatures.signature };
        const unmarked = { by: H1, endorsers: [H1, DSO], transient: { ...transient, ...wrong } };
        expect(await community.refusal('corrections:record', args, unmarked)).toBe('SIGNATURE_INVALID');
        const options = { by: H1, endorsers: [H1, DSO], transient: { ...transient, ...signatures } };
        const simulated = await community.endorse('corrections:record', args, options);
        expect(community.network.commit(simulated, [H1, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H2, DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });

    it('adds the difference, refers to what it corrects, and leaves the settlement as it is', async () => {
        const before = community.network.publicText('market', 'settlement', DAY, H1);
        corrections.push(await record());
        // 30 Wh less at retail.
        expect(corrections[0]).toMatchObject({
            number: 1,
            corrects: recordHash(settlement),
            slots: [{ slot: SLOT, readingVersion: 2, meteredWh: -70n, wasWh: -100n }],
            postings: [
                { account: 'deviation', amountNanos: -9_000_000n },
                { account: `household:${H1}`, amountNanos: 9_000_000n },
            ],
        });
        expect(community.network.publicText('market', 'settlement', DAY, H1)).toBe(before);
        expect(await community.query('billing:ownSettlement', { day: DAY }, { by: H1 })).toEqual(settlement);
        expect(await refused({})).toBe('NOTHING_TO_CORRECT');
    });

    it('goes on from the corrections before it, and takes all that has changed at once', async () => {
        const again = await corrects(SLOT, -90n, 3);
        const second = await corrects(SLOT + 1, -17n, 2);
        corrected.splice(0, 1, again);
        expect(await refused({ readings: [again] })).toBe('OPENING_MISSING');
        expect(await refused({ readings: [again, second], corrections: [] })).toBe('OPENING_MISSING');
        expect(await refused({ readings: [again, second], corrections: [...corrections, ...corrections] })).toBe(
            'OPENING_UNKNOWN',
        );
        corrected.push(second);
        corrections.push(await record());
        expect(corrections[1]).toMatchObject({
            number: 2,
            corrects: recordHash(corrections[0] as CorrectionRecord),
            slots: [
                { slot: SLOT, meteredWh: -90n, wasWh: -70n },
                { slot: SLOT + 1, meteredWh: -17n, wasWh: -7n },
            ],
        });
        const sums = corrections[1]?.postings.find(({ account }) => account === `household:${H1}`);
        expect(sums?.amountNanos).toBe(-30n * 300_000n);
    });

    it('is shown to household and grid operator only', async () => {
        expect(await community.query('corrections:own', { day: DAY }, { by: H1 })).toEqual(corrections);
        expect(await community.query('corrections:own', { day: DAY, mspId: H1 })).toEqual(corrections);
        const byOther = { by: H2, endorsers: [H2] };
        expect(await community.refusal('corrections:own', { day: DAY, mspId: H1 }, byOther)).toBe('FORBIDDEN');
        const markers = await community.query('corrections:markers', { day: DAY });
        expect(markers.map(({ number, hash }) => [number, hash])).toEqual(
            corrections.map((each) => [each.number, recordHash(each)]),
        );
    });
});
