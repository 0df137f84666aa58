import { refuse } from '../refusals';

/** What a member may contest. */
export const DISPUTED_KINDS = ['reading', 'settlement', 'correction', 'bill', 'suspicion'] as const;
export type DisputedKind = (typeof DISPUTED_KINDS)[number];

/** `upheld`: the member was right; `rejected`: it was not. The last three are final. */
export type DisputeStatus = 'opened' | 'answered' | 'upheld' | 'rejected' | 'withdrawn';
export type DisputeStep = 'answer' | 'uphold' | 'reject' | 'withdraw';

const STEPS: Readonly<Record<DisputeStep, { readonly from: readonly DisputeStatus[]; readonly to: DisputeStatus }>> = {
    answer: { from: ['opened', 'answered'], to: 'answered' },
    uphold: { from: ['opened', 'answered'], to: 'upheld' },
    reject: { from: ['answered'], to: 'rejected' },
    withdraw: { from: ['opened', 'answered'], to: 'withdrawn' },
};

/**
 * The only function that knows how a dispute goes on. Nothing is rejected that was not answered, and what is decided or withdrawn stays so.
 * Refuses DISPUTE_OVER, DISPUTE_NOT_ANSWERED.
 */
export function nextStatus(status: DisputeStatus, step: DisputeStep): DisputeStatus {
    const { from, to } = STEPS[step];
    if (!from.includes(status)) {
        refuse(status === 'opened' ? 'DISPUTE_NOT_ANSWERED' : 'DISPUTE_OVER', `to ${step} what is ${status}`);
    }
    return to;
}
