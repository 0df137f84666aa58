import { documentKey, keyName, paymentKey } from '../../../api/keys';
import type { Charter, DocumentRecord, ListedDocument } from '../../../api/records';
import { TRANSACTIONS } from '../../../api/transactions';
import { isCalendarDay } from '../../../domain/calendar';
import { refuse } from '../../../domain/refusals';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { memberOf, requireGridOperator, requireParty } from '../guards';
import { issueCreditNote } from './crediting';
import { openDocument } from './documents';
import { daysOverdue, finalise, preview, today } from './finalising';
import { findPayment, isSettled } from './payments';

const MOST_REMINDERS = 3;

/** Numbers, credit notes, payments, reminders. What each function refuses, in order of precedence, stands in the catalogue (api/catalogue). */
export class InvoicingContract extends BaseContract {
    constructor() {
        super('market', 'invoicing');
    }

    async preview(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['invoicing:preview'];
        const period = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireManager(charter, ctx.caller);
        return answer(specification, await preview(ctx, charter, period));
    }

    async finalise(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['invoicing:finalise'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const run = await finalise(ctx, charter, asked);
        const { firstNumber, count } = run;
        ctx.emit({ type: 'DocumentsNumbered', run: run.run, firstNumber, count });
        return answer(specification, run);
    }

    async issueCreditNote(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['invoicing:issueCreditNote'];
        const asked = argumentOf(specification, args);
        const given = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireGridOperator(charter, ctx.caller);
        return answer(specification, await issueCreditNote(ctx, charter, asked, given));
    }

    async recordPayment(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['invoicing:recordPayment'];
        const { day, reference, ...asked } = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        if (!isCalendarDay(day)) {
            refuse('MALFORMED', `paid on ${day}`);
        }
        const { document, payment } = await openDocument(ctx, charter, asked);
        const paid = { ...document, paid: { day, reference } };
        await ctx.ledger.save(documentKey(asked), paid);
        await ctx.ledger.save(paymentKey(asked), { ...payment, status: 'transferred' });
        ctx.emit({ type: 'DocumentPaid', mspId: asked.mspId, number: document.number });
        return answer(specification, paid);
    }

    async remind(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['invoicing:remind'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const { document: open } = await openDocument(ctx, charter, asked);
        const day = today(ctx, charter);
        if (daysOverdue(open.dueDay, day) <= 0) {
            refuse('DOCUMENT_NOT_DUE', `${keyName(documentKey(asked))} is due on ${open.dueDay}`);
        }
        if (open.reminders.length >= MOST_REMINDERS || open.reminders.includes(day)) {
            refuse('REMINDED_ENOUGH', `${keyName(documentKey(asked))}: ${open.reminders.join(', ')}`);
        }
        const reminded = { ...open, reminders: [...open.reminders, day] };
        await ctx.ledger.save(documentKey(asked), reminded);
        ctx.emit({ type: 'DocumentReminded', mspId: asked.mspId, number: open.number });
        return answer(specification, reminded);
    }

    async documents(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['invoicing:documents'];
        const { mspId } = argumentOf(specification, args);
        const charter = await ctx.charter();
        if (mspId === undefined || mspId !== ctx.caller) {
            requireManager(charter, ctx.caller);
        }
        const found = await ctx.ledger.list('document', ...(mspId === undefined ? [] : [mspId]));
        const documents: ListedDocument[] = [];
        for (const document of found.sort((a, b) => a.number - b.number)) {
            documents.push(await listed(ctx, charter, document));
        }
        return answer(specification, documents);
    }

    async creditNotes(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['invoicing:creditNotes'];
        const { mspId, from, to } = argumentOf(specification, args);
        requireParty(await ctx.charter(), mspId, ctx.caller);
        return answer(specification, await ctx.ledger.listPrivate(ctx.caller, 'creditNote', mspId, from, to));
    }
}

/** Who keeps the community's books, runs it or audits it. Refuses FORBIDDEN. */
function requireManager({ roles }: Charter, caller: string): void {
    if (![roles.dso, roles.operator, roles.auditor].includes(caller)) {
        refuse('FORBIDDEN', `${caller} does not manage the community`);
    }
}

/** A member's account pays a bill as soon as it is issued, whether it has its number yet or not; or all of it is collected. */
async function listed(ctx: TransactionContext, charter: Charter, document: DocumentRecord): Promise<ListedDocument> {
    const payment = await findPayment(ctx, charter, document);
    const isPaid = payment !== undefined && payment.status !== 'transferred' && isSettled(payment);
    return isPaid ? { ...document, paidFromAccount: true } : document;
}
