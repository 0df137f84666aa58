import type { KeyType } from './catalogue/keys';

/** A ledger key before the stub joins its parts. The kind is in its type, so that a record read by it has one too. */
export interface LedgerKey<T extends KeyType = KeyType> {
    readonly type: T;
    readonly parts: readonly string[];
}

/** Slots as key parts: fixed width, so that key order is time order. */
export function slotPart(slot: number): string {
    return slot.toString().padStart(10, '0');
}

export const charterKey: LedgerKey<'charter'> = { type: 'charter', parts: ['document'] };
export const stakeParametersKey: LedgerKey<'stakeParameters'> = { type: 'stakeParameters', parts: ['document'] };
export const stakeBookKey: LedgerKey<'stakeBook'> = { type: 'stakeBook', parts: ['document'] };
export const epochKey = (epoch: string): LedgerKey<'epoch'> => ({ type: 'epoch', parts: [epoch] });
export const seedCommitmentKey = (epoch: string, mspId: string): LedgerKey<'seedCommitment'> => ({
    type: 'seedCommitment',
    parts: [epoch, mspId],
});
export const seedRevealKey = (epoch: string, mspId: string): LedgerKey<'seedReveal'> => ({
    type: 'seedReveal',
    parts: [epoch, mspId],
});
export const matchedEnergyKey = (epoch: string, mspId: string): LedgerKey<'matchedEnergy'> => ({
    type: 'matchedEnergy',
    parts: [epoch, mspId],
});
export const producerConfirmationKey = (epoch: string, mspId: string): LedgerKey<'producerConfirmation'> => ({
    type: 'producerConfirmation',
    parts: [epoch, mspId],
});
export const stakeAccountKey = (mspId: string): LedgerKey<'stakeAccount'> => ({ type: 'stakeAccount', parts: [mspId] });
export const communityIncomeKey = (day: string): LedgerKey<'communityIncome'> => ({
    type: 'communityIncome',
    parts: [day],
});
export const rewardKey = (epoch: string): LedgerKey<'reward'> => ({ type: 'reward', parts: [epoch] });
export const misconductKey = (mspId: string, kind: string, subject: string): LedgerKey<'misconduct'> => ({
    type: 'misconduct',
    parts: [mspId, kind, subject],
});
export const dayKey = (day: string): LedgerKey<'day'> => ({ type: 'day', parts: [day] });
export const roundKey = (day: string, slot: number): LedgerKey<'round'> => ({
    type: 'round',
    parts: [day, slotPart(slot)],
});
export const totalsKey = (day: string): LedgerKey<'totals'> => ({ type: 'totals', parts: [day] });
export const poolKey = (day: string): LedgerKey<'pool'> => ({ type: 'pool', parts: [day] });
export const orderKey = (slot: number, mspId: string, id: string): LedgerKey<'order'> => ({
    type: 'order',
    parts: [slotPart(slot), mspId, id],
});
export const readingKey = (mspId: string, day: string, slot: number): LedgerKey<'reading'> => ({
    type: 'reading',
    parts: [mspId, day, slotPart(slot)],
});
export const settlementKey = (day: string, mspId: string): LedgerKey<'settlement'> => ({
    type: 'settlement',
    parts: [day, mspId],
});
export const billKey = (mspId: string, from: string, to: string): LedgerKey<'bill'> => ({
    type: 'bill',
    parts: [mspId, from, to],
});
export const accountKey = (mspId: string): LedgerKey<'account'> => ({ type: 'account', parts: [mspId] });
/** A withdrawal is paid out or returned, never both: one key for the two. */
export const bankStatementKey = (
    mspId: string,
    kind: 'deposit' | 'paidOut' | 'returned' | 'asked',
    reference: string,
): LedgerKey<'bankStatement'> => ({
    type: 'bankStatement',
    parts: [mspId, kind === 'deposit' ? 'deposit' : 'withdrawal', reference],
});
export const withdrawalKey = (mspId: string, id: string): LedgerKey<'withdrawal'> => ({
    type: 'withdrawal',
    parts: [mspId, id],
});
export const coverKey = (day: string, mspId: string): LedgerKey<'cover'> => ({ type: 'cover', parts: [day, mspId] });
export const escrowKey = (contract: string, buyer: string): LedgerKey<'escrow'> => ({
    type: 'escrow',
    parts: [contract, buyer],
});
export const escrowReceiptKey = (contract: string, buyer: string, receiver: string): LedgerKey<'escrowReceipt'> => ({
    type: 'escrowReceipt',
    parts: [contract, buyer, receiver],
});

export const correctionKey = (day: string, mspId: string, number: number): LedgerKey<'correction'> => ({
    type: 'correction',
    parts: [day, mspId, number.toString().padStart(2, '0')],
});
export const billSumsKey = (from: string, to: string): LedgerKey<'billSums'> => ({
    type: 'billSums',
    parts: [from, to],
});
export const correctionRunKey = (run: string): LedgerKey<'correctionRun'> => ({ type: 'correctionRun', parts: [run] });
export const correctionInRunKey = (day: string, mspId: string, number: number): LedgerKey<'correctionInRun'> => ({
    type: 'correctionInRun',
    parts: [day, mspId, number.toString().padStart(2, '0')],
});
export const feederKey = (day: string): LedgerKey<'feeder'> => ({ type: 'feeder', parts: [day] });
export const suspicionKey = (day: string, mspId: string): LedgerKey<'suspicion'> => ({
    type: 'suspicion',
    parts: [day, mspId],
});
export const disputeKey = (mspId: string, id: string): LedgerKey<'dispute'> => ({
    type: 'dispute',
    parts: [mspId, id],
});
export const statementKey = (mspId: string, id: string, version: number): LedgerKey<'statement'> => ({
    type: 'statement',
    parts: [mspId, id, version.toString().padStart(3, '0')],
});
export const scheduleKey = (day: string): LedgerKey<'schedule'> => ({ type: 'schedule', parts: [day] });
export const scheduleProblemKey = (day: string): LedgerKey<'scheduleProblem'> => ({
    type: 'scheduleProblem',
    parts: [day],
});
export const scheduleStepKey = (day: string, iteration: number): LedgerKey<'scheduleStep'> => ({
    type: 'scheduleStep',
    parts: [day, iteration.toString().padStart(4, '0')],
});
export const submissionKey = (day: string, mspId: string): LedgerKey<'submission'> => ({
    type: 'submission',
    parts: [day, mspId],
});
export const storageDayKey = (day: string): LedgerKey<'storageDay'> => ({ type: 'storageDay', parts: [day] });
export const attestationKey = (day: string, slot: number, id: string): LedgerKey<'attestation'> => ({
    type: 'attestation',
    parts: [day, slotPart(slot), id],
});
export const contractKey = (day: string, slot: number, id: string): LedgerKey<'contract'> => ({
    type: 'contract',
    parts: [day, slotPart(slot), id],
});
export const purchaseKey = (
    { day, slot, id }: { readonly day: string; readonly slot: number; readonly id: string },
    version: number,
): LedgerKey<'purchase'> => ({ type: 'purchase', parts: [day, slotPart(slot), id, version.toString()] });

interface OfDocument {
    readonly mspId: string;
    readonly from: string;
    readonly to: string;
    readonly id: string;
}
export const creditNoteKey = ({ mspId, from, to, id }: OfDocument): LedgerKey<'creditNote'> => ({
    type: 'creditNote',
    parts: [mspId, from, to, id],
});
export const documentKey = ({ mspId, from, to, id }: OfDocument): LedgerKey<'document'> => ({
    type: 'document',
    parts: [mspId, from, to, id],
});
export const paymentKey = ({ mspId, from, to, id }: OfDocument): LedgerKey<'payment'> => ({
    type: 'payment',
    parts: [mspId, from, to, id],
});
export const documentNumberKey = (number: number): LedgerKey<'documentNumber'> => ({
    type: 'documentNumber',
    parts: [slotPart(number)],
});
export const billingRunKey = (run: number): LedgerKey<'billingRun'> => ({ type: 'billingRun', parts: [slotPart(run)] });

/** The key as a private record names it and as clients salt by it: `order/0001567200/H1MSP/o1`. */
export function keyName(key: LedgerKey): string {
    return [key.type, ...key.parts].join('/');
}

/** What a round calls an order: unique within the round. */
export function orderName(mspId: string, id: string): string {
    return `${mspId}/${id}`;
}
