import { creditNoteKey, keyName } from '../../../api/keys';
import { BILL, type Charter, type CreditNoteRecord, type DocumentReference, type Payment } from '../../../api/records';
import { creditOf } from '../../../domain/billing/credit-note';
import { nanos, type Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, recordHash } from '../guards';
import { issuedDocument } from '../invoicing/documents';
import { isSettled, paymentOf } from '../invoicing/payments';

export interface Credit {
    /** What the account gets; negative where the bill was paid into it and a part goes back. */
    readonly amount: Nanos;
    readonly payment: Payment;
}

/**
 * What a credit note to a paid bill brings, once. Refuses DOCUMENT_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID,
 * DOCUMENT_PAID, BILL_OPEN.
 */
export async function creditToTake(
    ctx: TransactionContext,
    charter: Charter,
    reference: DocumentReference,
    note: CreditNoteRecord,
): Promise<Credit> {
    const name = keyName(creditNoteKey(reference));
    if (reference.id === BILL) {
        refuse('DOCUMENT_UNKNOWN', name);
    }
    const { hash } = await issuedDocument(ctx, charter, reference);
    if (recordHash(note) !== hash || note.key !== name) {
        refuse('OPENING_MISMATCH', name);
    }
    if (!isSigned(note, charter.operatorKey)) {
        refuse('SIGNATURE_INVALID', name);
    }
    const payment = await paymentOf(ctx, charter, reference);
    if (payment.status !== 'open') {
        refuse('DOCUMENT_PAID', name);
    }
    if (!isSettled(await paymentOf(ctx, charter, { ...reference, id: BILL }))) {
        refuse('BILL_OPEN', `${reference.mspId} from ${reference.from} to ${reference.to}`);
    }
    return { amount: nanos(creditOf(note.parts) * charter.rules.minorUnitNanos), payment };
}
