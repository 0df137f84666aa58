import { LEDGER_KEYS, type KeyType } from '../api/catalogue/keys';
import type { LedgerKey } from '../api/keys';
import * as record from '../api/records';
import { encodeBytes } from '../api/wire';
import { BatchedState } from './batched-state';
import { implicitCollection, type Entry, type LedgerStub } from './stub';

/** What the channel holds under each kind of key. */
interface PublicRecords {
    charter: record.Charter;
    stakeParameters: record.StakeParametersList;
    stakeBook: record.StakeBook;
    epoch: record.EpochRecord;
    seedCommitment: record.SeedCommitment;
    seedReveal: record.SeedReveal;
    matchedEnergy: record.MatchedEnergy;
    producerConfirmation: record.ProducerConfirmation;
    stakeAccount: record.StakeAccount;
    communityIncome: record.CommunityIncome;
    reward: record.RewardRecord;
    misconduct: record.MisconductRecord;
    day: record.DayRecord;
    round: record.RoundRecord;
    totals: record.Totals;
    schedule: record.ScheduleRecord;
    scheduleProblem: record.ScheduleProblem;
    scheduleStep: record.ScheduleStep;
    submission: record.SubmissionMarker;
    order: record.OrderMarker;
    reading: record.ReadingMarker;
    settlement: record.SettlementMarker;
    bill: record.BillMarker;
    creditNote: record.CreditNoteMarker;
    document: record.DocumentRecord;
    documentNumber: record.Numbered;
    billingRun: record.BillingRun;
    correction: record.CorrectionMarker;
    billSums: record.BillSums;
    pool: record.PoolRecord;
    correctionRun: record.CorrectionRun;
    correctionInRun: record.CorrectionInRun;
    feeder: record.FeederRecord;
    suspicion: record.SuspicionMarker;
    dispute: record.DisputeMarker;
    statement: record.StatementMarker;
    account: record.AccountMarker;
    bankStatement: record.BankStatementMarker;
    withdrawal: record.WithdrawalMarker;
    cover: record.Cover;
    payment: record.Payment;
    escrow: record.Escrow;
    escrowReceipt: record.EscrowReceipt;
    storageDay: record.StorageDay;
    attestation: record.AttestationRecord;
    contract: record.ContractRecord;
    purchase: record.PurchaseRecord;
}

/** What the parties of a record hold under the same key. */
interface PrivateRecords {
    schedule: record.ScheduleBook;
    submission: record.SubmissionRecord;
    order: record.OrderRecord;
    reading: record.ReadingRecord;
    settlement: record.SettlementRecord;
    bill: record.BillRecord;
    creditNote: record.CreditNoteRecord;
    correction: record.CorrectionRecord;
    suspicion: record.SuspicionRecord;
    statement: record.DisputeRecord;
    account: record.AccountRecord;
    bankStatement: record.BankStatementRecord;
    withdrawal: record.WithdrawalRecord;
}

export type PrivateType = keyof PrivateRecords;

/** Checks as well as converts: what is read back is data, not yet a record. */
interface Decoder<R> {
    parse(data: unknown): R;
}

const PUBLIC: { readonly [T in KeyType]: Decoder<PublicRecords[T]> } = {
    charter: record.charter,
    stakeParameters: record.stakeParametersList,
    stakeBook: record.stakeBook,
    epoch: record.epochRecord,
    seedCommitment: record.seedCommitment,
    seedReveal: record.seedReveal,
    matchedEnergy: record.matchedEnergy,
    producerConfirmation: record.producerConfirmation,
    stakeAccount: record.stakeAccount,
    communityIncome: record.communityIncome,
    reward: record.rewardRecord,
    misconduct: record.misconductRecord,
    day: record.dayRecord,
    round: record.round,
    totals: record.totals,
    schedule: record.schedule,
    scheduleProblem: record.scheduleProblem,
    scheduleStep: record.scheduleStep,
    submission: record.submissionMarker,
    order: record.orderMarker,
    reading: record.readingMarker,
    settlement: record.settlementMarker,
    bill: record.billMarker,
    creditNote: record.creditNoteMarker,
    document: record.documentRecord,
    documentNumber: record.numbered,
    billingRun: record.billingRun,
    correction: record.correctionMarker,
    billSums: record.billSums,
    pool: record.pool,
    correctionRun: record.correctionRun,
    correctionInRun: record.correctionInRun,
    feeder: record.feederRecord,
    suspicion: record.suspicionMarker,
    dispute: record.disputeMarker,
    statement: record.statementMarker,
    account: record.accountMarker,
    bankStatement: record.bankStatementMarker,
    withdrawal: record.withdrawalMarker,
    cover: record.cover,
    payment: record.payment,
    escrow: record.escrow,
    escrowReceipt: record.escrowReceipt,
    storageDay: record.storageDay,
    attestation: record.attestation,
    contract: record.contract,
    purchase: record.purchase,
};

const PRIVATE: { readonly [T in PrivateType]: Decoder<PrivateRecords[T]> } = {
    schedule: record.scheduleBook,
    submission: record.submissionRecord,
    order: record.orderRecord,
    reading: record.readingRecord,
    settlement: record.settlementRecord,
    bill: record.billRecord,
    creditNote: record.creditNoteRecord,
    correction: record.correctionRecord,
    suspicion: record.suspicionRecord,
    statement: record.disputeRecord,
    account: record.accountRecord,
    bankStatement: record.bankStatementRecord,
    withdrawal: record.withdrawalRecord,
};

/**
 * The typed collections of one transaction, and the only user of the stub's state. A read never sees a write of the same
 * transaction (Fabric has no read-your-writes), so a transaction loads, decides, then saves: a read after the first write is
 * a fault of this code and throws.
 */
export class Ledger {
    readonly #stub: LedgerStub;
    readonly #state: BatchedState;
    #isWritten = false;

    constructor(stub: LedgerStub) {
        this.#stub = stub;
        this.#state = new BatchedState(stub);
    }

    async find<T extends KeyType>(key: LedgerKey<T>): Promise<PublicRecords[T] | undefined> {
        this.#beforeRead();
        return decoded(key.type, PUBLIC[key.type], await this.#stub.getState(this.#name(key)));
    }

    /** As `find`, of a key that others could have made: what cannot be read there is no record. */
    async findReadable<T extends KeyType>(key: LedgerKey<T>): Promise<PublicRecords[T] | undefined> {
        this.#beforeRead();
        return decodedOrNot(PUBLIC[key.type], await this.#stub.getState(this.#name(key)));
    }

    /** As `find`, of many keys in as few messages as the peer takes: in their order. */
    async findAll<T extends KeyType>(keys: readonly LedgerKey<T>[]): Promise<(PublicRecords[T] | undefined)[]> {
        this.#beforeRead();
        const values = await this.#state.read(keys.map((key) => this.#name(key)));
        return keys.map(({ type }, i) => decoded(type, PUBLIC[type], values[i] ?? new Uint8Array()));
    }

    /** A record as it was written, canonical: for an answer that hands it on unread. */
    async findText(key: LedgerKey): Promise<string | undefined> {
        this.#beforeRead();
        const bytes = await this.#stub.getState(this.#name(key));
        return bytes.length === 0 ? undefined : Buffer.from(bytes).toString();
    }

    /** Every record of the kind whose key parts begin with these, in key order. */
    async list<T extends KeyType>(type: T, ...prefix: string[]): Promise<PublicRecords[T][]> {
        return (await this.listWithParts(type, ...prefix)).map(({ record: found }) => found ?? corrupt(type));
    }

    /**
     * As `list`, and the parts of the key each record stands under: a record of a kind that any operator and household can
     * create may say another thing of itself than its key does, or be none (undefined). Keys with more parts than the catalogue
     * gives the kind are nobody's and left out.
     */
    async listWithParts<T extends KeyType>(
        type: T,
        ...prefix: string[]
    ): Promise<{ readonly parts: readonly string[]; readonly record: PublicRecords[T] | undefined }[]> {
        this.#beforeRead();
        const found: { parts: readonly string[]; record: PublicRecords[T] | undefined }[] = [];
        for await (const { key, value } of this.#stub.getStateByPartialCompositeKey(LEDGER_KEYS[type].type, prefix)) {
            const { attributes: parts } = this.#stub.splitCompositeKey(key);
            if (parts.length === LEDGER_KEYS[type].parts.length) {
                found.push({ parts, record: decodedOrNot(PUBLIC[type], value) });
            }
        }
        return found;
    }

    /** The key's own endorsement policy; no bytes where it has none. */
    async policyOf(key: LedgerKey): Promise<Uint8Array> {
        this.#beforeRead();
        return (await this.#stub.getStateValidationParameter(this.#name(key))) ?? new Uint8Array();
    }

    /** A private record from the collection of `mspId`: there at that organisation's peers only. */
    async findPrivate<T extends PrivateType>(mspId: string, key: LedgerKey<T>): Promise<PrivateRecords[T] | undefined> {
        this.#beforeRead();
        const bytes = await this.#stub.getPrivateData(implicitCollection(mspId), this.#name(key));
        return decoded(key.type, PRIVATE[key.type], bytes);
    }

    async listPrivate<T extends PrivateType>(
        mspId: string,
        type: T,
        ...prefix: string[]
    ): Promise<PrivateRecords[T][]> {
        this.#beforeRead();
        const { type: objectType } = LEDGER_KEYS[type];
        const entries = this.#stub.getPrivateDataByPartialCompositeKey(implicitCollection(mspId), objectType, prefix);
        return collected(type, PRIVATE[type], entries);
    }

    async save<T extends KeyType>(key: LedgerKey<T>, value: PublicRecords[T]): Promise<void> {
        const bytes = readable(key.type, PUBLIC[key.type], encodeBytes(value));
        this.#isWritten = true;
        await this.#state.put(this.#name(key), bytes);
    }

    /** Save a record whose key does not exist yet, and set who may write it from now on. */
    async create<T extends KeyType>(key: LedgerKey<T>, value: PublicRecords[T], policy: Uint8Array): Promise<void> {
        await this.save(key, value);
        await this.#state.setPolicy(this.#name(key), policy);
    }

    async savePrivate<T extends PrivateType>(
        mspIds: readonly string[],
        key: LedgerKey<T>,
        bytes: Uint8Array,
    ): Promise<void> {
        const checked = readable(key.type, PRIVATE[key.type], bytes);
        this.#isWritten = true;
        for (const mspId of mspIds) {
            await this.#state.put(this.#name(key), checked, implicitCollection(mspId));
        }
    }

    /** Remove a private record from one organisation's collection for good. Its marker and the hash in it stay. */
    async purgePrivate<T extends PrivateType>(mspId: string, key: LedgerKey<T>): Promise<void> {
        this.#isWritten = true;
        await this.#stub.purgePrivateData(implicitCollection(mspId), this.#name(key));
    }

    /** Ends the transaction: what waits for a batch is sent. */
    async flush(): Promise<void> {
        await this.#state.flush();
    }

    #name({ type, parts }: LedgerKey): string {
        return this.#stub.createCompositeKey(LEDGER_KEYS[type].type, [...parts]);
    }

    #beforeRead(): void {
        if (this.#isWritten) {
            throw new Error('a transaction reads before it writes');
        }
    }
}

/** What was written and can no longer be read is corruption, not the caller's fault: an Error, never a refusal. */
function decoded<R>(type: string, decoder: Decoder<R>, bytes: Uint8Array): R | undefined {
    return bytes.length === 0 ? undefined : (decodedOrNot(decoder, bytes) ?? corrupt(type));
}

function decodedOrNot<R>(decoder: Decoder<R>, bytes: Uint8Array): R | undefined {
    try {
        return decoder.parse(JSON.parse(Buffer.from(bytes).toString()));
    } catch {
        return undefined;
    }
}

/** Nothing is written that could not be read again: it would stop all that needs the key, for ever. */
function readable<R>(type: string, decoder: Decoder<R>, bytes: Uint8Array): Uint8Array {
    if (decodedOrNot(decoder, bytes) === undefined) {
        throw new Error(`a ${type} record that cannot be read again is not written`);
    }
    return bytes;
}

function corrupt(type: string): never {
    // No cause: its text could quote a private record, and messages leave the chaincode.
    throw new Error(`corrupt ${type} record`);
}

async function collected<R>(type: string, decoder: Decoder<R>, entries: AsyncIterable<Entry>): Promise<R[]> {
    const records: R[] = [];
    for await (const { value } of entries) {
        const each = decoded(type, decoder, value);
        if (each !== undefined) {
            records.push(each);
        }
    }
    return records;
}
