import { receiverOf } from '../../../api/accounts';
import { accountKey, escrowReceiptKey, keyName, bankStatementKey, paymentKey } from '../../../api/keys';
import type { AccountRecord, Charter, Cover, BankStatementMarker } from '../../../api/records';
import type { ResponseOf } from '../../../api/transactions';
import { refuse } from '../../../domain/refusals';
import { gridOperator } from '../../../ledger/market-policies';
import { bankOf } from '../../bank';
import type { TransactionContext } from '../../transaction-context';
import { recordHash } from '../guards';

/**
 * A member's money as the caller's own collection has it: the member's and the grid operator's whole, the bank's its withdrawals.
 * Refuses FORBIDDEN, and OPENING_MISMATCH where the account there is not the one on the channel.
 */
export async function ownMoney(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
): Promise<ResponseOf<'accounts:own'>> {
    const { caller, ledger } = ctx;
    const isParty = caller === mspId || caller === gridOperator(charter);
    if (!isParty && caller !== bankOf(charter).mspId) {
        refuse('FORBIDDEN', `${caller} is neither ${mspId} nor the grid operator nor the bank`);
    }
    const withdrawals = await ledger.listPrivate(caller, 'withdrawal', mspId);
    if (!isParty) {
        return { account: null, statements: [], withdrawals };
    }
    const markers = new Map(
        (await statementMarkersOf(ctx, mspId)).map((marker) => [nameOf(marker), marker.takenIn ?? null]),
    );
    const statements = (await ledger.listPrivate(caller, 'bankStatement', mspId)).flatMap((statement) => {
        const takenIn = markers.get(statement.key);
        return takenIn === undefined ? [] : [{ statement, takenIn }];
    });
    return { account: await currentAccount(ctx, mspId), statements, withdrawals };
}

async function currentAccount(ctx: TransactionContext, mspId: string): Promise<AccountRecord | null> {
    const key = accountKey(mspId);
    const marker = await ctx.ledger.find(key);
    if (marker === undefined) {
        return null;
    }
    // A range, not the key: a peer that has lost the value leaves it out instead of failing.
    const held = await ctx.ledger.listPrivate(ctx.caller, 'account', mspId);
    const account = held.find((each) => recordHash(each) === marker.hash);
    return account ?? refuse('OPENING_MISMATCH', keyName(key));
}

async function statementMarkersOf(ctx: TransactionContext, mspId: string): Promise<BankStatementMarker[]> {
    const found = await ctx.ledger.listWithParts('bankStatement', mspId);
    return found.flatMap(({ parts, record }) =>
        record !== undefined && nameOf(record) === keyName({ type: 'bankStatement', parts }) ? [record] : [],
    );
}

const nameOf = ({ mspId, kind, reference }: BankStatementMarker): string =>
    keyName(bankStatementKey(mspId, kind, reference));

/** What everybody may know of a member's money. */
export async function publicMoney(ctx: TransactionContext, mspId: string): Promise<ResponseOf<'accounts:markers'>> {
    const { ledger } = ctx;
    const withdrawals = await ledger.listWithParts('withdrawal', mspId);
    const payments = await ledger.listWithParts('payment', mspId);
    return {
        account: (await ledger.find(accountKey(mspId))) ?? null,
        statements: await statementMarkersOf(ctx, mspId),
        withdrawals: withdrawals.flatMap(({ parts, record }) =>
            record?.mspId === mspId && record.id === parts[1] ? [record] : [],
        ),
        payments: payments.flatMap(({ parts, record }) =>
            record !== undefined && keyName(paymentKey(record)) === keyName({ type: 'payment', parts }) ? [record] : [],
        ),
    };
}

export async function coversOf(ctx: TransactionContext, day: string): Promise<Cover[]> {
    const found = await ctx.ledger.listWithParts('cover', day);
    return found.flatMap(({ parts, record }) => (record?.day === day && record.mspId === parts[1] ? [record] : []));
}

export async function escrowsOf(
    ctx: TransactionContext,
    contract: string | undefined,
): Promise<ResponseOf<'accounts:escrows'>> {
    const found = await ctx.ledger.listWithParts('escrow', ...(contract === undefined ? [] : [contract]));
    const escrows = [];
    for (const { parts, record: escrow } of found) {
        if (escrow !== undefined && escrow.contract === parts[0] && escrow.buyer === parts[1]) {
            const receiver = receiverOf(escrow);
            const receipt =
                receiver === undefined
                    ? undefined
                    : await ctx.ledger.find(escrowReceiptKey(escrow.contract, escrow.buyer, receiver));
            escrows.push({ escrow, isTakenIn: receipt?.accountVersion !== undefined });
        }
    }
    return escrows;
}
