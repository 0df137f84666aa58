import { beforeAll, describe, expect, it } from '@jest/globals';
import { markerOfBill } from '../../api/bills';
import {
    bankStatementKey,
    billKey,
    correctionInRunKey,
    correctionKey,
    documentKey,
    feederKey,
    paymentKey,
    poolKey,
    type LedgerKey,
} from '../../api/keys';
import { BILL, type BillRecord, type Charter, type FeederRecord, type SettlementRecord } from '../../api/records';
import { feederStatement } from '../../api/statements';
import { nanos } from '../../domain/quantity';
import { slot, slotStart } from '../../domain/slot';
import { bothPolicy, partiesPolicy, roundPolicy } from '../../ledger/market-policies';
import { DAY, DSO, FIRST, household, OPERATOR_KEY, ownerKey, TERMS, TestCommunity } from '../../testing/community';
import { testSalt } from '../../testing/identities';
import { sumsToPublish } from '../../api/corrections';
import { signedBill } from '../../testing/market/closing';
import { correctedDay } from '../../testing/market/correcting';
import { BANK, statement, TestAccount, withBank, withdrawal } from '../../testing/market/money';
import { forgedRecords } from '../../testing/market/storage';
import { tradedDay } from '../../testing/market/traded-day';
import type { Code } from '../../testing/world-state';

// The grid operator and H3, both with other chaincode, make a key that nobody has made yet, under the policy that it should have. What it says of
// a claim of H1 or H2 is believed by nobody.

const [H1, H2, H4] = [household(1), household(2), household(4)];
const PERIOD = { from: DAY, to: DAY };
const LOSSES = { constantWh: 2n, lossPpm: 0n, tolerancePpm: 20_000n, payer: 'members' as const };

let community: TestCommunity;
let charter: Charter;
let settlements: SettlementRecord[];

const forged = (key: LedgerKey, record: object, policy: Uint8Array): Code =>
    forgedRecords(community, [{ key, record, policy }]);
const parties = (mspId: string): Uint8Array => partiesPolicy(charter, mspId, FIRST);
const settlementOf = (mspId: string): SettlementRecord =>
    settlements.find((each) => each.mspId === mspId) as SettlementRecord;

async function begun(terms = TERMS): Promise<void> {
    community = await TestCommunity.trading(4, { terms });
    await withBank(community);
    settlements = await tradedDay(community, [], { [H2]: { [FIRST]: 900n } });
    charter = await community.query('charter:document', {});
}

beforeAll(() => begun(), 120_000);

async function draftOf(mspId: string): Promise<{ record: BillRecord; transient: Record<string, unknown> }> {
    const inputs = { settlements: [settlementOf(mspId)], salt: testSalt(`bill ${mspId}`) };
    const draft = await community.query('billing:draftBill', { mspId, ...PERIOD }, { by: mspId, transient: inputs });
    const { record, signatures } = signedBill(draft, ownerKey(mspId));
    return { record, transient: { ...inputs, ...signatures } };
}
const issuing = (mspId: string, transient: Record<string, unknown>) => ({
    by: mspId,
    endorsers: [mspId, DSO],
    transient,
});

describe('a settlement of a day that was not scheduled', () => {
    it('is not taken for outdated where others have stated how the community stood to its schedule', async () => {
        const sides = Array.from({ length: 96 }, () => 'long' as const);
        const pool = { day: DAY, version: 1, sides, shortPrice: 350_000n, longPrice: 50_000n };
        expect(forged(poolKey(DAY), pool, roundPolicy(charter, DAY, FIRST))).toBe('VALID');
        const range = { from: FIRST, to: FIRST + 95 };
        const transient = {
            readings: await community.query('metering:ownReadings', range, { by: H1 }),
            orders: [],
            salt: testSalt('again'),
            signature: OPERATOR_KEY.sign(new Uint8Array(1)),
            markerSignature: OPERATOR_KEY.sign(new Uint8Array(1)),
        };
        const asked = { day: DAY, mspId: H1 };
        const own = { by: H1, endorsers: [H1, DSO], transient };
        expect(await community.refusal('billing:settle', asked, own)).toBe('SETTLEMENT_EXISTS');
        const time = slotStart(slot(FIRST + 10 * 96));
        const operators = { by: DSO, endorsers: [DSO, H1, H2], transient, time };
        expect(await community.refusal('billing:settleProvisionally', asked, operators)).toBe('SETTLEMENT_EXISTS');
    });
});

describe('a bill', () => {
    it('is not taken for issued by a marker that its household has not signed', async () => {
        const { record, transient } = await draftOf(H1);
        const wide = { ...record, from: DAY, to: '2014-10-04' };
        const marker = { ...markerOfBill(wide), signature: ownerKey(household(3)).sign(new Uint8Array(1)) };
        expect(forged(billKey(H1, DAY, '2014-10-04'), marker, parties(H1))).toBe('VALID');
        await community.submit('billing:issueBill', { mspId: H1, ...PERIOD }, issuing(H1, transient));
        const again = community.refusal('billing:issueBill', { mspId: H1, ...PERIOD }, issuing(H1, transient));
        expect(await again).toBe('BILL_EXISTS');
    });

    it('is not issued, and nothing is owed, where others have made its payment before', async () => {
        const { transient } = await draftOf(H4);
        const key = paymentKey({ mspId: H4, ...PERIOD, id: BILL });
        expect(forged(key, { mspId: H4, ...PERIOD, id: BILL, status: 'paid', takenIn: 1 }, parties(H4))).toBe('VALID');
        const refused = community.refusal('billing:issueBill', { mspId: H4, ...PERIOD }, issuing(H4, transient));
        expect(await refused).toBe('KEY_POLICY_WRONG');
    });

    it('is not taken for paid: neither by its payment, which is there, nor by a document', async () => {
        const { record, transient } = await draftOf(H2);
        await community.submit('billing:issueBill', { mspId: H2, ...PERIOD }, issuing(H2, transient));
        const reference = { mspId: H2, ...PERIOD, id: BILL };
        const paid = { ...reference, status: 'paid', takenIn: 1 };
        expect(forged(paymentKey(reference), paid, parties(H2))).toBe('ENDORSEMENT_POLICY_FAILURE');
        const document = {
            ...reference,
            number: 1,
            run: 1,
            hash: '0'.repeat(64),
            dueDay: DAY,
            reminders: [],
            paid: { day: DAY, reference: 'transfer' },
        };
        expect(forged(documentKey(reference), document, parties(H2))).toBe('VALID');
        const account = new TestAccount(community, H2);
        await account.fill(1_000_000_000_000n);
        const due = nanos(record.dueMinor * 10_000_000n);
        const use = { kind: 'bill' as const, days: [DAY], due };
        const after = await account.submit('accounts:payBill', PERIOD, { use }, { bill: record });
        expect(after.turnover.billedNanos).toBe(due);
        expect(due).not.toBe(0n);
    });
});

describe('a correction', () => {
    it('stands in the run that its household finds it in, and is neither kept from one nor from a bill', async () => {
        const name = { day: DAY, mspId: H1, number: 1 };
        const unsigned = {
            ...name,
            hash: '0'.repeat(64),
            version: 1,
            corrects: '0'.repeat(64),
            provisional: false,
            commitment: { layout: 'correction/v1', element: '1'.repeat(64) },
            signature: ownerKey(household(3)).sign(new Uint8Array(1)),
        };
        expect(forged(correctionKey(DAY, H1, 1), unsigned, parties(H1))).toBe('VALID');
        const corrections = [];
        for (const [i, mspId] of [H1, H2, H4].entries()) {
            corrections.push(await correctedDay(community, mspId, FIRST + i, -8n));
        }
        expect(corrections.map(({ number }) => number)).toEqual([2, 1, 1]);
        for (const { day, mspId, number } of corrections) {
            const taken = { day, mspId, number, run: 'other' };
            const key = correctionInRunKey(day, mspId, number);
            expect(forged(key, taken, parties(mspId))).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        const sums = {
            corrections: corrections.map(({ day, mspId, number }) => ({ day, mspId, number })),
            ...sumsToPublish(corrections),
            supplierNanos: 0n - corrections.reduce((sum, each) => sum + own(each), 0n),
        };
        await community.submit('corrections:publish', { run: 'r1', sums }, { endorsers: [DSO, H1, H2] });
    });

    it('is not recorded where others have put it into a run before', async () => {
        const key = correctionInRunKey(DAY, household(3), 1);
        expect(forged(key, { day: DAY, mspId: household(3), number: 1, run: 'r1' }, parties(household(3)))).toBe(
            'VALID',
        );
        await expect(correctedDay(community, household(3), FIRST, -8n)).rejects.toThrow('KEY_POLICY_WRONG');
    });
});

const own = ({
    mspId,
    postings,
}: {
    mspId: string;
    postings: readonly { account: string; amountNanos: bigint }[];
}): bigint => postings.find(({ account }) => account === `household:${mspId}`)?.amountNanos ?? 0n;

describe('a withdrawal', () => {
    it('is answered by the bank: others cannot make the key of its answer', async () => {
        const account = new TestAccount(community, H1);
        await account.fill(1_000n, 'd2');
        const given = withdrawal(H1, 'w1', 400n);
        const hold = { kind: 'withdrawal' as const, subject: 'w1', amount: nanos(400n) };
        await account.submit('accounts:withdraw', { id: 'w1' }, { use: { kind: 'hold', hold } }, { withdrawal: given });
        const answered = { hash: '0'.repeat(64), version: 1, mspId: H1, kind: 'paidOut', reference: 'w1' };
        const key = bankStatementKey(H1, 'paidOut', 'w1');
        expect(forged(key, answered, bothPolicy(charter, H1))).toBe('ENDORSEMENT_POLICY_FAILURE');
        const said = statement({ mspId: H1, kind: 'returned', reference: 'w1', amountNanos: 400n });
        const options = { by: BANK, endorsers: [H1, DSO], transient: { statement: said, withdrawal: given } };
        await community.submit('accounts:confirmWithdrawal', { mspId: H1, reference: 'w1' }, options);
        const after = await account.submit('accounts:takeIn', {}, { statements: [said] });
        expect(after).toMatchObject({ availableNanos: 1_000n, holds: [] });
    });

    it('is not asked for under an id whose answer others have made', async () => {
        const key = bankStatementKey(H1, 'paidOut', 'w2');
        const answered = { hash: '0'.repeat(64), version: 1, mspId: H1, kind: 'paidOut', reference: 'w2' };
        expect(forged(key, answered, bothPolicy(charter, H1))).toBe('VALID');
        const hold = { kind: 'withdrawal' as const, subject: 'w2', amount: nanos(1n) };
        const more = { withdrawal: withdrawal(H1, 'w2', 1n) };
        const refused = new TestAccount(community, H1).refusal(
            'accounts:withdraw',
            { id: 'w2' },
            { use: { kind: 'hold', hold } },
            more,
        );
        expect(await refused).toBe('WITHDRAWAL_EXISTS');
    });
});

describe('a comparison with the feeder', () => {
    // Bills wait for the comparison where losses are governed, so that this is a day of its own.
    beforeAll(() => begun({ ...TERMS, losses: LOSSES }), 120_000);

    const readings = Array.from({ length: 96 }, (_, i) => ({ slot: FIRST + i, feederWh: -100n }));
    const suspecting = async (): Promise<string> =>
        community.refusal(
            'feeder:notify',
            { day: DAY, mspId: H1 },
            {
                endorsers: [DSO, H1, H2],
                transient: {
                    settlement: settlementOf(H1),
                    salt: testSalt('s'),
                    signature: OPERATOR_KEY.sign(new Uint8Array(1)),
                },
            },
        );

    it('is worked out again before anybody is suspected by it', async () => {
        const feeder: FeederRecord = {
            day: DAY,
            slots: readings.map((each) => ({ ...each, meteredWh: -28n, expectedWh: 2n, fits: false })),
            lostWh: 9_999n,
            expectedWh: 192n,
            residualWh: 9_807n,
            fits: false,
            payer: 'members',
            costNanos: 0n,
            postings: [],
            signature: OPERATOR_KEY.sign(feederStatement(DAY, readings)),
        };
        expect(forged(feederKey(DAY), feeder, roundPolicy(charter, DAY, FIRST))).toBe('VALID');
        expect(await suspecting()).toBe('KEY_POLICY_WRONG');
    });
});
