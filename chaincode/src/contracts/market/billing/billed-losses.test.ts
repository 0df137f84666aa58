import { beforeAll, describe, expect, it } from '@jest/globals';
import { sumsOfBills } from '../../../api/bills';
import { feederKey } from '../../../api/keys';
import type { BillRecord, ReadingRecord, SettlementRecord } from '../../../api/records';
import { feederStatement } from '../../../api/statements';
import { encodeBytes } from '../../../api/wire';
import { DAY, DSO, FIRST, household, OPERATOR_KEY, ownerKey, TERMS, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { CLOSERS, signedBill } from '../../../testing/market/closing';
import { tradedDay } from '../../../testing/market/traded-day';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const NEXT = '2014-10-04';
const SLOTS = 96;
const LAST = FIRST + SLOTS - 1;
const VAT = { supplierPpm: 190_000n, gridPpm: 0n, communityPpm: 0n, poolPpm: 0n, members: [] };
const LOSSES = { constantWh: 2n, lossPpm: 0n, tolerancePpm: 20_000n, payer: 'members' as const };
const PERIOD = { from: DAY, to: DAY };

let community: TestCommunity;
let settlements: SettlementRecord[];

interface Given {
    readonly readings?: readonly ReadingRecord[];
}

const inputsOf = (mspId: string, { readings = [] }: Given) => ({
    settlements: settlements.filter((each) => each.mspId === mspId),
    readings: [...readings],
    salt: testSalt(`bill ${mspId}`),
});

async function bill(mspId: string, given: Given = {}): Promise<BillRecord> {
    const asked = { mspId, ...PERIOD };
    const inputs = inputsOf(mspId, given);
    const draft = await community.query('billing:draftBill', asked, { by: mspId, transient: inputs });
    const { record, signatures } = signedBill(draft, ownerKey(mspId));
    const transient = { ...inputs, ...signatures };
    await community.submit('billing:issueBill', asked, { by: mspId, endorsers: [mspId, DSO], transient });
    return record;
}

const refused = (mspId: string, given: Given = {}): Promise<string> => {
    const signature = ownerKey(H2).sign(new Uint8Array(1));
    const transient = { ...inputsOf(mspId, given), signature, markerSignature: signature };
    const options = { by: mspId, endorsers: [mspId, DSO], transient };
    return community.refusal('billing:issueBill', { mspId, ...PERIOD }, options);
};

/** Each home draws 7 Wh in each slot; two more are lost on the way. */
const seen = (feederWh = -(3n * 7n + 2n)) => Array.from({ length: SLOTS }, (_, i) => ({ slot: FIRST + i, feederWh }));

const readingsOf = (mspId: string, ...slots: number[]): Promise<ReadingRecord[]> =>
    Promise.all(
        slots.map(async (slot) => {
            const found = await community.query('metering:ownReadings', { from: slot, to: slot }, { by: mspId });
            return found[0] as ReadingRecord;
        }),
    );

const bills: BillRecord[] = [];

beforeAll(async () => {
    community = await TestCommunity.trading(3, { terms: { ...TERMS, vat: VAT, losses: LOSSES } });
    settlements = await tradedDay(community, [], {});
}, 60_000);

describe('where members pay for losses, a bill', () => {
    it('waits for the comparison with the feeder', async () => {
        expect(await refused(H1)).toBe('FEEDER_MISSING');
        const sums = { settledNanos: 0n, dueMinor: 0n, postings: [], blinding: '0'.repeat(64) };
        const published = community.refusal('billing:publishBills', { ...PERIOD, sums }, { endorsers: CLOSERS });
        expect(await published).toBe('FEEDER_MISSING');
        const signature = OPERATOR_KEY.sign(feederStatement(DAY, seen()));
        const asked = { day: DAY, slots: seen(), signature };
        await community.submit('feeder:compareDay', asked, { endorsers: [DSO, H1, H2] });
    });

    it("has the household's share, taxed as what the supplier sells, posted once", async () => {
        const { costNanos, postings } = await community.query('feeder:day', { day: DAY });
        expect(costNanos).toBe(192n * TERMS.retail);
        const share = -costNanos / 3n;
        bills.push(await bill(H1, { readings: await readingsOf(H1, FIRST, LAST) }));
        const [own] = bills;
        expect(postings.find(({ account }) => account === `household:${H1}`)?.amountNanos).toBe(share);
        expect(own?.lines.find(({ item }) => item === 'losses')).toEqual({
            item: 'losses',
            price: null,
            energyWh: 0n,
            amountNanos: share,
            rounds: [],
            days: 1,
            seller: 'supplier',
            vatPpm: VAT.supplierPpm,
        });
        const metered = -7n * 96n * TERMS.retail;
        expect(own).toMatchObject({ settledNanos: metered + share, balanceNanos: metered + share });
        expect(own?.taxes).toMatchObject([{ on: 'bought', netNanos: metered + share }]);
        // Neither cost nor share moves again with the bill: what moves is tax and rounding.
        expect(own?.postings.map(({ account }) => account)).toEqual([`household:${H1}`, 'rounding', 'vat']);
        expect(own?.postings.find(({ account }) => account === `household:${H1}`)?.amountNanos).toBe(
            -(own?.dueMinor ?? 0n) * 10_000_000n - metered - share,
        );
    });

    it('says what the meters showed at both ends, as their signed readings do', () => {
        expect(bills[0]).not.toHaveProperty('last');
        expect(bills[0]?.registers).toEqual([
            { at: 'begin', slot: FIRST, meterId: 'm1', consumptionWh: 1_000n, generationWh: 1_000n },
            { at: 'end', slot: LAST, meterId: 'm1', consumptionWh: 1_000n + 7n * 96n, generationWh: 1_000n },
        ]);
    });

    it('is the last of a household that moves out, which does not go without its final reading', async () => {
        await community.submit('community:leave', { mspId: H2, fromDay: NEXT, reason: 'moves away' }, { by: H2 });
        const [first, middle, last] = await readingsOf(H2, FIRST, FIRST + 1, LAST);
        const [others] = await readingsOf(H3, LAST);
        const changed = { ...(last as ReadingRecord), netWh: -8n };
        // Top to bottom is the order of precedence.
        const cases: readonly (readonly [string, Given])[] = [
            ['OPENING_UNKNOWN', { readings: [middle as ReadingRecord] }],
            ['OPENING_UNKNOWN', { readings: [last, last] as ReadingRecord[] }],
            ['OPENING_MISMATCH', { readings: [others as ReadingRecord] }],
            ['OPENING_MISMATCH', { readings: [changed] }],
            ['OPENING_MISSING', { readings: [first as ReadingRecord] }],
            ['OPENING_MISSING', {}],
        ];
        for (const [code, given] of cases) {
            expect(await refused(H2, given)).toBe(code);
        }
        const final = await bill(H2, { readings: [last as ReadingRecord] });
        expect(final).toMatchObject({ last: true, registers: [{ at: 'end', slot: LAST, consumptionWh: 1_672n }] });
        bills.push(final);
    });

    it('adds up with all others to what the days settled and lost', async () => {
        bills.push(await bill(H3));
        const sums = sumsOfBills(bills);
        expect(sums.settledNanos).toBe(-(3n * 7n + 2n) * 96n * TERMS.retail);
        await community.submit('billing:publishBills', { ...PERIOD, sums }, { endorsers: CLOSERS });
        expect(await community.query('billing:unbilled', { mspId: H3 }, { by: H1 })).toEqual({
            days: [],
            corrected: [],
            bills: [{ from: DAY, to: DAY, provisional: false }],
        });
    });
});

it('a comparison that its figures do not bear out is on no bill', async () => {
    const fooled = await TestCommunity.trading(3, { terms: { ...TERMS, vat: VAT, losses: LOSSES } });
    const own = (await tradedDay(fooled, [], {})).filter(({ mspId }) => mspId === H1);
    expect(await fooled.query('billing:unbilled', { mspId: H1 }, { by: H1 })).toMatchObject({ days: [DAY], bills: [] });
    const signature = OPERATOR_KEY.sign(feederStatement(DAY, seen()));
    await fooled.submit('feeder:compareDay', { day: DAY, slots: seen(), signature }, { endorsers: [DSO, H1, H2] });
    const compared = await fooled.query('feeder:day', { day: DAY });
    const { type, parts } = feederKey(DAY);
    const place = placeOf('market', compositeKey(type, parts));
    const shifted = compared.postings.map(({ account, amountNanos }) => ({
        account,
        amountNanos: amountNanos + (account === `household:${H1}` ? -5n : account === `household:${H3}` ? 5n : 0n),
    }));
    // Two seats of the committee, which may write it, let one household pay for another.
    const forged = { writes: new Map([[place, encodeBytes({ ...compared, postings: shifted })]]) };
    expect(fooled.network.forge(forged, CLOSERS)).toBe('VALID');
    const signed = ownerKey(H1).sign(new Uint8Array(1));
    const transient = { settlements: own, salt: testSalt('bill'), signature: signed, markerSignature: signed };
    const options = { by: H1, endorsers: [H1, DSO], transient };
    expect(await fooled.refusal('billing:issueBill', { mspId: H1, ...PERIOD }, options)).toBe('KEY_POLICY_WRONG');
}, 60_000);
