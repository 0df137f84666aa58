import { beforeAll, describe, expect, it } from '@jest/globals';
import { sumsOfBills } from '../../../api/bills';
import type { BillRecord, CorrectionRecord, SettlementRecord } from '../../../api/records';
import { DAY, DSO, FIRST, household, OPERATOR_KEY, ownerKey, TERMS, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { CLOSERS, signedBill } from '../../../testing/market/closing';
import { correctedDay } from '../../../testing/market/correcting';
import { quietDay, tradedDay } from '../../../testing/market/traded-day';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const [SECOND, THIRD] = ['2014-10-04', '2014-10-05'];
const VAT = { supplierPpm: 190_000n, gridPpm: 190_000n, communityPpm: 0n, poolPpm: 0n, members: [] };
const LEVY = {
    kind: 'percentage' as const,
    id: 'levy',
    payee: 'community' as const,
    ppm: 10_000n,
    of: ['retail' as const],
};
const SLOT = FIRST + 40;

let community: TestCommunity;
const settlements: SettlementRecord[] = [];
const corrections: CorrectionRecord[] = [];
const of = (mspId: string, ...days: string[]) =>
    settlements.filter((each) => each.mspId === mspId && days.includes(each.day));

interface Given {
    readonly settlements: readonly SettlementRecord[];
    readonly corrections?: readonly CorrectionRecord[];
}

const inputsOf = ({ settlements: own, corrections: taken }: Given) => ({
    settlements: [...own],
    ...(taken === undefined ? {} : { corrections: [...taken] }),
    salt: testSalt('bill'),
});

async function bill(mspId: string, day: string, given: Given, by = mspId): Promise<BillRecord> {
    const period = { mspId, from: day, to: day };
    const inputs = inputsOf(given) as never;
    const draft = await community.query('billing:draftBill', period, { by, transient: inputs });
    const { record, signatures } = signedBill(draft, by === DSO ? OPERATOR_KEY : ownerKey(by));
    const transient = { ...(inputs as object), ...signatures } as never;
    if (by === DSO) {
        await community.submit('billing:issueBillProvisionally', period, { endorsers: CLOSERS, transient });
    } else {
        await community.submit('billing:issueBill', period, { by, endorsers: [by, DSO], transient });
    }
    return record;
}

const refused = (mspId: string, day: string, given: Given): Promise<string> => {
    const signature = ownerKey(H2).sign(new Uint8Array(1));
    const transient = { ...inputsOf(given), signature, markerSignature: signature };
    return community.refusal(
        'billing:issueBill',
        { mspId, from: day, to: day },
        { by: mspId, endorsers: [mspId, DSO], transient },
    );
};

beforeAll(async () => {
    community = await TestCommunity.trading(3, { terms: { ...TERMS, vat: VAT, charges: [LEVY] } });
    settlements.push(...(await tradedDay(community, [], { [H1]: { [SLOT]: -1000n } })));
    await bill(H1, DAY, { settlements: of(H1, DAY) });
    corrections.push(await correctedDay(community, H1, SLOT, -900n));
    corrections.push(await correctedDay(community, H1, SLOT, -700n, { version: 3, corrections }));
    settlements.push(...(await quietDay(community, SECOND, FIRST + 96)));
    settlements.push(...(await quietDay(community, THIRD, FIRST + 192)));
}, 120_000);

describe('corrections of a day whose bill is final', () => {
    const next = (change: Partial<Given> = {}): Given => ({
        settlements: of(H1, DAY, SECOND),
        corrections,
        ...change,
    });
    let billed: BillRecord;

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; given: () => Given }>([
        { code: 'OPENING_UNKNOWN', given: () => next({ settlements: [...of(H1, SECOND), ...of(H2, DAY)] }) },
        { code: 'OPENING_UNKNOWN', given: () => next({ settlements: of(H1, SECOND, THIRD), corrections: [] }) },
        { code: 'OPENING_UNKNOWN', given: () => next({ settlements: of(H1, SECOND) }) },
        { code: 'OPENING_UNKNOWN', given: () => next({ corrections: [...corrections, ...corrections] }) },
        { code: 'OPENING_MISSING', given: () => next({ corrections: corrections.slice(1) }) },
        { code: 'OPENING_MISSING', given: () => next({ corrections: undefined as never }) },
        {
            code: 'OPENING_UNKNOWN',
            given: () => next({ corrections: corrections.map((each) => ({ ...each, salt: testSalt('x') })) }),
        },
        {
            code: 'OPENING_MISMATCH',
            given: () =>
                next({ settlements: [...of(H1, SECOND), ...of(H1, DAY).map((each) => ({ ...each, version: 9 }))] }),
        },
        { code: 'SIGNATURE_INVALID', given: () => next() },
    ])('are refused with $code and nothing is written', async ({ code, given }) => {
        expect(await refused(H1, SECOND, given())).toBe(code);
    });

    it('stand on the next bill, in favour of the household, with the tax and percentages of what they correct', async () => {
        billed = await bill(H1, SECOND, next());
        const own = billed.lines.filter(({ item }) => item === 'correction');
        // 300 Wh less at 0.30 are 9 cents, 1 % of them is nothing that a cent shows, 19 % of them 2 cents.
        expect(own).toMatchObject([
            {
                seller: 'supplier',
                price: 300_000n,
                energyWh: -300n,
                amountNanos: 90_000_000n,
                rounds: [SLOT],
                vatPpm: 190_000n,
            },
            { seller: 'community', charge: 'levy', ppm: 10_000n, amountNanos: 900_000n, vatPpm: 0n },
        ]);
        expect(billed.corrections).toMatchObject({
            of: [1, 2].map((number) => ({ day: DAY, number })),
            correctedNanos: 90_000_000n,
            dueMinor: -(9n + 2n),
        });
        expect(billed.provisional).toBe(false);
        expect(billed.lines.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(billed.balanceNanos);
    });

    it('move the money that is due, to the nano', () => {
        const moved = billed.postings.find(({ account }) => account === `household:${H1}`)?.amountNanos ?? 0n;
        expect(billed.settledNanos + (billed.corrections?.correctedNanos ?? 0n) + moved).toBe(
            -billed.dueMinor * 10_000_000n,
        );
        expect(billed.postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(0n);
    });

    it('are billed once: neither again nor with a correction that comes later', async () => {
        expect(await refused(H1, THIRD, { settlements: of(H1, DAY, THIRD), corrections })).toBe('CORRECTION_BILLED');
        expect(await refused(H2, THIRD, { settlements: of(H2, DAY, THIRD) })).toBe('CORRECTION_BILLED');
        corrections.push(await correctedDay(community, H1, SLOT, -800n, { version: 4, corrections }));
        const last = await bill(H1, THIRD, { settlements: of(H1, DAY, THIRD), corrections });
        expect(last.corrections).toMatchObject({ of: [{ day: DAY, number: 3 }], correctedNanos: -30_000_000n });
    });

    it('do not stand in the sums over bills, which would tell whose they are', async () => {
        const bills = [billed];
        for (const mspId of [H2, H3]) {
            bills.push(await bill(mspId, SECOND, { settlements: of(mspId, SECOND) }));
        }
        const sums = sumsOfBills(bills);
        expect(sums.dueMinor).toBe(3n * (billed.dueMinor - (billed.corrections?.dueMinor ?? 0n)));
        await community.submit('billing:publishBills', { from: SECOND, to: SECOND, sums }, { endorsers: CLOSERS });
    });

    it('are committed to in the marker, which says which they are and no amount', async () => {
        const { markers } = await community.query('billing:billSums', { from: SECOND, to: SECOND });
        const { of: names, commitment } = billed.corrections ?? {};
        expect(markers.find(({ mspId }) => mspId === H1)?.corrections).toEqual({ of: names, commitment });
        expect(commitment?.element).not.toBe(billed.commitment.element);
    });
});

describe('corrections of a day that has no final bill', () => {
    it('have to stand on its own bill, also where it takes the place of a provisional one', async () => {
        const own = of(H3, DAY);
        const before = await bill(H3, DAY, { settlements: own }, DSO);
        const correction = await correctedDay(community, H3, SLOT, -107n);
        expect(await refused(H3, DAY, { settlements: own })).toBe('OPENING_MISSING');
        const after = await bill(H3, DAY, { settlements: own, corrections: [correction] });
        expect(after).toMatchObject({ version: 2, corrections: { of: [{ day: DAY, number: 1 }] } });
        expect(after.balanceNanos - before.balanceNanos).toBe(-100n * 300_000n - 300_000n);
        expect(await refused(H3, THIRD, { settlements: of(H3, DAY, THIRD), corrections: [correction] })).toBe(
            'CORRECTION_BILLED',
        );
    });
});
