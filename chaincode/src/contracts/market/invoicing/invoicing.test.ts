import { beforeAll, describe, expect, it } from '@jest/globals';
import { creditNoteKey, keyName } from '../../../api/keys';
import type { BillRecord, CreditNoteRecord, SettlementRecord } from '../../../api/records';
import { ownerStatement } from '../../../api/statements';
import type { ArgsOf } from '../../../api/transactions';
import { DAY, DSO, household, NOW, OPERATOR_KEY, ownerKey, TERMS, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { CLOSERS, signedBill } from '../../../testing/market/closing';
import { tradedDay } from '../../../testing/market/traded-day';
import { recordHash } from '../guards';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const DUE = '2015-01-14';
/** Six days after it. */
const OVERDUE = NOW + 20 * 86_400;
const VAT = { supplierPpm: 190_000n, gridPpm: 190_000n, communityPpm: 190_000n, poolPpm: 0n, members: [] };
const bills = new Map<string, BillRecord>();

let community: TestCommunity;
const of = (mspId: string, id = 'bill') => ({ mspId, from: DAY, to: DAY, id });
const listed = (mspId: string, id = 'bill') => ({ ...of(mspId, id), hash: recordHash(bills.get(mspId) ?? {}) });

async function bill(mspId: string, settlements: SettlementRecord[], by = mspId): Promise<void> {
    const period = { mspId, from: DAY, to: DAY };
    const inputs = { settlements: settlements.filter((each) => each.mspId === mspId), salt: testSalt(`bill ${mspId}`) };
    const draft = await community.query('billing:draftBill', period, { by, transient: inputs });
    const key = by === DSO ? OPERATOR_KEY : ownerKey(by);
    const { record, signatures } = signedBill(draft, key);
    const transient = { ...inputs, ...signatures };
    if (by === DSO) {
        await community.submit('billing:issueBillProvisionally', period, { endorsers: CLOSERS, transient });
    } else {
        await community.submit('billing:issueBill', period, { by, endorsers: [by, DSO], transient });
    }
    bills.set(mspId, record);
}

beforeAll(async () => {
    community = await TestCommunity.trading(3, { terms: { ...TERMS, vat: VAT } });
    const settlements = await tradedDay(community, [], {});
    await bill(H1, settlements);
    await bill(H2, settlements);
    await bill(H3, settlements, DSO);
}, 120_000);

type Asked = ArgsOf<'invoicing:finalise'>;
const run = (change: Partial<Asked> = {}): Asked => ({
    run: 1,
    firstNumber: 1,
    dueDay: DUE,
    documents: [listed(H1), listed(H2)],
    ...change,
});

describe('a billing run', () => {
    it('is previewed: what it would number, what is provisional, who has no bill', async () => {
        expect(await community.query('invoicing:preview', { from: DAY, to: '2014-10-04' })).toEqual({
            run: 1,
            firstNumber: 1,
            documents: [listed(H1), listed(H2)],
            provisional: [of(H3)],
            missing: [H1, H2, H3].map((mspId) => ({ mspId, day: '2014-10-04' })),
        });
        const before = await community.query('invoicing:preview', { from: '2014-10-01', to: '2014-10-02' });
        expect(before).toMatchObject({ documents: [], provisional: [] });
        const args = { from: DAY, to: DAY };
        expect(await community.refusal('invoicing:preview', args, { by: H1, endorsers: [H1] })).toBe('FORBIDDEN');
    });

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; by?: string; given: () => Asked }>([
        { code: 'FORBIDDEN', by: H1, given: () => run({ dueDay: '2015-02-30' }) },
        { code: 'MALFORMED', given: () => run({ dueDay: '2015-02-30', run: 2 }) },
        { code: 'RUN_NOT_NEXT', given: () => run({ run: 2, firstNumber: 2 }) },
        { code: 'NUMBER_NOT_NEXT', given: () => run({ firstNumber: 2, documents: [listed('H9MSP')] }) },
        { code: 'DOCUMENT_UNKNOWN', given: () => run({ documents: [{ ...listed(H1), from: '2014-10-02' }] }) },
        { code: 'DOCUMENT_UNKNOWN', given: () => run({ documents: [listed('H9MSP'), listed(H1), listed(H1)] }) },
        { code: 'DOCUMENT_UNKNOWN', given: () => run({ documents: [listed(H1, 'c1')] }) },
        {
            code: 'DOCUMENT_FINAL',
            given: () => run({ documents: [listed(H1), { ...listed(H1), hash: listed(H2).hash }] }),
        },
        { code: 'DOCUMENT_CHANGED', given: () => run({ documents: [{ ...listed(H3), hash: listed(H1).hash }] }) },
        { code: 'DOCUMENT_PROVISIONAL', given: () => run({ documents: [listed(H1), listed(H3)] }) },
    ])('is refused with $code and writes nothing', async ({ code, by = DSO, given }) => {
        expect(await community.refusal('invoicing:finalise', given(), { by })).toBe(code);
    });

    it('gives all its numbers in one batch; of two at once one is a conflict, and nothing is numbered twice', async () => {
        const endorsers = [DSO, H1, H2, H3];
        const one = await community.endorse('invoicing:finalise', run(), { endorsers });
        const other = await community.endorse('invoicing:finalise', run({ documents: [listed(H2)] }), { endorsers });
        expect(community.network.commit(one, endorsers)).toBe('VALID');
        expect(community.network.commit(other, endorsers)).toBe('MVCC_READ_CONFLICT');
        const documents = await community.query('invoicing:documents', {});
        expect(documents.map(({ number, mspId, run: inRun }) => [number, mspId, inRun])).toEqual([
            [1, H1, 1],
            [2, H2, 1],
        ]);
    });

    it('is final once, and what it numbered stays as it is', async () => {
        expect(await community.refusal('invoicing:finalise', run())).toBe('RUN_NOT_NEXT');
        expect(await community.refusal('invoicing:finalise', run({ run: 2 }))).toBe('NUMBER_NOT_NEXT');
        expect(await community.refusal('invoicing:finalise', run({ run: 2, firstNumber: 4 }))).toBe('NUMBER_NOT_NEXT');
        expect(await community.refusal('invoicing:finalise', run({ run: 2, firstNumber: 3 }))).toBe('DOCUMENT_FINAL');
        const settlement = await community.query('billing:ownSettlement', { day: DAY }, { by: H1 });
        const { signature } = settlement;
        const signed = { signature, markerSignature: signature };
        const transient = { settlements: [settlement], salt: testSalt('again'), ...signed };
        const again = { by: H1, endorsers: [H1, DSO], transient };
        for (const period of [
            { from: DAY, to: DAY },
            { from: '2014-10-01', to: DAY },
            { from: DAY, to: '2014-10-31' },
        ]) {
            expect(await community.refusal('billing:issueBill', { mspId: H1, ...period }, again)).toBe('BILL_EXISTS');
        }
    });

    it('leaves nothing open of a member that has moved out, whose last bill is numbered, paid and final like any other', async () => {
        const leaving = { mspId: H2, fromDay: '2014-10-04', reason: 'moves out' };
        await community.submit('community:leave', leaving, { by: H2 });
        const { missing } = await community.query('invoicing:preview', { from: DAY, to: '2014-10-04' });
        expect(missing.map(({ mspId }) => mspId)).toEqual([H1, H3]);
        const settlement = await community.query('billing:ownSettlement', { day: DAY }, { by: H2 });
        const { signature } = settlement;
        const signed = { signature, markerSignature: signature };
        const transient = { settlements: [settlement], salt: testSalt('again'), ...signed };
        const options = { by: H2, endorsers: [H2, DSO], transient };
        const refused = (from: string, to: string): Promise<string> =>
            community.refusal('billing:issueBill', { mspId: H2, from, to }, options);
        expect(await refused(DAY, DAY)).toBe('BILL_EXISTS');
        expect(await refused('2014-10-04', '2014-10-04')).toBe('DAY_UNKNOWN');
        const paying = { ...of(H2), day: DUE, reference: 'last' };
        await community.submit('invoicing:recordPayment', paying, { endorsers: [DSO, H2] });
    });

    it('stands for the community: neither its key nor a document is written by the grid operator and one household', async () => {
        const paying = { ...of(H1), day: DUE, reference: 'r1' };
        const paid = await community.endorse('invoicing:recordPayment', paying, { endorsers: [DSO, H1] });
        expect(community.network.commit(paid, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });

    it('is told without amounts, to the manager in full and to a member its own', async () => {
        expect(await community.query('invoicing:documents', { mspId: H1 }, { by: H1 })).toMatchObject([{ number: 1 }]);
        const options = { by: H1, endorsers: [H1] };
        expect(await community.refusal('invoicing:documents', {}, options)).toBe('FORBIDDEN');
        expect(await community.refusal('invoicing:documents', { mspId: H2 }, options)).toBe('FORBIDDEN');
    });
});

function note(change: Partial<CreditNoteRecord> = {}, key = OPERATOR_KEY): CreditNoteRecord {
    const reference = { mspId: H1, from: DAY, to: DAY, id: change.id ?? 'c1' };
    const unsigned = {
        key: keyName(creditNoteKey(reference)),
        version: 1,
        ...reference,
        salt: testSalt('credit'),
        corrects: 1,
        reason: 'the meter was read wrong',
        parts: [{ payee: 'supplier' as const, ppm: 190_000n, grossMinor: 10n }],
        ...change,
    };
    return { ...unsigned, signature: key.sign(ownerStatement(unsigned)) };
}

const FIRST_NOTE = note();

describe('a credit note', () => {
    interface Given {
        readonly by?: string;
        readonly args?: object;
        readonly note?: () => CreditNoteRecord;
        readonly bill?: () => BillRecord | undefined;
        readonly earlier?: () => CreditNoteRecord[];
    }
    const wrongKey = (): CreditNoteRecord => note({}, ownerKey(H1));
    const crediting = (given: Given) => ({
        by: given.by ?? DSO,
        endorsers: [DSO, H1],
        transient: {
            note: (given.note ?? (() => FIRST_NOTE))(),
            bill: (given.bill ?? (() => bills.get(H1)))(),
            earlier: (given.earlier ?? (() => []))(),
        },
    });
    const args = { ...of(H1, 'c1'), corrects: 1 };

    it.each<{ code: string } & Given>([
        { code: 'MEMBER_UNKNOWN', by: H2, args: { mspId: 'H9MSP' } },
        { code: 'FORBIDDEN', by: H1, args: { corrects: 9 } },
        { code: 'DOCUMENT_UNKNOWN', args: { corrects: 9 }, note: () => note({ id: 'c2' }) },
        { code: 'DOCUMENT_UNKNOWN', args: { corrects: 2 }, note: () => note({ id: 'c2' }) },
        { code: 'RECORD_WRONG', note: () => note({ id: 'c2' }), bill: () => bills.get(H2) },
        { code: 'OPENING_MISMATCH', bill: () => bills.get(H2), earlier: () => [FIRST_NOTE] },
        { code: 'OPENING_UNKNOWN', earlier: () => [FIRST_NOTE], note: wrongKey },
        {
            code: 'SIGNATURE_INVALID',
            note: () => note({ parts: [{ payee: 'grid', ppm: 0n, grossMinor: 999n }] }, ownerKey(H1)),
        },
        { code: 'CREDIT_TOO_LARGE', note: () => note({ parts: [{ payee: 'grid', ppm: 0n, grossMinor: 999n }] }) },
        { code: 'CREDIT_TOO_LARGE', note: () => note({ parts: [{ payee: 'grid', ppm: 0n, grossMinor: -1n }] }) },
    ])('is refused with $code and writes nothing', async ({ code, args: change = {}, ...given }) => {
        const asked = { ...args, ...change };
        expect(await community.refusal('invoicing:issueCreditNote', asked, crediting(given))).toBe(code);
    });

    it('is issued by both, read by its parties, and takes back no more than there is', async () => {
        await community.submit('invoicing:issueCreditNote', args, crediting({}));
        const period = { mspId: H1, from: DAY, to: DAY };
        expect(await community.query('invoicing:creditNotes', period, { by: H1 })).toEqual([FIRST_NOTE]);
        const byOther = { by: H2, endorsers: [H2] };
        expect(await community.refusal('invoicing:creditNotes', period, byOther)).toBe('FORBIDDEN');
        expect(await community.refusal('invoicing:issueCreditNote', args, crediting({}))).toBe('CREDIT_NOTE_EXISTS');
        const due = bills.get(H1)?.dueMinor ?? 0n;
        const second = { ...args, id: 'c2' };
        const rest = (grossMinor: bigint) => () => note({ id: 'c2', parts: [{ payee: 'grid', ppm: 0n, grossMinor }] });
        const refused = (given: Given): Promise<string> =>
            community.refusal('invoicing:issueCreditNote', second, crediting(given));
        expect(await refused({ note: rest(due - 9n) })).toBe('OPENING_MISSING');
        expect(await refused({ note: rest(due - 9n), earlier: () => [FIRST_NOTE] })).toBe('CREDIT_TOO_LARGE');
        await community.submit(
            'invoicing:issueCreditNote',
            second,
            crediting({ note: rest(due - 10n), earlier: () => [FIRST_NOTE] }),
        );
    });

    it('gets its number in the next run, and is itself corrected by none', async () => {
        const { documents, ...next } = await community.query('invoicing:preview', { from: DAY, to: DAY });
        expect([next.run, next.firstNumber, documents.map(({ id }) => id)]).toEqual([2, 3, ['c1', 'c2']]);
        await community.submit('invoicing:finalise', { run: 2, firstNumber: 3, dueDay: DUE, documents });
        const credited = { ...args, id: 'c3', corrects: 3 };
        expect(await community.refusal('invoicing:issueCreditNote', credited, crediting({}))).toBe('CREDIT_OF_CREDIT');
    });
});

describe('what is due', () => {
    const paying = (mspId: string, id = 'bill') => ({ ...of(mspId, id), day: DUE, reference: 'r1' });

    it('is asked for again when it is overdue, once a day, three times at most', async () => {
        const options = { endorsers: [DSO, H1], time: OVERDUE };
        const refused = (by: string, time: number, id = 'bill'): Promise<string> =>
            community.refusal('invoicing:remind', of(H1, id), { ...options, by, time });
        expect(await refused(H1, OVERDUE, 'c9')).toBe('FORBIDDEN');
        expect(await refused(DSO, NOW, 'c9')).toBe('DOCUMENT_UNKNOWN');
        expect(await refused(DSO, NOW)).toBe('DOCUMENT_NOT_DUE');
        for (const day of [0, 1, 2]) {
            const time = OVERDUE + day * 86_400;
            await community.submit('invoicing:remind', of(H1), { ...options, time });
            expect(await refused(DSO, time)).toBe('REMINDED_ENOUGH');
        }
        expect(await refused(DSO, OVERDUE + 3 * 86_400)).toBe('REMINDED_ENOUGH');
    });

    it('is paid once', async () => {
        const options = { endorsers: [DSO, H1] };
        expect(await community.refusal('invoicing:recordPayment', paying(H1), { by: H1, ...options })).toBe(
            'FORBIDDEN',
        );
        expect(await community.refusal('invoicing:recordPayment', paying(H3), options)).toBe('DOCUMENT_UNKNOWN');
        const noDay = { ...paying(H1), day: '2015-02-30' };
        expect(await community.refusal('invoicing:recordPayment', noDay, options)).toBe('MALFORMED');
        await community.submit('invoicing:recordPayment', paying(H1), options);
        expect(await community.refusal('invoicing:recordPayment', paying(H1), options)).toBe('DOCUMENT_PAID');
        const late = { ...options, time: OVERDUE + 9 * 86_400 };
        expect(await community.refusal('invoicing:remind', of(H1), late)).toBe('DOCUMENT_PAID');
        const [first] = await community.query('invoicing:documents', { mspId: H1 });
        expect(first).toMatchObject({ paid: { day: DUE, reference: 'r1' }, reminders: { length: 3 } });
    });
});
