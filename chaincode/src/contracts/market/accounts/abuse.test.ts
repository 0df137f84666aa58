import { beforeEach, describe, expect, it } from '@jest/globals';
import { nextAccount } from '../../../api/accounts';
import { accountKey, bankStatementKey, coverKey, type LedgerKey } from '../../../api/keys';
import type { AccountRecord, BankStatementRecord } from '../../../api/records';
import { ownerStatement } from '../../../api/statements';
import { encodeBytes } from '../../../api/wire';
import { nanos } from '../../../domain/quantity';
import { bothPolicy } from '../../../ledger/market-policies';
import { DAY, DSO, household, OPERATOR_KEY, ownerKey, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { BANK, BANK_KEY, inputsOf, statement, TestAccount, withBank, withdrawal } from '../../../testing/market/money';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { recordHash } from '../guards';

const [H1, H2] = [household(1), household(2)];
const [KEY_1, KEY_2] = [ownerKey(H1), ownerKey(H2)];

let community: TestCommunity;
let account: TestAccount;

beforeEach(async () => {
    community = await TestCommunity.trading(3);
    await withBank(community);
    account = new TestAccount(community, H1);
});

/** Written by modified chaincode of the grid operator and another household, under the policy that the key should have. */
async function forge(key: LedgerKey, value: object, mspId: string): Promise<void> {
    const charter = await community.query('charter:document', {});
    const place = placeOf('market', compositeKey(key.type, key.parts));
    const policies = new Map([[place, bothPolicy(charter, mspId)]]);
    expect(community.network.forge({ writes: new Map([[place, encodeBytes(value)]]), policies }, [DSO, H2])).toBe(
        'VALID',
    );
}

/** An account full of money, as somebody would like it to be. */
function invented(mspId: string, signer = ownerKey(mspId)): AccountRecord {
    const rows = [{ kind: 'deposit' as const, amount: nanos(1_000n) }];
    const draft = nextAccount({ mspId, known: null, rows, salt: testSalt('invented') });
    return { ...draft, signature: signer.sign(ownerStatement(draft)) };
}

const markerOf = ({ mspId, version, kind, reference, ...row }: BankStatementRecord): object => ({
    hash: recordHash({ mspId, version, kind, reference, ...row }),
    version,
    mspId,
    kind,
    reference,
});

describe('nobody makes money', () => {
    it('by a statement of the bank that the grid operator and a household have written themselves', async () => {
        const row = statement({ mspId: H1 }, {}, KEY_2);
        await forge(bankStatementKey(H1, 'deposit', 'd1'), markerOf(row), H1);
        expect(await account.refusal('accounts:takeIn', {}, { statements: [row] })).toBe('SIGNATURE_INVALID');
    });

    it('by a statement under a key that its parties do not hold', async () => {
        const row = statement({ mspId: H1 });
        await forge(bankStatementKey(H1, 'deposit', 'd1'), markerOf(row), H2);
        expect(await account.refusal('accounts:takeIn', {}, { statements: [row] })).toBe('KEY_POLICY_WRONG');
    });

    it("by another member's statement", async () => {
        await new TestAccount(community, H2).deposit(5n);
        const theirs = statement({ mspId: H2, amountNanos: 5n });
        expect(await account.refusal('accounts:takeIn', {}, { statements: [theirs] })).toBe('OPENING_UNKNOWN');
        const renamed = statement({ mspId: H1, amountNanos: 5n }, { mspId: H2 });
        await forge(bankStatementKey(H1, 'deposit', 'd1'), { ...markerOf(renamed), mspId: H1 }, H1);
        expect(await account.refusal('accounts:takeIn', {}, { statements: [renamed] })).toBe('OPENING_MISMATCH');
    });

    it('by a statement that says more than its marker holds', async () => {
        await account.deposit(5n);
        const more = statement({ mspId: H1, amountNanos: 6n });
        expect(await account.refusal('accounts:takeIn', {}, { statements: [more] })).toBe('OPENING_MISMATCH');
    });

    it('by taking a statement in twice: in one transaction, in two, or in two at once', async () => {
        const row = await account.deposit(5n);
        expect(await account.refusal('accounts:takeIn', {}, { statements: [row, row] })).toBe('OPENING_UNKNOWN');
        const [one, other] = [
            await account.endorse('accounts:takeIn', {}, { statements: [row] }),
            await account.endorse('accounts:takeIn', {}, { statements: [row] }),
        ];
        expect(community.network.commit(one, [H1, DSO])).toBe('VALID');
        expect(community.network.commit(other, [H1, DSO])).toBe('MVCC_READ_CONFLICT');
        expect(await account.refusal('accounts:takeIn', {}, { statements: [row] })).toBe('STATEMENT_TAKEN');
        expect(await account.record()).toMatchObject({ availableNanos: 5n });
    });

    it('by an account in its name that others have made', async () => {
        const forged = invented(H1, KEY_2);
        await forge(accountKey(H1), { hash: recordHash(forged), version: 1, mspId: H1 }, H1);
        const known = { account: forged, statements: [], escrows: [] };
        const inputs = { ...inputsOf(H1, { known: forged }), ...known };
        const options = { by: H1, endorsers: [H1, DSO], transient: { account: inputs } };
        expect(await community.refusal('accounts:takeIn', {}, options)).toBe('SIGNATURE_INVALID');
    });

    it('by rewriting the private record alone', async () => {
        await account.fill(5n);
        const place = placeOf(`market/_implicit_org_${H1}`, compositeKey('account', [H1]));
        const rich = invented(H1);
        expect(community.network.forge({ privateWrites: new Map([[place, encodeBytes(rich)]]) }, [H1])).toBe('VALID');
        await expect(account.record()).rejects.toThrow('OPENING_MISMATCH');
        const options = { by: H1, endorsers: [H1, DSO], transient: { account: inputsOf(H1, { known: rich }) } };
        expect(await community.refusal('accounts:takeIn', {}, options)).toBe('OPENING_MISMATCH');
    });

    it('by an account that there is not', async () => {
        const options = { by: H1, endorsers: [H1, DSO], transient: { account: inputsOf(H1, { known: invented(H1) }) } };
        expect(await community.refusal('accounts:takeIn', {}, options)).toBe('OPENING_UNKNOWN');
    });

    it('by a later version of the account than there is', async () => {
        const first = await account.fill(5n);
        await account.fill(5n, 'd2');
        const options = { by: H1, endorsers: [H1, DSO], transient: { account: inputsOf(H1, { known: first }) } };
        expect(await community.refusal('accounts:takeIn', {}, options)).toBe('OPENING_MISMATCH');
    });

    it('by a statement of somebody who never was the bank', async () => {
        await forge(bankStatementKey(H1, 'deposit', 'd1'), markerOf(statement({ mspId: H1 }, {}, KEY_1)), H1);
        const row = statement({ mspId: H1 }, {}, KEY_1);
        expect(await account.refusal('accounts:takeIn', {}, { statements: [row] })).toBe('SIGNATURE_INVALID');
    });
});

describe('a bank that is replaced', () => {
    const replaced = () =>
        community.submit('community:assignRole', { role: 'bank', mspId: 'OTHERMSP', key: KEY_1.publicKey });

    it('has said what it has said: it is taken in later, once, and not stated again under its reference', async () => {
        const row = await account.deposit(5n);
        await replaced();
        const again = statement({ mspId: H1, amountNanos: 5n }, {}, KEY_1);
        const options = { by: 'OTHERMSP', endorsers: [H1, DSO], transient: { statement: again } };
        const asked = { mspId: H1, reference: 'd1' };
        expect(await community.refusal('accounts:deposit', asked, options)).toBe('STATEMENT_EXISTS');
        const { availableNanos } = await account.submit('accounts:takeIn', {}, { statements: [row] });
        expect(availableNanos).toBe(5n);
        expect(await account.refusal('accounts:takeIn', {}, { statements: [row] })).toBe('STATEMENT_TAKEN');
        expect(await community.refusal('accounts:deposit', asked, options)).toBe('STATEMENT_EXISTS');
    });

    it('says nothing any more', async () => {
        await replaced();
        const row = statement({ mspId: H1 });
        const options = { by: BANK, endorsers: [H1, DSO], transient: { statement: row } };
        const asked = { mspId: H1, reference: 'd1' };
        expect(await community.refusal('accounts:deposit', asked, options)).toBe('FORBIDDEN');
        const byOther = { ...options, by: 'OTHERMSP' };
        expect(await community.refusal('accounts:deposit', asked, byOther)).toBe('SIGNATURE_INVALID');
    });

    it('is kept with its key and the version until which it was the bank, the supplier before there was one too', async () => {
        const { version } = await community.query('charter:document', {});
        await replaced();
        const { formerBanks } = await community.query('charter:document', {});
        expect(formerBanks).toEqual([
            { mspId: DSO, key: OPERATOR_KEY.publicKey, untilVersion: version - 1 },
            { mspId: BANK, key: BANK_KEY.publicKey, untilVersion: version },
        ]);
    });

    it('leaves withdrawals to the new one, which is told of them', async () => {
        await account.fill(5n);
        const given = withdrawal(H1, 'w1', 5n);
        const use = { kind: 'hold' as const, hold: { kind: 'withdrawal' as const, subject: 'w1', amount: nanos(5n) } };
        await account.submit('accounts:withdraw', { id: 'w1' }, { use }, { withdrawal: given });
        await replaced();
        const telling = { by: H1, endorsers: ['OTHERMSP'], transient: { withdrawal: given } };
        await community.submit('accounts:tellBank', { mspId: H1, id: 'w1' }, telling);
        const seen = await community.query('accounts:own', { mspId: H1 }, { by: 'OTHERMSP' });
        expect(seen.withdrawals).toEqual([given]);
        const paid = statement({ mspId: H1, kind: 'paidOut', reference: 'w1', amountNanos: 5n }, {}, KEY_1);
        const options = { by: 'OTHERMSP', endorsers: [H1, DSO], transient: { statement: paid, withdrawal: given } };
        await community.submit('accounts:confirmWithdrawal', { mspId: H1, reference: 'w1' }, options);
        const after = await account.submit('accounts:takeIn', {}, { statements: [paid] });
        expect(after).toMatchObject({ availableNanos: 0n, holds: [] });
    });
});

describe('nobody spends money twice', () => {
    const reserve = (amount: bigint, day = DAY): Parameters<TestAccount['endorse']>[2] => ({
        use: { kind: 'hold', hold: { kind: 'day', subject: day, amount: nanos(amount) } },
    });

    it('by two transactions at once', async () => {
        const { amountNanos } = await community.query('accounts:coverOf', { mspId: H1, day: DAY });
        await account.fill(2n * amountNanos - 1n);
        const next = '2014-10-04';
        const one = await account.endorse('accounts:reserveDay', { day: DAY }, reserve(amountNanos));
        const other = await account.endorse('accounts:reserveDay', { day: next }, reserve(amountNanos, next));
        expect(community.network.commit(one, [H1, DSO])).toBe('VALID');
        expect(community.network.commit(other, [H1, DSO])).toBe('MVCC_READ_CONFLICT');
        const again = reserve(amountNanos, next);
        expect(await account.refusal('accounts:reserveDay', { day: next }, again)).toBe('BALANCE_TOO_SMALL');
    });

    it('by spending what waits in rows and is not taken in', async () => {
        const { amountNanos } = await community.query('accounts:coverOf', { mspId: H1, day: DAY });
        const row = await account.deposit(amountNanos);
        expect(await account.refusal('accounts:reserveDay', { day: DAY }, reserve(amountNanos))).toBe(
            'BALANCE_TOO_SMALL',
        );
        const taken = { ...reserve(amountNanos), statements: [row] };
        expect(await account.submit('accounts:reserveDay', { day: DAY }, taken)).toMatchObject({ availableNanos: 0n });
    });

    it('by claiming a cover that others have made: it counts for nothing and cannot be reserved over', async () => {
        const { amountNanos } = await community.query('accounts:coverOf', { mspId: H1, day: DAY });
        await account.fill(amountNanos);
        await forge(coverKey(DAY, H1), { day: DAY, mspId: H1, status: 'held' }, H2);
        expect(await account.refusal('accounts:reserveDay', { day: DAY }, reserve(amountNanos))).toBe(
            'KEY_POLICY_WRONG',
        );
    });

    it("without the member's or the grid operator's endorsement", async () => {
        const { amountNanos } = await community.query('accounts:coverOf', { mspId: H1, day: DAY });
        await account.fill(amountNanos);
        const simulated = await account.endorse('accounts:reserveDay', { day: DAY }, reserve(amountNanos));
        for (const endorsers of [[H1], [DSO], [DSO, H2], [H1, H2]]) {
            expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
    });
});

describe('one hot account', () => {
    it('gets 500 statements at once, none invalid, and takes them in by portions in any order', async () => {
        const simulated = [];
        const rows: BankStatementRecord[] = [];
        for (let n = 1; n <= 500; n += 1) {
            const reference = `d${n}`;
            const row = statement({ mspId: H1, reference, amountNanos: BigInt(n) });
            rows.push(row);
            const options = { by: BANK, endorsers: [H1, DSO], transient: { statement: row } };
            simulated.push(await community.endorse('accounts:deposit', { mspId: H1, reference }, options));
        }
        const codes = simulated.map((each) => community.network.commit(each, [H1, DSO]));
        expect(new Set(codes)).toEqual(new Set(['VALID']));
        const portions = [rows.slice(300, 500), rows.slice(0, 150), rows.slice(150, 300)];
        for (const statements of portions) {
            await account.submit('accounts:takeIn', {}, { statements });
        }
        expect(await account.record()).toMatchObject({ version: 3, availableNanos: 125_250n });
    });

    it('gets a statement while it takes others in: neither is invalid', async () => {
        const row = await account.deposit(5n);
        const taking = await account.endorse('accounts:takeIn', {}, { statements: [row] });
        await account.deposit(6n, 'd2');
        expect(community.network.commit(taking, [H1, DSO])).toBe('VALID');
    });
});
