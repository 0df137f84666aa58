import { GatewayError, type ErrorDetail } from '@hyperledger/fabric-gateway';
import { status } from '@grpc/grpc-js';
import { parseRefusal, type Refusal } from '@commonwatt/chaincode/api/refusals';

/** What somebody at the network said when it did not do as asked. */
export interface Answer {
    readonly mspId: string;
    readonly address: string;
    readonly message: string;
}

/** Where a request for a transaction stopped. */
export interface Stopped {
    readonly transaction: string;
    readonly transactionId: string;
}

/**
 * The chaincode's answer is no, and nothing was written. `refusal.code` says why; `by` are the organisations whose peers
 * said so.
 */
export class TransactionRefused extends Error {
    override readonly name = 'TransactionRefused';

    constructor(
        readonly stopped: Stopped,
        readonly refusal: Refusal,
        readonly by: readonly string[],
        /** Organisations that endorsed all the same, as far as that is known. */
        readonly endorsed: readonly string[] = [],
    ) {
        super(`${stopped.transaction} was refused by ${by.join(', ')}: ${refusal.message}`);
    }
}

/** The transaction is in a block, and every peer found it invalid: it changed nothing. */
export class TransactionInvalid extends Error {
    override readonly name = 'TransactionInvalid';

    constructor(
        readonly stopped: Stopped,
        readonly validationCode: string,
    ) {
        super(
            `${stopped.transaction} was committed as invalid (${validationCode}), transaction ${stopped.transactionId}`,
        );
    }
}

/** Nobody endorsed or ordered it: nothing was written, and the same may be asked again. */
export class NotDone extends Error {
    override readonly name = 'NotDone';

    constructor(
        readonly stopped: Stopped,
        readonly answers: readonly Answer[],
        readonly retryable: boolean,
        why: string,
    ) {
        super(`${stopped.transaction} was not done: ${[why, ...answers.map(sentence)].join('; ')}`);
    }
}

/** It was sent to be ordered and nobody said what became of it: it may commit, or may have. */
export class OutcomeUnknown extends Error {
    override readonly name = 'OutcomeUnknown';

    constructor(
        readonly stopped: Stopped,
        why: string,
    ) {
        super(
            `what became of ${stopped.transaction} is not known (${why}): look for transaction ${stopped.transactionId} ` +
                'before asking again',
        );
    }
}

function sentence({ mspId, address, message }: Answer): string {
    return `${mspId} at ${address} says: ${message}`;
}

/** Turns what went wrong before anything was ordered into one of the failures above. */
export function endorsementFailure(stopped: Stopped, error: unknown): Error {
    if (!(error instanceof GatewayError)) {
        return error instanceof Error ? error : new Error(String(error));
    }
    const refusal = refusalIn(error);
    if (refusal !== undefined) {
        return new TransactionRefused(stopped, refusal.refusal, refusal.by);
    }
    return new NotDone(stopped, error.details, isPassing(error), explained(error));
}

function refusalIn(error: GatewayError): { refusal: Refusal; by: string[] } | undefined {
    const said = error.details
        .map((detail: ErrorDetail) => ({ mspId: detail.mspId, refusal: parseRefusal(detail.message) }))
        .filter((answer): answer is { mspId: string; refusal: Refusal } => answer.refusal !== undefined);
    const first = said[0]?.refusal ?? parseRefusal(error.message);
    return first === undefined
        ? undefined
        : { refusal: first, by: said.length === 0 ? ['the network'] : said.map(({ mspId }) => mspId) };
}

const PASSING: readonly number[] = [
    status.UNAVAILABLE,
    status.ABORTED,
    status.RESOURCE_EXHAUSTED,
    status.DEADLINE_EXCEEDED,
];

/** Peers that are starting, a block ahead of each other, or busy: what they say may be another thing in a moment. */
function isPassing(error: GatewayError): boolean {
    return PASSING.includes(error.code) && !isDenied(error);
}

/** Fabric's peers say so in words, under the code that they use for everything else. */
function isDenied({ message, details }: GatewayError): boolean {
    return [message, ...details.map((detail) => detail.message)].some((text) => text.includes('access denied'));
}

const EXPLANATIONS: Partial<Record<number, string>> = {
    [status.UNAVAILABLE]: 'a node of the network cannot be reached (commonwatt up starts it; logs are in var/logs)',
    [status.DEADLINE_EXCEEDED]: 'the network did not answer in time (is the machine busy? logs are in var/logs)',
    [status.PERMISSION_DENIED]: 'the network does not know this identity, or not with this right',
    [status.UNAUTHENTICATED]: 'the network does not know this identity',
};

const EXPIRED = 'a certificate has run out: `network.sh status` names it and what to do';

function isExpired({ message, details }: GatewayError): boolean {
    return [message, ...details.map((detail) => detail.message)].some((text) =>
        /certificate has expired|CERT_HAS_EXPIRED|identity (?:is )?expired/i.test(text),
    );
}

function explained(error: GatewayError): string {
    if (isExpired(error)) return `${EXPIRED}: ${error.message}`;
    const known = EXPLANATIONS[isDenied(error) ? status.PERMISSION_DENIED : error.code];
    return known === undefined ? error.message : `${known}: ${error.message}`;
}
