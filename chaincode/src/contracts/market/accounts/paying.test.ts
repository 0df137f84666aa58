import { beforeAll, describe, expect, it } from '@jest/globals';
import { billKey, paymentKey } from '../../../api/keys';
import { keptOfCover } from '../../../api/accounts';
import { BILL, type BillRecord, type SettlementRecord } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { nanos } from '../../../domain/quantity';
import { DAY, DSO, FIRST, household, ownerKey, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { signedBill } from '../../../testing/market/closing';
import { TestAccount, withBank, type Movement } from '../../../testing/market/money';
import { tradedDay } from '../../../testing/market/traded-day';

const [H1, H2] = [household(1), household(2)];
const MUCH = 1_000_000_000_000_000n;
const SLOT = FIRST + 40;

let community: TestCommunity;
const accounts = new Map<string, TestAccount>();
const settlements = new Map<string, SettlementRecord>();
const bills = new Map<string, BillRecord>();

const accountOf = (mspId: string): TestAccount => accounts.get(mspId) ?? new TestAccount(community, mspId);
const settlementOf = (mspId: string): SettlementRecord => settlements.get(mspId) as SettlementRecord;
const billOf = (mspId: string): BillRecord => bills.get(mspId) as BillRecord;

async function covered(mspId: string): Promise<void> {
    const account = new TestAccount(community, mspId);
    accounts.set(mspId, account);
    await account.fill(MUCH);
    const { amountNanos } = await community.query('accounts:coverOf', { mspId, day: DAY });
    const hold = { kind: 'day' as const, subject: DAY, amount: nanos(amountNanos) };
    await account.submit('accounts:reserveDay', { day: DAY }, { use: { kind: 'hold', hold } });
}

async function billed(mspId: string): Promise<void> {
    const period = { mspId, from: DAY, to: DAY };
    const inputs = { settlements: [settlementOf(mspId)], salt: testSalt(`bill ${mspId}`) };
    const draft = await community.query('billing:draftBill', period, { by: mspId, transient: inputs });
    const { record, signatures } = signedBill(draft, ownerKey(mspId));
    await community.submit('billing:issueBill', period, {
        by: mspId,
        endorsers: [mspId, DSO],
        transient: { ...inputs, ...signatures },
    });
    bills.set(mspId, record);
}

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await withBank(community);
    for (const mspId of [H1, H2]) {
        await covered(mspId);
    }
    const orders = [
        { mspId: H1, slot: SLOT, side: 'buy' as const, energyWh: 500n },
        { mspId: H2, slot: SLOT, side: 'sell' as const, energyWh: 500n, limit: 90_000n },
    ];
    const metered = { [H1]: { [SLOT]: -500n }, [H2]: { [SLOT]: 900n, [SLOT + 1]: 900n, [SLOT + 2]: 900n } };
    for (const settlement of await tradedDay(community, orders, metered)) {
        settlements.set(settlement.mspId, settlement);
    }
});

const release = (mspId: string, keep?: bigint): Movement => ({
    use: {
        kind: 'release',
        hold: { kind: 'day', subject: DAY },
        keep: nanos(keep ?? keptOfCover({ rules: {} as never }, mspId, settlementOf(mspId))),
    },
});
const payment = (mspId: string, due = billOf(mspId).dueMinor): Movement => ({
    use: { kind: 'bill', days: [DAY], due: nanos(due * 10_000_000n) },
});

describe('accounts:releaseDay', () => {
    it.each([
        { code: 'DAY_UNKNOWN', day: '2014-02-30', settlement: null },
        { code: 'HOLD_UNKNOWN', day: '2014-10-04', settlement: null },
        { code: 'OPENING_MISSING', day: DAY, settlement: null },
        { code: 'OPENING_UNKNOWN', day: DAY, settlement: 'theirs' },
        { code: 'OPENING_MISMATCH', day: DAY, settlement: 'rewritten' },
        { code: 'SIGNATURE_INVALID', day: DAY, settlement: 'own' },
    ])('refuses with $code and writes nothing', async ({ code, day, settlement }) => {
        const own = settlementOf(H1);
        const given = { theirs: settlementOf(H2), rewritten: { ...own, provisional: true }, own }[settlement ?? ''];
        const nothingKept = release(H1, 0n);
        const refused = accountOf(H1).refusal('accounts:releaseDay', { day }, nothingKept, {
            settlement: given ?? null,
        });
        expect(await refused).toBe(code);
    });

    it('keeps what is owed for the day, and nothing where the day brought more than it cost', async () => {
        for (const mspId of [H1, H2]) {
            const account = accountOf(mspId);
            await account.submit('accounts:releaseDay', { day: DAY }, release(mspId), {
                settlement: settlementOf(mspId),
            });
        }
        const owed = -(
            settlementOf(H1).postings.find(({ account }) => account === `household:${H1}`)?.amountNanos ?? 0n
        );
        expect(owed > 0n).toBe(true);
        expect((await accountOf(H1).record())?.holds).toEqual([{ kind: 'day', subject: DAY, amountNanos: owed }]);
        expect(await accountOf(H2).record()).toMatchObject({ holds: [], availableNanos: MUCH });
        const covers = await community.query('accounts:covers', { day: DAY });
        expect(covers.map(({ status }) => status)).toEqual(['released', 'released']);
        const again = accountOf(H1).refusal('accounts:releaseDay', { day: DAY }, release(H1), { settlement: null });
        expect(await again).toBe('HOLD_UNKNOWN');
    });

    it('frees all of a day that nobody opened', async () => {
        const day = '2014-10-04';
        const account = accountOf(H1);
        const before = await account.record();
        const { amountNanos } = await community.query('accounts:coverOf', { mspId: H1, day });
        const hold = { kind: 'day' as const, subject: day, amount: nanos(amountNanos) };
        await account.submit('accounts:reserveDay', { day }, { use: { kind: 'hold', hold } });
        const use = { kind: 'release' as const, hold, keep: nanos(0n) };
        const after = await account.submit('accounts:releaseDay', { day }, { use }, { settlement: null });
        expect(after).toMatchObject({ availableNanos: before?.availableNanos, holds: before?.holds });
        // A day may be covered again before it is opened.
        await account.submit('accounts:reserveDay', { day }, { use: { kind: 'hold', hold } });
        await account.submit('accounts:releaseDay', { day }, { use }, { settlement: null });
    });
});

describe('accounts:payBill', () => {
    beforeAll(async () => {
        await billed(H1);
        await billed(H2);
    });

    it.each([
        { code: 'BILL_UNKNOWN', period: { from: DAY, to: '2014-10-04' }, bill: () => billOf(H2) },
        { code: 'OPENING_MISMATCH', period: { from: DAY, to: DAY }, bill: () => billOf(H2) },
        { code: 'OPENING_MISMATCH', period: { from: DAY, to: DAY }, bill: () => ({ ...billOf(H1), dueMinor: 0n }) },
        { code: 'SIGNATURE_INVALID', period: { from: DAY, to: DAY }, bill: () => billOf(H1) },
    ])('refuses with $code and writes nothing', async ({ code, period, bill }) => {
        const less = payment(H1, 0n);
        expect(await accountOf(H1).refusal('accounts:payBill', period, less, { bill: bill() })).toBe(code);
    });

    it('relies on no bill that stands under another policy', async () => {
        const { parts } = billKey(H1, DAY, DAY);
        expect(parts).toEqual([H1, DAY, DAY]);
        const stranger = new TestAccount(community, household(3));
        const period = { from: DAY, to: DAY };
        expect(await stranger.refusal('accounts:payBill', period, {}, { bill: billOf(H1) })).toBe('BILL_UNKNOWN');
    });

    it('moves what is due, once, and ends what was reserved', async () => {
        for (const mspId of [H1, H2]) {
            const due = billOf(mspId).dueMinor * 10_000_000n;
            const account = accountOf(mspId);
            const after = await account.submit('accounts:payBill', { from: DAY, to: DAY }, payment(mspId), {
                bill: billOf(mspId),
            });
            expect(after).toMatchObject({ availableNanos: MUCH - due, holds: [], turnover: { billedNanos: due } });
            const again = account.refusal('accounts:payBill', { from: DAY, to: DAY }, payment(mspId), {
                bill: billOf(mspId),
            });
            expect(await again).toBe('BILL_PAID');
        }
        const { payments } = await community.query('accounts:markers', { mspId: H1 });
        expect(payments.map(({ from, to, status }) => [from, to, status])).toEqual([[DAY, DAY, 'paid']]);
    });

    it('pays nothing for a bill that a transfer has paid, and frees what was reserved for it', async () => {
        const mspId = household(3);
        await covered(mspId);
        await billed(mspId);
        const period = { mspId, from: DAY, to: DAY };
        const { type, parts } = paymentKey({ ...period, id: BILL });
        const place = placeOf('market', compositeKey(type, parts));
        const transferred = { ...period, id: BILL, status: 'transferred' };
        const set = { writes: new Map([[place, encodeBytes(transferred)]]) };
        expect(community.network.forge(set, [DSO, mspId])).toBe('VALID');
        const options = { bill: billOf(mspId) };
        const asked = { from: DAY, to: DAY };
        const full = accountOf(mspId).refusal('accounts:payBill', asked, payment(mspId, 1n), options);
        expect(await full).toBe('SIGNATURE_INVALID');
        const after = await accountOf(mspId).submit('accounts:payBill', asked, payment(mspId, 0n), options);
        expect(after).toMatchObject({ availableNanos: MUCH, holds: [], turnover: { billedNanos: 0n } });
        const { payments } = await community.query('accounts:markers', { mspId });
        expect(payments).toEqual([{ ...transferred, takenIn: after.version }]);
    });
});
