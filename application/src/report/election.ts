import type { RewardRecord } from '@commonwatt/chaincode/api/records';
import type { EpochOutcome } from '../day/stake-epoch';
import { decimal, exactNumber } from './decimal';

/** What a day's JSON says of the election after it. */
export interface ElectionSummary {
    readonly epoch: string;
    /** Null where nobody was elected. */
    readonly fromSlot: number | null;
    /** Parts per million of the committee's weight. */
    readonly committee: readonly { readonly mspId: string; readonly weight: number }[];
    /** Blocks by producer, of those that were rewarded. */
    readonly produced: readonly { readonly mspId: string; readonly blocks: number }[];
    readonly feesNanos: number;
    /** What households did not do, in words. */
    readonly silent: readonly string[];
}

export function electionSummary({ record, rewards, silent }: EpochOutcome): ElectionSummary {
    const committee = record.result?.committee ?? null;
    return {
        epoch: record.epoch,
        fromSlot: committee?.fromSlot ?? null,
        committee: (committee?.seats ?? []).map(({ mspId, weight }) => ({ mspId, weight: exactNumber(weight) })),
        produced: rewards?.counts.producers ?? [],
        feesNanos: rewards === undefined ? 0 : exactNumber(paidNanos(rewards)),
        silent: silent.map(({ home, phase, why }) => `${home} has not ${phase}: ${why}`),
    };
}

/** What the community paid: the postings of its members add up to it. */
export function paidNanos({ postings }: RewardRecord): bigint {
    return postings.reduce((sum, { amountNanos }) => (amountNanos > 0n ? sum + amountNanos : sum), 0n);
}

/** The same for people, below the bills. */
export function electionText(outcome: EpochOutcome, currency: string): string {
    const { committee, produced, feesNanos, silent } = electionSummary(outcome);
    const seats = committee.map(({ mspId, weight }) => `${mspId} ${decimal(BigInt(weight) / 1_000n, 1)} %`);
    const blocks = produced.map(({ mspId, blocks: count }) => `${mspId} ${count}`);
    return [
        `Next committee, elected by stake: ${seats.join(', ') || 'nobody'}.`,
        `Blocks produced: ${blocks.join(', ') || 'by nobody who is named'}; fees paid: ${decimal(BigInt(feesNanos) / 1_000_000n, 3)} ${currency}.`,
        ...silent,
    ].join('\n');
}
