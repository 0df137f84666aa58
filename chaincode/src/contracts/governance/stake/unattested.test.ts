import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DeliveryStatement } from '../../../api/records';
import { DAY, DSO, household, ownerKey, type TestCommunity } from '../../../testing/community';
import { PARAMETERS } from '../../../testing/epochs';
import { attestation, deliveryStatement, offer, STORAGE, storageCommunity } from '../../../testing/market/storage';

const [H1, H2] = [household(1), household(2)];

describe('reportUnattestedSale', () => {
    let community: TestCommunity;
    let bare: TestCommunity;
    beforeAll(async () => {
        bare = await storageCommunity();
        community = await storageCommunity();
        await community.submit('stake:setParameters', PARAMETERS);
        const attestations = [attestation()];
        const options = { by: STORAGE, endorsers: [STORAGE, DSO] };
        await community.submit('contracts:attest', { day: DAY, attestations }, options);
    });

    const sold = (id: string, change: Partial<DeliveryStatement> = {}, signer = ownerKey(STORAGE)): DeliveryStatement =>
        deliveryStatement(offer({ id }), H2, 'released', change, signer);

    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    it.each<{ code: string; by?: string; mspId?: string; statement: DeliveryStatement; of?: () => TestCommunity }>([
        { code: 'FORBIDDEN', by: 'H9MSP', mspId: 'H8MSP', statement: sold('a1', {}, ownerKey(H1)) },
        { code: 'MEMBER_UNKNOWN', mspId: 'H8MSP', statement: sold('a1', {}, ownerKey(H1)) },
        { code: 'EVIDENCE_INVALID', statement: sold('none', {}, ownerKey(H1)) },
        { code: 'EVIDENCE_INVALID', statement: sold('none', { key: 'contract/2014-10-03/none' }) },
        { code: 'EVIDENCE_INVALID', statement: sold('a1') },
        { code: 'EVIDENCE_INVALID', statement: sold('a1', { energyWh: 400n }) },
        { code: 'PARAMETERS_MISSING', statement: sold('none'), of: () => bare },
    ])('is refused with $code and nothing is written', async (given) => {
        const { code, by = DSO, mspId = STORAGE, statement, of = () => community } = given;
        expect(await of().refusal('stake:reportUnattestedSale', { mspId, statement }, { by })).toBe(code);
    });

    it('has a figure of its own', async () => {
        const { unattestedSale, doubleReading } = PARAMETERS.penalties;
        const deposit = unattestedSale.depositNanos + 1n;
        await community.submit('stake:deposit', { mspId: STORAGE, amountNanos: deposit, reference: 'enough' });
        const statement = sold('other');
        await community.submit('stake:reportUnattestedSale', { mspId: STORAGE, statement }, { by: H1 });
        expect((await community.query('stake:account', { mspId: STORAGE })).depositNanos).toBe(1n);
        expect(unattestedSale.depositNanos).not.toBe(doubleReading.depositNanos);
    });

    it.each([
        { what: 'energy that was never attested', statement: sold('none') },
        { what: 'more energy than was attested', statement: sold('a1', { energyWh: 401n }) },
    ])('costs the deposit of a storage system that approves the sale of $what, once', async ({ statement }) => {
        await community.submit('stake:deposit', { mspId: STORAGE, amountNanos: 5n, reference: 'paid in' });
        const before = await community.query('stake:account', { mspId: STORAGE });
        await community.submit('stake:reportUnattestedSale', { mspId: STORAGE, statement }, { by: H1 });
        const after = await community.query('stake:account', { mspId: STORAGE });
        expect([after.depositNanos, after.penalties]).toEqual([0n, before.penalties + 1]);
        const again = { mspId: STORAGE, statement };
        expect(await community.refusal('stake:reportUnattestedSale', again, { by: H2 })).toBe('MISCONDUCT_PUNISHED');
    });
});
