import { beforeAll, describe, expect, it } from '@jest/globals';
import { contractKey, purchaseKey } from '../../../api/keys';
import type { SettlementDraft, SettlementRecord } from '../../../api/records';
import { DAY, DSO, FIRST, household, ownerKey, readings, type TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { closeDay, signedSettlement } from '../../../testing/market/closing';
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
import { contractPolicy, purchasePolicy } from './found';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const SLOTS = 96;
const LOTS = [
    { id: 'a1', buyer: H2, deliverySlot: EVENING },
    { id: 'a2', buyer: H3, deliverySlot: EVENING + 1 },
];

/** Both lots of H1 are attested and bought, no round has an order, and every meter is read: just what the contracts say. */
async function boughtDay(): Promise<TestCommunity> {
    const community = await storageCommunity();
    await withBank(community);
    const attestations = LOTS.map(({ id }) => attestation({ id }));
    await community.submit('contracts:attest', { day: DAY, attestations }, { by: STORAGE, endorsers: [STORAGE, DSO] });
    const { version: charterVersion } = await community.query('charter:document', {});
    for (const { id, buyer, deliverySlot } of LOTS) {
        const sold = offer({ id, deliverySlot });
        const asked = offering(sold, undefined, { id });
        await community.submit('contracts:offer', asked, { by: H1, endorsers: [H1, DSO] });
        const account = new TestAccount(community, buyer);
        await account.fill(sold.energyWh * sold.price);
        const contract = `${NOON}-${id}-1`;
        const money = { amountNanos: sold.energyWh * sold.price, feeNanos: sold.feeNanos, slot: deliverySlot };
        const row = signedEscrow({ contract, buyer, seller: H1, ...money, charterVersion, status: 'held' });
        const use = { kind: 'escrow', amount: row.amountNanos } as never;
        const statement = purchaseStatement(sold, buyer);
        const args = { slot: NOON, id, version: 1, statement };
        await account.submit('contracts:buy', args, { use }, { escrowSignature: row.signature });
    }
    for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
        await community.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
    }
    for (const mspId of community.households) {
        const nets = Array.from({ length: SLOTS }, (_, i) => metered(mspId, FIRST + i));
        await community.recordReadings(mspId, readings(mspId, FIRST, nets));
    }
    return community;
}

function metered(mspId: string, slot: number): bigint {
    const given = LOTS.filter(({ deliverySlot }) => deliverySlot === slot);
    const noon = slot === NOON ? 800n : 0n;
    switch (mspId) {
        case H1:
            return noon;
        case STORAGE:
            return BigInt(given.length) * 361n - noon;
        default:
            return given.some(({ buyer }) => buyer === mspId) ? -361n : 0n;
    }
}

const sold = (lot: (typeof LOTS)[number]) => offer(lot);
const delivering = (lot: (typeof LOTS)[number], says: 'released' | 'confirmed') => ({
    purchases: [{ slot: NOON, id: lot.id, version: 1, statement: deliveryStatement(sold(lot), lot.buyer, says) }],
});

describe('a day with contracts', () => {
    let community: TestCommunity;
    const [first, second] = LOTS as [(typeof LOTS)[number], (typeof LOTS)[number]];
    const settlements: SettlementRecord[] = [];
    beforeAll(async () => {
        community = await boughtDay();
        for (const lot of LOTS) {
            await community.submit('contracts:release', delivering(lot, 'released'), {
                by: STORAGE,
                endorsers: [STORAGE, DSO],
            });
        }
        await community.submit('contracts:confirm', delivering(first, 'confirmed'), {
            by: STORAGE,
            endorsers: [DSO, H1, H2],
        });
    }, 60_000);

    async function inputsOf(mspId: string) {
        const range = { from: FIRST, to: FIRST + SLOTS - 1 };
        const own = await community.query('metering:ownReadings', range, { by: mspId });
        return { readings: own, orders: [], salt: testSalt(`settlement ${mspId}`) };
    }
    async function draftOf(mspId: string): Promise<SettlementDraft> {
        const transient = await inputsOf(mspId);
        return community.query('billing:draftSettlement', { day: DAY, mspId }, { by: mspId, transient });
    }
    async function settle(mspId: string): Promise<void> {
        const { record, signatures } = signedSettlement(await draftOf(mspId), ownerKey(mspId));
        const transient = { ...(await inputsOf(mspId)), ...signatures };
        const options = { by: mspId, endorsers: [mspId, DSO], transient };
        await community.submit('billing:settle', { day: DAY, mspId }, options);
        settlements.push(record);
    }
    const drafting = async (mspId: string): Promise<string> => {
        const options = { by: mspId, endorsers: [mspId], transient: await inputsOf(mspId) };
        return community.refusal('billing:draftSettlement', { day: DAY, mspId }, options);
    };

    it('is not stopped by purchases that grid operator, buyer and a household put there without money in escrow', async () => {
        const charter = await community.query('charter:document', {});
        const lot = { day: DAY, slot: NOON, charterVersion: charter.version };
        const forged = ['j1', 'j2'].map((id) => {
            const posted = offer({ id });
            const { version, seller, storage, energyWh, deliverySlot } = posted;
            const statement = purchaseStatement(posted, H2);
            const terms = { version, seller, storage, energyWh, deliverySlot };
            return { posted, purchase: { ...lot, id, status: 'bought' as const, ...terms, statement } };
        });
        const purchases = forged.map(({ purchase }) => {
            const key = purchaseKey(purchase, purchase.version);
            return { key, record: purchase, policy: purchasePolicy(charter, purchase) };
        });
        const contracts = forged.slice(1).map(({ posted, purchase: { id } }) => {
            const record = { ...lot, id, status: 'offered' as const, offer: posted };
            return { key: contractKey(DAY, NOON, id), record, policy: contractPolicy(charter, record) };
        });
        expect(forgedRecords(community, [...purchases, ...contracts])).toBe('VALID');
        const known = await community.query('contracts:of', { day: DAY });
        expect(known.purchases.map(({ id }) => id)).toEqual(['a1', 'a2', 'j1', 'j2']);
        expect((await draftOf(H2)).mspId).toBe(H2);
    });

    it('is not settled by who has a purchase that is neither confirmed nor refunded', async () => {
        expect(await drafting(H3)).toBe('CONTRACT_PENDING');
        expect(await drafting(STORAGE)).toBe('CONTRACT_PENDING');
    });

    it('is settled by the others, with their contracts taken out of their meters', async () => {
        await settle(H1);
        await settle(H2);
        const [seller, buyer] = settlements;
        expect(seller?.slots.find(({ slot }) => slot === NOON)?.contractedWh).toBe(800n);
        const received = buyer?.slots.find(({ slot }) => slot === EVENING);
        expect([received?.contractedWh, received?.receivedWh]).toEqual([-361n, 361n]);
        expect(buyer?.postings).toContainEqual({ account: 'grid', amountNanos: 361n * 40_000n });
        expect(buyer?.postings.find(({ account }) => account === 'deviation')).toBeUndefined();
    });

    it('has no energy attested for who has settled it', async () => {
        const options = { by: STORAGE, endorsers: [STORAGE, DSO] };
        const given = { day: DAY, attestations: [attestation({ id: 'late', energyWh: 1n })] };
        expect(await community.refusal('contracts:attest', given, options)).toBe('SETTLEMENT_EXISTS');
    });

    it('is closed once the rest is confirmed and settled, and adds up', async () => {
        await community.submit('contracts:confirm', delivering(second, 'confirmed'), {
            by: STORAGE,
            endorsers: [DSO, H1, H2],
        });
        await settle(H3);
        await settle(STORAGE);
        await closeDay(community, settlements);
        const { sums } = await community.query('billing:totals', { day: DAY });
        expect(sums).toMatchObject({ tradedWh: 0n, importedWh: 0n, exportedWh: 0n });
        expect(sums?.given.receivedWh).toEqual([722n]);
    });

    it('lets no delivery be confirmed after it was settled without it', async () => {
        const other = await boughtDay();
        await other.submit('contracts:release', delivering(first, 'released'), {
            by: STORAGE,
            endorsers: [STORAGE, DSO],
        });
        const refund = { slot: NOON, id: 'a2', version: 1 };
        await other.submit('contracts:refund', refund, { by: H3, endorsers: [DSO, H1, H2] });
        community = other;
        settlements.length = 0;
        await settle(H3);
        expect(await drafting(H2)).toBe('CONTRACT_PENDING');
        const again = delivering(second, 'confirmed');
        expect(await other.refusal('contracts:confirm', again, { by: STORAGE, endorsers: [DSO, H1, H2] })).toBe(
            'CONTRACT_STATUS_WRONG',
        );
    }, 60_000);
});
