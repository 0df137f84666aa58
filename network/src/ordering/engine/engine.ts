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
 * not done twice), `refused` never becomes part of a block.
 */
export type Verdict =
    { readonly kind: 'new' } | { readonly kind: 'known' } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A seat that takes part in ordering, with its voting power. The identifier also breaks ties between seats. */
export interface Seat {
    readonly id: string;
    readonly power: bigint;
}

/** When a block is cut: whatever comes first. */
export interface BatchLimits {
    readonly timeoutMs: number;
    readonly maxMessages: number;
    readonly preferredBytes: number;
}

export interface AppInfo {
    readonly height: number;
    readonly seats: readonly Seat[];
    readonly batch: BatchLimits;
}

/** A list of messages as the engine decided it. Heights count from 1 without gaps. */
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
 * The order of calls per block is prepare (proposer only), process, finalize, commit.
 */
export interface OrderingApp {
    info(): AppInfo;
    /** Of one message, before it is taken in; remembers those it calls new until they are decided. */
    check(message: Uint8Array): Verdict;
    prepare(pending: readonly Uint8Array[]): Proposal;
    /** Of a proposed block: undefined if every seat may vote for it, or why not. */
    process(block: EngineBlock): string | undefined;
    /** Computes what follows from a decided block; `commit` makes it the state, and may wait for storage. */
    finalize(block: EngineBlock): void;
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
