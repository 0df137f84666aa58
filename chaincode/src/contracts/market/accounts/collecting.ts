import { paymentKey } from '../../../api/keys';
import { BILL, type AccountRecord, type BillRecord, type Charter, type Payment } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { daysOf, type Period } from '../billing/billed';
import { standingBills } from '../billing/standing-bills';
import { memberOf } from '../guards';
import { finalDocument } from '../invoicing/documents';
import { daysOverdue, today } from '../invoicing/finalising';
import { findPayment, paymentOf } from '../invoicing/payments';
import { dueOf, requireFinalBill } from './bills';
import { requireAccount } from './opened-account';

interface Given {
    readonly account: AccountRecord;
    readonly bill: BillRecord;
}

/**
 * What a bill that its household has signed and does not pay takes of what is reserved for its days, never more than it asks for. The account stays as
 * it is: its owner alone writes it, and takes the payment in when it pays the bill; until then what was collected is in the holds that
 * nothing else can free. Refuses as the catalogue says, from COLLECTION_NOT_GOVERNED on.
 */
export async function collectedPayment(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    { account, bill }: Given,
): Promise<Payment> {
    const reference = { mspId: period.mspId, from: period.from, to: period.to, id: BILL };
    const days = charter.rules.collectDays ?? refuse('COLLECTION_NOT_GOVERNED', period.mspId);
    await requireFinalBill(ctx, charter, period, bill);
    const { dueDay } = (await finalDocument(ctx, charter, reference)) ?? refuse('DOCUMENT_UNKNOWN', bill.key);
    const left = days - daysOverdue(dueDay, today(ctx, charter));
    if (left >= 0) {
        refuse('DEADLINE_OPEN', `${bill.key}: due on ${dueDay}, ${left + 1} days to go`);
    }
    const payment = await paymentOf(ctx, charter, reference);
    if (payment.status !== 'open') {
        refuse(payment.status === 'collected' ? 'BILL_COLLECTED' : 'BILL_PAID', bill.key);
    }
    await requireAccount(ctx, charter, memberOf(charter, period.mspId), account);
    const ofBill = new Set<string>(daysOf(period));
    const held = account.holds.filter(({ kind, subject }) => kind === 'day' && ofBill.has(subject));
    const reserved = held.reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
    const due = dueOf(charter, bill);
    const amountNanos = due < reserved ? due : reserved;
    if (amountNanos <= 0n) {
        refuse('NOTHING_RESERVED', bill.key);
    }
    return { ...payment, status: 'collected', collected: { amountNanos, isWhole: amountNanos === due } };
}

export async function saveCollected(ctx: TransactionContext, payment: Payment): Promise<void> {
    const { mspId, from, to } = payment;
    await ctx.ledger.save(paymentKey(payment), payment);
    ctx.emit({ type: 'BillCollected', mspId, from, to });
}

/** What was collected stays reserved until its owner takes it in. Refuses BILL_COLLECTED. */
export async function requireNotCollected(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    day: string,
): Promise<void> {
    const bills = (await standingBills(ctx, charter, mspId)).filter(({ from, to }) => from <= day && day <= to);
    for (const { from, to } of bills) {
        const payment = await findPayment(ctx, charter, { mspId, from, to, id: BILL });
        if (payment?.collected !== undefined && payment.takenIn === undefined) {
            refuse('BILL_COLLECTED', `${mspId} from ${from} to ${to}`);
        }
    }
}
