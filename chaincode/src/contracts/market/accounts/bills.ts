import { billKey, keyName } from '../../../api/keys';
import { BILL, type BillRecord, type Charter, type Payment } from '../../../api/records';
import { nanos, type Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { billPolicy, daysOf, type Period } from '../billing/billed';
import { paymentOf } from '../invoicing/payments';
import { isSigned, memberOf, recordHash, requirePolicy } from '../guards';

export interface Payable {
    readonly days: readonly string[];
    readonly due: Nanos;
    /** Of a bill that a transfer has paid nothing is due but what was collected, and what was reserved for it is free. */
    readonly payment: Payment;
}

/**
 * What a bill costs its household (negative: brings it) and the days that it is about. Refuses BILL_UNKNOWN, DAY_UNKNOWN,
 * KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID, BILL_PROVISIONAL, BILL_PAID.
 */
export async function billToPay(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    bill: BillRecord,
): Promise<Payable> {
    await requireFinalBill(ctx, charter, period, bill);
    const payment = await paymentOf(ctx, charter, { ...period, id: BILL });
    if (payment.takenIn !== undefined) {
        refuse('BILL_PAID', bill.key);
    }
    const asked = payment.status === 'transferred' ? (payment.collected?.amountNanos ?? 0n) : dueOf(charter, bill);
    return { days: daysOf(period), due: nanos(asked), payment };
}

export const dueOf = ({ rules }: Pick<Charter, 'rules'>, { dueMinor }: BillRecord): bigint =>
    dueMinor * rules.minorUnitNanos;

/**
 * A bill that may be paid, opened. Refuses BILL_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID, BILL_PROVISIONAL.
 */
export async function requireFinalBill(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    bill: BillRecord,
): Promise<void> {
    const { mspId, from, to } = period;
    const key = billKey(mspId, from, to);
    const marker = (await ctx.ledger.find(key)) ?? refuse('BILL_UNKNOWN', keyName(key));
    await requirePolicy(ctx, key, await billPolicy(ctx, charter, period));
    if (recordHash(bill) !== marker.hash || bill.key !== keyName(key) || bill.mspId !== mspId) {
        refuse('OPENING_MISMATCH', keyName(key));
    }
    const signer = bill.signedBy === 'owner' ? memberOf(charter, mspId).ownerKey : charter.operatorKey;
    if (!isSigned(bill, signer)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
    if (bill.provisional) {
        refuse('BILL_PROVISIONAL', keyName(key));
    }
}
