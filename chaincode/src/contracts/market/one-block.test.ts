import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SubmitName } from '../../api/transactions';
import { ownerStatement } from '../../api/statements';
import {
    askedOf,
    commitment,
    DAY,
    DSO,
    FIRST,
    household,
    order,
    ownerKey,
    readings,
    TestCommunity,
} from '../../testing/community';
import { testSalt } from '../../testing/identities';
import { signedSettlement } from '../../testing/market/closing';

const [H1, H2] = [household(1), household(2)];
const SLOTS = 96;
const SLOT = FIRST + 40;

/** What a peer says of a second transaction that writes a key which the first made, and gave a policy of its own. */
const NOT_ITS_OWN = /^(MVCC_READ_CONFLICT|ENDORSEMENT_POLICY_FAILURE)$/;
/** Conflicts of reads: what a peer says of the second of two transactions of one block that cannot both be true. */
const CONFLICT = /^(MVCC|PHANTOM)_READ_CONFLICT$/;

let community: TestCommunity;

interface Sent {
    readonly name: SubmitName;
    readonly args: object;
    readonly by?: string;
    readonly endorsers: readonly string[];
    readonly transient?: Record<string, unknown>;
}

/** Both are endorsed on the same state, then ordered one after the other. */
async function inOneBlock(one: Sent, other: Sent): Promise<string[]> {
    const simulate = ({ name, args, ...options }: Sent) => community.endorse(name, args as never, options);
    const [first, second] = [await simulate(one), await simulate(other)];
    return [community.network.commit(first, one.endorsers), community.network.commit(second, other.endorsers)];
}

async function voidDay(): Promise<void> {
    for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
        await community.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
    }
}

async function settlementOf(mspId: string, key: string): Promise<Sent> {
    const given = readings(mspId, FIRST, Array<bigint>(SLOTS).fill(-1n));
    if ((await community.query('metering:markers', { mspId, day: DAY })).length === 0) {
        await community.recordReadings(mspId, given);
    }
    const own = await community.query('metering:ownReadings', { from: FIRST, to: FIRST + SLOTS - 1 }, { by: mspId });
    const inputs = { readings: own, orders: [], salt: testSalt(key) };
    const args = { day: DAY, mspId };
    const draft = await community.query('billing:draftSettlement', args, { by: mspId, transient: inputs });
    return {
        name: 'billing:settle',
        args,
        by: mspId,
        endorsers: [mspId, DSO],
        transient: { ...inputs, ...signedSettlement(draft, ownerKey(mspId)).signatures },
    };
}

beforeEach(async () => {
    community = await TestCommunity.trading(2);
});

describe('of two that cannot both be true in one block the second is invalid', () => {
    const round = (
        name: 'auction:closeRound' | 'auction:clearRound' | 'auction:voidRound',
        more: object = {},
    ): Sent => ({
        name,
        args: { slot: SLOT, ...more },
        by: H1,
        endorsers: [DSO, H1, H2],
        transient: { openings: [] },
    });
    const orders = (id: string): Sent => {
        const given = order({ mspId: H1, slot: SLOT, id });
        return {
            name: 'auction:submitOrders',
            args: { orders: [commitment(given)] },
            by: H1,
            endorsers: [H1, DSO],
        };
    };

    it('an order twice; a close before an order; a close that missed an order', async () => {
        expect(await inOneBlock(orders('o1'), orders('o1'))).toEqual(['VALID', expect.stringMatching(NOT_ITS_OWN)]);
        expect(await inOneBlock(orders('o2'), round('auction:closeRound'))).toEqual([
            'VALID',
            expect.stringMatching(CONFLICT),
        ]);
        expect(await inOneBlock(round('auction:closeRound'), orders('o3'))).toEqual([
            'VALID',
            expect.stringMatching(CONFLICT),
        ]);
    });

    it('a round that is cleared twice, or cleared and voided', async () => {
        await community.closeRound(SLOT);
        const ended = round('auction:voidRound', { reason: 'a test' });
        expect(await inOneBlock(round('auction:clearRound'), ended)).toEqual([
            'VALID',
            expect.stringMatching(CONFLICT),
        ]);
        const slot = SLOT + 1;
        await community.closeRound(slot);
        const clear = { ...round('auction:clearRound'), args: { slot } };
        expect(await inOneBlock(clear, clear)).toEqual(['VALID', expect.stringMatching(CONFLICT)]);
    });

    it('a reading that is recorded twice', async () => {
        const given = readings(H1, SLOT, [-1n]);
        const recorded: Sent = {
            name: 'metering:recordReadings',
            args: { mspId: H1, slots: askedOf(given) },
            by: H1,
            endorsers: [H1, DSO],
            transient: { readings: given },
        };
        expect(await inOneBlock(recorded, recorded)).toEqual(['VALID', expect.stringMatching(CONFLICT)]);
    });

    it('a day that is settled twice, or on a reading that is corrected before', async () => {
        await voidDay();
        const [one, other] = [await settlementOf(H1, 'one'), await settlementOf(H1, 'other')];
        expect(await inOneBlock(one, other)).toEqual(['VALID', expect.stringMatching(CONFLICT)]);
        const second = await settlementOf(H2, 'one');
        const [old] = await community.query('metering:ownReadings', { from: FIRST, to: FIRST }, { by: H2 });
        const unsigned = { ...(old ?? {}), version: 2, reason: 'misread' };
        const corrected = { ...unsigned, signature: ownerKey(H2).sign(ownerStatement(unsigned)) } as typeof old;
        const given = corrected === undefined ? [] : [corrected];
        const correction: Sent = {
            name: 'metering:recordReadings',
            args: { mspId: H2, slots: askedOf(given) },
            by: H2,
            endorsers: [H2, DSO],
            transient: { readings: given },
        };
        expect(await inOneBlock(correction, second)).toEqual(['VALID', expect.stringMatching(CONFLICT)]);
    });
});
