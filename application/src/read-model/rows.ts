/**
 * What the read model answers. Types alone, so that pages may import them. Quantities are decimal strings as on the ledger; counts, slots, block
 * numbers and codes are numbers; moments are milliseconds since 1970.
 */

/** A block of the channel as a member's own peer has it. */
export interface BlockRow {
    readonly number: number;
    /** SHA-256 of the header, in hex: what the next block names as its predecessor. */
    readonly hash: string;
    readonly previousHash: string;
    readonly dataHash: string;
    /** Who produced it; null where the block names nobody: the first one, and blocks of Fabric's own orderers. */
    readonly producer: string | null;
    /** The engine's height; null as the producer. */
    readonly height: number | null;
    readonly isConfiguration: boolean;
    /** The stamp of its first transaction: the word of its client. */
    readonly at: number | null;
    readonly transactions: number;
    readonly invalid: number;
    /** Of all its envelopes. */
    readonly bytes: number;
}

export interface TransactionRow {
    readonly id: string;
    readonly block: number;
    /** In the block, from 0. */
    readonly position: number;
    readonly type: TransactionType;
    readonly chaincode: string | null;
    /** `auction:submitOrders` */
    readonly function: string | null;
    /** Who signed it as its client. */
    readonly creator: string | null;
    /** MSP ids, sorted, each once. */
    readonly endorsers: readonly string[];
    /** Fabric's validation code; words for it are in `validation-codes`. */
    readonly code: number;
    readonly isValid: boolean;
    /** The client's word. */
    readonly at: number | null;
    readonly bytes: number;
    /** How many records it writes: on the channel, and as hashes for private collections. */
    readonly writes: number;
    readonly privateWrites: number;
}

export type TransactionType = 'transaction' | 'configuration' | 'unreadable' | 'other';

export interface TransactionDetail extends TransactionRow {
    /** As text; what is no text is `0x…`. */
    readonly arguments: readonly string[];
    /** The chaincode's answer, which stands in the block. */
    readonly response: { readonly status: number; readonly payload: string } | null;
    readonly facts: readonly FactRow[];
    /** The first of its writes; the rest by `writes(id, …)`. */
    readonly written: readonly WriteRow[];
}

/** One record that a transaction writes on the channel, or the hashes of one that it writes for a private collection. */
export type WriteRow = PublicWrite | PrivateWrite;

export interface PublicWrite {
    readonly isPrivate: false;
    readonly namespace: string;
    /** As in docs/reference/ledger-keys; null where the catalogue does not know the key. */
    readonly kind: string | null;
    /** The key's parts after the kind, named as in the catalogue; of an unknown key itself under `key`. */
    readonly key: Readonly<Record<string, string>>;
    /** Canonical JSON, or text, or `0x…`; null where the record is deleted. */
    readonly value: string | null;
    /** Whether the transaction says who may write the record from now on. */
    readonly setsPolicy: boolean;
}

export interface PrivateWrite {
    readonly isPrivate: true;
    readonly namespace: string;
    readonly collection: string;
    readonly keyHash: string;
    /** Null where the record is deleted. */
    readonly valueHash: string | null;
}

/** An event of a valid transaction: one of the facts of its envelope. */
export interface FactRow {
    readonly block: number;
    readonly position: number;
    readonly transactionId: string;
    readonly chaincode: string;
    /** As in docs/reference/events; null where it is none of ours. */
    readonly type: string | null;
    /** The fact as JSON. */
    readonly fact: string;
}

export interface RoundRow {
    readonly day: string;
    readonly slot: number;
    readonly status: 'open' | 'closed' | 'cleared' | 'void';
    readonly mechanism: string;
    readonly replay: boolean;
    /** Micros per kWh; null where nothing traded or buyers pay different prices. */
    readonly price: string | null;
    /** Null where too few stand on a side for it to be told. */
    readonly volumeWh: string | null;
    readonly surplusNanos: string | null;
    /** Orders that count, and closed ones that took no part. */
    readonly orders: number;
    readonly dropped: number;
    readonly reason: string | null;
    /** Unix seconds, by the word of whoever closed it. */
    readonly closedAt: number | null;
    /** Where it stands as it does. */
    readonly block: number;
    readonly transactionId: string;
}

export interface RoundDetail extends RoundRow {
    /** The whole record as it stands on the channel, canonical JSON. */
    readonly record: string;
    /** Transactions that changed it, earliest first. */
    readonly history: readonly RecordVersion[];
}

export interface PricePoint {
    readonly day: string;
    readonly slot: number;
    readonly status: RoundRow['status'];
    readonly price: string | null;
    readonly volumeWh: string | null;
}

export interface DayRow {
    readonly day: string;
    readonly firstSlot: number;
    readonly slots: number;
    readonly replay: boolean;
    readonly charterVersion: number;
    readonly isClosed: boolean;
    readonly rounds: {
        readonly open: number;
        readonly closed: number;
        readonly cleared: number;
        readonly void: number;
    };
    /** Of a closed day. */
    readonly sums: DaySums | null;
    /** Of a day that is agreed on ahead. */
    readonly schedule: ScheduleRow | null;
}

export interface DaySums {
    readonly households: number;
    readonly provisional: boolean;
    readonly tradedWh: string;
    readonly importedWh: string;
    readonly exportedWh: string;
    /** What each account received or (negative) paid, nanos. */
    readonly postings: readonly { readonly account: string; readonly amountNanos: string }[];
}

export interface ScheduleRow {
    readonly day: string;
    readonly mode: 'schedule' | 'certificate';
    readonly status: 'planned' | 'open' | 'converged' | 'notConverged';
    readonly iterations: number;
    readonly reason: string | null;
    /** By bus, nanos per kWh by slot: the agreed ones, or those of the last iteration. */
    readonly prices: readonly { readonly bus: string; readonly pricesNanos: readonly string[] }[];
    readonly isAgreed: boolean;
}

export interface MemberRow {
    readonly mspId: string;
    /** Households are on the roster; others hold a role only. */
    readonly isHousehold: boolean;
    readonly roles: readonly string[];
    readonly prosumer: boolean;
    /** Earliest first; none of those who only hold a role. */
    readonly standings: readonly { readonly fromDay: string; readonly status: 'active' | 'suspended' | 'left' }[];
}

export interface StakeRow {
    readonly epoch: string;
    readonly status: 'committing' | 'revealing' | 'closed';
    readonly energyDay: string;
    /** From `revealing` on. */
    readonly weights: readonly WeightRow[];
    /** Of a closed epoch: null where nobody revealed. */
    readonly seed: string | null;
    /** First drawn first: seats, then substitutes. */
    readonly ranking: readonly string[];
    readonly unrevealed: readonly string[];
    /** The next committee; null where none was elected, see `reason`. */
    readonly committee: { readonly fromSlot: number; readonly seats: readonly SeatRow[] } | null;
    readonly reason: string | null;
}

/** Shares in parts per million: all weights together are a million, or equal where there are fewer than four. */
export interface WeightRow {
    readonly mspId: string;
    readonly tokens: string;
    readonly age: number;
    readonly reputation: string;
    readonly energyPpm: string;
    readonly agePpm: string;
    readonly reputationPpm: string;
    readonly weight: string;
    readonly committed: boolean;
}

export interface SeatRow {
    readonly mspId: string;
    readonly weight: string;
}

export interface CommitteeRow {
    readonly fromSlot: number;
    readonly seats: readonly SeatRow[];
    /** More than this share of the weight decides. */
    readonly quorum: { readonly numerator: string; readonly denominator: string };
    /** The epoch that elected it; null where it was appointed. */
    readonly electedIn: string | null;
}

/** Of a range of blocks. */
export interface ProducersRow {
    readonly from: number;
    readonly to: number;
    readonly producers: readonly {
        readonly mspId: string;
        readonly blocks: number;
        /** The newest voting power in ordering; null where the channel has none for it. */
        readonly power: string | null;
    }[];
    /** Blocks that name nobody. */
    readonly unnamed: number;
}

/** What everybody may know of a bill: that it is there, its hash, how it stands. */
export interface BillRow {
    readonly mspId: string;
    readonly from: string;
    readonly to: string;
    readonly version: number;
    readonly hash: string;
    readonly provisional: boolean;
    readonly signedBy: 'owner' | 'operator';
    readonly payment: 'open' | 'paid' | 'transferred' | 'collected' | null;
    /** Of a final document. */
    readonly number: number | null;
    readonly dueDay: string | null;
    readonly block: number;
    readonly transactionId: string;
}

/** One version of a record, by the valid transaction that wrote it. */
export interface RecordVersion {
    readonly block: number;
    readonly position: number;
    readonly transactionId: string;
    readonly function: string | null;
    readonly at: number | null;
    /** Null where it was deleted. */
    readonly value: string | null;
}

export interface Checkpoint {
    readonly channel: string;
    /** Of the channel's first block. */
    readonly genesisHash: string;
    /** The last block that is in the model, and its hash. */
    readonly block: number;
    readonly hash: string;
}

export interface Counts {
    readonly blocks: number;
    readonly transactions: number;
    readonly invalid: number;
    /** Records on the channel whose text says not what their kind says: shown as they are, counted nowhere else. */
    readonly unreadable: number;
}
