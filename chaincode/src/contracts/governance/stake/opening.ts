import {
    epochKey,
    matchedEnergyKey,
    producerConfirmationKey,
    seedCommitmentKey,
    seedRevealKey,
    stakeBookKey,
} from '../../../api/keys';
import type { Charter, EpochRecord } from '../../../api/records';
import { dayFrom, daysSinceEpoch } from '../../../domain/calendar';
import { refuse } from '../../../domain/refusals';
import { slot as slotOf, slotAt, slotStart, type LocalDay } from '../../../domain/slot';
import { bothPolicy, ownerPolicy } from '../../../ledger/market-policies';
import { findDay, findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { bookOf, later, membersOn, parametersFor } from './store';

/** Its members are those of the day as they are known when it is opened: not long before. */
const MOST_DAYS_AHEAD = 1;

/** The epoch of a day as it begins. */
export async function newEpoch(ctx: TransactionContext, charter: Charter, epoch: string): Promise<EpochRecord> {
    const local = findDay(charter, epoch) ?? refuse('DAY_UNKNOWN', epoch);
    const parameters = await parametersFor(ctx, epoch);
    if ((await ctx.ledger.find(epochKey(epoch))) !== undefined) {
        refuse('EPOCH_EXISTS', epoch);
    }
    const commitUntil = local.first + parameters.commitSlots;
    requireTime(charter, local, commitUntil, ctx.now);
    const members = membersOn(charter, epoch);
    if (members.length === 0) {
        refuse('MEMBER_NOT_ACTIVE', `nobody is on ${epoch}`);
    }
    const revealUntil = commitUntil + parameters.revealSlots;
    return {
        epoch,
        status: 'committing',
        energyDay: dayFrom(daysSinceEpoch(epoch) - parameters.energyLagDays),
        charterVersion: charter.version,
        parameters,
        members,
        commitUntil,
        revealUntil,
        confirmUntil: revealUntil + parameters.confirmSlots,
    };
}

function requireTime(charter: Charter, local: LocalDay, commitUntil: number, now: number): void {
    if (charter.rules.replayAllowed) {
        return;
    }
    if (now >= slotStart(slotOf(commitUntil))) {
        refuse('EPOCH_PAST', `${local.day} took commitments until slot ${commitUntil}`);
    }
    const today = findDayOf(charter, slotAt(now))?.day ?? refuse('DAY_UNKNOWN', 'today');
    if (daysSinceEpoch(local.day) > daysSinceEpoch(today) + MOST_DAYS_AHEAD) {
        refuse('DAY_TOO_FAR', `${local.day}, today is ${today}`);
    }
}

/**
 * The epoch and every key by which its members take part. What is the owner's alone to say stands under the owner's policy
 * from the start, empty: nobody else can write it, and nobody's endorsement can be withheld from it later.
 */
export async function saveNewEpoch(ctx: TransactionContext, charter: Charter, epoch: EpochRecord): Promise<void> {
    const book = await bookOf(ctx);
    await ctx.ledger.save(epochKey(epoch.epoch), epoch);
    await ctx.ledger.save(stakeBookKey, { ...book, latestEpoch: later(book.latestEpoch, epoch.epoch) });
    for (const mspId of epoch.members) {
        const empty = { epoch: epoch.epoch, mspId };
        await ctx.ledger.create(seedCommitmentKey(epoch.epoch, mspId), empty, ownerPolicy(mspId));
        await ctx.ledger.create(seedRevealKey(epoch.epoch, mspId), empty, ownerPolicy(mspId));
        await ctx.ledger.create(producerConfirmationKey(epoch.epoch, mspId), empty, ownerPolicy(mspId));
        await ctx.ledger.create(matchedEnergyKey(epoch.epoch, mspId), empty, bothPolicy(charter, mspId));
    }
}
