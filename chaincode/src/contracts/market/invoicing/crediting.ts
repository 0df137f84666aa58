import { creditNoteKey, documentNumberKey, keyName, paymentKey } from '../../../api/keys';
import {
    BILL,
    type BillRecord,
    type Charter,
    type CreditNoteMarker,
    type CreditNoteRecord,
    type DocumentRecord,
} from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { creditFlaw } from '../../../domain/billing/credit-note';
import { refuse } from '../../../domain/refusals';
import { gridOperator } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { billPolicy } from '../billing/billed';
import { isSigned, recordHash } from '../guards';
import { creditNotesTo, finalDocument } from './documents';
import { openPayment, requireNoPayment } from './payments';

type Asked = ArgsOf<'invoicing:issueCreditNote'>;

interface Given {
    readonly note: CreditNoteRecord;
    readonly bill: BillRecord;
    /** Every credit note to the bill so far. */
    readonly earlier: readonly CreditNoteRecord[];
}

/** The final bill that a number names. Refuses DOCUMENT_UNKNOWN, CREDIT_OF_CREDIT, KEY_POLICY_WRONG, DAY_UNKNOWN. */
async function creditedBill(ctx: TransactionContext, charter: Charter, asked: Asked): Promise<DocumentRecord> {
    const name = `number ${asked.corrects}`;
    const found = (await ctx.ledger.find(documentNumberKey(asked.corrects))) ?? refuse('DOCUMENT_UNKNOWN', name);
    const { mspId, from, to } = asked;
    if ([found.mspId, found.from, found.to].join('/') !== [mspId, from, to].join('/')) {
        refuse('DOCUMENT_UNKNOWN', `${name} is no document of ${mspId} from ${from} to ${to}`);
    }
    if (found.id !== BILL) {
        refuse('CREDIT_OF_CREDIT', name);
    }
    const document = await finalDocument(ctx, charter, { mspId, from, to, id: BILL });
    return document?.number === asked.corrects ? document : refuse('DOCUMENT_UNKNOWN', name);
}

/** Checks a credit note and writes it at household and grid operator. Refuses as the catalogue says, from DOCUMENT_UNKNOWN on. */
export async function issueCreditNote(
    ctx: TransactionContext,
    charter: Charter,
    asked: Asked,
    given: Given,
): Promise<{ hash: string }> {
    const { note } = given;
    const document = await creditedBill(ctx, charter, asked);
    requireSaying(asked, note);
    const before = await creditNotesTo(ctx, charter, asked);
    if (before.some(({ id }) => id === asked.id)) {
        refuse('CREDIT_NOTE_EXISTS', note.key);
    }
    requireOpenings(document, before, given);
    if (!isSigned(note, charter.operatorKey)) {
        refuse('SIGNATURE_INVALID', note.key);
    }
    const flaw = creditFlaw(
        given.bill,
        given.earlier.flatMap(({ parts }) => parts),
        note.parts,
    );
    if (flaw !== undefined) {
        refuse('CREDIT_TOO_LARGE', `${note.key}: ${flaw}`);
    }
    const { mspId, from, to, id, corrects } = asked;
    const hash = recordHash(note);
    const policy = await billPolicy(ctx, charter, asked);
    await requireNoPayment(ctx, asked);
    await ctx.ledger.savePrivate([mspId, gridOperator(charter)], creditNoteKey(asked), encodeBytes(note));
    await ctx.ledger.create(creditNoteKey(asked), { hash, version: 1, mspId, from, to, id, corrects }, policy);
    await ctx.ledger.create(paymentKey(asked), openPayment(asked), policy);
    ctx.emit({ type: 'CreditNoteIssued', mspId, corrects, id });
    return { hash };
}

/** Refuses RECORD_WRONG. */
function requireSaying(asked: Asked, note: CreditNoteRecord): void {
    const said = [note.mspId, note.from, note.to, note.id, note.corrects, note.version, note.key];
    const wanted = [asked.mspId, asked.from, asked.to, asked.id, asked.corrects, 1, keyName(creditNoteKey(asked))];
    if (said.join(' ') !== wanted.join(' ') || asked.id === BILL) {
        refuse('RECORD_WRONG', keyName(creditNoteKey(asked)));
    }
}

/** Refuses OPENING_MISMATCH, OPENING_UNKNOWN, OPENING_MISSING. */
function requireOpenings(document: DocumentRecord, before: readonly CreditNoteMarker[], given: Given): void {
    if (recordHash(given.bill) !== document.hash) {
        refuse('OPENING_MISMATCH', given.bill.key);
    }
    const hashes = given.earlier.map(recordHash);
    const stranger = hashes.find(
        (hash, i) => !before.some((marker) => marker.hash === hash) || hashes.indexOf(hash) !== i,
    );
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', given.earlier[hashes.indexOf(stranger)]?.key ?? stranger);
    }
    const missing = before.find(({ hash }) => !hashes.includes(hash));
    if (missing !== undefined) {
        refuse('OPENING_MISSING', keyName(creditNoteKey(missing)));
    }
}
