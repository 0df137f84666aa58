import type { MoneyRecords } from '../../../api/catalogue/recovery';
import {
    accountKey,
    bankStatementKey,
    creditNoteKey,
    keyName,
    statementKey,
    withdrawalKey,
    type LedgerKey,
} from '../../../api/keys';
import type {
    AccountRecord,
    BankStatementRecord,
    Charter,
    CreditNoteRecord,
    DisputeRecord,
    WithdrawalRecord,
} from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash } from '../guards';
import type { Marked } from './records-of-day';

interface MoneyOf {
    readonly account: AccountRecord;
    readonly bankStatement: BankStatementRecord;
    readonly withdrawal: WithdrawalRecord;
    readonly creditNote: CreditNoteRecord;
    /** Of disputes. */
    readonly statement: DisputeRecord;
}
type MoneyType = keyof MoneyOf;

interface PlacedMoney {
    readonly key: LedgerKey<MoneyType>;
    readonly record: MoneyOf[MoneyType];
    /** Nobody is asked of what the bank has said. */
    readonly signedBy?: 'owner' | 'operator' | undefined;
}

/** Everything of a member that has a marker and belongs to no day (money, credit notes, what was said in disputes), and each record as the caller's own collection holds it. */
export async function markedMoney(
    ctx: TransactionContext,
    mspId: string,
): Promise<{ [T in MoneyType as `${T}s`]: Marked<MoneyOf[T]>[] }> {
    return {
        accounts: await marked(ctx, 'account', mspId),
        bankStatements: await marked(ctx, 'bankStatement', mspId),
        withdrawals: await marked(ctx, 'withdrawal', mspId),
        creditNotes: await marked(ctx, 'creditNote', mspId),
        statements: await marked(ctx, 'statement', mspId),
    };
}

async function marked<T extends MoneyType>(
    ctx: TransactionContext,
    type: T,
    mspId: string,
): Promise<Marked<MoneyOf[T]>[]> {
    const held = new Map<string, MoneyOf[T]>();
    for (const record of (await ctx.ledger.listPrivate(ctx.caller, type, mspId)) as unknown as MoneyOf[T][]) {
        held.set(`${record.key} ${recordHash(record)}`, record);
    }
    return (await ctx.ledger.listWithParts(type, mspId)).flatMap(({ parts, record: marker }) => {
        if (marker === undefined || !('hash' in marker)) {
            return [];
        }
        const key = keyName({ type, parts });
        return [{ key, hash: marker.hash, record: held.get(`${key} ${marker.hash}`) }];
    });
}

/**
 * A member's money back into the caller's collection, each record as its marker says. A statement's signature is not asked for: the
 * bank may have another key by now, and whoever takes a statement in asks. Refuses RECORD_WRONG, OPENING_UNKNOWN, OPENING_MISMATCH,
 * SIGNATURE_INVALID.
 */
export async function restoreMoney(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    records: MoneyRecords,
): Promise<number> {
    const { ownerKey } = memberOf(charter, mspId);
    const places = placesOf(records);
    for (const { key, record, signedBy } of places) {
        if (record.mspId !== mspId || record.key !== keyName(key)) {
            refuse('RECORD_WRONG', `${keyName(key)} is none of ${mspId}, or names itself another`);
        }
        const marker = (await ctx.ledger.find(key)) ?? refuse('OPENING_UNKNOWN', keyName(key));
        if (marker.hash !== recordHash(record)) {
            refuse('OPENING_MISMATCH', keyName(key));
        }
        if (signedBy !== undefined && !isSigned(record, signedBy === 'owner' ? ownerKey : charter.operatorKey)) {
            refuse('SIGNATURE_INVALID', keyName(key));
        }
    }
    for (const { key, record } of places) {
        await ctx.ledger.savePrivate([ctx.caller], key, encodeBytes(record));
    }
    return places.length;
}

function placesOf({ accounts, bankStatements, withdrawals, creditNotes, statements }: MoneyRecords): PlacedMoney[] {
    return [
        ...accounts.map((record) => ({ key: accountKey(record.mspId), record, signedBy: 'owner' as const })),
        ...bankStatements.map((record) => {
            const key = bankStatementKey(record.mspId, record.kind, record.reference);
            return { key, record };
        }),
        ...withdrawals.map((record) => {
            return { key: withdrawalKey(record.mspId, record.id), record, signedBy: 'owner' as const };
        }),
        ...creditNotes.map((record) => ({ key: creditNoteKey(record), record, signedBy: 'operator' as const })),
        ...statements.map((record) => {
            const key = statementKey(record.mspId, record.id, record.version);
            return { key, record, signedBy: record.by === 'member' ? ('owner' as const) : ('operator' as const) };
        }),
    ];
}
