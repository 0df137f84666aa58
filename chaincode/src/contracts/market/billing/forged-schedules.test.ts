import { beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleKey } from '../../../api/keys';
import type { AgreedSchedule, ReadingRecord, ScheduleClaim, SubmissionRecord } from '../../../api/records';
import { claimHash } from '../../../api/schedules';
import { encodeBytes } from '../../../api/wire';
import { DAY, DSO, household, OPERATOR_KEY, SEATS, type TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { everySlot, flat, openSchedule, scheduledCommunity, submission } from '../../../testing/market/schedule';
import {
    agreeOn,
    AT_ONCE,
    everySide,
    meterAll,
    settleScheduled,
    statePool,
} from '../../../testing/market/scheduled-settling';
import { recordHash } from '../guards';

// The schedule's key stands under the policy of a quorum, so that a quorum can end a run without the grid operator. Seats that run other
// chaincode can therefore write anything there; nobody is settled by it.

const [H1, H2, H3] = [household(1), household(2), household(3)];
/** Of the pool in every slot, Wh; none of H3's neighbours can speak for it. */
const TAKEN = { [H1]: -500n, [H2]: 300n, [H3]: 200n };

let community: TestCommunity;
let readings: readonly ReadingRecord[];

/** By the chaincode of a quorum alone. */
async function rewritten(change: (agreed: AgreedSchedule) => Partial<AgreedSchedule>): Promise<void> {
    const found = await community.query('schedule:get', { day: DAY });
    if (found.agreed === undefined) {
        throw new Error(found.status);
    }
    const record = { ...found, agreed: { ...found.agreed, ...change(found.agreed) } };
    const { type, parts } = scheduleKey(DAY);
    const writes = new Map([[placeOf('market', compositeKey(type, parts)), encodeBytes(record)]]);
    expect(community.network.forge({ writes }, SEATS)).toBe('VALID');
}

const named =
    (record: SubmissionRecord | null) =>
    ({ households }: AgreedSchedule): Partial<AgreedSchedule> => ({
        households: households.map((each) =>
            each.mspId === H3 ? { ...each, hash: record && recordHash(record) } : each,
        ),
    });

const settled = (scheduled: SubmissionRecord | null): Promise<string> => {
    const signature = OPERATOR_KEY.sign(new Uint8Array());
    const transient = { readings, orders: [], scheduled, salt: testSalt('s'), signature, markerSignature: signature };
    return community.refusal('billing:settle', { day: DAY, mspId: H3 }, { by: H3, endorsers: [H3, DSO], transient });
};

/** Settled by what it says, at the prices that are there. */
const isSettled = async (scheduled: SubmissionRecord): Promise<void> => {
    const { slots } = await settleScheduled(community, H3, { readings, scheduled });
    expect(slots[0]).toMatchObject({ boughtWh: 200n, paidNanos: 200n * 300_000n });
};

async function metered(): Promise<void> {
    readings = await meterAll(community, H3, -200n);
    await statePool(community, everySide('long'));
}

describe('a schedule that a quorum has rewritten', () => {
    let said: SubmissionRecord;

    beforeAll(async () => {
        community = await scheduledCommunity(3, AT_ONCE);
        const answers = await agreeOn(community, TAKEN);
        said = answers.find(({ mspId }) => mspId === H3) ?? submission(H3, 1, []);
        await metered();
    }, 60_000);

    it('settles nobody by an answer that the household signed and that was not its last', async () => {
        const other = submission(H3, 1, everySlot(1000n));
        await rewritten(named(other));
        expect(await settled(said)).toBe('OPENING_MISMATCH');
        expect(await settled(other)).toBe('AGREEMENT_WRONG');
    });

    it('settles nobody who answered as if it had said nothing', async () => {
        await rewritten(named(null));
        expect(await settled(null)).toBe('AGREEMENT_WRONG');
    });

    it('settles again once it says what is so', async () => {
        await rewritten(named(said));
        await isSettled(said);
    });
});

describe('a certificate that a quorum has rewritten', () => {
    const claim: ScheduleClaim = { day: DAY, prices: [flat(300_000_000n)], gridWh: everySlot(0n) };
    const agreements = Object.entries(TAKEN).map(([mspId, taken]) =>
        submission(mspId, 0, everySlot(taken), { claim: claimHash(claim) }),
    );
    const own = agreements.find(({ mspId }) => mspId === H3) ?? submission(H3, 0, []);

    beforeAll(async () => {
        community = await scheduledCommunity(3, { mode: 'certificate' });
        await openSchedule(community);
        const options = { by: DSO, endorsers: [DSO, ...SEATS], transient: { agreements } };
        await community.submit('schedule:certify', { ...claim, to: [...SEATS] }, options);
        await metered();
    }, 60_000);

    it.each<{ what: string; change: () => Partial<AgreedSchedule> }>([
        { what: 'a price, by a nano', change: () => ({ prices: [flat(300_000_001n)] }) },
        { what: 'what the grid takes, by a Wh', change: () => ({ gridWh: everySlot(1n) }) },
    ])('settles nobody who did not agree to $what', async ({ change }) => {
        await rewritten(change);
        expect(await settled(own)).toBe('AGREEMENT_WRONG');
    });

    it('settles again once it says what is so', async () => {
        await rewritten(() => ({ prices: claim.prices, gridWh: claim.gridWh }));
        await isSettled(own);
    });
});
