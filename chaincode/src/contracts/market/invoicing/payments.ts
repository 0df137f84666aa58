import { keyName, paymentKey } from '../../../api/keys';
import type { Charter, DocumentReference, Payment } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { billPolicy } from '../billing/billed';
import { hasPolicy, requirePolicy } from '../guards';

// Whether a document is paid is believed of nothing but its payment, which is made with the document: of a key that is made later the grid
// operator and any household could say that it is paid, and take away what it brings.

/** How a document that is issued begins. */
export const openPayment = ({ mspId, from, to, id }: DocumentReference): Payment => ({
    mspId,
    from,
    to,
    id,
    status: 'open',
});

/** Refuses KEY_POLICY_WRONG where somebody has made it before the document. */
export async function requireNoPayment(ctx: TransactionContext, reference: DocumentReference): Promise<void> {
    const key = paymentKey(reference);
    if ((await ctx.ledger.findText(key)) !== undefined) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
}

/** How a document stands, if nobody but its parties can have written that. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG. */
export async function paymentOf(
    ctx: TransactionContext,
    charter: Charter,
    reference: DocumentReference,
): Promise<Payment> {
    const key = paymentKey(reference);
    const found = await ctx.ledger.find(key);
    if (found === undefined || !isOf(found, reference)) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    await requirePolicy(ctx, key, await billPolicy(ctx, charter, reference));
    return found;
}

/** As `paymentOf`, for an answer: what is nobody's word is left out. */
export async function findPayment(
    ctx: TransactionContext,
    charter: Charter,
    reference: DocumentReference,
): Promise<Payment | undefined> {
    const key = paymentKey(reference);
    const found = await ctx.ledger.findReadable(key);
    const isLawful =
        found !== undefined &&
        isOf(found, reference) &&
        (await hasPolicy(ctx, key, await billPolicy(ctx, charter, reference)));
    return isLawful ? found : undefined;
}

const isOf = (payment: Payment, reference: DocumentReference): boolean =>
    keyName(paymentKey(payment)) === keyName(paymentKey(reference));

/** Nothing is asked for any more. */
export const isSettled = ({ status, collected }: Payment): boolean =>
    status === 'collected' ? collected?.isWhole === true : status !== 'open';
