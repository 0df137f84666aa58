/**
 * The seam between agreement and ordering: an engine gives all seats one order of messages, the application says which
 * messages count and what a decided list of them becomes. The calls are those of ABCI, so that CometBFT fits behind them.
 */

/** Why a message is not taken, in the words that Broadcast answers with. */
export interface Refusal {
    readonly status: 'BAD_REQUEST' | 'FORBIDDEN' | 'NOT_FOUND' | 'SERVICE_UNAVAILABLE';
    readonly why: string;
}

/**
 * What became of a message: `new` is to be ordered, `known` was taken before with the same bytes (a repeated submit is
 * not done twice) and waits or is ordered already, `refused` never becomes part of a block.
 */
export type Verdict =
    | { readonly kind: 'new' }
    | { readonly kind: 'known'; readonly ordered: boolean }
    | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A seat that takes part in ordering, with its voting power. */
export interface Seat {
    /** The organisation's MSP id. */
    readonly id: string;
    readonly power: bigint;
    /** Ed25519 public key (32 bytes) that its engine votes with; none where one process holds all seats. */
    readonly engineKey?: Uint8Array;
}

/** When a block is cut: whatever comes first. */
export interface BatchLimits {
    readonly timeoutMs: number;
    readonly maxMessages: number;
    readonly preferredBytes: number;
}

export interface AppInfo {
    /** Last height that was committed; after a start the last one with messages, because only those are stored. */
    readonly height: number;
    /** SHA-256; another one only when the powers change. */
    readonly appHash: Uint8Array;
    /** Who votes on the next height and may propose it. */
    readonly seats: readonly Seat[];
    /** Who votes on the height after it, where others do: that next height has no messages. */
    readonly nextSeats?: readonly Seat[];
    readonly batch: BatchLimits;
}

/** What follows from a decided block for the engine itself. */
export interface Finalized {
    readonly appHash: Uint8Array;
    /** All who vote from two heights on, if others do than before. */
    readonly seats?: readonly Seat[];
}

/** A list of messages as the engine decided it, maybe an empty one. Heights count from 1 without gaps. */
export interface EngineBlock {
    readonly height: number;
    readonly proposer: string;
    readonly messages: readonly Uint8Array[];
}

/** The part of the pending messages that a proposer takes: the first `considered` of them except `dropped`. */
export interface Proposal {
    readonly considered: number;
    readonly dropped: readonly number[];
}

/**
 * A state machine without clock, disk or socket. Every seat that is given the same engine blocks is in the same state.
 * The order of calls per height is prepare (proposer only), process (for each proposal, maybe several), finalize, commit; the
 * last two for heights without messages too. After a start heights after `info().height` are finalized again, in order.
 */
export interface OrderingApp {
    info(): AppInfo;
    /** Of one message, before it is taken in; remembers those it calls new until they are decided. */
    check(message: Uint8Array): Verdict;
    /** Whether a message that waits may still be ordered; asked after a block, which may have changed the answer. */
    recheck(message: Uint8Array): boolean;
    /** The engine was started anew and holds no messages: those that waited may be sent again. */
    forgetWaiting(): void;
    prepare(pending: readonly Uint8Array[]): Proposal;
    /** Of a proposed block: undefined if every seat may vote for it, or why not. */
    process(block: EngineBlock): string | undefined;
    /** Computes what follows from a decided block; `commit` makes it the state, and may wait for storage. */
    finalize(block: EngineBlock): Finalized;
    commit(): Promise<void>;
}

export interface OrderingEngine {
    /** Brings the application up to the last decided block, then takes messages. */
    start(app: OrderingApp): Promise<void>;
    /** Resolves once the message cannot be lost; it is then ordered exactly once. Throws `SubmitRefused`. */
    submit(message: Uint8Array): Promise<Verdict>;
    /** Takes no more messages; what was taken in is kept and ordered after the next start. */
    stop(): Promise<void>;
}
