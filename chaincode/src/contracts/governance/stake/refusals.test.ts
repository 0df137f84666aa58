import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DoubleReading, ProducerCounts } from '../../../api/records';
import { seedCommitment } from '../../../domain/stake/seed';
import {
    DAY,
    DSO,
    FIRST,
    household,
    meterKey,
    ownerKey,
    reading,
    span,
    TestCommunity,
} from '../../../testing/community';
import { closed, commitmentOf, countsOf, PARAMETERS, secretOf, weighed } from '../../../testing/epochs';
import { testKey } from '../../../testing/identities';

const [H1, H2, H3, H4, H9] = [household(1), household(2), household(3), household(4), household(9)];
/** One epoch that is closed, one whose secrets are revealed, one that takes commitments. */
const [CLOSED, REVEALING, OPEN, NEVER] = ['2014-10-03', '2014-10-04', '2014-10-05', '2014-10-06'];

let community: TestCommunity;
/** Of the same community before it has parameters. */
let bare: TestCommunity;

beforeAll(async () => {
    bare = await TestCommunity.governed(4);
    community = await TestCommunity.governed(5, { members: 4 });
    await community.submit('stake:setParameters', PARAMETERS);
    const members = [H1, H2, H3, H4];
    await closed(community, CLOSED, { committing: members });
    await weighed(community, REVEALING, [H1, H2, H3]);
    await community.submit(
        'stake:revealSeed',
        { epoch: REVEALING, secret: secretOf(REVEALING, H1) },
        { by: H1, endorsers: [H1] },
    );
    await community.submit('stake:openEpoch', { epoch: OPEN });
    await community.submit(
        'stake:commitSeed',
        { epoch: OPEN, commitment: commitmentOf(OPEN, H1) },
        { by: H1, endorsers: [H1] },
    );
}, 30_000);

describe('setParameters', () => {
    const wrong = { ...PARAMETERS, fromDay: '2014-09-30' };
    it.each<{ code: string; by?: string; args: object }>([
        { code: 'MALFORMED', by: H1, args: { ...wrong, capPpm: 333_334n } },
        { code: 'MALFORMED', by: H1, args: { ...wrong, seats: 8 } },
        { code: 'MALFORMED', by: H1, args: { ...wrong, floorPpm: 0n } },
        { code: 'MALFORMED', by: H1, args: { ...wrong, rule: 'arrival' } },
        { code: 'FORBIDDEN', by: H1, args: { ...wrong, alphaPpm: 0n } },
        { code: 'PARAMETERS_INVALID', args: { ...wrong, alphaPpm: 0n, betaPpm: 0n, gammaPpm: 0n } },
        { code: 'PARAMETERS_INVALID', args: { ...wrong, floorPpm: 331_000n } },
        { code: 'EFFECT_TOO_EARLY', args: wrong },
        { code: 'EFFECT_TOO_EARLY', args: PARAMETERS },
    ])('is refused with $code and nothing is written', async ({ code, by = DSO, args }) => {
        expect(await community.refusal('stake:setParameters', args, { by })).toBe(code);
    });
});

describe('openEpoch', () => {
    it.each([
        { code: 'FORBIDDEN', by: H9, epoch: CLOSED },
        { code: 'FORBIDDEN', by: H1, epoch: CLOSED },
        { code: 'DAY_UNKNOWN', by: DSO, epoch: '2014-02-30' },
        { code: 'PARAMETERS_MISSING', by: DSO, epoch: '2014-09-30' },
        { code: 'EPOCH_EXISTS', by: DSO, epoch: CLOSED },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch }) => {
        expect(await community.refusal('stake:openEpoch', { epoch }, { by })).toBe(code);
    });

    it('waits for parameters', async () => {
        expect(await bare.refusal('stake:openEpoch', { epoch: CLOSED })).toBe('PARAMETERS_MISSING');
        expect(await new TestCommunity(3).refusal('stake:openEpoch', { epoch: CLOSED })).toBe('NOT_ESTABLISHED');
    });
});

describe('commitSeed', () => {
    it.each([
        { code: 'EPOCH_UNKNOWN', by: H9, epoch: NEVER },
        { code: 'NOT_IN_EPOCH', by: H9, epoch: CLOSED },
        { code: 'NOT_IN_EPOCH', by: DSO, epoch: CLOSED },
        { code: 'COMMITMENTS_CLOSED', by: H1, epoch: CLOSED },
        { code: 'COMMITMENTS_CLOSED', by: H4, epoch: REVEALING },
        { code: 'COMMITMENT_EXISTS', by: H1, epoch: OPEN },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch }) => {
        const args = { epoch, commitment: commitmentOf(epoch, by) };
        expect(await community.refusal('stake:commitSeed', args, { by, endorsers: [by] })).toBe(code);
    });
});

describe('fixWeights', () => {
    it.each([
        { code: 'EPOCH_UNKNOWN', by: H9, epoch: NEVER },
        { code: 'FORBIDDEN', by: H9, epoch: CLOSED },
        { code: 'COMMITMENTS_CLOSED', by: H1, epoch: CLOSED },
        { code: 'COMMITMENTS_CLOSED', by: DSO, epoch: REVEALING },
        { code: 'COMMITMENTS_OPEN', by: H1, epoch: OPEN },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch }) => {
        expect(await community.refusal('stake:fixWeights', { epoch }, { by })).toBe(code);
    });
});

describe('revealSeed', () => {
    const other = seedCommitment(REVEALING, H2, secretOf(CLOSED, H2));
    it.each([
        { code: 'EPOCH_UNKNOWN', by: H9, epoch: NEVER, secret: other },
        { code: 'NOT_IN_EPOCH', by: H9, epoch: CLOSED, secret: other },
        { code: 'EPOCH_CLOSED', by: H1, epoch: CLOSED, secret: other },
        { code: 'COMMITMENTS_OPEN', by: H2, epoch: OPEN, secret: other },
        { code: 'COMMITMENT_MISSING', by: H4, epoch: REVEALING, secret: other },
        { code: 'REVEAL_EXISTS', by: H1, epoch: REVEALING, secret: other },
        { code: 'REVEAL_MISMATCH', by: H2, epoch: REVEALING, secret: other },
        { code: 'REVEAL_MISMATCH', by: H2, epoch: REVEALING, secret: secretOf(REVEALING, H1) },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch, secret }) => {
        expect(await community.refusal('stake:revealSeed', { epoch, secret }, { by, endorsers: [by] })).toBe(code);
    });
});

describe('closeEpoch', () => {
    it.each([
        { code: 'EPOCH_UNKNOWN', by: H9, epoch: NEVER },
        { code: 'FORBIDDEN', by: H9, epoch: CLOSED },
        { code: 'EPOCH_CLOSED', by: H1, epoch: CLOSED },
        { code: 'COMMITMENTS_OPEN', by: DSO, epoch: OPEN },
        { code: 'REVEALS_OPEN', by: H1, epoch: REVEALING },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch }) => {
        expect(await community.refusal('stake:closeEpoch', { epoch }, { by })).toBe(code);
    });
});

describe('a seed', () => {
    it.each([
        { code: 'EPOCH_UNKNOWN', epoch: NEVER },
        { code: 'SEED_NOT_FIXED', epoch: OPEN },
        { code: 'SEED_NOT_FIXED', epoch: REVEALING },
    ])('that is asked for too early is refused with $code', async ({ code, epoch }) => {
        expect(await community.refusal('stake:seed', { epoch }, { by: H1, endorsers: [H1] })).toBe(code);
    });

    it('is there when the epoch is closed', async () => {
        const { seed } = await community.query('stake:seed', { epoch: CLOSED });
        expect((await community.query('stake:epoch', { epoch: CLOSED })).result?.seed).toBe(seed);
    });
});

describe('weights', () => {
    it.each([
        { code: 'EPOCH_UNKNOWN', epoch: NEVER },
        { code: 'COMMITMENTS_OPEN', epoch: OPEN },
    ])('are refused with $code', async ({ code, epoch }) => {
        expect(await community.refusal('stake:weights', { epoch }, { by: H1, endorsers: [H1] })).toBe(code);
    });

    it('are those of the latest epoch that has some', async () => {
        expect((await community.query('stake:weights', {})).epoch).toBe(REVEALING);
        expect((await community.query('stake:epoch', {})).epoch).toBe(OPEN);
        expect(await bare.refusal('stake:weights', {})).toBe('EPOCH_UNKNOWN');
        expect(await bare.refusal('stake:epoch', {})).toBe('EPOCH_UNKNOWN');
    });
});

describe('substitute', () => {
    it.each([
        { code: 'EPOCH_UNKNOWN', by: H9, epoch: NEVER, fromDay: '2014-02-30' },
        { code: 'FORBIDDEN', by: H9, epoch: OPEN, fromDay: '2014-02-30' },
        { code: 'EPOCH_NOT_CLOSED', by: DSO, epoch: OPEN, fromDay: '2014-02-30' },
        { code: 'DAY_UNKNOWN', by: DSO, epoch: CLOSED, fromDay: '2014-02-30' },
        { code: 'COMMITTEE_EXISTS', by: DSO, epoch: CLOSED, fromDay: '2014-10-03' },
        { code: 'DAY_TOO_FAR', by: DSO, epoch: CLOSED, fromDay: '2014-11-05' },
        { code: 'SUBSTITUTE_MISSING', by: DSO, epoch: CLOSED, fromDay: '2014-11-04' },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch, fromDay }) => {
        expect(await community.refusal('stake:substitute', { epoch, fromDay }, { by })).toBe(code);
    });
});

describe('deposits', () => {
    const args = { mspId: H9, amountNanos: 5n, reference: 'paid in' };
    it.each([
        { code: 'FORBIDDEN', by: H1, args },
        { code: 'MEMBER_UNKNOWN', by: DSO, args },
        { code: 'MALFORMED', by: DSO, args: { ...args, amountNanos: 0n } },
    ])('are refused with $code and nothing is written', async ({ code, by, args: given }) => {
        expect(await community.refusal('stake:deposit', given, { by })).toBe(code);
    });

    it.each([
        { code: 'MEMBER_UNKNOWN', by: H9 },
        { code: 'DEPOSIT_LOCKED', by: H1 },
    ])('are not withdrawn: $code', async ({ code, by }) => {
        expect(await community.refusal('stake:withdraw', { amountNanos: 5n }, { by })).toBe(code);
    });

    it('are paid in and out, and never fall below zero', async () => {
        await bare.submit('stake:deposit', { ...args, mspId: H4 });
        expect(await bare.refusal('stake:withdraw', { amountNanos: 6n }, { by: H4 })).toBe('DEPOSIT_TOO_SMALL');
        // The appointed committee has the grid operator and the first two households.
        expect(await bare.refusal('stake:withdraw', { amountNanos: 1n }, { by: H1 })).toBe('DEPOSIT_LOCKED');
        await bare.submit('stake:withdraw', { amountNanos: 5n }, { by: H4 });
        expect((await bare.query('stake:account', { mspId: H4 })).depositNanos).toBe(0n);
        expect(await bare.refusal('stake:account', { mspId: H9 })).toBe('MEMBER_UNKNOWN');
    });
});

describe('reportMisconduct', () => {
    const registers = (end: bigint): DoubleReading['one'] =>
        reading(H1, FIRST, -end, [span(H1, FIRST, { consumption: [0n, end] })]);
    const said = (change: Partial<DoubleReading> = {}): DoubleReading => ({
        one: registers(5n),
        other: registers(6n),
        ...change,
    });
    const foreign = span(H1, FIRST, { consumption: [0n, 6n] }, { signer: meterKey(H2) });
    const unknown = reading(H9, FIRST, -5n, [span(H9, FIRST, { consumption: [0n, 5n] })]);

    it.each<{ code: string; by?: string; evidence: DoubleReading; of?: () => TestCommunity }>([
        { code: 'FORBIDDEN', by: H9, evidence: said({ one: unknown }) },
        { code: 'MEMBER_UNKNOWN', evidence: said({ one: unknown }) },
        { code: 'PARAMETERS_MISSING', evidence: said({ one: registers(6n) }), of: () => bare },
        { code: 'EVIDENCE_INVALID', evidence: said({ one: registers(6n) }) },
        { code: 'EVIDENCE_INVALID', evidence: said({ other: { ...registers(6n), version: 2 } }) },
        {
            code: 'EVIDENCE_INVALID',
            evidence: said({ other: reading(H1, FIRST, -6n, [foreign]) }),
        },
        {
            code: 'EVIDENCE_INVALID',
            evidence: said({
                other: reading(H1, FIRST, -6n, [span(H1, FIRST, { consumption: [0n, 6n] })], {}, testKey('nobody')),
            }),
        },
        {
            code: 'EVIDENCE_INVALID',
            evidence: said({ other: { ...registers(6n), mspId: H2 } }),
        },
    ])('is refused with $code and nothing is written', async ({ code, by = DSO, evidence, of = () => community }) => {
        expect(await of().refusal('stake:reportMisconduct', evidence, { by })).toBe(code);
    });

    it('costs deposit and reputation, once', async () => {
        await community.submit('stake:deposit', { mspId: H1, amountNanos: 7n, reference: 'paid in' });
        const { reputation } = await community.query('stake:account', { mspId: H1 });
        const before = await community.query('stake:book', {});
        await community.submit('stake:reportMisconduct', said(), { by: H2 });
        expect(await community.query('stake:account', { mspId: H1 })).toMatchObject({
            depositNanos: 0n,
            reputation: 0n,
            penalties: 1,
        });
        const [record] = await community.query('stake:misconducts', { mspId: H1 });
        expect(record).toMatchObject({ kind: 'doubleReading', depositNanos: 7n, reputation });
        expect((await community.query('stake:book', {})).balanceNanos - before.balanceNanos).toBe(7n);
        const turned = said({ one: registers(6n), other: registers(5n) });
        expect(await community.refusal('stake:reportMisconduct', turned, { by: H2 })).toBe('MISCONDUCT_PUNISHED');
        expect(ownerKey(H1).publicKey).not.toBe(meterKey(H1).publicKey);
    });
});

describe('confirmProducers', () => {
    const wrong = countsOf([H1, H2], { cleared: 1 });
    it.each<{ code: string; by: string; epoch: string; counts: ProducerCounts }>([
        { code: 'EPOCH_UNKNOWN', by: H9, epoch: NEVER, counts: wrong },
        { code: 'NOT_IN_EPOCH', by: H9, epoch: OPEN, counts: wrong },
        { code: 'EPOCH_NOT_CLOSED', by: H1, epoch: OPEN, counts: wrong },
        { code: 'COUNTS_INVALID', by: H1, epoch: CLOSED, counts: wrong },
        { code: 'COUNTS_INVALID', by: H1, epoch: CLOSED, counts: countsOf([H1, H2], { to: 5 }) },
        { code: 'COUNTS_INVALID', by: H1, epoch: CLOSED, counts: countsOf([H2, H1]) },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch, counts }) => {
        const options = { by, endorsers: [by] };
        expect(await community.refusal('stake:confirmProducers', { epoch, counts }, options)).toBe(code);
    });
});

describe('collect', () => {
    it.each([
        { code: 'FORBIDDEN', by: H9, day: DAY },
        { code: 'DAY_NOT_CLOSED', by: H1, day: DAY },
    ])('is refused with $code and nothing is written', async ({ code, by, day }) => {
        expect(await community.refusal('stake:collect', { day }, { by })).toBe(code);
    });
});

describe('reward', () => {
    it.each([
        { code: 'EPOCH_UNKNOWN', by: H9, epoch: NEVER },
        { code: 'FORBIDDEN', by: H9, epoch: OPEN },
        { code: 'EPOCH_NOT_CLOSED', by: H1, epoch: OPEN },
        { code: 'CONFIRMATIONS_OPEN', by: H1, epoch: CLOSED },
        { code: 'CONFIRMATIONS_MISSING', by: DSO, epoch: CLOSED },
    ])('is refused with $code and nothing is written', async ({ code, by, epoch }) => {
        expect(await community.refusal('stake:reward', { epoch }, { by })).toBe(code);
    });

    it('is paid once, by counts that a majority confirmed and that go on where the last ended', async () => {
        const confirm = (by: string, counts: ProducerCounts): Promise<string> =>
            community.submit('stake:confirmProducers', { epoch: CLOSED, counts }, { by, endorsers: [by] });
        const late = countsOf([H1, H2], { from: 2, to: 11 });
        await confirm(H1, late);
        await confirm(H2, late);
        await confirm(H3, countsOf([H1, H2]));
        expect(await community.refusal('stake:reward', { epoch: CLOSED })).toBe('CONFIRMATIONS_MISSING');
        await confirm(H4, late);
        expect(await community.refusal('stake:reward', { epoch: CLOSED })).toBe('COUNTS_INVALID');
        const again = { epoch: CLOSED, counts: late };
        expect(await community.refusal('stake:confirmProducers', again, { by: H4, endorsers: [H4] })).toBe(
            'CONFIRMATION_EXISTS',
        );
        expect(await community.refusal('stake:rewards', { epoch: CLOSED })).toBe('NOT_FOUND');
    });
});
