import { beforeAll, describe, expect, it } from '@jest/globals';
import { keyName, statementKey } from '../../../api/keys';
import type { DisputeRecord, Disputed } from '../../../api/records';
import { ownerStatement } from '../../../api/statements';
import { DSO, FIRST, household, OPERATOR_KEY, ownerKey, readings, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const EVIDENCE = [testSalt('a photograph')];
const READING: Disputed = { kind: 'reading', slot: FIRST };

let community: TestCommunity;

function statement(change: Partial<DisputeRecord> = {}, signer = ownerKey(H1)): DisputeRecord {
    const { id = 'd1', version = 1, by = 'member' } = change;
    const key = keyName(statementKey(H1, id, version));
    const said = {
        key,
        version,
        mspId: H1,
        id,
        by,
        salt: testSalt(key),
        text: 'The meter shows another number.\nSee the photograph.',
        evidence: EVIDENCE,
        ...change,
    };
    return { ...said, signature: signer.sign(ownerStatement(said)) };
}
const answerOf = (version = 2, change: Partial<DisputeRecord> = {}, signer = OPERATOR_KEY): DisputeRecord =>
    statement({ version, by: 'operator', text: 'We looked.', evidence: [], ...change }, signer);

const opening = (id = 'd1', about: Disputed = READING) => ({ mspId: H1, id, about, evidence: EVIDENCE });
const both = { by: H1, endorsers: [H1, DSO] };

async function opened(id: string): Promise<void> {
    await community.submit('disputes:open', opening(id), { ...both, transient: { statement: statement({ id }) } });
}
const answered = (id: string, version = 2) =>
    community.submit(
        'disputes:answer',
        { mspId: H1, id, evidence: [] },
        { endorsers: [H1, DSO], transient: { statement: answerOf(version, { id }) } },
    );
const resolving = (id: string, upheld: boolean, by = DSO) =>
    community.refusal('disputes:resolve', { mspId: H1, id, upheld }, { by, endorsers: [H1, DSO] });

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await community.recordReadings(H1, readings(H1, FIRST, [-10n, -20n]));
});

describe('open', () => {
    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; args?: object; by?: string; given?: DisputeRecord }>([
        { code: 'FORBIDDEN', args: { mspId: 'H9MSP' } },
        { code: 'MEMBER_UNKNOWN', args: { mspId: 'H9MSP' }, by: 'H9MSP' },
        { code: 'RECORD_WRONG', given: statement({ id: 'd2' }, ownerKey(H2)) },
        { code: 'RECORD_WRONG', given: statement({ by: 'operator' }, ownerKey(H2)) },
        { code: 'RECORD_WRONG', given: statement({ evidence: [] }, ownerKey(H2)) },
        { code: 'RECORD_WRONG', given: statement({ version: 2 }, ownerKey(H2)) },
        {
            code: 'SIGNATURE_INVALID',
            args: { about: { kind: 'reading', slot: FIRST + 9 } },
            given: statement({}, ownerKey(H2)),
        },
        { code: 'NOT_FOUND', args: { about: { kind: 'reading', slot: FIRST + 9 } } },
        { code: 'NOT_FOUND', args: { about: { kind: 'settlement', day: '2014-10-03' } } },
        { code: 'NOT_FOUND', args: { about: { kind: 'correction', day: '2014-10-03', number: 1 } } },
        { code: 'NOT_FOUND', args: { about: { kind: 'suspicion', day: '2014-10-03' } } },
        { code: 'NOT_FOUND', args: { about: { kind: 'bill', from: '2014-10-03', to: '2014-10-03' } } },
    ])('is refused with $code and writes nothing', async ({ code, args = {}, by = H1, given = statement() }) => {
        const options = { by, endorsers: [H1, DSO], transient: { statement: given } };
        expect(await community.refusal('disputes:open', { ...opening(), ...args }, options)).toBe(code);
    });

    it('pins what was contested; the channel sees that, and nothing of the reason', async () => {
        await opened('d1');
        const again = { ...both, transient: { statement: statement() } };
        expect(await community.refusal('disputes:open', opening(), again)).toBe('DISPUTE_EXISTS');
        const [reading] = await community.query('metering:markers', { mspId: H1, day: '2014-10-03' });
        const [dispute] = await community.query('disputes:list', { mspId: H1 });
        expect(dispute).toMatchObject({ status: 'opened', disputed: reading?.hash, evidence: EVIDENCE });
        const channel = community.network.world.range('market', '').filter(({ key }) => !key.startsWith('/'));
        expect(channel.some(({ value }) => Buffer.from(value).toString().includes('photograph'))).toBe(false);
        const own = await community.query('disputes:own', { mspId: H1, id: 'd1' }, { by: H1 });
        expect(own).toEqual(await community.query('disputes:own', { mspId: H1, id: 'd1' }));
        expect(own).toMatchObject([{ text: expect.stringContaining('photograph') }]);
        const byOther = { by: H2, endorsers: [H2] };
        expect(await community.refusal('disputes:own', { mspId: H1, id: 'd1' }, byOther)).toBe('FORBIDDEN');
    });

    it('needs the member and the grid operator, in the member’s own collection', async () => {
        const given = { ...both, transient: { statement: statement({ id: 'd9' }) } };
        const simulated = await community.endorse('disputes:open', opening('d9'), given);
        expect(community.network.commit(simulated, [DSO, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });
});

describe('answer', () => {
    it.each<{ code: string; args?: object; by?: string; given?: DisputeRecord }>([
        { code: 'FORBIDDEN', args: { id: 'none' }, by: H1 },
        { code: 'DISPUTE_UNKNOWN', args: { id: 'none' } },
        { code: 'RECORD_WRONG', given: answerOf(3, {}, ownerKey(H1)) },
        { code: 'RECORD_WRONG', given: answerOf(2, { by: 'member' }, ownerKey(H1)) },
        { code: 'SIGNATURE_INVALID', given: answerOf(2, {}, ownerKey(H1)) },
    ])('is refused with $code and writes nothing', async ({ code, args = {}, by = DSO, given = answerOf() }) => {
        const options = { by, endorsers: [H1, DSO], transient: { statement: given } };
        const asked = { mspId: H1, id: 'd1', evidence: [], ...args };
        expect(await community.refusal('disputes:answer', asked, options)).toBe(code);
    });

    it('may be given twice, and is kept beside the reason', async () => {
        await answered('d1');
        await answered('d1', 3);
        const own = await community.query('disputes:own', { mspId: H1, id: 'd1' }, { by: H1 });
        expect(own.map(({ by, version }) => [by, version])).toEqual([
            ['member', 1],
            ['operator', 2],
            ['operator', 3],
        ]);
        expect(await community.query('disputes:list', {})).toMatchObject([{ status: 'answered', statements: 3 }]);
    });
});

describe('the end of a dispute', () => {
    it('is not for others than the grid operator to declare', async () => {
        await opened('d2');
        expect(await resolving('none', true, H1)).toBe('FORBIDDEN');
        expect(await resolving('none', false)).toBe('DISPUTE_UNKNOWN');
        expect(await resolving('d2', false)).toBe('DISPUTE_NOT_ANSWERED');
    });

    it('is declared with the member, or with the committee, and with nobody else', async () => {
        const asked = { mspId: H1, id: 'd2', upheld: true };
        const simulated = await community.endorse('disputes:resolve', asked, { endorsers: [DSO, H1, H2] });
        expect(community.network.commit(simulated, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [DSO, H1, H2])).toBe('VALID');
        await community.submit(
            'disputes:resolve',
            { mspId: H1, id: 'd1', upheld: false },
            { endorsers: [DSO, H1, H2] },
        );
        const all = await community.query('disputes:list', {});
        expect(all.map(({ id, status }) => [id, status])).toEqual([
            ['d1', 'rejected'],
            ['d2', 'upheld'],
        ]);
    });

    it('is final', async () => {
        expect(await resolving('d1', true)).toBe('DISPUTE_OVER');
        const named = { mspId: H1, id: 'd2' };
        expect(await community.refusal('disputes:withdraw', named, both)).toBe('DISPUTE_OVER');
        const options = { endorsers: [H1, DSO], transient: { statement: answerOf(1, { by: 'member' }) } };
        expect(await community.refusal('disputes:answer', { ...named, evidence: [] }, options)).toBe('DISPUTE_OVER');
    });

    it('may be that the member takes it back, and nobody else', async () => {
        await opened('d3');
        const named = { mspId: H1, id: 'd3' };
        expect(await community.refusal('disputes:withdraw', named, { by: DSO, endorsers: [H1, DSO] })).toBe(
            'FORBIDDEN',
        );
        expect(await community.refusal('disputes:withdraw', { ...named, id: 'none' }, both)).toBe('DISPUTE_UNKNOWN');
        await community.submit('disputes:withdraw', named, both);
        expect((await community.query('disputes:list', { mspId: H1 })).at(-1)).toMatchObject({ status: 'withdrawn' });
    });
});
