import { beforeEach, describe, expect, it } from '@jest/globals';
import { DAY, DSO, household, TestCommunity } from '../../../testing/community';
import { BANK, statement, TestAccount, withBank, withdrawal } from '../../../testing/market/money';

const H1 = household(1);
const DEPOSIT = 1_000_000_000_000n;

let community: TestCommunity;
let account: TestAccount;

beforeEach(async () => {
    community = await TestCommunity.trading(3);
    await withBank(community);
    account = new TestAccount(community, H1);
});

describe('money', () => {
    it('comes in by the word of the bank and is there once its owner has taken it in', async () => {
        const row = await account.deposit(DEPOSIT);
        expect(await account.record()).toBeNull();
        expect(await account.submit('accounts:takeIn', {}, { statements: [row] })).toMatchObject({
            version: 1,
            availableNanos: DEPOSIT,
            turnover: { depositedNanos: DEPOSIT },
        });
        const { statements } = await community.query('accounts:own', {}, { by: H1 });
        expect(statements).toEqual([{ statement: row, takenIn: 1 }]);
    });

    it('covers a day, is owed for it and pays the bill', async () => {
        await account.fill(DEPOSIT);
        const { amountNanos: cover } = await community.query('accounts:coverOf', { mspId: H1, day: DAY });
        const reserved = await account.submit(
            'accounts:reserveDay',
            { day: DAY },
            { use: { kind: 'hold', hold: { kind: 'day', subject: DAY, amount: cover as never } } },
        );
        expect(reserved).toMatchObject({
            availableNanos: DEPOSIT - cover,
            holds: [{ kind: 'day', subject: DAY, amountNanos: cover }],
        });
        expect(await community.query('accounts:covers', { day: DAY })).toEqual([
            { day: DAY, mspId: H1, status: 'held' },
        ]);
    });

    it('is paid out as asked for', async () => {
        await account.fill(DEPOSIT);
        const asked = withdrawal(H1, 'w1', 400n);
        const use = { kind: 'hold', hold: { kind: 'withdrawal', subject: 'w1', amount: 400n } } as never;
        await account.submit('accounts:withdraw', { id: 'w1' }, { use }, { withdrawal: asked });
        const seenByBank = () => community.query('accounts:own', { mspId: H1 }, { by: BANK });
        expect(await seenByBank()).toEqual({ account: null, statements: [], withdrawals: [] });
        const telling = { by: H1, endorsers: [BANK], transient: { withdrawal: asked } };
        await community.submit('accounts:tellBank', { mspId: H1, id: 'w1' }, telling);
        expect(await seenByBank()).toEqual({ account: null, statements: [], withdrawals: [asked] });
        const paid = statement({ mspId: H1, kind: 'paidOut', reference: 'w1', amountNanos: 400n });
        await community.submit(
            'accounts:confirmWithdrawal',
            { mspId: H1, reference: 'w1' },
            { by: BANK, endorsers: [H1, DSO], transient: { statement: paid, withdrawal: asked } },
        );
        const after = await account.submit('accounts:takeIn', {}, { statements: [paid] });
        expect(after).toMatchObject({ availableNanos: DEPOSIT - 400n, holds: [], turnover: { withdrawnNanos: 400n } });
    });
});
