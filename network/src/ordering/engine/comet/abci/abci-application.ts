import type { Request, Response, ValidatorUpdate } from 'cosmjs-types/tendermint/abci/types';
import {
    CheckTxType,
    ResponseApplySnapshotChunk_Result,
    ResponseOfferSnapshot_Result,
    ResponseProcessProposal_ProposalStatus,
    ResponseVerifyVoteExtension_VerifyStatus,
} from 'cosmjs-types/tendermint/abci/types';
import type { AppInfo, EngineBlock, OrderingApp, Seat } from '../../engine';
import type { MessagePool } from '../message-pool';
import { engineKeyOf, powerUpdates, SeatDirectory } from '../seats';

const TAKEN = 0;
const NOT_TAKEN = 1;
const NOTHING = new Uint8Array();

export interface AbciApplicationOptions {
    readonly app: OrderingApp;
    readonly pool: MessagePool;
    /** An engine has connected that holds no messages yet. */
    readonly onFreshEngine: () => void;
    /** These messages are decided, and what follows from them is kept. */
    readonly onDecided: (block: EngineBlock) => void;
    /** A proposal of another seat that this one does not vote for. */
    readonly onRefused: (proposer: string, height: number, why: string) => void;
    /** A message that waited, and can no more be ordered. */
    readonly onDropped: (message: Uint8Array) => void;
    /** Whether the engine may talk to one that proves to be this node. */
    readonly admits: (nodeId: string) => boolean;
}

const FILTER_BY_ID = '/p2p/filter/id/';
const FILTER_BY_ADDRESS = '/p2p/filter/addr/';

/** Requests that change the state or report it: one after the other, also where two engines' connections overlap. */
type InOrder = 'info' | 'initChain' | 'finalizeBlock' | 'commit';

/**
 * The calls of ABCI 2.0 (CometBFT 0.38) on an ordering application. Vote extensions are off and there are no snapshots: a
 * block's signatures are the seats' own business, and a seat without history gets it block by block.
 */
export class AbciApplication {
    readonly #options: AbciApplicationOptions;
    readonly #directory = new SeatDirectory();
    /** All who vote according to the last change, whether it is in force yet or not. */
    #voters: readonly Seat[] = [];
    #finalized: EngineBlock | undefined;
    #inOrder: Promise<unknown> = Promise.resolve();

    constructor(options: AbciApplicationOptions) {
        this.#options = options;
        this.#learn(options.app.info());
    }

    async answer(request: Request): Promise<Response> {
        const { info, initChain, finalizeBlock, commit } = request;
        return [info, initChain, finalizeBlock, commit].every((each) => each === undefined)
            ? this.#answerAtOnce(request)
            : this.#next(() => this.#answerInOrder(request));
    }

    /** Resolves when nothing is being finalized or committed. */
    async idle(): Promise<void> {
        await this.#inOrder.catch(() => undefined);
    }

    #next(answer: () => Promise<Response>): Promise<Response> {
        const answered = this.#inOrder.then(answer, answer);
        this.#inOrder = answered.catch(() => undefined);
        return answered;
    }

    async #answerInOrder(request: Pick<Request, InOrder>): Promise<Response> {
        if (request.info) {
            return { info: this.#info() };
        }
        if (request.initChain) {
            return { initChain: this.#initChain(request.initChain.validators) };
        }
        if (request.finalizeBlock) {
            return { finalizeBlock: this.#finalize(request.finalizeBlock) };
        }
        await this.#commit();
        return { commit: { retainHeight: 0n } };
    }

    #answerAtOnce(request: Request): Response {
        if (request.checkTx) {
            return { checkTx: checkTx(this.#check(request.checkTx)) };
        }
        if (request.prepareProposal) {
            return { prepareProposal: { txs: this.#prepare(request.prepareProposal.txs) } };
        }
        if (request.processProposal) {
            const status = this.#accepts(request.processProposal) ? 'ACCEPT' : 'REJECT';
            return { processProposal: { status: ResponseProcessProposal_ProposalStatus[status] } };
        }
        if (request.query) {
            return { query: query(this.#knows(request.query.path)) };
        }
        return answerWithoutState(request);
    }

    /** The engine asks about others who connect to it; an address proves nothing, the node's key does. */
    #knows(path: string): boolean {
        return (
            path.startsWith(FILTER_BY_ADDRESS) ||
            (path.startsWith(FILTER_BY_ID) && this.#options.admits(path.slice(FILTER_BY_ID.length)))
        );
    }

    #info(): NonNullable<Response['info']> {
        const info = this.#options.app.info();
        this.#learn(info);
        this.#finalized = undefined;
        this.#options.onFreshEngine();
        return {
            data: 'commonwatt ordering',
            version: '1',
            appVersion: 1n,
            lastBlockHeight: BigInt(info.height),
            // Before the first block the engine takes the hash from InitChain.
            lastBlockAppHash: info.height === 0 ? NOTHING : info.appHash,
        };
    }

    #initChain(validators: readonly ValidatorUpdate[]): NonNullable<Response['initChain']> {
        const { appHash, seats } = this.#options.app.info();
        const named = (keyAndPower: readonly [Uint8Array, bigint]): string =>
            `${Buffer.from(keyAndPower[0]).toString('base64')}=${keyAndPower[1]}`;
        const inGenesis = validators.map(({ pubKey, power }) => named([pubKey.ed25519 ?? NOTHING, power]));
        const inChannel = seats.map((seat) => named([engineKeyOf(seat), seat.power]));
        if (inGenesis.toSorted().join() !== inChannel.toSorted().join()) {
            throw new Error('the engine was set up for other seats or powers than the channel was made with');
        }
        return { validators: [], appHash };
    }

    #check({ tx, type }: { readonly tx: Uint8Array; readonly type: CheckTxType }): boolean {
        const { app, pool, onDropped } = this.#options;
        const message = pool.known(tx);
        if (type === CheckTxType.RECHECK) {
            const waits = app.recheck(message);
            if (!waits) {
                pool.remove(message);
                onDropped(message);
            }
            return waits;
        }
        const entry = pool.add(message);
        const verdict = app.check(entry.bytes);
        const isTaken = verdict.kind === 'new' || (verdict.kind === 'known' && !verdict.ordered);
        if (!isTaken) {
            pool.remove(message);
            onDropped(message);
        }
        return isTaken;
    }

    #prepare(txs: readonly Uint8Array[]): Uint8Array[] {
        const { app, pool } = this.#options;
        const pending = txs.map((tx) => pool.known(tx));
        const { considered, dropped } = app.prepare(pending);
        const without = new Set(dropped);
        return pending.slice(0, considered).filter((_, at) => !without.has(at));
    }

    #accepts(proposal: Proposed): boolean {
        const { app, onRefused } = this.#options;
        const proposer = this.#directory.at(proposal.proposerAddress);
        const height = Number(proposal.height);
        if (proposer === undefined) {
            onRefused(Buffer.from(proposal.proposerAddress).toString('hex'), height, 'it has no seat');
            return false;
        }
        const objection = app.process(this.#block(proposal, proposer));
        if (objection !== undefined) {
            onRefused(proposer, height, objection);
        }
        return objection === undefined;
    }

    #finalize(decided: Proposed): NonNullable<Response['finalizeBlock']> {
        const { app } = this.#options;
        const kept = app.info().height;
        if (Number(decided.height) !== kept + 1) {
            throw new Error(
                `the engine decides on height ${decided.height}, but ${kept} is kept: its data and the blocks of this seat do not ` +
                    'belong together; remove both, and the seat gets everything again from the others',
            );
        }
        const proposer = this.#directory.at(decided.proposerAddress);
        if (proposer === undefined) {
            throw new Error(`the engine decided on a block of ${hex(decided.proposerAddress)}, who has no seat`);
        }
        const block = this.#block(decided, proposer);
        const { appHash, seats } = app.finalize(block);
        this.#finalized = block;
        return {
            events: [],
            txResults: block.messages.map(() => checkTx(true)),
            validatorUpdates: seats === undefined ? [] : this.#change(seats),
            appHash,
        };
    }

    async #commit(): Promise<void> {
        const block = this.#finalized;
        if (block === undefined) {
            throw new Error('the engine commits what it has not finalized');
        }
        await this.#options.app.commit();
        this.#finalized = undefined;
        for (const message of block.messages) {
            this.#options.pool.remove(message);
        }
        this.#options.onDecided(block);
    }

    #block({ txs, height }: Proposed, proposer: string): EngineBlock {
        return { height: Number(height), proposer, messages: txs.map((tx) => this.#options.pool.known(tx)) };
    }

    #learn({ seats, nextSeats }: AppInfo): void {
        this.#directory.add(seats);
        this.#directory.add(nextSeats ?? []);
        this.#voters = nextSeats ?? seats;
    }

    #change(seats: readonly Seat[]): ValidatorUpdate[] {
        const updates = powerUpdates(this.#voters, seats);
        this.#directory.add(seats);
        this.#voters = seats;
        return updates.map(({ engineKey, power }) => ({ pubKey: { ed25519: engineKey }, power }));
    }
}

interface Proposed {
    readonly txs: readonly Uint8Array[];
    readonly height: bigint;
    readonly proposerAddress: Uint8Array;
}

function checkTx(isTaken: boolean): NonNullable<Response['checkTx']> {
    return {
        code: isTaken ? TAKEN : NOT_TAKEN,
        data: NOTHING,
        log: '',
        info: '',
        gasWanted: 0n,
        gasUsed: 0n,
        events: [],
        codespace: '',
    };
}

/** What says nothing about the state; every call that this version of the engine knows is answered. */
function answerWithoutState(request: Request): Response {
    if (request.echo) {
        return { echo: request.echo };
    }
    if (request.flush) {
        return { flush: {} };
    }
    if (request.extendVote) {
        return { extendVote: { voteExtension: NOTHING } };
    }
    if (request.verifyVoteExtension) {
        const isEmpty = request.verifyVoteExtension.voteExtension.length === 0;
        return {
            verifyVoteExtension: { status: ResponseVerifyVoteExtension_VerifyStatus[isEmpty ? 'ACCEPT' : 'REJECT'] },
        };
    }
    return answerOfSnapshots(request);
}

function answerOfSnapshots(request: Request): Response {
    if (request.listSnapshots) {
        return { listSnapshots: { snapshots: [] } };
    }
    if (request.offerSnapshot) {
        return { offerSnapshot: { result: ResponseOfferSnapshot_Result.ABORT } };
    }
    if (request.loadSnapshotChunk) {
        return { loadSnapshotChunk: { chunk: NOTHING } };
    }
    if (request.applySnapshotChunk) {
        return {
            applySnapshotChunk: {
                result: ResponseApplySnapshotChunk_Result.ABORT,
                refetchChunks: [],
                rejectSenders: [],
            },
        };
    }
    throw new Error('the engine asks for something that this version does not know');
}

function query(isAnswered: boolean): NonNullable<Response['query']> {
    return {
        code: isAnswered ? TAKEN : NOT_TAKEN,
        log: isAnswered ? '' : 'not known here',
        info: '',
        index: 0n,
        key: NOTHING,
        value: NOTHING,
        height: 0n,
        codespace: '',
    };
}

function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex');
}
