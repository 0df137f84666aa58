import { escrowStatement } from '../../../api/accounts';
import { escrowKey, escrowReceiptKey, keyName } from '../../../api/keys';
import type { AccountInputs, Charter, Escrow } from '../../../api/records';
import { nanos } from '../../../domain/quantity';
import { verifySignature } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { charterAt } from '../../../ledger/charter-view';
import { bothPolicy, escrowPolicy } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { receiversOf } from './escrow-rows';
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
    for (const each of [key, ...receiversOf(row).map((mspId) => escrowReceiptKey(row.contract, row.buyer, mspId))]) {
        if ((await ctx.ledger.find(each)) !== undefined) {
            refuse('ESCROW_EXISTS', keyName(each));
        }
    }
    const opened = await openedAccount(ctx, charter, payment.account);
    if (!verifySignature(opened.member.ownerKey, escrowStatement(row), row.signature)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
    const account = changedAccount(charter, opened, { kind: 'escrow', amount: nanos(row.amountNanos) });
    return { row, account };
}

/** Writes the plan, and who may take the money in: from now on nobody else can say that it is taken. The buyer and the grid operator must endorse: the account is private to them. */
export async function saveEscrow(
    ctx: TransactionContext,
    charter: Charter,
    { row, account }: EscrowPlan,
): Promise<void> {
    await saveAccount(ctx, charter, account);
    const policy = escrowPolicy(charterAt(charter, row.charterVersion), row);
    await ctx.ledger.create(escrowKey(row.contract, row.buyer), row, policy);
    const { contract, buyer } = row;
    for (const receiver of receiversOf(row)) {
        const key = escrowReceiptKey(contract, buyer, receiver);
        await ctx.ledger.create(key, { contract, buyer, receiver }, bothPolicy(charter, receiver));
    }
}
