import { beforeEach, describe, expect, it } from '@jest/globals';
import { escrowKey, escrowReceiptKey, purchaseKey, settlementKey } from '../../../api/keys';
import type { Charter, Escrow, OfferRecord } from '../../../api/records';
import { SETTLEMENT_LAYOUT } from '../../../domain/commitment/settlement-layout';
import { bothPolicy, escrowPolicy, partiesPolicy } from '../../../ledger/market-policies';
import { DAY, DSO, FIRST, household, OPERATOR_KEY, ownerKey, type TestCommunity } from '../../../testing/community';
import { signedEscrow, TestAccount, withBank } from '../../../testing/market/money';
import {
    attestation,
    deliveryStatement,
    EVENING,
    forgedRecords,
    NOON,
    offer,
    offering,
    purchaseStatement,
    STORAGE,
    storageCommunity,
} from '../../../testing/market/storage';
import { escrowName } from './buying';
import { purchasePolicy } from './found';

// The grid operator and H3, both with other chaincode, make keys that nobody has made yet, under the policies that they should have.

const [H1, H2] = [household(1), household(2)];
const LOT = { slot: NOON, id: 'a1', version: 1 };
const PRICE = 361n * 150_000n;

let community: TestCommunity;
let charter: Charter;
let sold: OfferRecord;
let row: Escrow;

beforeEach(async () => {
    community = await storageCommunity();
    await withBank(community);
    const asked = { day: DAY, attestations: [attestation()] };
    await community.submit('contracts:attest', asked, { by: STORAGE, endorsers: [STORAGE, DSO] });
    sold = offer();
    await community.submit('contracts:offer', offering(sold), { by: H1, endorsers: [H1, DSO] });
    await new TestAccount(community, H2).fill(PRICE);
    charter = await community.query('charter:document', {});
    row = signedEscrow({
        contract: escrowName(LOT),
        buyer: H2,
        seller: H1,
        amountNanos: PRICE,
        feeNanos: sold.feeNanos,
        slot: sold.deliverySlot,
        charterVersion: charter.version,
        status: 'held',
    });
});

const use = () => ({ use: { kind: 'escrow', amount: row.amountNanos } }) as never;
const asked = () => ({ ...LOT, statement: purchaseStatement(sold, H2) });
const buy = () =>
    new TestAccount(community, H2).submit('contracts:buy', asked(), use(), { escrowSignature: row.signature });

async function deliver(): Promise<void> {
    const said = (says: 'released' | 'confirmed') => ({
        purchases: [{ ...LOT, statement: deliveryStatement(sold, H2, says) }],
    });
    await community.submit('contracts:release', said('released'), { by: STORAGE, endorsers: [STORAGE, DSO] });
    await community.submit('contracts:confirm', said('confirmed'), { by: STORAGE, endorsers: [DSO, H1, H2] });
}

const taken = (receiver: string) => ({
    key: escrowReceiptKey(row.contract, H2, receiver),
    record: { contract: row.contract, buyer: H2, receiver, accountVersion: 1 },
    policy: bothPolicy(charter, receiver),
});

describe('money that a seller has earned', () => {
    it('is not taken for taken in: its receipt was made with the escrow', async () => {
        await buy();
        expect(forgedRecords(community, [taken(H1)])).toBe('ENDORSEMENT_POLICY_FAILURE');
        await deliver();
        expect(forgedRecords(community, [taken(H1)])).toBe('ENDORSEMENT_POLICY_FAILURE');
        const paid = { ...row, status: 'paid' as const };
        const account = await new TestAccount(community, H1).submit('accounts:takeIn', {}, { escrows: [paid] });
        expect(account.availableNanos).toBe(PRICE - sold.feeNanos);
    });

    it.each([H1, H2])('is not put into escrow where others have made the receipt of %s before', async (receiver) => {
        expect(forgedRecords(community, [taken(receiver)])).toBe('VALID');
        const more = { escrowSignature: row.signature };
        const refused = new TestAccount(community, H2).refusal('contracts:buy', asked(), use(), more);
        expect(await refused).toBe('ESCROW_EXISTS');
    });

    it('is delivered for only where it can be taken in, and stops nobody’s day otherwise', async () => {
        const purchase = {
            day: DAY,
            ...LOT,
            status: 'bought',
            charterVersion: charter.version,
            seller: H1,
            storage: STORAGE,
            energyWh: sold.energyWh,
            deliverySlot: sold.deliverySlot,
            statement: purchaseStatement(sold, H2),
        } as const;
        // A purchase that its buyer has signed, and its escrow, without the money and without receipts.
        const records = [
            { key: purchaseKey(purchase, 1), record: purchase, policy: purchasePolicy(charter, purchase) },
            { key: escrowKey(row.contract, H2), record: row, policy: escrowPolicy(charter, row) },
        ];
        expect(forgedRecords(community, records)).toBe('VALID');
        await expect(deliver()).rejects.toThrow('KEY_POLICY_WRONG');
    });
});

describe('an offer', () => {
    it('is not taken for bought: its seller withdraws it and offers again', async () => {
        const { deliverySlot, energyWh } = sold;
        const statement = purchaseStatement(sold, H2, {}, ownerKey(household(3)));
        const parties = { seller: H1, storage: STORAGE, energyWh, deliverySlot, charterVersion: charter.version };
        const purchase = { day: DAY, ...LOT, status: 'bought', ...parties, statement };
        const key = purchaseKey({ ...LOT, day: DAY }, 1);
        const policy = purchasePolicy(charter, parties);
        expect(forgedRecords(community, [{ key, record: purchase, policy }])).toBe('VALID');
        const own = { by: H1, endorsers: [H1, DSO] };
        await community.submit('contracts:withdraw', LOT, own);
        await community.submit('contracts:offer', offering(offer({ version: 2 })), own);
    });
});

describe('a purchase', () => {
    it.each([{ energyWh: 400n }, { deliverySlot: EVENING + 1 }])(
        'of anything else than its buyer has signed is none: %j',
        async (change) => {
            const { deliverySlot, energyWh } = { ...sold, ...change };
            const parties = { seller: H1, storage: STORAGE, energyWh, deliverySlot, charterVersion: charter.version };
            const statement = purchaseStatement(sold, H2);
            const purchase = { day: DAY, ...LOT, status: 'bought', ...parties, statement };
            const key = purchaseKey({ ...LOT, day: DAY }, 1);
            const policy = purchasePolicy(charter, parties);
            expect(forgedRecords(community, [{ key, record: purchase, policy }])).toBe('VALID');
            expect((await community.query('contracts:of', { day: DAY })).purchases).toEqual([]);
        },
    );
});

describe('a day', () => {
    it.each([
        { mspId: STORAGE, what: 'a marker that it has not signed' },
        { mspId: H2, what: 'a marker that it has not signed' },
        { mspId: H2, what: 'what nobody can read', record: {} },
    ])('is not taken for settled by $mspId because of $what: what is released is paid', async ({ mspId, record }) => {
        await buy();
        const marker = {
            hash: '0'.repeat(64),
            version: 1,
            day: DAY,
            mspId,
            provisional: true,
            signedBy: 'owner',
            commitment: { layout: SETTLEMENT_LAYOUT, element: '1'.repeat(64) },
            signature: OPERATOR_KEY.sign(new Uint8Array(1)),
        };
        const policy = partiesPolicy(charter, mspId, FIRST);
        expect(forgedRecords(community, [{ key: settlementKey(DAY, mspId), record: record ?? marker, policy }])).toBe(
            'VALID',
        );
        await deliver();
    });
});
