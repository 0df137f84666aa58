import { billKey, creditNoteKey, documentKey, keyName } from '../../../api/keys';
import {
    BILL,
    type Charter,
    type CreditNoteMarker,
    type DocumentRecord,
    type DocumentReference,
    type Payment,
} from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { billPolicy } from '../billing/billed';
import { requirePolicy } from '../guards';
import { isSettled, paymentOf } from './payments';

const SAME = ['mspId', 'from', 'to', 'id'] as const;
const isSame = (one: DocumentReference, other: DocumentReference): boolean =>
    SAME.every((part) => one[part] === other[part]);

/** A document that has its number, if nobody but its parties can have written it. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG. */
export async function finalDocument(
    ctx: TransactionContext,
    charter: Charter,
    reference: DocumentReference,
): Promise<DocumentRecord | undefined> {
    const key = documentKey(reference);
    const found = await ctx.ledger.find(key);
    if (found !== undefined) {
        await requirePolicy(ctx, key, await billPolicy(ctx, charter, reference));
        if (!isSame(found, reference)) {
            refuse('KEY_POLICY_WRONG', keyName(key));
        }
    }
    return found;
}

/** A final document that nobody has paid, and its payment. Refuses DOCUMENT_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, DOCUMENT_PAID. */
export async function openDocument(
    ctx: TransactionContext,
    charter: Charter,
    reference: DocumentReference,
): Promise<{ readonly document: DocumentRecord; readonly payment: Payment }> {
    const name = keyName(documentKey(reference));
    const document = (await finalDocument(ctx, charter, reference)) ?? refuse('DOCUMENT_UNKNOWN', name);
    const payment = await paymentOf(ctx, charter, reference);
    return isSettled(payment) ? refuse('DOCUMENT_PAID', name) : { document, payment };
}

export interface Issued {
    readonly hash: string;
    readonly provisional: boolean;
}

/** What the marker of a document says. Refuses DOCUMENT_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG. */
export async function issuedDocument(
    ctx: TransactionContext,
    charter: Charter,
    reference: DocumentReference,
): Promise<Issued> {
    const { mspId, from, to, id } = reference;
    const key = id === BILL ? billKey(mspId, from, to) : creditNoteKey(reference);
    const marker = (await ctx.ledger.find(key)) ?? refuse('DOCUMENT_UNKNOWN', keyName(key));
    await requirePolicy(ctx, key, await billPolicy(ctx, charter, reference));
    if (!isSame({ id: BILL, ...marker }, reference)) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    return { hash: marker.hash, provisional: 'provisional' in marker && marker.provisional };
}

/** Every credit note to a bill, numbered or not. Refuses KEY_POLICY_WRONG. */
export async function creditNotesTo(
    ctx: TransactionContext,
    charter: Charter,
    bill: Omit<DocumentReference, 'id'>,
): Promise<CreditNoteMarker[]> {
    const { mspId, from, to } = bill;
    const markers: CreditNoteMarker[] = [];
    for (const { parts, record } of await ctx.ledger.listWithParts('creditNote', mspId, from, to)) {
        const reference = { mspId, from, to, id: parts[3] ?? '' };
        const key = creditNoteKey(reference);
        if (record === undefined || !isSame(record, reference)) {
            refuse('KEY_POLICY_WRONG', keyName(key));
        }
        await requirePolicy(ctx, key, await billPolicy(ctx, charter, bill));
        markers.push(record);
    }
    return markers;
}
