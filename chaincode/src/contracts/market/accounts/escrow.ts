import { escrowStatement } from '../../../api/accounts';
import { escrowKey, keyName } from '../../../api/keys';
import type { AccountInputs, Charter, Escrow } from '../../../api/records';
import { nanos } from '../../../domain/quantity';
import { verifySignature } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { charterAt } from '../../../ledger/charter-view';
import { escrowPolicy } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { changedAccount, openedAccount, saveAccount, type ChangedAccount } from './opened-account';

/** What a contract asks of its buyer, who is the caller. */
export type EscrowTerms = Pick<Escrow, 'contract' | 'seller' | 'amountNanos' | 'feeNanos' | 'slot' | 'charterVersion'>;

export interface EscrowPlan {
    readonly row: Escrow;
    readonly account: ChangedAccount;
}

/**
 * What putting the caller's money into escrow would write. For the contract that is bought: it reads and decides what it has to
 * itself, then saves this with `saveEscrow`, so that money and contract change hands in one transaction. `signature` is the
 * buyer's over the row (`escrowStatement`). Refuses ESCROW_EXISTS, SIGNATURE_INVALID, what opening an account refuses, and
 * BALANCE_TOO_SMALL.
 */
export async function planEscrow(
    ctx: TransactionContext,
    charter: Charter,
    terms: EscrowTerms,
    payment: { readonly account: AccountInputs; readonly signature: string },
): Promise<EscrowPlan> {
    const row: Escrow = { ...terms, buyer: ctx.caller, status: 'held', signature: payment.signature };
    const key = escrowKey(row.contract, row.buyer);
    if ((await ctx.ledger.find(key)) !== undefined) {
        refuse('ESCROW_EXISTS', keyName(key));
    }
    const opened = await openedAccount(ctx, charter, payment.account);
    if (!verifySignature(opened.member.ownerKey, escrowStatement(row), row.signature)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
    const account = changedAccount(charter, opened, { kind: 'escrow', amount: nanos(row.amountNanos) });
    return { row, account };
}

/** Writes the plan. The buyer and the grid operator must endorse: the account is private to them. */
export async function saveEscrow(
    ctx: TransactionContext,
    charter: Charter,
    { row, account }: EscrowPlan,
): Promise<void> {
    await saveAccount(ctx, charter, account);
    const policy = escrowPolicy(charterAt(charter, row.charterVersion), row);
    await ctx.ledger.create(escrowKey(row.contract, row.buyer), row, policy);
}
