import { beforeAll, describe, expect, it } from '@jest/globals';
import { DAY, DSO, household, ownerKey, TestCommunity } from '../../../testing/community';
import {
    BANK,
    BANK_KEY,
    statement,
    TestAccount,
    withBank,
    withdrawal,
    type Movement,
} from '../../../testing/market/money';
import { nanos } from '../../../domain/quantity';
import type { BankStatementRecord, WithdrawalRecord } from '../../../api/records';

const [H1, H2] = [household(1), household(2)];
const FILLED = 1_000_000_000_000n;
const stranger = ownerKey(H2);
const ENDORSERS = [H1, DSO];

let community: TestCommunity;
let account: TestAccount;
/** H1 has money, one deposit that waits (`d2`), one withdrawal that is open (`w1`) and one that is paid out (`w2`). */
beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await withBank(community);
    account = new TestAccount(community, H1);
    await account.fill(FILLED);
    for (const id of ['w1', 'w2']) {
        await account.submit(
            'accounts:withdraw',
            { id },
            { use: asked(id, 5n) },
            { withdrawal: withdrawal(H1, id, 5n) },
        );
    }
    await community.submit('accounts:confirmWithdrawal', { mspId: H1, reference: 'w2' }, byBank(paid('w2'), 'w2'));
    await account.deposit(7n, 'd2');
});

const asked = (subject: string, amount: bigint): NonNullable<Movement['use']> => ({
    kind: 'hold',
    hold: { kind: 'withdrawal', subject, amount: nanos(amount) },
});
const paid = (reference: string, change: Partial<BankStatementRecord> = {}, signer = BANK_KEY): BankStatementRecord =>
    statement({ mspId: H1, kind: 'paidOut', reference, amountNanos: 5n }, change, signer);
const byBank = (given: BankStatementRecord, id: string, opened = withdrawal(H1, id, 5n)): object => ({
    by: BANK,
    endorsers: ENDORSERS,
    transient: { statement: given, withdrawal: opened },
});

describe('accounts:deposit', () => {
    const given = (change: Partial<BankStatementRecord> = {}, signer = BANK_KEY): BankStatementRecord =>
        statement({ mspId: H1, reference: 'd1' }, change, signer);

    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    it.each([
        { code: 'FORBIDDEN', by: DSO, mspId: 'H9MSP', row: given({ mspId: H2 }, stranger) },
        { code: 'MEMBER_UNKNOWN', by: BANK, mspId: 'H9MSP', row: given({ mspId: H2 }, stranger) },
        { code: 'RECORD_WRONG', by: BANK, mspId: H1, row: given({ mspId: H2 }, stranger) },
        { code: 'RECORD_WRONG', by: BANK, mspId: H1, row: given({ key: 'bankStatement/H1MSP/deposit/d9' }, stranger) },
        { code: 'RECORD_WRONG', by: BANK, mspId: H1, row: given({ reference: 'd9' }, stranger) },
        { code: 'RECORD_WRONG', by: BANK, mspId: H1, row: given({ version: 2 }, stranger) },
        { code: 'RECORD_WRONG', by: BANK, mspId: H1, row: paid('d1', {}, stranger) },
        { code: 'SIGNATURE_INVALID', by: BANK, mspId: H1, row: given({}, stranger) },
        { code: 'STATEMENT_EXISTS', by: BANK, mspId: H1, row: given() },
        { code: 'STATEMENT_EXISTS', by: BANK, mspId: H1, row: given({ amountNanos: 9n }) },
    ])('refuses with $code and writes nothing', async ({ code, by, mspId, row }) => {
        const options = { by, endorsers: ENDORSERS, transient: { statement: row } };
        expect(await community.refusal('accounts:deposit', { mspId, reference: 'd1' }, options)).toBe(code);
    });

    it.each([0n, -1n, 2n ** 63n])('takes no amount of %s', async (amountNanos) => {
        const row = statement({ mspId: H1, reference: 'd3', amountNanos });
        const options = { by: BANK, endorsers: ENDORSERS, transient: { statement: row } };
        const args = { mspId: H1, reference: 'd3' };
        expect(await community.refusal('accounts:deposit', args, options)).toBe('TRANSIENT_MALFORMED');
    });

    it('needs somebody who keeps the money', async () => {
        const other = await TestCommunity.governed(3);
        const options = { by: DSO, endorsers: ENDORSERS, transient: { statement: statement({ mspId: H1 }) } };
        // The supplier is the grid operator here, so that its own key signs.
        expect(await other.refusal('accounts:deposit', { mspId: H1, reference: 'd1' }, options)).toBe(
            'SIGNATURE_INVALID',
        );
        await other.submit('community:assignRole', { role: 'bank', mspId: BANK });
        const row = { mspId: H1, reference: 'd1' };
        expect(await other.refusal('accounts:deposit', row, { ...options, by: BANK })).toBe('BANK_MISSING');
    });
});

describe('accounts:confirmWithdrawal', () => {
    const rewritten = withdrawal(H1, 'w1', 6n);
    it.each<{ code: string; by: string; row: BankStatementRecord; opened?: WithdrawalRecord }>([
        { code: 'FORBIDDEN', by: DSO, row: paid('w9', { mspId: H2 }, stranger), opened: rewritten },
        { code: 'RECORD_WRONG', by: BANK, row: paid('w9', { mspId: H2 }, stranger), opened: rewritten },
        { code: 'RECORD_WRONG', by: BANK, row: statement({ mspId: H1, reference: 'w9' }), opened: rewritten },
        { code: 'SIGNATURE_INVALID', by: BANK, row: paid('w9', {}, stranger), opened: rewritten },
        { code: 'WITHDRAWAL_UNKNOWN', by: BANK, row: paid('w9'), opened: rewritten },
        { code: 'OPENING_MISMATCH', by: BANK, row: paid('w1', { amountNanos: 6n }), opened: rewritten },
        { code: 'RECORD_WRONG', by: BANK, row: paid('w1', { amountNanos: 6n }) },
        { code: 'STATEMENT_EXISTS', by: BANK, row: paid('w2') },
    ])('refuses with $code and writes nothing', async ({ code, by, row, opened }) => {
        const { reference } = row;
        const options = byBank(row, reference, opened);
        const args = { mspId: H1, reference };
        expect(await community.refusal('accounts:confirmWithdrawal', args, { ...options, by })).toBe(code);
    });

    it('lets a withdrawal that was paid out not be returned as well', async () => {
        const returned = statement({ mspId: H1, kind: 'returned', reference: 'w2', amountNanos: 5n });
        const args = { mspId: H1, reference: 'w2' };
        expect(await community.refusal('accounts:confirmWithdrawal', args, byBank(returned, 'w2'))).toBe(
            'STATEMENT_EXISTS',
        );
    });
});

describe('accounts:withdraw', () => {
    it.each<{ code: string; id: string; given: WithdrawalRecord; amount?: bigint; movement?: Movement }>([
        { code: 'RECORD_WRONG', id: 'w1', given: withdrawal(H1, 'w9', 5n, {}, stranger) },
        { code: 'RECORD_WRONG', id: 'w1', given: withdrawal(H1, 'w1', 5n, { mspId: H2 }, stranger) },
        { code: 'SIGNATURE_INVALID', id: 'w1', given: withdrawal(H1, 'w1', 5n, {}, stranger) },
        { code: 'WITHDRAWAL_EXISTS', id: 'w1', given: withdrawal(H1, 'w1', 5n), movement: { known: null } },
        { code: 'OPENING_MISSING', id: 'w3', given: withdrawal(H1, 'w3', FILLED), movement: { known: null } },
        {
            code: 'STATEMENT_TAKEN',
            id: 'w3',
            given: withdrawal(H1, 'w3', FILLED),
            movement: { statements: [statement({ mspId: H1, reference: 'd1', amountNanos: FILLED })] },
        },
        { code: 'BALANCE_TOO_SMALL', id: 'w3', given: withdrawal(H1, 'w3', FILLED - 9n) },
        {
            code: 'SIGNATURE_INVALID',
            id: 'w3',
            given: withdrawal(H1, 'w3', 6n),
            movement: { use: asked('w3', 5n) },
        },
    ])('refuses with $code and writes nothing', async ({ code, id, given, movement = {} }) => {
        expect(await account.refusal('accounts:withdraw', { id }, movement, { withdrawal: given })).toBe(code);
    });

    it('needs the grid operator, and not the bank, which would be given the whole account', async () => {
        const given = withdrawal(H1, 'w4', 5n);
        const more = { withdrawal: given };
        const simulated = await account.endorse('accounts:withdraw', { id: 'w4' }, { use: asked('w4', 5n) }, more);
        for (const endorsers of [[H1], [DSO], [H1, BANK], [DSO, BANK], [DSO, H2, BANK]]) {
            expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
    });
});

describe('accounts:tellBank', () => {
    const rewritten = withdrawal(H1, 'w1', 6n);
    it.each<{ code: string; by?: string; mspId?: string; id?: string; given?: WithdrawalRecord }>([
        { code: 'MEMBER_UNKNOWN', by: H2, mspId: 'H9MSP', id: 'w9', given: rewritten },
        { code: 'FORBIDDEN', by: H2, id: 'w9', given: rewritten },
        { code: 'FORBIDDEN', by: BANK, id: 'w9', given: rewritten },
        { code: 'WITHDRAWAL_UNKNOWN', id: 'w9', given: rewritten },
        { code: 'OPENING_MISMATCH', given: rewritten },
        { code: 'OPENING_MISMATCH', given: withdrawal(H1, 'w1', 5n, {}, stranger) },
    ])('refuses with $code and writes nothing', async ({ code, by = H1, mspId = H1, id = 'w1', given }) => {
        const transient = { withdrawal: given ?? withdrawal(H1, 'w1', 5n) };
        expect(await community.refusal('accounts:tellBank', { mspId, id }, { by, endorsers: [BANK], transient })).toBe(
            code,
        );
    });

    it('is written by nobody but the bank', async () => {
        const options = { by: H1, endorsers: [BANK], transient: { withdrawal: withdrawal(H1, 'w1', 5n) } };
        const simulated = await community.endorse('accounts:tellBank', { mspId: H1, id: 'w1' }, options);
        expect(community.network.commit(simulated, [H1, DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [BANK])).toBe('VALID');
    });
});

describe('accounts:reserveDay', () => {
    it.each([
        { code: 'DAY_UNKNOWN', day: '2014-02-30', movement: { known: null } },
        { code: 'MEMBER_NOT_ACTIVE', day: '2014-09-30', movement: { known: null } },
        { code: 'OPENING_MISSING', day: DAY, movement: { known: null } },
        { code: 'SIGNATURE_INVALID', day: DAY, movement: {} },
    ])('refuses with $code and writes nothing', async ({ code, day, movement }) => {
        expect(await account.refusal('accounts:reserveDay', { day }, movement)).toBe(code);
    });

    it('refuses who has too little, and who is no member', async () => {
        const poor = new TestAccount(community, H2);
        expect(await poor.refusal('accounts:reserveDay', { day: DAY }, {})).toBe('BALANCE_TOO_SMALL');
        const args = { day: DAY };
        const inputs = { account: null, statements: [], escrows: [], salt: '0'.repeat(64), signature: 'AAAA' };
        const options = { by: DSO, endorsers: [DSO], transient: { account: inputs } };
        expect(await community.refusal('accounts:reserveDay', args, options)).toBe('MEMBER_UNKNOWN');
    });

    it('covers a day once', async () => {
        const { amountNanos } = await community.query('accounts:coverOf', { mspId: H1, day: DAY });
        const use = { kind: 'hold' as const, hold: { kind: 'day' as const, subject: DAY, amount: nanos(amountNanos) } };
        await account.submit('accounts:reserveDay', { day: DAY }, { use });
        expect(await account.refusal('accounts:reserveDay', { day: DAY }, { use })).toBe('HOLD_EXISTS');
        expect(await account.refusal('accounts:releaseDay', { day: DAY }, {}, { settlement: null })).toBe(
            'DAY_NOT_CLOSED',
        );
    });
});

describe('community:limitAccount', () => {
    it('bounds what may be paid in, and nothing else', async () => {
        const limited = new TestAccount(community, household(3));
        await community.submit('community:limitAccount', { mspId: household(3), limitNanos: 100n });
        const row = await limited.deposit(101n);
        expect(await limited.refusal('accounts:takeIn', {}, { statements: [row] })).toBe('ACCOUNT_LIMIT');
        await community.submit('community:limitAccount', { mspId: household(3), limitNanos: null });
        expect(await limited.submit('accounts:takeIn', {}, { statements: [row] })).toMatchObject({
            availableNanos: 101n,
        });
    });

    it.each([
        { code: 'FORBIDDEN', by: H1, mspId: 'H9MSP' },
        { code: 'MEMBER_UNKNOWN', by: DSO, mspId: 'H9MSP' },
    ])('refuses with $code and writes nothing', async ({ code, by, mspId }) => {
        expect(await community.refusal('community:limitAccount', { mspId, limitNanos: 1n }, { by })).toBe(code);
    });
});
