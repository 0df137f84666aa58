import { rewardKey } from '../../../api/keys';
import type {
    Charter,
    EpochRecord,
    ProducerConfirmation,
    ProducerCounts,
    RewardRecord,
    StakeAccount,
    StakeBook,
} from '../../../api/records';
import { encode } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { afterService } from '../../../domain/stake/account';
import { payout, type Payout } from '../../../domain/stake/rewards';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { penalised, saveAftermath } from './closing';
import { balanceOf, isOver } from './store';

/** The counts that more than half of the epoch's members confirmed alike. Refuses CONFIRMATIONS_OPEN, CONFIRMATIONS_MISSING. */
export function confirmedCounts(
    ctx: TransactionContext,
    charter: Charter,
    epoch: EpochRecord,
    confirmations: ReadonlyMap<string, ProducerConfirmation>,
): { readonly counts: ProducerCounts; readonly confirmedBy: string[] } {
    const isComplete = epoch.members.every((mspId) => confirmations.get(mspId)?.counts !== undefined);
    if (!isOver(charter, ctx, epoch.confirmUntil, isComplete)) {
        refuse('CONFIRMATIONS_OPEN', `${epoch.epoch} until slot ${epoch.confirmUntil}`);
    }
    const alike = new Map<string, { counts: ProducerCounts; confirmedBy: string[] }>();
    for (const mspId of epoch.members) {
        const counts = confirmations.get(mspId)?.counts;
        if (counts !== undefined) {
            const group = alike.get(encode(counts)) ?? { counts, confirmedBy: [] };
            group.confirmedBy.push(mspId);
            alike.set(encode(counts), group);
        }
    }
    const majority = [...alike.values()].find(({ confirmedBy }) => confirmedBy.length * 2 > epoch.members.length);
    return majority ?? refuse('CONFIRMATIONS_MISSING', `${epoch.epoch} has ${epoch.members.length} members`);
}

export interface Rewarding {
    readonly record: RewardRecord;
    readonly payout: Payout;
}

/** What the counts are paid with. Refuses COUNTS_INVALID where blocks were paid before or are left out. */
export function rewardingOf(
    charter: Charter,
    epoch: EpochRecord,
    book: StakeBook,
    { counts, confirmedBy }: { readonly counts: ProducerCounts; readonly confirmedBy: string[] },
    confirmations: ReadonlyMap<string, ProducerConfirmation>,
): Rewarding {
    if (counts.from !== book.nextBlock) {
        refuse('COUNTS_INVALID', `from block ${counts.from}, the next is ${book.nextBlock}`);
    }
    const balanceNanos = balanceOf(book);
    const paid = payout(counts, epoch.parameters, balanceNanos, epoch.members);
    const record = {
        epoch: epoch.epoch,
        counts,
        confirmedBy,
        owedNanos: paid.owedNanos,
        balanceNanos,
        postings: paid.postings.map(({ account, amount }) => ({ account, amountNanos: amount })),
        missedDuty: missedDuty(charter, epoch, counts, confirmations),
    };
    return { record, payout: paid };
}

/**
 * Seats of the committee of the epoch's day that did nothing for it: rounds were cleared, the seat's endorsement stands in none
 * of them by the majority's counts, and it did not confirm the counts either. Clients gather just enough endorsements, so one
 * that was not asked proves by its confirmation that it was there.
 */
function missedDuty(
    charter: Charter,
    { epoch, members }: EpochRecord,
    counts: ProducerCounts,
    confirmations: ReadonlyMap<string, ProducerConfirmation>,
): string[] {
    const first = findDay(charter, epoch)?.first;
    const term = charter.committees.findLast(({ fromSlot }) => first !== undefined && fromSlot <= first);
    const served = new Set(counts.endorsed.filter(({ rounds }) => rounds > 0).map(({ mspId }) => mspId));
    if (counts.cleared === 0 || term?.electedIn === undefined) {
        return [];
    }
    return term.seats
        .map(({ mspId }) => mspId)
        .filter((mspId) => members.includes(mspId) && !served.has(mspId))
        .filter((mspId) => confirmations.get(mspId)?.counts === undefined)
        .sort();
}

/** Write what was paid, what was earned by it, and who missed a duty. */
export async function saveRewarding(
    ctx: TransactionContext,
    { parameters }: EpochRecord,
    book: StakeBook,
    accounts: readonly StakeAccount[],
    { record, payout: { payments } }: Rewarding,
): Promise<void> {
    const { counts } = record;
    const served = accounts.map((account) => {
        const { mspId } = account;
        const service = {
            rounds: counts.endorsed.find((each) => each.mspId === mspId)?.rounds ?? 0,
            blocks: counts.producers.find((each) => each.mspId === mspId)?.blocks ?? 0,
            rewardNanos: payments.find((each) => each.mspId === mspId)?.amountNanos ?? 0n,
        };
        return { ...afterService(account, service, parameters.reputation) };
    });
    const aftermath = penalised(served, record.missedDuty, {
        kind: 'missedDuty',
        subject: record.epoch,
        penalty: parameters.penalties.missedDuty,
    });
    const paid = payments.reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
    await ctx.ledger.save(rewardKey(record.epoch), record);
    await saveAftermath(ctx, { ...book, paidNanos: book.paidNanos + paid, nextBlock: counts.to + 1 }, aftermath);
    ctx.emit({ type: 'RewardsPaid', epoch: record.epoch, to: counts.to });
}
