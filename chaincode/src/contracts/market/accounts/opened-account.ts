import { nextAccount, rowOfEscrow, rowOfStatement } from '../../../api/accounts';
import { accountKey, escrowReceiptKey, keyName, bankStatementKey } from '../../../api/keys';
import type {
    AccountInputs,
    AccountRecord,
    Charter,
    EscrowReceipt,
    Member,
    BankStatementMarker,
    BankStatementRecord,
} from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import type { Row, Use } from '../../../domain/accounts/account';
import { refuse } from '../../../domain/refusals';
import { bothPolicy, gridOperator } from '../../../ledger/market-policies';
import { bankKeys } from '../../bank';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash, requirePolicy } from '../guards';
import { endedEscrow } from './escrow-rows';

/** A member's account as the inputs open it, and the rows that go into it. Nothing is written yet. */
export interface OpenedAccount {
    readonly member: Member;
    readonly known: AccountRecord | null;
    readonly rows: readonly Row[];
    readonly statements: readonly BankStatementMarker[];
    readonly receipts: readonly Omit<EscrowReceipt, 'accountVersion'>[];
    readonly inputs: AccountInputs;
}

/** The next version of an account and all that goes with it, ready to be written. */
export interface ChangedAccount extends OpenedAccount {
    readonly next: AccountRecord;
}

/**
 * The account of the caller: what it gives as its account must be what the marker holds, and signed by it, so that neither a
 * rewritten private record nor an account that others made in its name moves money. Refuses MEMBER_UNKNOWN, OPENING_UNKNOWN,
 * OPENING_MISSING, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID, BANK_MISSING, STATEMENT_TAKEN, ESCROW_UNKNOWN,
 * ESCROW_OPEN, ESCROW_TAKEN.
 */
export async function openedAccount(
    ctx: TransactionContext,
    charter: Charter,
    inputs: AccountInputs,
): Promise<OpenedAccount> {
    const member = memberOf(charter, ctx.caller);
    await requireAccount(ctx, charter, member, inputs.account);
    const statements: BankStatementMarker[] = [];
    for (const statement of inputs.statements) {
        statements.push(await waitingStatement(ctx, charter, member.mspId, statement));
    }
    requireOnce(inputs.statements.map(({ key }) => key));
    const escrows = [];
    for (const { contract, buyer } of inputs.escrows) {
        escrows.push(await endedEscrow(ctx, charter, { contract, buyer, receiver: member.mspId }));
    }
    requireOnce(escrows.map(({ contract, buyer }) => `${contract}/${buyer}`));
    return {
        member,
        known: inputs.account,
        rows: [...inputs.statements.map(rowOfStatement), ...escrows.map(rowOfEscrow)],
        statements,
        receipts: escrows.map(({ contract, buyer }) => ({ contract, buyer, receiver: member.mspId })),
        inputs,
    };
}

function requireOnce(names: readonly string[]): void {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
        refuse('OPENING_UNKNOWN', `${twice} is given twice`);
    }
}

/** Refuses OPENING_UNKNOWN, OPENING_MISSING, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID. */
export async function requireAccount(
    ctx: TransactionContext,
    charter: Charter,
    { mspId, ownerKey }: Member,
    account: AccountRecord | null,
): Promise<void> {
    const key = accountKey(mspId);
    const marker = await ctx.ledger.find(key);
    if (marker === undefined) {
        return account === null ? undefined : refuse('OPENING_UNKNOWN', keyName(key));
    }
    if (account === null) {
        refuse('OPENING_MISSING', keyName(key));
    }
    await requirePolicy(ctx, key, bothPolicy(charter, mspId));
    const isMarked = recordHash(account) === marker.hash && account.version === marker.version;
    if (!isMarked || account.key !== keyName(key) || account.mspId !== mspId) {
        refuse('OPENING_MISMATCH', keyName(key));
    }
    if (!isSigned(account, ownerKey)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
}

/** A row that stands, says what its marker holds, is the word on this member of who was the bank, and is on no account yet. */
async function waitingStatement(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    statement: BankStatementRecord,
): Promise<BankStatementMarker> {
    const { kind, reference } = statement;
    const key = bankStatementKey(mspId, kind, reference);
    const marker = (await ctx.ledger.find(key)) ?? refuse('OPENING_UNKNOWN', keyName(key));
    await requirePolicy(ctx, key, bothPolicy(charter, mspId));
    if (recordHash(statement) !== marker.hash || statement.key !== keyName(key) || statement.mspId !== mspId) {
        refuse('OPENING_MISMATCH', keyName(key));
    }
    if (!bankKeys(charter).some((bank) => isSigned(statement, bank))) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
    return marker.takenIn === undefined ? marker : refuse('STATEMENT_TAKEN', keyName(key));
}

/**
 * The account after the rows and what its owner does, which must be what the owner has signed. Refuses what domain/accounts
 * does, and SIGNATURE_INVALID.
 */
export function changedAccount(charter: Charter, opened: OpenedAccount, use?: Use): ChangedAccount {
    const { member, known, rows, inputs } = opened;
    const { salt, signature } = inputs;
    const limit = member.accountLimitNanos ?? charter.rules.accountLimitNanos;
    const next = { ...nextAccount({ mspId: member.mspId, known, rows, use, limit, salt }), signature };
    if (!isSigned(next, member.ownerKey)) {
        refuse('SIGNATURE_INVALID', `${next.key}, version ${next.version}`);
    }
    return { ...opened, next };
}

/** The account at its parties, its marker, and the rows marked as taken in. */
export async function saveAccount(
    ctx: TransactionContext,
    charter: Charter,
    { next, known, statements, receipts, member: { mspId } }: ChangedAccount,
): Promise<void> {
    const { version } = next;
    const key = accountKey(mspId);
    const policy = bothPolicy(charter, mspId);
    const marker = { hash: recordHash(next), version, mspId };
    await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(next));
    await (known === null ? ctx.ledger.create(key, marker, policy) : ctx.ledger.save(key, marker));
    for (const row of statements) {
        await ctx.ledger.save(bankStatementKey(mspId, row.kind, row.reference), { ...row, takenIn: version });
    }
    for (const receipt of receipts) {
        const { contract, buyer, receiver } = receipt;
        await ctx.ledger.save(escrowReceiptKey(contract, buyer, receiver), { ...receipt, accountVersion: version });
    }
    ctx.emit({ type: 'AccountChanged', mspId, version });
}
