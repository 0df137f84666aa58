import { beforeAll, describe, expect, it } from '@jest/globals';
import { markerOfBill, sumsOfBills } from '../../../api/bills';
import { billKey } from '../../../api/keys';
import type { BillRecord, BillSumsRecord, SettlementRecord } from '../../../api/records';
import { ownerStatement } from '../../../api/statements';
import { encodeBytes } from '../../../api/wire';
import { partiesPolicy } from '../../../ledger/market-policies';
import { DAY, DSO, FIRST, household, OPERATOR_KEY, ownerKey, TERMS, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { CLOSERS, signedBill } from '../../../testing/market/closing';
import { tradedDay } from '../../../testing/market/traded-day';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const PERIOD = { from: DAY, to: DAY };
const VAT = { supplierPpm: 190_000n, gridPpm: 190_000n, communityPpm: 0n, poolPpm: 0n, members: [] };

let community: TestCommunity;
const bills = new Map<string, BillRecord>();
const all = (): BillRecord[] => [...bills.values()];

async function bill(mspId: string, settlement: SettlementRecord | undefined, by = mspId): Promise<void> {
    const period = { mspId, ...PERIOD };
    const inputs = { settlements: settlement === undefined ? [] : [settlement], salt: testSalt(`bill ${mspId}`) };
    const draft = await community.query('billing:draftBill', period, { by, transient: inputs });
    const { record, signatures } = signedBill(draft, by === DSO ? OPERATOR_KEY : ownerKey(by));
    const transient = { ...inputs, ...signatures };
    if (by === DSO) {
        await community.submit('billing:issueBillProvisionally', period, { endorsers: CLOSERS, transient });
    } else {
        await community.submit('billing:issueBill', period, { by, endorsers: [by, DSO], transient });
    }
    bills.set(mspId, record);
}

const refused = (sums: BillSumsRecord, { by = DSO, from = DAY, to = DAY } = {}): Promise<string> =>
    community.refusal('billing:publishBills', { from, to, sums }, { by, endorsers: CLOSERS });

describe('the sums over all bills of a day', () => {
    let settlements: SettlementRecord[];
    const some: BillSumsRecord = { settledNanos: 0n, dueMinor: 0n, postings: [], blinding: '0'.repeat(64) };
    const of = (mspId: string): SettlementRecord | undefined => settlements.find((each) => each.mspId === mspId);

    beforeAll(async () => {
        community = await TestCommunity.trading(3, { terms: { ...TERMS, vat: VAT } });
        expect(await refused(some)).toBe('DAY_NOT_CLOSED');
        const orders = [
            { mspId: H1, slot: FIRST + 40, side: 'buy' as const, energyWh: 500n },
            { mspId: H2, slot: FIRST + 40, side: 'sell' as const, energyWh: 500n, limit: 90_000n },
        ];
        settlements = await tradedDay(community, orders, { [H2]: { [FIRST + 40]: 700n } });
    }, 120_000);

    it('wait until everybody has a bill of its own, which is final', async () => {
        expect(await refused(some, { by: H1, from: '2014-10-04' })).toBe('FORBIDDEN');
        expect(await refused(some, { from: '2014-10-04' })).toBe('MALFORMED');
        expect(await refused(some, { to: '2014-10-04' })).toBe('DAY_UNKNOWN');
        await bill(H1, of(H1));
        await bill(H2, of(H2));
        expect(await refused(some)).toBe('BILL_MISSING');
        await bill(H3, of(H3), DSO);
        expect(await refused(sumsOfBills(all()))).toBe('DOCUMENT_PROVISIONAL');
        await bill(H3, of(H3));
    });

    it.each<{ what: string; sums: () => BillSumsRecord }>([
        { what: 'another blinding', sums: () => ({ ...sumsOfBills(all()), blinding: 'a'.repeat(64) }) },
        { what: 'a bill left out', sums: () => sumsOfBills(all().slice(1)) },
        { what: 'a bill counted twice', sums: () => sumsOfBills([...all(), ...all().slice(0, 1)]) },
        {
            what: 'a cent more that is due',
            sums: () => ({ ...sumsOfBills(all()), dueMinor: sumsOfBills(all()).dueMinor + 1n }),
        },
        { what: 'more that was settled', sums: () => ({ ...sumsOfBills(all()), settledNanos: 0n }) },
    ])('are refused with COMMITMENT_MISMATCH and nothing is written: $what', async ({ sums }) => {
        expect(await refused(sums())).toBe('COMMITMENT_MISMATCH');
    });

    it('are published once, for everybody to check again', async () => {
        const given = sumsOfBills(all());
        await community.submit('billing:publishBills', { ...PERIOD, sums: given }, { endorsers: CLOSERS });
        expect(await refused(given)).toBe('BILLS_PUBLISHED');
        const { sums, markers } = await community.query('billing:billSums', PERIOD, { by: H3 });
        expect(sums).toEqual({ ...PERIOD, households: 3, given });
        expect(markers.map(({ signature, ...marker }) => [signature !== '', marker])).toEqual(
            all().map((each) => [true, markerOfBill(each)]),
        );
        expect(given.postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(0n);
        expect(given.postings.some(({ account }) => account === 'vat')).toBe(true);
        expect(await community.refusal('billing:billSums', { from: DAY, to: '2014-10-04' })).toBe('NOT_FOUND');
    });

    it("are not fooled by a marker in a household's name that another signed", async () => {
        const fooled = await TestCommunity.trading(3, { terms: { ...TERMS, vat: VAT } });
        await tradedDay(fooled, [], {});
        for (const each of all()) {
            const { type, parts } = billKey(each.mspId, DAY, DAY);
            const place = placeOf('market', compositeKey(type, parts));
            const unsigned = markerOfBill(each);
            const marker = { ...unsigned, signature: ownerKey(H2).sign(ownerStatement(unsigned)) };
            const policies = new Map([[place, await policyOf(fooled, each.mspId)]]);
            fooled.network.forge({ writes: new Map([[place, encodeBytes(marker)]]), policies }, [DSO, H2]);
        }
        const args = { ...PERIOD, sums: sumsOfBills(all()) };
        expect(await fooled.refusal('billing:publishBills', args, { endorsers: CLOSERS })).toBe('SIGNATURE_INVALID');
    }, 60_000);
});

async function policyOf(of: TestCommunity, mspId: string): Promise<Uint8Array> {
    return partiesPolicy(await of.query('charter:document', {}), mspId, FIRST);
}
