import {
    application,
    asked,
    COMMITTEE,
    DAY,
    DSO,
    FIRST,
    household,
    order,
    TERMS,
    type TestCommunity,
} from '@commonwatt/chaincode/testing/community';
import { tradedDay } from '@commonwatt/chaincode/testing/market/traded-day';
import { recordedTransactions } from './recorded-day';
import { TestChain, type ChainTransaction } from './test-chain';

export { DAY, FIRST };
export const HOUSEHOLDS = 3;
/** The slot in which somebody trades. */
export const TRADED = FIRST + 48;

/** A community that is founded and trades a day: every round cleared, readings recorded, settled and closed. */
export function tradedTransactions(): Promise<ChainTransaction[]> {
    return recordedTransactions(HOUSEHOLDS, async (community: TestCommunity) => {
        await community.establish();
        await community.submit(
            'community:admit',
            { applications: community.households.map((mspId) => asked(mspId, { fromDay: '2014-10-01' })) },
            { transient: { applications: community.households.map((mspId) => application(mspId)) } },
        );
        await community.submit('tariffs:schedule', TERMS);
        await community.submit('committee:appoint', COMMITTEE);
        await community.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, household(1)] });
        const traded = [
            { mspId: household(1), slot: TRADED, side: 'sell', energyWh: 300n, limit: 100_000n },
            { mspId: household(2), slot: TRADED, side: 'buy', energyWh: 500n, limit: 200_000n },
        ] as const;
        await tradedDay(community, traded, {
            [household(1)]: { [TRADED]: 300n },
            [household(2)]: { [TRADED]: -500n },
        });
    });
}

/** What is secret about the orders of the day. */
export const secrets = (): string[] =>
    [household(1), household(2)].map((mspId) => order({ mspId, slot: TRADED }).salt);

/** The day in blocks of one to seven transactions, as they come. */
export async function tradedChain(transactions?: readonly ChainTransaction[]): Promise<TestChain> {
    const all = transactions ?? (await tradedTransactions());
    const chain = await TestChain.create(HOUSEHOLDS);
    for (let next = 0, size = 1; next < all.length; next += size, size = 1 + ((size * 3) % 7)) {
        chain.add(...all.slice(next, next + size));
    }
    return chain;
}
