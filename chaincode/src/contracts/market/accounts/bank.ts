import { keyName, bankStatementKey, withdrawalKey } from '../../../api/keys';
import type {
    BankStatementKind,
    BankStatementMarker,
    BankStatementRecord,
    Charter,
    WithdrawalRecord,
} from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { bothPolicy, gridOperator } from '../../../ledger/market-policies';
import { bankOf } from '../../bank';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash, requirePolicy } from '../guards';

/** Refuses BANK_MISSING, FORBIDDEN. */
export function requireBank(charter: Charter, caller: string): void {
    const { mspId } = bankOf(charter);
    if (caller !== mspId) {
        refuse('FORBIDDEN', `${caller} is not the bank, ${mspId}`);
    }
}

/** What the transaction says a statement is about. */
interface Stated {
    readonly mspId: string;
    readonly reference: string;
    readonly about: 'deposit' | 'withdrawal';
}

/** The bank's word on this very row of this very member. Refuses MEMBER_UNKNOWN, RECORD_WRONG, SIGNATURE_INVALID. */
export function requireStatement(
    charter: Charter,
    { mspId, reference, about }: Stated,
    statement: BankStatementRecord,
): void {
    memberOf(charter, mspId);
    const { kind } = statement;
    const key = keyName(bankStatementKey(mspId, kind, reference));
    const isAbout = (kind === 'deposit') === (about === 'deposit');
    if (!isAbout || !isRow(statement, mspId, key) || statement.reference !== reference) {
        refuse('RECORD_WRONG', `the statement on ${about} ${reference}`);
    }
    if (!isSigned(statement, bankOf(charter).key)) {
        refuse('SIGNATURE_INVALID', `the statement on ${about} ${reference}`);
    }
}

/** Of something that the bank has said. */
type StatedMarker = BankStatementMarker & { readonly kind: BankStatementKind };

const isRow = (statement: BankStatementRecord, mspId: string, key: string): boolean =>
    statement.key === key && statement.mspId === mspId && statement.version === 1;

/**
 * Each reference is stated once, and each withdrawal ends once: the key of its answer was made when it was asked for. Refuses KEY_POLICY_WRONG,
 * STATEMENT_EXISTS.
 */
export async function newStatement(
    ctx: TransactionContext,
    charter: Charter,
    statement: BankStatementRecord,
): Promise<StatedMarker> {
    const { mspId, kind, reference, version } = statement;
    const key = bankStatementKey(mspId, kind, reference);
    const known = await ctx.ledger.find(key);
    if (kind !== 'deposit') {
        await requirePolicy(ctx, key, bothPolicy(charter, mspId));
    }
    if (kind === 'deposit' ? known !== undefined : known?.kind !== 'asked') {
        refuse('STATEMENT_EXISTS', keyName(key));
    }
    return { hash: recordHash(statement), version, mspId, kind, reference };
}

export async function saveStatement(
    ctx: TransactionContext,
    charter: Charter,
    statement: BankStatementRecord,
    marker: StatedMarker,
): Promise<void> {
    const { mspId, kind, reference } = marker;
    const key = bankStatementKey(mspId, kind, reference);
    await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(statement));
    await (kind === 'deposit'
        ? ctx.ledger.create(key, marker, bothPolicy(charter, mspId))
        : ctx.ledger.save(key, marker));
    ctx.emit({ type: 'BankStatementRecorded', mspId, kind, reference });
}

/**
 * What was asked for, opened. Refuses WITHDRAWAL_UNKNOWN, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID.
 */
export async function requireOpenedWithdrawal(
    ctx: TransactionContext,
    charter: Charter,
    { mspId, id }: { readonly mspId: string; readonly id: string },
    withdrawal: WithdrawalRecord,
): Promise<void> {
    const key = withdrawalKey(mspId, id);
    const marker = (await ctx.ledger.find(key)) ?? refuse('WITHDRAWAL_UNKNOWN', keyName(key));
    await requirePolicy(ctx, key, bothPolicy(charter, mspId));
    if (marker.hash !== recordHash(withdrawal) || withdrawal.key !== keyName(key)) {
        refuse('OPENING_MISMATCH', keyName(key));
    }
    if (!isSigned(withdrawal, memberOf(charter, mspId).ownerKey)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
}

/** The statement is of the amount that was asked for. Refuses as `requireOpenedWithdrawal`, and RECORD_WRONG. */
export async function requireWithdrawal(
    ctx: TransactionContext,
    charter: Charter,
    statement: BankStatementRecord,
    withdrawal: WithdrawalRecord,
): Promise<void> {
    const { mspId, reference } = statement;
    await requireOpenedWithdrawal(ctx, charter, { mspId, id: reference }, withdrawal);
    if (withdrawal.amountNanos !== statement.amountNanos) {
        refuse('RECORD_WRONG', `the statement on withdrawal ${reference} is not about what was asked for`);
    }
}
