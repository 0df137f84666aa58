import { beforeAll, describe, expect, it } from '@jest/globals';
import { creditNoteKey, keyName } from '../../../api/keys';
import type { AccountRecord, BillRecord, CreditNoteRecord, SettlementRecord } from '../../../api/records';
import { ownerStatement } from '../../../api/statements';
import { nanos } from '../../../domain/quantity';
import {
    DAY,
    DSO,
    FIRST,
    FOUNDING,
    household,
    NOW,
    OPERATOR_KEY,
    ownerKey,
    TestCommunity,
} from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { CLOSERS, signedBill } from '../../../testing/market/closing';
import { TestAccount, withBank } from '../../../testing/market/money';
import { tradedDay } from '../../../testing/market/traded-day';
import { recordHash } from '../guards';

const [H1, H2, DEBTOR] = [household(1), household(2), household(3)];
const PERIOD = { from: DAY, to: DAY };
const MUCH = 1_000_000_000_000_000n;
const COLLECT_DAYS = 30;
const DUE_DAY = '2015-01-14';
/** The last second at which it is too early, in a zone of an hour before Greenwich or two. */
const AFTER = NOW + (13 + COLLECT_DAYS + 2) * 86_400;
const EARLY = NOW + (13 + COLLECT_DAYS) * 86_400;
const CENT = 10_000_000n;

let community: TestCommunity;
const bills = new Map<string, BillRecord>();
const billOf = (mspId: string): BillRecord => bills.get(mspId) as BillRecord;

async function billed(mspId: string, settlement: SettlementRecord): Promise<void> {
    const inputs = { settlements: [settlement], salt: testSalt(`bill ${mspId}`) };
    const draft = await community.query('billing:draftBill', { mspId, ...PERIOD }, { by: mspId, transient: inputs });
    const { record, signatures } = signedBill(draft, ownerKey(mspId));
    const options = { by: mspId, endorsers: [mspId, DSO], transient: { ...inputs, ...signatures } };
    await community.submit('billing:issueBill', { mspId, ...PERIOD }, options);
    bills.set(mspId, record);
}

/** Everybody has money, the debtor's day is covered, and a final bill of each is due. */
async function billedCommunity(rules: { collectDays?: number }): Promise<void> {
    const founding = { ...FOUNDING, rules: { ...FOUNDING.rules, ...rules } };
    community = await TestCommunity.trading(3, { founding });
    await withBank(community);
    for (const mspId of [H1, DEBTOR]) {
        const account = new TestAccount(community, mspId);
        await account.fill(MUCH);
        const { amountNanos } = await community.query('accounts:coverOf', { mspId, day: DAY });
        const hold = { kind: 'day' as const, subject: DAY, amount: nanos(amountNanos) };
        await account.submit('accounts:reserveDay', { day: DAY }, { use: { kind: 'hold', hold } });
    }
    const metered = {
        [DEBTOR]: { [FIRST]: -900n },
        [H2]: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [FIRST + i, 900n])),
    };
    for (const settlement of await tradedDay(community, [], metered)) {
        await billed(settlement.mspId, settlement);
    }
}

const numbered = (mspId: string) => ({ mspId, ...PERIOD, id: 'bill', hash: recordHash(billOf(mspId)) });
const accountOf = async (mspId: string): Promise<AccountRecord> =>
    (await new TestAccount(community, mspId).record()) as AccountRecord;
const paying = (mspId: string) => ({
    use: { kind: 'bill' as const, days: [DAY], due: nanos(billOf(mspId).dueMinor * CENT) },
});

interface Asked {
    readonly mspId?: string;
    readonly by?: string;
    readonly time?: number;
    readonly given?: Readonly<Record<string, unknown>>;
}
async function collecting({ mspId = DEBTOR, by = DSO, time = AFTER, given = {} }: Asked) {
    const account = mspId === H2 ? await accountOf(H1) : await accountOf(mspId === 'H9MSP' ? DEBTOR : mspId);
    const transient = { account, bill: billOf(mspId === 'H9MSP' ? DEBTOR : mspId), ...given };
    return { args: { mspId, ...PERIOD }, options: { by, time, endorsers: CLOSERS, transient } };
}
async function refused(asked: Asked = {}): Promise<string> {
    const { args, options } = await collecting(asked);
    return community.refusal('accounts:collect', args, options);
}

describe('collecting', () => {
    beforeAll(async () => {
        await billedCommunity({});
        expect(await refused()).toBe('COLLECTION_NOT_GOVERNED');
        await billedCommunity({ collectDays: COLLECT_DAYS });
        expect(await refused({ time: EARLY })).toBe('DOCUMENT_UNKNOWN');
        const documents = [H1, H2, DEBTOR].map(numbered);
        const run = { run: 1, firstNumber: 1, dueDay: DUE_DAY, documents };
        await community.submit('invoicing:finalise', run, { endorsers: [DSO, H1, H2] });
    }, 120_000);

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; asked: () => Asked }>([
        { code: 'MEMBER_UNKNOWN', asked: () => ({ mspId: 'H9MSP', by: H1, time: EARLY }) },
        { code: 'FORBIDDEN', asked: () => ({ by: H1, given: { bill: billOf(H1) }, time: EARLY }) },
        { code: 'OPENING_MISMATCH', asked: () => ({ given: { bill: billOf(H1) }, time: EARLY }) },
        {
            code: 'OPENING_MISMATCH',
            asked: () => ({ given: { bill: { ...billOf(DEBTOR), dueMinor: 9_999n } }, time: EARLY }),
        },
        { code: 'DEADLINE_OPEN', asked: () => ({ time: EARLY }) },
    ])('is refused with $code and writes nothing', async ({ code, asked }) => {
        expect(await refused(asked())).toBe(code);
    });

    it('takes nobody else’s account, and none that was rewritten', async () => {
        expect(await refused({ given: { account: await accountOf(H1) } })).toBe('OPENING_MISMATCH');
        const own = await accountOf(DEBTOR);
        const holds = own.holds.map((hold) => ({ ...hold, amountNanos: 2n * hold.amountNanos }));
        expect(await refused({ given: { account: { ...own, holds } } })).toBe('OPENING_MISMATCH');
    });

    it('takes nothing for a bill that brings money, nor for one that is paid', async () => {
        expect(billOf(H2).dueMinor < 0n).toBe(true);
        await new TestAccount(community, H2).fill(1n);
        const ofH2 = await community.query('accounts:own', {}, { by: H2 });
        expect(await refused({ mspId: H2, given: { account: ofH2.account } })).toBe('NOTHING_RESERVED');
        await new TestAccount(community, H1).submit('accounts:payBill', PERIOD, paying(H1), { bill: billOf(H1) });
        expect(await refused({ mspId: H1 })).toBe('BILL_PAID');
    });

    it('takes what the bill says out of what is reserved, with a quorum, once, and leaves the account to its owner', async () => {
        const before = await accountOf(DEBTOR);
        const { args, options } = await collecting({});
        const simulated = await community.endorse('accounts:collect', args, options);
        for (const endorsers of [[DSO], [DSO, H1], [H1, H2], [DEBTOR, H1, H2]]) {
            expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        expect(community.network.commit(simulated, CLOSERS)).toBe('VALID');
        const due = billOf(DEBTOR).dueMinor * CENT;
        const { payments } = await community.query('accounts:markers', { mspId: DEBTOR });
        expect(payments).toMatchObject([{ status: 'collected', collected: { amountNanos: due, isWhole: true } }]);
        expect(await accountOf(DEBTOR)).toEqual(before);
        expect(await refused()).toBe('BILL_COLLECTED');
        const [listed] = await community.query('invoicing:documents', { mspId: DEBTOR }, { by: DEBTOR });
        expect(listed).toMatchObject({ paidFromAccount: true });
        const reminding = { ...args, id: 'bill' };
        expect(await community.refusal('invoicing:remind', reminding, { time: AFTER, endorsers: CLOSERS })).toBe(
            'DOCUMENT_PAID',
        );
    });

    it('keeps what was collected reserved until its owner takes it in by paying the bill', async () => {
        const account = new TestAccount(community, DEBTOR);
        const hold = { kind: 'day' as const, subject: DAY };
        const freed = { use: { kind: 'release' as const, hold, keep: nanos(0n) } };
        expect(await account.refusal('accounts:releaseDay', { day: DAY }, freed, { settlement: null })).toBe(
            'BILL_COLLECTED',
        );
        const due = billOf(DEBTOR).dueMinor * CENT;
        const after = await account.submit('accounts:payBill', PERIOD, paying(DEBTOR), { bill: billOf(DEBTOR) });
        expect(after).toMatchObject({ availableNanos: MUCH - due, holds: [], turnover: { billedNanos: due } });
        expect(await refused()).toBe('BILL_PAID');
    });

    describe('and a credit note to it', () => {
        const id = 'c1';
        const reference = { mspId: H1, ...PERIOD, id };
        const key = keyName(creditNoteKey(reference));
        const unsigned = {
            key,
            version: 1,
            ...reference,
            corrects: 1,
            reason: 'read wrong',
            parts: [{ payee: 'supplier' as const, ppm: 0n, grossMinor: 1n }],
            salt: testSalt(key),
        };
        const note: CreditNoteRecord = { ...unsigned, signature: OPERATOR_KEY.sign(ownerStatement(unsigned)) };
        const taking = { use: { kind: 'bill' as const, days: [], due: nanos(-CENT) } };
        const args = { ...PERIOD, id };
        const refusedTaking = (given: object = note, asked: object = args): Promise<string> =>
            new TestAccount(community, H1).refusal('accounts:takeCredit', asked, taking, { note: given });

        it('credits the account of who paid the bill, once', async () => {
            expect(await refusedTaking()).toBe('DOCUMENT_UNKNOWN');
            const given = { note, bill: billOf(H1), earlier: [] };
            const issuing = { endorsers: [H1, DSO], transient: given };
            await community.submit('invoicing:issueCreditNote', { ...reference, corrects: 1 }, issuing);
            expect(await refusedTaking(note, { ...args, id: 'bill' })).toBe('DOCUMENT_UNKNOWN');
            expect(await refusedTaking({ ...note, parts: [{ ...unsigned.parts[0], grossMinor: 9n }] })).toBe(
                'OPENING_MISMATCH',
            );
            const account = new TestAccount(community, H1);
            const before = await accountOf(H1);
            const after = await account.submit('accounts:takeCredit', args, taking, { note });
            expect(after.availableNanos).toBe(before.availableNanos + CENT);
            expect(after.turnover.billedNanos).toBe(before.turnover.billedNanos - CENT);
            expect(await refusedTaking()).toBe('DOCUMENT_PAID');
        });
    });
});

describe('a credit note to a bill that is not paid', () => {
    it('is not taken in before the bill is paid', async () => {
        await billedCommunity({ collectDays: COLLECT_DAYS });
        const run = { run: 1, firstNumber: 1, dueDay: DUE_DAY, documents: [numbered(H1)] };
        await community.submit('invoicing:finalise', run, { endorsers: [DSO, H1, H2] });
        const reference = { mspId: H1, ...PERIOD, id: 'c1' };
        const key = keyName(creditNoteKey(reference));
        const parts = [{ payee: 'supplier' as const, ppm: 0n, grossMinor: 1n }];
        const unsigned = { key, version: 1, ...reference, corrects: 1, reason: 'x', parts, salt: testSalt(key) };
        const note = { ...unsigned, signature: OPERATOR_KEY.sign(ownerStatement(unsigned)) };
        const transient = { note, bill: billOf(H1), earlier: [] };
        const issuing = { endorsers: [H1, DSO], transient };
        await community.submit('invoicing:issueCreditNote', { ...reference, corrects: 1 }, issuing);
        const account = new TestAccount(community, H1);
        const taking = { use: { kind: 'bill' as const, days: [], due: nanos(-CENT) } };
        const args = { ...PERIOD, id: 'c1' };
        expect(await account.refusal('accounts:takeCredit', args, taking, { note })).toBe('BILL_OPEN');
        const fraud = { ...unsigned, signature: ownerKey(H1).sign(ownerStatement(unsigned)) };
        expect(await account.refusal('accounts:takeCredit', args, taking, { note: fraud })).toBe('OPENING_MISMATCH');
    }, 120_000);
});
