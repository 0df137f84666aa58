import type { DayAheadTermsRecord, ReadingRecord, SettlementRecord, SubmissionRecord } from '../../api/records';
import type { ArgsOf } from '../../api/transactions';
import { DAY, DSO, FIRST, OPERATOR_KEY, ownerKey, readings, SEATS, type TestCommunity } from '../community';
import { testSalt } from '../identities';
import { signedSettlement } from './closing';
import { closeIteration, everySlot, flat, openSchedule, SLOTS, submission, submitAnswer } from './schedule';

export const PRICE = 300_000_000n;

/** What each household takes of the pool in every slot. */
export type Agreed = Readonly<Record<string, bigint>>;

/** Tolerances so wide, and a penalty so small, that what is said first is agreed to at the first prices: the grid takes what is left over. */
export const AT_ONCE: Partial<DayAheadTermsRecord> = {
    primalToleranceWh: 1_000_000n,
    dualTolerance: 1_000_000_000_000n,
    penalty: { initial: 1n, least: 1n, most: 1n, adaptiveUntil: 0 },
};

/** The day is agreed on in one iteration, at PRICE. */
export async function agreeOn(community: TestCommunity, agreed: Agreed): Promise<SubmissionRecord[]> {
    await openSchedule(community, [flat(PRICE)]);
    const answers = Object.entries(agreed).map(([mspId, energy]) => submission(mspId, 1, everySlot(energy)));
    for (const answer of answers) {
        await submitAnswer(community, answer);
    }
    await closeIteration(community);
    const { status } = await community.query('schedule:get', { day: DAY });
    if (status !== 'converged') {
        throw new Error(`the schedule is ${status}`);
    }
    return answers;
}

/** Readings of the whole day, the same in every slot, on the ledger. */
export async function meterAll(community: TestCommunity, mspId: string, netWh: bigint): Promise<ReadingRecord[]> {
    const given = readings(mspId, FIRST, Array<bigint>(SLOTS).fill(netWh));
    await community.recordReadings(mspId, given);
    return given;
}

type Sides = ArgsOf<'billing:statePool'>['sides'];

export const everySide = (side: Sides[number]): Sides => Array<Sides[number]>(SLOTS).fill(side);

/** By the grid operator, endorsed by a quorum of the committee. */
export const statePool = (community: TestCommunity, sides: Sides): Promise<string> =>
    community.submit('billing:statePool', { day: DAY, sides }, { endorsers: [DSO, ...SEATS] });

/** What settling a scheduled day takes. */
export interface ScheduledInputs {
    readonly readings: readonly ReadingRecord[];
    readonly scheduled: SubmissionRecord | null;
}

/** By its household; or, with `by` the grid operator, in its place. */
export async function settleScheduled(
    community: TestCommunity,
    mspId: string,
    given: ScheduledInputs,
    by = mspId,
): Promise<SettlementRecord> {
    const args = { day: DAY, mspId };
    const inputs = { ...given, orders: [], salt: testSalt(`settlement ${mspId}`) };
    const draft = await community.query('billing:draftSettlement', args, { by, transient: inputs });
    const isOwner = by === mspId;
    const { record, signatures } = signedSettlement(draft, isOwner ? ownerKey(mspId) : OPERATOR_KEY);
    const transient = { ...inputs, ...signatures };
    await (isOwner
        ? community.submit('billing:settle', args, { by, endorsers: [mspId, DSO], transient })
        : community.submit('billing:settleProvisionally', args, { by, endorsers: [DSO, ...SEATS], transient }));
    return record;
}
