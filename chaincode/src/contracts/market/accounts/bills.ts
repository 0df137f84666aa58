import { billKey, keyName, paymentKey } from '../../../api/keys';
import { BILL, type BillRecord, type Charter } from '../../../api/records';
import { nanos, type Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { billPolicy, daysOf, type Period } from '../billing/billed';
import { finalDocument } from '../invoicing/documents';
import { isSigned, memberOf, recordHash, requirePolicy } from '../guards';

export interface Payable {
    readonly days: readonly string[];
    readonly due: Nanos;
    /** By a transfer outside of accounts: nothing is due any more, and what was reserved for it is free. */
    readonly isPaidOtherwise: boolean;
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
    const { mspId, from, to } = period;
    await requireFinalBill(ctx, charter, period, bill);
    if ((await ctx.ledger.find(paymentKey(mspId, from, to))) !== undefined) {
        refuse('BILL_PAID', bill.key);
    }
    const document = await finalDocument(ctx, charter, { mspId, from, to, id: BILL });
    const isPaidOtherwise = document?.paid !== undefined;
    const due = isPaidOtherwise ? 0n : bill.dueMinor * charter.rules.minorUnitNanos;
    return { days: daysOf(period), due: nanos(due), isPaidOtherwise };
}

async function requireFinalBill(
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
