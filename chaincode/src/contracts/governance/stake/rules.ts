import { seedRevealKey } from '../../../api/keys';
import type { Charter, EpochRecord, EpochResult } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { slot as slotOf, slotAt, slotStart } from '../../../domain/slot';
import { seated } from '../../../domain/stake/committee';
import { quorumOf } from '../../../domain/stake/parameters';
import { seedCommitment } from '../../../domain/stake/seed';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { requireLaterDay } from '../charter-store';
import { isServing } from './closing';
import { bookOf, epochOf } from './store';
import { ownRecords } from './weighing';

const SLOTS_PER_24_HOURS = 96;
/** So long after its term a seat may still be found to have missed its duty. */
const ANSWERING_SLOTS = 7 * SLOTS_PER_24_HOURS;
/** Where days are replayed no clock says what is far. */
const MOST_REPLAYED_DAYS = 31;

/** Refuses COMMITMENTS_CLOSED once they are fixed, or where there are clocks once their time is over. */
export function requireTakingCommitments({ rules }: Charter, epoch: EpochRecord, now: number): void {
    const isLate = !rules.replayAllowed && now >= slotStart(slotOf(epoch.commitUntil));
    if (epoch.status !== 'committing' || isLate) {
        refuse('COMMITMENTS_CLOSED', `${epoch.epoch} is ${epoch.status}, taken until slot ${epoch.commitUntil}`);
    }
}

/**
 * Refuses EPOCH_CLOSED, COMMITMENTS_OPEN, COMMITMENT_MISSING, REVEALS_CLOSED, REVEAL_EXISTS, REVEAL_MISMATCH. What a member's own
 * peer lets pass against these rules is judged again when the epoch is closed.
 */
export async function requireRevealable(
    ctx: TransactionContext,
    { rules }: Charter,
    epoch: EpochRecord,
    secret: string,
): Promise<void> {
    const mspId = ctx.caller;
    if (epoch.status === 'closed') {
        refuse('EPOCH_CLOSED', epoch.epoch);
    }
    const weights = epoch.weights ?? refuse('COMMITMENTS_OPEN', epoch.epoch);
    const commitment =
        weights.find((each) => each.mspId === mspId)?.commitment ??
        refuse('COMMITMENT_MISSING', `${mspId} in ${epoch.epoch}`);
    if (!rules.replayAllowed && ctx.now >= slotStart(slotOf(epoch.revealUntil))) {
        refuse('REVEALS_CLOSED', `${epoch.epoch} took secrets until slot ${epoch.revealUntil}`);
    }
    if ((await ctx.ledger.find(seedRevealKey(epoch.epoch, mspId)))?.secret !== undefined) {
        refuse('REVEAL_EXISTS', `${mspId} in ${epoch.epoch}`);
    }
    if (seedCommitment(epoch.epoch, mspId, secret) !== commitment) {
        refuse('REVEAL_MISMATCH', `${mspId} in ${epoch.epoch}`);
    }
}

/**
 * The newest elected committee with its vacant seats filled by the next in the ranking who is active and has none; fewer seats
 * where nobody is left, but never fewer than two. Refuses EPOCH_NOT_CLOSED, DAY_UNKNOWN, EFFECT_TOO_EARLY, COMMITTEE_EXISTS,
 * DAY_TOO_FAR, SUBSTITUTE_MISSING.
 */
export function substituted(
    charter: Charter,
    epoch: EpochRecord,
    fromDay: string,
    now: number,
): NonNullable<EpochResult['committee']> {
    const { ranking } = epoch.result ?? refuse('EPOCH_NOT_CLOSED', epoch.epoch);
    const { first: fromSlot } = findDay(charter, fromDay) ?? refuse('DAY_UNKNOWN', fromDay);
    requireLaterDay(charter, fromDay, now);
    const seats = newestSeats(charter, epoch.epoch, fromSlot, now);
    const staying = seats.filter((mspId) => isServing(charter, mspId, fromDay));
    const waiting = ranking.filter((mspId) => !seats.includes(mspId) && isServing(charter, mspId, fromDay));
    const vacant = seats.length - staying.length;
    const rules = { ...epoch.parameters, quorum: quorumOf(epoch.parameters) };
    const committee = seated([...staying, ...waiting.slice(0, vacant)], epoch.weights ?? [], rules);
    if (vacant === 0 || committee === undefined) {
        refuse('SUBSTITUTE_MISSING', `${vacant} seats are vacant, ${waiting.length} members are next`);
    }
    return { fromSlot, seats: [...committee.seats], quorum: committee.quorum };
}

/** Who sits in the newest committee, if this epoch elected it and it serves then. Refuses COMMITTEE_EXISTS, DAY_TOO_FAR. */
function newestSeats({ committees, rules }: Charter, epoch: string, fromSlot: number, now: number): string[] {
    const term = committees.at(-1);
    if (term?.electedIn !== epoch || term.fromSlot > fromSlot) {
        const found = term === undefined ? 'there is none' : `the newest serves from slot ${term.fromSlot}`;
        refuse('COMMITTEE_EXISTS', `asked for that of ${epoch} from slot ${fromSlot}, ${found}`);
    }
    // A term that begins far away would keep every committee that is elected meanwhile from serving.
    const latest = rules.replayAllowed
        ? term.fromSlot + MOST_REPLAYED_DAYS * SLOTS_PER_24_HOURS
        : Math.max(slotAt(now) + SLOTS_PER_24_HOURS, term.fromSlot);
    if (fromSlot > latest) {
        refuse('DAY_TOO_FAR', `from slot ${fromSlot}, at most ${latest}`);
    }
    return term.seats.map(({ mspId }) => mspId);
}

/**
 * A deposit answers for what may still be punished: not for who has, will have or until a week ago had a seat, or has committed
 * itself in an epoch that is not closed. Refuses DEPOSIT_LOCKED.
 */
export async function requireUnlocked(ctx: TransactionContext, { committees }: Charter, mspId: string): Promise<void> {
    const now = slotAt(ctx.now);
    const answering = committees.find(({ seats }, i) => {
        const end = committees[i + 1]?.fromSlot ?? Infinity;
        return end + ANSWERING_SLOTS > now && seats.some((seat) => seat.mspId === mspId);
    });
    if (answering !== undefined) {
        refuse('DEPOSIT_LOCKED', `${mspId} answers for its seat from slot ${answering.fromSlot}`);
    }
    const { latestEpoch } = await bookOf(ctx);
    const epoch = latestEpoch === null ? undefined : await epochOf(ctx, latestEpoch);
    if (epoch === undefined || epoch.status === 'closed') {
        return;
    }
    const commitments = await ownRecords(ctx, 'seedCommitment', epoch);
    if (commitments.get(mspId)?.commitment !== undefined) {
        refuse('DEPOSIT_LOCKED', `${mspId} takes part in ${epoch.epoch}`);
    }
}
