import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MoneyRecords } from '../../../api/catalogue/recovery';
import type { AccountRecord } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { nanos } from '../../../domain/quantity';
import { DSO, household, TestCommunity } from '../../../testing/community';
import { statement, TestAccount, withBank, withdrawal } from '../../../testing/market/money';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2] = [household(1), household(2)];
const NOTHING: MoneyRecords = { accounts: [], bankStatements: [], withdrawals: [], creditNotes: [], statements: [] };
const asked = withdrawal(H1, 'w1', 5n);

let community: TestCommunity;
let money: TestAccount;
let account: AccountRecord;

beforeEach(async () => {
    community = await TestCommunity.governed(3);
    await withBank(community);
    money = new TestAccount(community, H1);
    await money.fill(100n);
    const hold = { kind: 'withdrawal' as const, subject: 'w1', amount: nanos(5n) };
    account = await money.submit(
        'accounts:withdraw',
        { id: 'w1' },
        { use: { kind: 'hold', hold } },
        { withdrawal: asked },
    );
});

/** H1 alone can write its own collection, so it can spoil it as a broken disk would. */
function spoil(): void {
    const place = placeOf(`market/_implicit_org_${H1}`, compositeKey('account', [H1]));
    const privateWrites = new Map([[place, encodeBytes({ ...account, availableNanos: 1n })]]);
    expect(community.network.forge({ privateWrites }, [H1])).toBe('VALID');
}

const options = (records: Partial<MoneyRecords>, by = H1): object => ({
    by,
    endorsers: [by],
    transient: { records: { ...NOTHING, ...records } },
});

it("a member's money comes back from the grid operator's copy, with the member's endorsement alone", async () => {
    spoil();
    await expect(money.record()).rejects.toThrow('OPENING_MISMATCH');
    const mine = await community.query('recovery:money', { mspId: H1 }, { by: H1 });
    expect(mine.accounts.map(({ record }) => record)).toEqual([undefined]);
    const theirs = await community.query('recovery:money', { mspId: H1 }, { by: DSO });
    expect(theirs.accounts.map(({ record }) => record)).toEqual([account]);
    const records = {
        accounts: [account],
        bankStatements: [statement({ mspId: H1, amountNanos: 100n })],
        withdrawals: [asked],
    };
    await community.submit('recovery:restoreMoney', { mspId: H1 }, options(records));
    expect(await money.record()).toEqual(account);
    // Twice does no harm, and the account goes on from where it was.
    await community.submit('recovery:restoreMoney', { mspId: H1 }, options(records));
    expect(await money.fill(7n, 'd2')).toMatchObject({ version: 3, availableNanos: 102n });
});

describe('restoreMoney refuses', () => {
    it.each([
        { code: 'MEMBER_UNKNOWN', by: H2, mspId: 'H9MSP', records: () => ({ accounts: [account] }) },
        { code: 'FORBIDDEN', by: H2, mspId: H1, records: () => ({ accounts: [{ ...account, mspId: H2 }] }) },
        { code: 'RECORD_WRONG', by: H1, mspId: H1, records: () => ({ accounts: [{ ...account, mspId: H2 }] }) },
        { code: 'OPENING_UNKNOWN', by: H1, mspId: H1, records: () => ({ withdrawals: [withdrawal(H1, 'w2', 5n)] }) },
        { code: 'OPENING_MISMATCH', by: H1, mspId: H1, records: () => ({ accounts: [{ ...account, version: 1 }] }) },
        {
            code: 'OPENING_MISMATCH',
            by: H1,
            mspId: H1,
            records: () => ({ accounts: [account], bankStatements: [statement({ mspId: H1, amountNanos: 101n })] }),
        },
    ])('with $code and writes nothing', async ({ code, by, mspId, records }) => {
        expect(await community.refusal('recovery:restoreMoney', { mspId }, options(records(), by))).toBe(code);
    });
});
