import type { SettlementRecord } from '../../api/records';
import { DAY, FIRST, FOUNDING, household, TERMS, TestCommunity } from '../community';
import { TestAccount, withBank } from '../market/money';
import { quietDay, tradedDay } from '../market/traded-day';

export const NEXT_DAY = '2014-10-04';
/** First slots of the days that are there to be billed. */
export const FIRST_SLOTS: Readonly<Record<string, number>> = { [DAY]: FIRST, [NEXT_DAY]: FIRST + 96 };
export const MEMBERS = [1, 2, 3].map(household);
/** One day or both: bills of these overlap in every way that they can. */
export const PERIODS = [
    { from: DAY, to: DAY },
    { from: NEXT_DAY, to: NEXT_DAY },
    { from: DAY, to: NEXT_DAY },
] as const;
export const CENT = 10_000_000n;
export const COLLECT_DAYS = 30;

const VAT = { supplierPpm: 190_000n, gridPpm: 190_000n, communityPpm: 70_000n, poolPpm: 0n, members: [] };
const CHARGES = [
    { kind: 'percentage' as const, id: 'levy', payee: 'community' as const, ppm: 10_000n, of: ['retail' as const] },
    {
        kind: 'fixed' as const,
        id: 'basic',
        payee: 'supplier' as const,
        every: 'month' as const,
        perMeter: false,
        amountNanos: 6_000_000_007n,
    },
];
const ROUND = FIRST + 40;

export interface BilledDays {
    readonly community: TestCommunity;
    readonly settlements: readonly SettlementRecord[];
    /** What a day's cover takes of each account, nanos. */
    readonly cover: bigint;
}

/** Two days that are closed and nobody has billed: the first member bought and lacks, the second sold and brings more than it costs. */
export async function billedDays(): Promise<BilledDays> {
    const founding = { ...FOUNDING, rules: { ...FOUNDING.rules, collectDays: COLLECT_DAYS } };
    const community = await TestCommunity.trading(MEMBERS.length, {
        founding,
        terms: { ...TERMS, vat: VAT, charges: CHARGES },
    });
    await withBank(community);
    const [buyer = '', seller = ''] = MEMBERS;
    const orders = [
        { mspId: buyer, slot: ROUND, side: 'buy' as const, energyWh: 500n },
        { mspId: seller, slot: ROUND, side: 'sell' as const, energyWh: 500n, limit: 90_000n },
    ];
    const given = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [ROUND + i, 900n]));
    const settlements = [
        ...(await tradedDay(community, orders, { [buyer]: { [ROUND]: -700n }, [seller]: given })),
        ...(await quietDay(community, NEXT_DAY, FIRST + 96)),
    ];
    const { amountNanos: cover } = await community.query('accounts:coverOf', { mspId: buyer, day: DAY });
    // One account is as good as empty, so that bills are as often not covered as they are.
    for (const [i, mspId] of MEMBERS.entries()) {
        await new TestAccount(community, mspId).fill(i === 0 ? CENT : 2n * cover);
    }
    return { community, settlements, cover };
}
