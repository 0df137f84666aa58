import type { common } from '@hyperledger/fabric-protos';
import type {
    BillRow,
    BlockRow,
    Checkpoint,
    CommitteeRow,
    Counts,
    DayRow,
    FactRow,
    MemberRow,
    PricePoint,
    ProducersRow,
    RecordVersion,
    RoundDetail,
    RoundRow,
    ScheduleRow,
    StakeRow,
    TransactionDetail,
    TransactionRow,
    WriteRow,
} from './rows';

/** How much one answer holds at most. */
export const MOST_ROWS = 500;

/** Newest first unless said otherwise. Limits above `MOST_ROWS` are cut, what is not there is undefined or an empty list. */
export interface Queries {
    counts(): Promise<Counts>;
    /** Blocks below a number. */
    blocks(before?: number, limit?: number): Promise<readonly BlockRow[]>;
    block(number: number): Promise<BlockRow | undefined>;
    /** Of one block, in their order, from a position on. */
    transactionsOf(block: number, from?: number, limit?: number): Promise<readonly TransactionRow[]>;
    transaction(id: string): Promise<TransactionDetail | undefined>;
    /** In the order of the transaction. */
    writes(id: string, from?: number, limit?: number): Promise<readonly WriteRow[]>;
    /** Of valid transactions, below a block, of one type (docs/reference/events) or of all. */
    facts(type?: string, before?: number, limit?: number): Promise<readonly FactRow[]>;
    /** A day's, in order of time. */
    rounds(day: string): Promise<readonly RoundRow[]>;
    round(slot: number): Promise<RoundDetail | undefined>;
    /** From one slot up to another, both included, in order of time, at most `MOST_ROWS`. */
    priceHistory(from: number, to: number): Promise<readonly PricePoint[]>;
    days(before?: string, limit?: number): Promise<readonly DayRow[]>;
    day(day: string): Promise<DayRow | undefined>;
    schedule(day: string): Promise<ScheduleRow | undefined>;
    /** By MSP id. */
    members(): Promise<readonly MemberRow[]>;
    /** Of an epoch, a local day; of the newest where none is named. */
    stakeAndWeights(epoch?: string): Promise<StakeRow | undefined>;
    /** The committee that serves at a slot. */
    committee(slot: number): Promise<CommitteeRow | undefined>;
    /** All of the charter, earliest first. */
    committees(): Promise<readonly CommitteeRow[]>;
    /** From one block up to another, both included. */
    producers(from: number, to: number): Promise<ProducersRow>;
    /** Public facts of a household's bills, the latest days first. */
    bills(mspId: string, limit?: number): Promise<readonly BillRow[]>;
    /** A record as the channel holds it, by kind and parts of its key as in docs/reference/ledger-keys. */
    record(kind: string, ...parts: readonly string[]): Promise<RecordVersion | undefined>;
    /** Its versions, the newest first. */
    history(kind: string, parts: readonly string[], limit?: number): Promise<readonly RecordVersion[]>;
}

/** What a call of `apply` added. */
export interface Applied {
    readonly from: number;
    readonly to: number;
    readonly transactions: number;
    /** In their order. */
    readonly facts: readonly FactRow[];
}

/** What stands on the channel, and nothing else, in a database. */
export interface ReadModel {
    readonly queries: Queries;
    /** Undefined while it is empty. */
    checkpoint(): Promise<Checkpoint | undefined>;
    /**
     * Takes in the next blocks in one transaction of the database, all or none. Blocks that are there already are compared and passed over.
     *
     * @throws WrongChannel, ForkedChain: nothing was written, and nothing will be until somebody has looked.
     */
    apply(blocks: readonly common.Block[]): Promise<Applied>;
    /** Called after each `apply` that added something. @returns how to end that. */
    subscribe(listener: (applied: Applied) => void): () => void;
    /** SHA-256 of everything in it, in hex: equal for equal chains on any database. */
    digest(): Promise<string>;
    close(): Promise<void>;
}

/** Where blocks come from: `MemberGateway` is one. */
export interface BlockSource {
    /** The channel's blocks from a number on as the own peer has them; waits for the next at the end. Close it. */
    blocks(from: number): Promise<BlockStream>;
}

export interface BlockStream extends AsyncIterable<common.Block> {
    close(): void;
}

/** The database holds another channel than the one that is followed. */
export class WrongChannel extends Error {
    override readonly name = 'WrongChannel';
}

/** A block has another hash or predecessor than the one that is known under its number. */
export class ForkedChain extends Error {
    override readonly name = 'ForkedChain';
}

/** A file's path, or `postgres://…`. */
export type OpenReadModel = (connection: string) => Promise<ReadModel>;

/**
 * Keeps the model up with its source until it is told to stop; a source that fails is asked again, with growing waits.
 *
 * @throws WrongChannel, ForkedChain
 */
export type Follow = (source: BlockSource, model: ReadModel, signal: AbortSignal) => Promise<void>;
