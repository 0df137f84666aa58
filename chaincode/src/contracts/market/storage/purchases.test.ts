import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { purchaseKey } from '../../../api/keys';
import type { Escrow, OfferRecord, PurchaseRecord, PurchaseStatement } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { partiesPolicy } from '../../../ledger/market-policies';
import { DAY, DSO, household, ownerKey, type TestCommunity } from '../../../testing/community';
import { compositeKey, type Simulated } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { signedEscrow, TestAccount, withBank } from '../../../testing/market/money';
import {
    attestation,
    deliveryStatement,
    EVENING,
    NOON,
    offer,
    offering,
    purchaseStatement,
    STORAGE,
    storageCommunity,
    STORAGE_TERMS,
    type OfferShape,
} from '../../../testing/market/storage';
import { escrowName } from './buying';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const LOT = { slot: NOON, id: 'a1', version: 1 };
/** The grid operator and the committee, which is the first two households. */
const QUORUM = [DSO, H1, H2];

/** H1's energy is offered, and H2 has more money than it costs. */
async function sellingCommunity(shape: OfferShape = {}): Promise<{ community: TestCommunity; sold: OfferRecord }> {
    const community = await storageCommunity();
    await withBank(community);
    const attestations = [attestation(shape)];
    await community.submit('contracts:attest', { day: DAY, attestations }, { by: STORAGE, endorsers: [STORAGE, DSO] });
    const sold = offer(shape);
    await community.submit('contracts:offer', offering(sold), { by: H1, endorsers: [H1, DSO] });
    return { community, sold };
}

async function escrowOf(
    community: TestCommunity,
    sold: OfferRecord,
    buyer: string,
    change: Partial<Escrow> = {},
): Promise<Escrow> {
    const { version: charterVersion } = await community.query('charter:document', {});
    return signedEscrow({
        contract: escrowName(LOT),
        buyer,
        seller: sold.seller,
        amountNanos: sold.energyWh * sold.price,
        feeNanos: sold.feeNanos,
        slot: sold.deliverySlot,
        charterVersion,
        status: 'held',
        ...change,
    });
}

const use = (row: Escrow) => ({ use: { kind: 'escrow', amount: row.amountNanos } }) as never;

async function buying(
    community: TestCommunity,
    sold: OfferRecord,
    buyer: string,
    statement: PurchaseStatement = purchaseStatement(sold, buyer),
): Promise<Simulated> {
    const row = await escrowOf(community, sold, buyer);
    const account = new TestAccount(community, buyer);
    return account.endorse('contracts:buy', { ...LOT, statement }, use(row), { escrowSignature: row.signature });
}

async function refused(
    community: TestCommunity,
    sold: OfferRecord,
    buyer: string,
    { statement = purchaseStatement(sold, buyer), lot = LOT } = {},
): Promise<string> {
    const row = await escrowOf(community, sold, buyer);
    const account = new TestAccount(community, buyer);
    const more = { escrowSignature: row.signature };
    return account.refusal('contracts:buy', { ...lot, statement }, use(row), more);
}

describe('buy', () => {
    let community: TestCommunity;
    let sold: OfferRecord;
    const price = 361n * 150_000n;
    beforeAll(async () => {
        ({ community, sold } = await sellingCommunity());
        for (const mspId of [H1, H2, STORAGE]) {
            await new TestAccount(community, mspId).fill(price);
        }
        await new TestAccount(community, H3).fill(price - 1n);
    });

    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    const bad = (buyer: string): PurchaseStatement =>
        purchaseStatement(sold, buyer, { paymentNanos: 1n, offerHash: '0'.repeat(64) }, ownerKey(H3));
    it.each<{ code: string; buyer: string; lot?: typeof LOT; statement: () => PurchaseStatement }>([
        { code: 'CONTRACT_UNKNOWN', buyer: H1, lot: { ...LOT, id: 'none' }, statement: () => bad(H2) },
        { code: 'FORBIDDEN', buyer: H1, lot: { ...LOT, version: 2 }, statement: () => bad(H2) },
        { code: 'CONTRACT_STATUS_WRONG', buyer: H3, lot: { ...LOT, version: 2 }, statement: () => bad(H3) },
        { code: 'BALANCE_TOO_SMALL', buyer: H3, statement: () => bad(H3) },
        { code: 'PAYMENT_WRONG', buyer: H1, statement: () => bad(H1) },
        { code: 'SIGNATURE_INVALID', buyer: H1, statement: () => purchaseStatement(sold, H1, {}, ownerKey(H3)) },
        {
            code: 'SIGNATURE_INVALID',
            buyer: H1,
            statement: () => purchaseStatement(sold, H1, { offerHash: '0'.repeat(64) }),
        },
        { code: 'SIGNATURE_INVALID', buyer: H1, statement: () => purchaseStatement({ ...sold, version: 2 }, H1) },
        { code: 'SIGNATURE_INVALID', buyer: H1, statement: () => purchaseStatement(sold, H1, { energyWh: 360n }) },
        {
            code: 'SIGNATURE_INVALID',
            buyer: H1,
            statement: () => purchaseStatement(sold, H1, { deliverySlot: EVENING + 1 }),
        },
        { code: 'CONTRACT_OWN', buyer: H1, statement: () => purchaseStatement(sold, H1) },
        { code: 'CONTRACT_OWN', buyer: STORAGE, statement: () => purchaseStatement(sold, STORAGE) },
    ])('refuses with $code and writes nothing', async ({ code, buyer, lot = LOT, statement }) => {
        expect(await refused(community, sold, buyer, { lot, statement: statement() })).toBe(code);
    });

    it('lets one of two that buy at once have it, and leaves the money of the other where it was', async () => {
        await new TestAccount(community, H3).fill(1n, 'd2');
        const [one, other] = [await buying(community, sold, H2), await buying(community, sold, H3)];
        expect(community.network.commit(one, [H2, DSO])).toBe('VALID');
        expect(community.network.commit(other, [H3, DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(await refused(community, sold, H3)).toBe('CONTRACT_STATUS_WRONG');
        expect((await new TestAccount(community, H2).record())?.availableNanos).toBe(0n);
        expect((await new TestAccount(community, H3).record())?.availableNanos).toBe(price);
    });

    it('sells nothing that is withdrawn, and withdraws nothing that is sold', async () => {
        const own = { by: H1, endorsers: [H1, DSO] };
        expect(await community.refusal('contracts:withdraw', LOT, own)).toBe('CONTRACT_STATUS_WRONG');
        const again = offering(offer({ version: 2 }));
        expect(await community.refusal('contracts:offer', again, own)).toBe('ATTESTATION_SPENT');
    });

    it('is not closed by a withdrawal that is committed after it', async () => {
        const other = await sellingCommunity();
        await new TestAccount(other.community, H2).fill(price);
        const withdrawing = await other.community.endorse('contracts:withdraw', LOT, { by: H1, endorsers: [H1, DSO] });
        const purchase = await buying(other.community, other.sold, H2);
        expect(other.community.network.commit(purchase, [H2, DSO])).toBe('VALID');
        expect(other.community.network.commit(withdrawing, [H1, DSO])).toBe('MVCC_READ_CONFLICT');
    });

    it('ends at the gate of the slot of delivery', async () => {
        const closed = await sellingCommunity();
        await new TestAccount(closed.community, H2).fill(price);
        await closed.community.closeRound(EVENING);
        expect(await refused(closed.community, closed.sold, H2)).toBe('ROUND_NOT_OPEN');
    });
});

describe('delivery', () => {
    let community: TestCommunity;
    let sold: OfferRecord;
    beforeEach(async () => {
        ({ community, sold } = await sellingCommunity());
        await new TestAccount(community, H2).fill(sold.energyWh * sold.price);
        expect(community.network.commit(await buying(community, sold, H2), [H2, DSO])).toBe('VALID');
    });

    const released = () => ({ purchases: [{ ...LOT, statement: deliveryStatement(sold, H2, 'released') }] });
    const confirmed = () => ({ purchases: [{ ...LOT, statement: deliveryStatement(sold, H2, 'confirmed') }] });
    const byStorage = { by: STORAGE, endorsers: [STORAGE, DSO] };
    const atQuorum = { by: STORAGE, endorsers: QUORUM };
    const escrow = (): Escrow | undefined => {
        const text = community.network.publicText('market', 'escrow', escrowName(LOT), H2);
        return text === undefined ? undefined : (JSON.parse(text) as Escrow);
    };

    it('is released, confirmed and paid, each once and in this order', async () => {
        expect(await community.refusal('contracts:confirm', confirmed(), atQuorum)).toBe('CONTRACT_STATUS_WRONG');
        await community.submit('contracts:release', released(), byStorage);
        expect(await community.refusal('contracts:release', released(), byStorage)).toBe('CONTRACT_STATUS_WRONG');
        await community.submit('contracts:confirm', confirmed(), atQuorum);
        expect(await community.refusal('contracts:confirm', confirmed(), atQuorum)).toBe('CONTRACT_STATUS_WRONG');
        expect(await community.refusal('contracts:release', released(), byStorage)).toBe('CONTRACT_STATUS_WRONG');
        expect(await community.refusal('contracts:refund', LOT, { by: H2, endorsers: QUORUM })).toBe(
            'CONTRACT_STATUS_WRONG',
        );
        const row = escrow();
        expect(row?.status).toBe('paid');
        const seller = new TestAccount(community, H1);
        const paid = await escrowOf(community, sold, H2, { status: 'paid' });
        const account = await seller.submit('accounts:takeIn', {}, { escrows: [paid] });
        expect(account.availableNanos).toBe(sold.energyWh * sold.price - sold.feeNanos);
    });

    it.each<{ code: string; change: object; by: string; key: string }>([
        { code: 'CONTRACT_UNKNOWN', change: { id: 'none' }, by: H1, key: H1 },
        { code: 'CONTRACT_UNKNOWN', change: { version: 2 }, by: H1, key: H1 },
        { code: 'FORBIDDEN', change: {}, by: H1, key: H1 },
        { code: 'FORBIDDEN', change: {}, by: DSO, key: STORAGE },
        { code: 'SIGNATURE_INVALID', change: {}, by: STORAGE, key: H1 },
    ])('is released by nobody but the storage system: $code', async ({ code, change, by, key }) => {
        const statement = deliveryStatement(sold, H2, 'released', {}, ownerKey(key));
        const asked = { purchases: [{ ...LOT, ...change, statement }] };
        expect(await community.refusal('contracts:release', asked, { ...byStorage, by })).toBe(code);
    });

    it.each([
        { what: 'more energy', change: { energyWh: 362n } },
        { what: 'another slot', change: { deliverySlot: EVENING + 1 } },
        { what: 'another buyer', change: { buyer: H3 } },
        { what: 'a release', change: { says: 'released' as const } },
    ])('is not confirmed by a statement of $what', async ({ change }) => {
        await community.submit('contracts:release', released(), byStorage);
        const statement = deliveryStatement(sold, H2, 'confirmed', change);
        const asked = { purchases: [{ ...LOT, statement }] };
        expect(await community.refusal('contracts:confirm', asked, atQuorum)).toBe('SIGNATURE_INVALID');
    });

    it('is confirmed by the storage system alone, whoever else endorses', async () => {
        await community.submit('contracts:release', released(), byStorage);
        for (const by of [H1, H2, DSO]) {
            expect(await community.refusal('contracts:confirm', confirmed(), { by, endorsers: QUORUM })).toBe(
                'FORBIDDEN',
            );
        }
        const simulated = await community.endorse('contracts:confirm', confirmed(), { by: STORAGE });
        expect(community.network.commit(simulated, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [STORAGE, H1, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, QUORUM)).toBe('VALID');
    });

    it.each(['bought', 'released'])(
        'that does not come is refunded after the deadline, where it is %s',
        async (status) => {
            if (status === 'released') {
                await community.submit('contracts:release', released(), byStorage);
            }
            const deadline = (EVENING + 1 + STORAGE_TERMS.refundSlots) * 900;
            const asking = (by: string, time: number) => ({ by, endorsers: QUORUM, time });
            expect(await community.refusal('contracts:refund', LOT, asking(H1, deadline - 1))).toBe('FORBIDDEN');
            expect(await community.refusal('contracts:refund', LOT, asking(H2, deadline - 1))).toBe('DEADLINE_OPEN');
            await community.submit('contracts:refund', LOT, asking(H2, deadline));
            expect(await community.refusal('contracts:refund', LOT, asking(H2, deadline))).toBe(
                'CONTRACT_STATUS_WRONG',
            );
            expect(await community.refusal('contracts:confirm', confirmed(), atQuorum)).toBe('CONTRACT_STATUS_WRONG');
            const back = await escrowOf(community, sold, H2, { status: 'refunded' });
            const account = await new TestAccount(community, H2).submit('accounts:takeIn', {}, { escrows: [back] });
            expect(account.availableNanos).toBe(sold.energyWh * sold.price);
            await community.submit('contracts:offer', offering(offer({ version: 2, deliverySlot: EVENING + 3 })), {
                by: H1,
                endorsers: [H1, DSO],
            });
        },
    );

    it('is not changed by the grid operator and a household that forge keys', async () => {
        const charter = await community.query('charter:document', {});
        const { purchases } = await community.query('contracts:of', { day: DAY });
        const [real] = purchases;
        const forge = (change: Partial<PurchaseRecord>, id: string): string => {
            const record = { ...real, id, ...change } as PurchaseRecord;
            const { type, parts } = purchaseKey(record, record.version);
            const place = placeOf('market', compositeKey(type, parts));
            const policies = new Map([[place, partiesPolicy(charter, STORAGE, EVENING)]]);
            return community.network.forge({ writes: new Map([[place, encodeBytes(record)]]), policies }, [DSO, H3]);
        };
        const confirmation = deliveryStatement(sold, H2, 'confirmed', {}, ownerKey(H3));
        expect(forge({ status: 'confirmed', confirmation }, 'a1')).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(forge({ status: 'confirmed', confirmation }, 'a2')).toBe('VALID');
        expect(forge({ charterVersion: 999 }, 'a3')).toBe('VALID');
        expect((await community.query('contracts:of', { day: DAY })).purchases).toEqual([real]);
    });
});
