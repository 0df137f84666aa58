import { escrowStatement, receiverOf } from '../../../api/accounts';
import { escrowKey, escrowReceiptKey, keyName } from '../../../api/keys';
import type { Charter, Escrow, EscrowReceipt } from '../../../api/records';
import { verifySignature } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { charterAt } from '../../../ledger/charter-view';
import { bothPolicy, escrowPolicy } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { memberOf, requirePolicy } from '../guards';

/** Who gets an escrow's money in the end is one of these. */
export const receiversOf = ({ buyer, seller }: Pick<Escrow, 'buyer' | 'seller'>): string[] => [
    ...new Set([buyer, seller]),
];

/**
 * The escrow of a buyer for a contract, as whoever relies on it may: it names its key, stands under the policy of its parties, its buyer
 * has signed it, and whoever gets the money can take it in, because both receipts stand. Refuses ESCROW_UNKNOWN, KEY_POLICY_WRONG, SIGNATURE_INVALID.
 */
export async function requireEscrow(
    ctx: TransactionContext,
    charter: Charter,
    contract: string,
    buyer: string,
): Promise<Escrow> {
    const key = escrowKey(contract, buyer);
    const row = (await ctx.ledger.find(key)) ?? refuse('ESCROW_UNKNOWN', keyName(key));
    if (row.contract !== contract || row.buyer !== buyer) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    await requirePolicy(ctx, key, escrowPolicy(charterAt(charter, row.charterVersion), row));
    if (!isBuyers(charter, row)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
    for (const receiver of receiversOf(row)) {
        await receiptOf(ctx, charter, row, receiver);
    }
    return row;
}

/** Refuses KEY_POLICY_WRONG where the receiver has none that it and the grid operator alone can write. */
async function receiptOf(
    ctx: TransactionContext,
    charter: Charter,
    { contract, buyer }: Escrow,
    receiver: string,
): Promise<EscrowReceipt> {
    const key = escrowReceiptKey(contract, buyer, receiver);
    const receipt = await ctx.ledger.find(key);
    if (receipt?.contract !== contract || receipt.buyer !== buyer || receipt.receiver !== receiver) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    await requirePolicy(ctx, key, bothPolicy(charter, receiver));
    return receipt;
}

const isBuyers = (charter: Charter, row: Escrow): boolean =>
    verifySignature(memberOf(charter, row.buyer).ownerKey, escrowStatement(row), row.signature);

/** One that has ended in favour of this member and is on no account yet. Refuses also ESCROW_OPEN, ESCROW_TAKEN. */
export async function endedEscrow(
    ctx: TransactionContext,
    charter: Charter,
    { contract, buyer, receiver }: { readonly contract: string; readonly buyer: string; readonly receiver: string },
): Promise<Escrow> {
    const row = await requireEscrow(ctx, charter, contract, buyer);
    if (receiverOf(row) !== receiver) {
        refuse('ESCROW_OPEN', `${contract} of ${buyer} is ${row.status}`);
    }
    if ((await receiptOf(ctx, charter, row, receiver)).accountVersion !== undefined) {
        refuse('ESCROW_TAKEN', `${contract} of ${buyer}`);
    }
    return row;
}

/**
 * Ends an escrow: who may, and when, is for the contract to say; nobody's account is touched, so that no two ends conflict. The
 * receiver takes the money in with a transaction of its own. Refuses ESCROW_ENDED; call `requireEscrow` first.
 */
export function escrowEnd(row: Escrow, status: 'paid' | 'refunded'): Escrow {
    return row.status === 'held' ? { ...row, status } : refuse('ESCROW_ENDED', `${row.contract} is ${row.status}`);
}

/** Writes what `escrowEnd` has decided. */
export async function saveEscrowEnd(ctx: TransactionContext, ended: Escrow): Promise<void> {
    await ctx.ledger.save(escrowKey(ended.contract, ended.buyer), ended);
}
