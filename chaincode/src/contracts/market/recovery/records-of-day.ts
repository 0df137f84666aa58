import type { KeyType } from '../../../api/catalogue/keys';
import {
    billKey,
    correctionKey,
    keyName,
    orderKey,
    readingKey,
    scheduleKey,
    settlementKey,
    slotPart,
    submissionKey,
    suspicionKey,
    type LedgerKey,
} from '../../../api/keys';
import type {
    BillRecord,
    CorrectionRecord,
    OrderRecord,
    ReadingRecord,
    SettlementRecord,
    SubmissionRecord,
    SuspicionRecord,
} from '../../../api/records';
import type { PrivateRecords } from '../../../api/catalogue/recovery';
import { slotsOf, type LocalDay } from '../../../domain/slot';
import type { PrivateType } from '../../../ledger/ledger';
import type { TransactionContext } from '../../transaction-context';
import { recordHash } from '../guards';

export interface RecordOf {
    readonly order: OrderRecord;
    readonly reading: ReadingRecord;
    readonly settlement: SettlementRecord;
    readonly bill: BillRecord;
    readonly correction: CorrectionRecord;
    readonly suspicion: SuspicionRecord;
    readonly submission: SubmissionRecord;
}

/** What can be put back: see the transaction's inputs. */
type Recovered = keyof RecordOf & PrivateType;

/** A marker, and the record that opens it where the caller's own collection holds that. */
export interface Marked<R> {
    readonly key: string;
    readonly hash: string;
    readonly record?: R | undefined;
}

/** Where a private record belongs. */
export interface Placed<T extends Recovered = Recovered> {
    readonly key: LedgerKey<T>;
    readonly record: RecordOf[T];
    /** Who signed it: an estimate, a suspicion, and what was settled or billed for a silent household, is the grid operator's word. */
    readonly signedBy: 'owner' | 'operator';
}

/** The ledger key under which each record of the day says that it stands, whatever it calls itself. */
export function placesOf(day: string, records: PrivateRecords): readonly Placed[] {
    const { orders, readings, settlements, bills, corrections, suspicions, submissions } = records;
    return [
        ...orders.map((record): Placed => {
            return { key: orderKey(record.slot, record.mspId, record.id), record, signedBy: 'owner' };
        }),
        ...readings.map((record): Placed => {
            const signedBy = record.kind === 'estimated' ? 'operator' : 'owner';
            return { key: readingKey(record.mspId, day, record.slot), record, signedBy };
        }),
        ...settlements.map((record): Placed => {
            return { key: settlementKey(record.day, record.mspId), record, signedBy: record.signedBy };
        }),
        ...bills.map((record): Placed => {
            return { key: billKey(record.mspId, record.from, record.to), record, signedBy: record.signedBy };
        }),
        ...corrections.map((record): Placed => {
            return { key: correctionKey(record.day, record.mspId, record.number), record, signedBy: 'owner' };
        }),
        ...suspicions.map((record): Placed => {
            return { key: suspicionKey(record.day, record.mspId), record, signedBy: 'operator' };
        }),
        ...submissions.map((record): Placed => {
            return { key: submissionKey(record.day, record.mspId), record, signedBy: 'owner' };
        }),
    ];
}

/** Everything of a member that has a marker on the day; a bill belongs to the first of its days. */
export async function markedRecords(
    ctx: TransactionContext,
    mspId: string,
    local: LocalDay,
): Promise<{ [T in Recovered as `${T}s`]: Marked<RecordOf[T]>[] }> {
    const { day } = local;
    const orders: Marked<OrderRecord>[] = [];
    for (const slot of slotsOf(local)) {
        orders.push(...(await marked(ctx, 'order', slotPart(slot), mspId)));
    }
    return {
        orders,
        readings: await marked(ctx, 'reading', mspId, day),
        settlements: await marked(ctx, 'settlement', day, mspId),
        bills: await marked(ctx, 'bill', mspId, day),
        corrections: await marked(ctx, 'correction', day, mspId),
        suspicions: await marked(ctx, 'suspicion', day, mspId),
        submissions: await marked(ctx, 'submission', day, mspId),
    };
}

/** Ranges, not single keys: a peer refuses to read a private value that it has lost, but leaves it out of a range. */
async function marked<T extends Recovered & KeyType>(
    ctx: TransactionContext,
    type: T,
    ...prefix: string[]
): Promise<Marked<RecordOf[T]>[]> {
    const held = new Map<string, RecordOf[T]>();
    for (const record of await ctx.ledger.listPrivate(ctx.caller, type, ...prefix)) {
        held.set(`${record.key} ${recordHash(record)}`, record);
    }
    const found: Marked<RecordOf[T]>[] = [];
    for (const { parts, record: marker } of await ctx.ledger.listWithParts(type, ...prefix)) {
        const named = marker !== undefined && 'hash' in marker ? marker.hash : null;
        const hash = named ?? (await agreementHash(ctx, { type, parts }));
        if (hash !== null) {
            const key = keyName({ type, parts });
            found.push({ key, hash, record: held.get(`${key} ${hash}`) });
        }
    }
    return found;
}

/**
 * A household that has not said anything in a schedule has a marker without a hash. What it agreed to in a certificate the schedule names instead: one
 * transaction cannot have the endorsement of every household. Nobody has to be believed here either, for the record is signed. Null of anything else.
 */
export async function agreementHash(
    ctx: TransactionContext,
    { type, parts: [day = '', mspId] }: LedgerKey,
): Promise<string | null> {
    const schedule = type === 'submission' ? await ctx.ledger.find(scheduleKey(day)) : undefined;
    return schedule?.agreed?.households.find((each) => each.mspId === mspId)?.hash ?? null;
}
