import { beforeAll, describe, expect, it } from '@jest/globals';
import { contractKey } from '../../../api/keys';
import type { OfferRecord } from '../../../api/records';
import { nanos } from '../../../domain/quantity';
import { DAY, DSO, household, TERMS, type TestCommunity } from '../../../testing/community';
import { signedEscrow, TestAccount, withBank } from '../../../testing/market/money';
import {
    attestation,
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
import { contractPolicy } from './found';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const MUCH = 1_000_000_000_000_000n;

interface Named {
    readonly slot: number;
    readonly id: string;
}

/** How H2, or another, asks to buy an offer as it stands. */
async function buying(community: TestCommunity, { slot, id }: Named, sold: OfferRecord, buyer = H2) {
    const { version: charterVersion } = await community.query('charter:document', {});
    const lot = { slot, id, version: sold.version };
    const money = { amountNanos: sold.energyWh * sold.price, feeNanos: sold.feeNanos, slot: sold.deliverySlot };
    const parties = { contract: escrowName(lot), buyer, seller: sold.seller };
    const row = signedEscrow({ ...parties, ...money, charterVersion, status: 'held' });
    const use = { use: { kind: 'escrow', amount: row.amountNanos } } as never;
    const args = { ...lot, statement: purchaseStatement(sold, buyer) };
    return ['contracts:buy', args, use, { escrowSignature: row.signature }] as const;
}

function attest(community: TestCommunity, ...lots: readonly (Named & { energyWh?: bigint; prosumer?: string })[]) {
    const args = { day: DAY, attestations: lots.map((lot) => attestation(lot)) };
    return community.submit('contracts:attest', args, { by: STORAGE, endorsers: [STORAGE, DSO] });
}

const post = (community: TestCommunity, lot: Named, sold: OfferRecord) =>
    community.submit('contracts:offer', offering(sold, undefined, lot), { by: H1, endorsers: [H1, DSO] });

describe('an offer that grid operator and a household put on the ledger', () => {
    let community: TestCommunity;
    beforeAll(async () => {
        community = await storageCommunity();
        await withBank(community);
        await new TestAccount(community, H2).fill(MUCH);
        const own = ['f0', 'f1', 'f4', 'f5', 'f6'].map((id) => ({ slot: NOON, id, energyWh: 150n }));
        await attest(community, ...own, { slot: NOON, id: 'f3', prosumer: H2, energyWh: 150n });
    });

    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    const wrong = { energyWh: 999n, price: TERMS.cap + 1n, deliverySlot: NOON };
    it.each<{ code: string; id: string; sold: OfferRecord }>([
        { code: 'SIGNATURE_INVALID', id: 'f0', sold: offer({ ...wrong, id: 'f0' }, { storage: H3, feeNanos: 1n }) },
        { code: 'FEE_WRONG', id: 'f1', sold: offer({ ...wrong, id: 'f1' }, { feeNanos: 1n }) },
        { code: 'ATTESTATION_UNKNOWN', id: 'f2', sold: offer({ ...wrong, id: 'f2' }) },
        { code: 'ATTESTATION_NOT_OWN', id: 'f3', sold: offer({ ...wrong, id: 'f3' }) },
        { code: 'ENERGY_NOT_COVERED', id: 'f4', sold: offer({ ...wrong, id: 'f4' }) },
        { code: 'DELIVERY_WRONG', id: 'f5', sold: offer({ ...wrong, id: 'f5', energyWh: 100n }) },
        { code: 'PRICE_OUTSIDE_LIMITS', id: 'f6', sold: offer({ id: 'f6', energyWh: 100n, price: TERMS.cap + 1n }) },
    ])('is not bought: $code', async ({ code, id, sold }) => {
        const charter = await community.query('charter:document', {});
        const lot = { slot: NOON, id };
        const record = { day: DAY, ...lot, status: 'offered' as const, charterVersion: charter.version, offer: sold };
        const policy = contractPolicy(charter, record);
        expect(forgedRecords(community, [{ key: contractKey(DAY, NOON, id), record, policy }])).toBe('VALID');
        expect(await new TestAccount(community, H2).refusal(...(await buying(community, lot, sold)))).toBe(code);
    });
});

describe('who buys', () => {
    it('receives in a slot what its connection carries, over all that it bought for it', async () => {
        const community = await storageCommunity({ capacityWh: 9_000n, dischargeW: 9_000n });
        await withBank(community);
        const account = new TestAccount(community, H2);
        await account.fill(MUCH);
        const lots = [0, 1].map((n) => ({ slot: NOON + n, id: `b${n}`, energyWh: 1_000n }));
        const [first, second] = lots.map((lot) => ({ lot, sold: offer({ ...lot, energyWh: 800n }) }));
        if (first === undefined || second === undefined) {
            throw new Error('two lots');
        }
        await attest(community, ...lots);
        await post(community, first.lot, first.sold);
        await post(community, second.lot, second.sold);
        await account.submit(...(await buying(community, first.lot, first.sold)));
        expect(await account.refusal(...(await buying(community, second.lot, second.sold)))).toBe(
            'READING_ABOVE_LIMIT',
        );
        const again = { slot: second.lot.slot, id: second.lot.id, version: 1 };
        await community.submit('contracts:withdraw', again, { by: H1, endorsers: [H1, DSO] });
        const fits = offer({ ...second.lot, energyWh: 700n, version: 2 });
        await post(community, second.lot, fits);
        await account.submit(...(await buying(community, second.lot, fits)));
    });

    it('has its day covered, where the rules ask for cover', async () => {
        const community = await storageCommunity({}, { coverRequired: true });
        await withBank(community);
        const account = new TestAccount(community, H2);
        await account.fill(MUCH);
        const lot = { slot: NOON, id: 'a1' };
        const sold = offer({ deliverySlot: EVENING });
        await attest(community, lot);
        await post(community, lot, sold);
        expect(await account.refusal(...(await buying(community, lot, sold)))).toBe('NOT_COVERED');
        const { amountNanos } = await community.query('accounts:coverOf', { mspId: H2, day: DAY });
        const hold = { kind: 'day' as const, subject: DAY, amount: nanos(amountNanos) };
        await account.submit('accounts:reserveDay', { day: DAY }, { use: { kind: 'hold', hold } });
        await account.submit(...(await buying(community, lot, sold)));
    });
});
