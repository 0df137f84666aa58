import { beforeAll, describe, expect, it } from '@jest/globals';
import { coverKey } from '../../../api/keys';
import { encodeBytes } from '../../../api/wire';
import { nanos } from '../../../domain/quantity';
import { bothPolicy } from '../../../ledger/market-policies';
import { commitment, DAY, DSO, FIRST, household, order, TestCommunity } from '../../../testing/community';
import { TestAccount, withBank } from '../../../testing/market/money';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const MUCH = 1_000_000_000_000_000n;
const SLOT = FIRST + 20;

let community: TestCommunity;
beforeAll(async () => {
    community = await TestCommunity.trading(3, { coverRequired: true });
    await withBank(community);
    const account = new TestAccount(community, H1);
    await account.fill(MUCH);
    const { amountNanos } = await community.query('accounts:coverOf', { mspId: H1, day: DAY });
    const hold = { kind: 'day' as const, subject: DAY, amount: nanos(amountNanos) };
    await account.submit('accounts:reserveDay', { day: DAY }, { use: { kind: 'hold', hold } });
});

const refused = (mspId: string, slot = SLOT): Promise<string> => {
    const orders = [commitment(order({ mspId, slot }))];
    return community.refusal('auction:submitOrders', { orders }, { by: mspId, endorsers: [mspId, DSO] });
};

/** By modified chaincode of the grid operator and another household. */
async function forgedCover(mspId: string, cover: object, policyOf: string): Promise<void> {
    const charter = await community.query('charter:document', {});
    const { type, parts } = coverKey(DAY, mspId);
    const place = placeOf('market', compositeKey(type, parts));
    const set = {
        writes: new Map([[place, encodeBytes(cover)]]),
        policies: new Map([[place, bothPolicy(charter, policyOf)]]),
    };
    expect(community.network.forge(set, [DSO, H1])).toBe('VALID');
}

describe('where the rules ask for cover', () => {
    it('a member whose day is covered places orders, and nobody else does', async () => {
        expect(await community.submitOrder({ mspId: H1, slot: SLOT })).toBe('VALID');
        expect(await refused(H2)).toBe('NOT_COVERED');
    });

    it('what does not name the member and the day, or stands under another policy, covers nothing', async () => {
        await forgedCover(H2, { day: '2014-10-04', mspId: H2, status: 'held' }, H2);
        expect(await refused(H2)).toBe('NOT_COVERED');
        await forgedCover(H3, { day: DAY, mspId: H3, status: 'held' }, H1);
        expect(await refused(H3)).toBe('NOT_COVERED');
    });

    it('an order says first what is wrong with its round, and then that nothing covers it', async () => {
        await community.closeRound(SLOT + 1);
        expect(await refused(H2, SLOT + 1)).toBe('ROUND_NOT_OPEN');
    });
});
