import { setTimeout as pause } from 'node:timers/promises';
import {
    GatewayError,
    StatusCode,
    type CloseableAsyncIterable,
    type Contract,
    type Proposal,
    type Status,
    type Transaction,
} from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';
import { encode } from '@commonwatt/chaincode/api/wire';
import { sha256Hex } from '@commonwatt/chaincode/domain/digest';
import { Absences } from './endorsement/absences';
import { endorseByRule, type Endorsing } from './endorsement/endorsing';
import { candidatesOf, type EndorsementRule } from './endorsement/rule';
import { openConnection, type Connection, type ConnectionProfile } from './connection';
import {
    endorsementFailure,
    NotDone,
    OutcomeUnknown,
    TransactionInvalid,
    TransactionRefused,
    type Stopped,
} from './failures';
import { announcements, type Announcements } from './announcements';
import { filteredBlocks, type FilteredBlocks } from './filtered-blocks';
import { Horizon, lateness } from './horizon';
import type { Outbox, Recovered, Sent } from './outbox';
import { producedBlocks, type ProducedBlock } from './produced-blocks';
import { signLowS } from './signing';
import { TransactionLog, type Outcome } from './transaction-log';

/** One call of a chaincode. */
export interface Call {
    readonly chaincode: string;
    /** `auction:submitOrder` */
    readonly transaction: string;
    readonly argument: unknown;
    /** Private inputs by name. Of a query they reach the member's own peer only, of a submission also the endorsers. */
    readonly transient?: object | undefined;
}

/** Organisations whose peers are asked to endorse, exactly these; or a rule, by which just enough are asked. */
export type Endorsers = readonly string[] | EndorsementRule;

export interface Submission extends Call {
    readonly endorsers: Endorsers;
}

export interface Committed {
    readonly transactionId: string;
    readonly blockNumber: bigint;
    /** What the chaincode answered, as text. */
    readonly result: string;
    readonly took: Pick<Outcome, 'endorseMs' | 'commitMs'>;
}

/** Waits between attempts, in ms: their number bounds the attempts. */
export interface Patience {
    /** Peers that are starting or a block behind another. */
    readonly endorse: readonly number[];
    /** A refusal of some endorsers that others did not give: they may stand a block apart. */
    readonly disagreement: readonly number[];
    /** How long one of several possible endorsers may take before another is asked as well. */
    readonly slowEndorserMs: number;
    readonly submit: readonly number[];
    readonly status: readonly number[];
    readonly conflict: readonly number[];
}

export const PATIENCE: Patience = {
    endorse: [50, 100, 200, 400, 800, 1_600, 3_200],
    disagreement: [50, 150, 300, 600],
    slowEndorserMs: 3_000,
    submit: [100, 300, 1_000, 3_000],
    status: [100, 500, 1_000, 3_000, 5_000],
    conflict: [20, 50, 100, 200, 400],
};

/**
 * A member's way to the market: its own identity at its own peer's gateway.
 *
 * Only what is safe is done again: an endorsement (it writes nothing), the submission of the very same transaction (the
 * ordering service and the peers know it by its id), the question for its status, and a transaction that was committed
 * as invalid because what it had read changed. Everything else is the caller's to decide.
 */
export class MemberGateway {
    readonly mspId: string;
    readonly #connection: Connection;
    readonly #channel: string;
    /** Whose peer says that something is committed. */
    readonly #committer: string;
    readonly #patience: Patience;
    readonly #endorsing: Endorsing;
    readonly #outbox: Outbox | undefined;

    constructor(
        profile: ConnectionProfile,
        readonly log: TransactionLog = new TransactionLog(),
        patience: Patience = PATIENCE,
        /** Of all members that act in this process: what one had committed the others see. */
        readonly horizon: Horizon = new Horizon(),
        /** Where given, nothing is sent that is not in it. */
        outbox?: Outbox,
    ) {
        this.#patience = patience;
        this.#outbox = outbox;
        this.mspId = profile.mspId;
        horizon.join(profile.mspId, () => this.height());
        this.#channel = profile.channel;
        this.#committer = profile.gatewayMspId ?? profile.mspId;
        this.#connection = openConnection(profile);
        this.#endorsing = {
            gateway: this.#connection.gateway,
            own: profile.mspId,
            absences: new Absences(),
            slowMs: patience.slowEndorserMs,
        };
    }

    /** Asks the member's own peer, or that of another organisation. Nothing is written. */
    async evaluate(call: Call, at: string = this.mspId): Promise<string> {
        const { transaction } = call;
        const bytes = await persistently(this.#patience.endorse, isWorthRepeating, async () => {
            await this.#reached(transaction, at);
            const proposal = this.#proposal({ ...call, endorsers: [at] });
            try {
                return await proposal.evaluate();
            } catch (error) {
                throw endorsementFailure({ transaction, transactionId: proposal.getTransactionId() }, error);
            }
        });
        return Buffer.from(bytes).toString();
    }

    /**
     * Has a transaction endorsed, ordered and committed.
     *
     * @throws TransactionRefused, TransactionInvalid, NotDone: nothing was written. OutcomeUnknown: something may have been.
     */
    async submit(submission: Submission): Promise<Committed> {
        assertReadersAreNamed(submission, this.mspId);
        const before = await this.#sentBefore(requestOf(submission));
        return before ?? persistently(this.#patience.conflict, isConflict, () => this.#submitOnce(submission));
    }

    /**
     * Finds out what became of each transaction that is in the outbox, by handing the very same one in again: it is committed once, however often it
     * comes. What cannot be found out stays in the outbox.
     */
    async recover(): Promise<Recovered[]> {
        const found: Recovered[] = [];
        for (const sent of this.#outbox?.pending ?? []) {
            const { transaction, transactionId } = sent;
            const ended = await this.#resent(sent);
            const outcome = ended === undefined ? 'NOT_ORDERED' : codeName(ended.status.code);
            found.push({ transaction, transactionId, outcome });
        }
        return found;
    }

    /** The channel's blocks from a number on, whole, as the own peer has them; waits for the next at the end. Close it. */
    async blocks(from: number): Promise<CloseableAsyncIterable<common.Block>> {
        return this.#connection.gateway.getNetwork(this.#channel).getBlockEvents({ startBlock: BigInt(from) });
    }

    /** The channel's blocks from one on as the own peer has them. */
    filteredBlocks(from = 0): Promise<FilteredBlocks> {
        return filteredBlocks(this.#connection.gateway.getNetwork(this.#channel), from);
    }

    /** What transactions of a chaincode announce from a block on, as the own peer has it. */
    announcements(chaincode: string, from: number): Promise<Announcements> {
        return announcements(this.#connection.gateway.getNetwork(this.#channel), chaincode, from);
    }

    /** How many blocks the own peer has, or that of another organisation. */
    async height(at: string = this.mspId): Promise<number> {
        const contract = this.#connection.gateway.getNetwork(this.#channel).getContract('qscc');
        const asked = { arguments: [this.#channel], endorsingOrganizations: [at] };
        const information = await contract.evaluate('GetChainInfo', asked);
        return common.BlockchainInfo.deserializeBinary(information).getHeight();
    }

    /** The channel's blocks with their producers, as the own peer has them; waits for those that it has not yet. */
    producedBlocks(from: number, to: number): AsyncIterable<ProducedBlock> {
        return producedBlocks(this.#connection.gateway.getNetwork(this.#channel), from, to);
    }

    close(): void {
        this.#connection.close();
    }

    #contract({ chaincode }: Call): Contract {
        return this.#connection.gateway.getNetwork(this.#channel).getContract(chaincode);
    }

    async #submitOnce(submission: Submission): Promise<Committed> {
        const begin = performance.now();
        const endorsedOne = await this.#endorse(submission);
        const endorsed = performance.now();
        const stopped = { transaction: submission.transaction, transactionId: endorsedOne.getTransactionId() };
        const transaction = this.#kept(endorsedOne, stopped, submission);
        const status = await this.#order(stopped, transaction);
        const validationCode = codeName(status.code);
        const { blockNumber } = status;
        const took = { endorseMs: endorsed - begin, commitMs: performance.now() - endorsed };
        this.log.note({ transaction: submission.transaction, validationCode, blockNumber, ...took });
        this.horizon.note(this.#committer, blockNumber);
        if (!status.successful) {
            throw new TransactionInvalid(stopped, validationCode);
        }
        const result = Buffer.from(transaction.getResult()).toString();
        return { transactionId: stopped.transactionId, blockNumber, result, took };
    }

    /** Signed and in the outbox, where there is one. */
    #kept(endorsed: Transaction, { transaction, transactionId }: Stopped, submission: Submission): Transaction {
        if (this.#outbox === undefined) {
            return endorsed;
        }
        const { gateway, privateKey } = this.#connection;
        const signature = signLowS(privateKey, endorsed.getDigest()); // Not a digest: the connection's signer hashes.
        const signed = gateway.newSignedTransaction(endorsed.getBytes(), signature);
        this.#outbox.keep({ transactionId, transaction, request: requestOf(submission), bytes: signed.getBytes() });
        return signed;
    }

    /** The same request was sent before, and what became of it was not known: it is not made anew before that is known. */
    async #sentBefore(request: string): Promise<Committed | undefined> {
        const sent = this.#outbox?.pending.find((each) => each.request === request);
        const ended = sent && (await this.#resent(sent));
        if (sent === undefined || ended === undefined || !ended.status.successful) {
            return undefined;
        }
        const { transactionId } = sent;
        const { blockNumber } = ended.status;
        this.horizon.note(this.#committer, blockNumber);
        const result = Buffer.from(ended.transaction.getResult()).toString();
        return { transactionId, blockNumber, result, took: { endorseMs: 0, commitMs: 0 } };
    }

    /** Undefined where it was not ordered and never will be. @throws OutcomeUnknown where nobody says what became of it. */
    async #resent(sent: Sent): Promise<{ readonly transaction: Transaction; readonly status: Status } | undefined> {
        const transaction = this.#connection.gateway.newTransaction(sent.bytes);
        try {
            return { transaction, status: await this.#order(sent, transaction) };
        } catch (error) {
            if (error instanceof NotDone) {
                return undefined;
            }
            throw error;
        }
    }

    /** Each attempt is a proposal of its own: peers refuse one whose time has passed. */
    #endorse(submission: Submission): Promise<Transaction> {
        const attempt = async (): Promise<Transaction> => {
            const { transaction, endorsers } = submission;
            const named = isRule(endorsers) ? [] : endorsers;
            await Promise.all(named.map((mspId) => this.#reached(transaction, mspId)));
            const proposal = this.#proposal(submission); // Not before: peers take none that is old.
            const stopped = { transaction, transactionId: proposal.getTransactionId() };
            if (isRule(endorsers)) {
                const reached = (mspId: string): Promise<void> => this.#reached(transaction, mspId);
                return endorseByRule(proposal, endorsers, stopped, { ...this.#endorsing, reached });
            }
            try {
                return await proposal.endorse();
            } catch (error) {
                throw endorsementFailure(stopped, error);
            }
        };
        const isSplit = (error: unknown): boolean => isDisagreement(error, submission.endorsers);
        return persistently(this.#patience.disagreement, isSplit, () =>
            persistently(this.#patience.endorse, isWorthRepeating, attempt),
        );
    }

    /**
     * Waits for a peer that lacks what was committed from here. One that does not answer is not waited for: whoever asks it next learns why.
     *
     * @throws NotDone where it stays behind.
     */
    async #reached(transaction: string, mspId: string): Promise<void> {
        const reached = await this.horizon.reach(mspId);
        if (reached.how === 'behind') {
            const why = `${lateness(mspId, reached)}; it gets no blocks, or too slowly (logs are in var/logs)`;
            throw new NotDone({ transaction, transactionId: 'none yet' }, [], false, why);
        }
    }

    /** Hands the same transaction in until it is known what became of it, or patience ends. */
    async #order(stopped: Stopped, transaction: Transaction): Promise<Status> {
        const { submit, status } = this.#patience;
        try {
            const submitted = await persistently(submit, isUncertain, () => transaction.submit());
            const ended = await persistently(status, isUncertain, () => submitted.getStatus());
            this.#outbox?.settled(stopped.transactionId);
            return ended;
        } catch (error) {
            if (error instanceof GatewayError && !isUncertain(error)) {
                this.#outbox?.settled(stopped.transactionId);
                throw new NotDone(stopped, error.details, false, error.message);
            }
            throw error instanceof GatewayError ? new OutcomeUnknown(stopped, error.message) : error;
        }
    }

    #proposal({ transaction, argument, transient, endorsers, chaincode }: Submission): Proposal {
        const fields = Object.entries(transient ?? {})
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [name, encode(value)] as const);
        return this.#contract({ chaincode, transaction, argument }).newProposal(transaction, {
            arguments: [encode(argument)],
            transientData: Object.fromEntries(fields),
            endorsingOrganizations: isRule(endorsers) ? candidatesOf(endorsers) : [...endorsers],
        });
    }
}

/**
 * With endorsers named, the gateway no longer guards private inputs; so they are never sent without naming who gets them.
 */
function assertReadersAreNamed(submission: Submission, own: string): void {
    const { transient, transaction } = submission;
    const endorsers = isRule(submission.endorsers) ? candidatesOf(submission.endorsers) : submission.endorsers;
    if (endorsers.length === 0) {
        const what = transient === undefined ? 'its endorsers' : 'who may read its private inputs';
        throw new TypeError(`${transaction} by ${own} does not name ${what}`);
    }
    if (new Set(endorsers).size !== endorsers.length) {
        throw new TypeError(`${transaction} by ${own} names an endorser twice: ${endorsers.join(', ')}`);
    }
}

/** The same of whoever asks for the same again: private inputs are functions of what is asked for, so they do not count. */
const requestOf = ({ chaincode, transaction, argument }: Call): string =>
    sha256Hex(encode({ chaincode, transaction, argument }));

/** gRPC: INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, FAILED_PRECONDITION are decided, all else may pass. */
function isUncertain(error: unknown): boolean {
    return error instanceof GatewayError && ![3, 7, 16, 9].includes(error.code);
}

const isRule = (endorsers: Endorsers): endorsers is EndorsementRule => !Array.isArray(endorsers);

/** Whether some refuse what others endorse: peers a block apart do, for a moment. */
function isDisagreement(error: unknown, endorsers: Endorsers): boolean {
    return (
        error instanceof TransactionRefused &&
        (isRule(endorsers) ? error.endorsed.length > 0 : error.by.length < endorsers.length)
    );
}

function isWorthRepeating(error: unknown): boolean {
    return error instanceof NotDone && error.retryable;
}

function isConflict(error: unknown): boolean {
    return error instanceof TransactionInvalid && /^(?:MVCC|PHANTOM)_READ_CONFLICT$/.test(error.validationCode);
}

/** As Fabric names a validation code. */
export function codeName(code: number): string {
    return Object.entries(StatusCode).find(([, value]) => value === code)?.[0] ?? `code ${code}`;
}

/** Does it until it works, until the failure is not one to repeat, or until the waits are used up. */
async function persistently<T>(
    waits: readonly number[],
    isPassing: (error: unknown) => boolean,
    action: () => Promise<T>,
): Promise<T> {
    for (const wait of waits) {
        try {
            return await action();
        } catch (error) {
            if (!isPassing(error)) {
                throw error;
            }
        }
        await pause(wait);
    }
    return action();
}
