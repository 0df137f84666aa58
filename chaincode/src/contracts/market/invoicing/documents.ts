import { billKey, creditNoteKey, documentKey, keyName, paymentKey } from '../../../api/keys';
import {
    BILL,
    type Charter,
    type CreditNoteMarker,
    type DocumentRecord,
    type DocumentReference,
} from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { billPolicy } from '../billing/billed';
import { requirePolicy } from '../guards';

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

/** A final document that nobody has paid. Refuses DOCUMENT_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, DOCUMENT_PAID. */
export async function openDocument(
    ctx: TransactionContext,
    charter: Charter,
    reference: DocumentReference,
): Promise<DocumentRecord> {
    const name = keyName(documentKey(reference));
    const found = (await finalDocument(ctx, charter, reference)) ?? refuse('DOCUMENT_UNKNOWN', name);
    if (found.paid !== undefined || (await isPaidByAccount(ctx, reference))) {
        refuse('DOCUMENT_PAID', name);
    }
    return found;
}

/** A member's account pays a bill as soon as it is issued, whether it has its number yet or not. */
export async function isPaidByAccount(
    ctx: TransactionContext,
    { mspId, from, to, id }: DocumentReference,
): Promise<boolean> {
    return id === BILL && (await ctx.ledger.find(paymentKey(mspId, from, to))) !== undefined;
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
