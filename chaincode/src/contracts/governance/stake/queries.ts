import { producerConfirmationKey, rewardKey } from '../../../api/keys';
import type { EpochRecord, RewardRecord } from '../../../api/records';
import type { ResponseOf } from '../../../api/transactions';
import { householdAccount } from '../../../domain/postings';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { bookOf, epochOf } from './store';
import { ownRecords } from './weighing';

/** The epoch of that day, or the latest that was opened. Refuses EPOCH_UNKNOWN. */
export async function epochOrLatest(ctx: TransactionContext, epoch: string | undefined): Promise<EpochRecord> {
    const { latestEpoch } = await bookOf(ctx);
    return epochOf(ctx, epoch ?? latestEpoch ?? refuse('EPOCH_UNKNOWN', 'none was opened'));
}

/** The epoch of that day, or the latest whose weights are fixed. Refuses EPOCH_UNKNOWN, COMMITMENTS_OPEN. */
export async function weightsOf(
    ctx: TransactionContext,
    epoch: string | undefined,
): Promise<ResponseOf<'stake:weights'>> {
    const { latestWeighed } = await bookOf(ctx);
    const found = await epochOf(ctx, epoch ?? latestWeighed ?? refuse('EPOCH_UNKNOWN', 'no weights are fixed'));
    return { epoch: found.epoch, weights: found.weights ?? refuse('COMMITMENTS_OPEN', found.epoch) };
}

export async function participationIn(
    ctx: TransactionContext,
    epoch: EpochRecord,
): Promise<ResponseOf<'stake:participation'>> {
    const commitments = await ownRecords(ctx, 'seedCommitment', epoch);
    const reveals = await ownRecords(ctx, 'seedReveal', epoch);
    const energy = await ownRecords(ctx, 'matchedEnergy', epoch);
    const confirmations = await ownRecords(ctx, 'producerConfirmation', epoch);
    return epoch.members.map((mspId) => ({
        mspId,
        commitment: commitments.get(mspId)?.commitment ?? null,
        secret: reveals.get(mspId)?.secret ?? null,
        tokens: energy.get(mspId)?.tokens ?? null,
        confirmed: confirmations.get(mspId)?.counts !== undefined,
    }));
}

/** Refuses NOT_FOUND. */
export const rewardsOf = async (ctx: TransactionContext, epoch: string): Promise<RewardRecord> =>
    (await ctx.ledger.find(rewardKey(epoch))) ?? refuse('NOT_FOUND', `rewards of ${epoch}`);

/** What a member was paid, epoch by epoch. */
export async function rewardsFor(ctx: TransactionContext, mspId: string): Promise<ResponseOf<'stake:ownRewards'>> {
    const epochs = (await ctx.ledger.list('reward')).flatMap(({ epoch, postings }) => {
        const own = postings.find(({ account }) => account === householdAccount(mspId));
        return own === undefined ? [] : [{ epoch, amountNanos: own.amountNanos }];
    });
    return { epochs, rewardsNanos: epochs.reduce((sum, { amountNanos }) => sum + amountNanos, 0n) };
}

/** A member that has confirmed does not change its word. Refuses CONFIRMATION_EXISTS. */
export async function requireUnconfirmed(ctx: TransactionContext, epoch: string, mspId: string): Promise<void> {
    if ((await ctx.ledger.find(producerConfirmationKey(epoch, mspId)))?.counts !== undefined) {
        refuse('CONFIRMATION_EXISTS', `${mspId} in ${epoch}`);
    }
}
