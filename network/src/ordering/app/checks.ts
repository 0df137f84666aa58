import { common } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import { parseEnvelope, reMarshalsToSameBytes, transactionId, type ParsedEnvelope } from '../../fabric/envelopes';
import { FormatError, MalformedPolicy } from '../../fabric/errors';
import type { Refusal } from '../engine/engine';
import { assertKeyPoliciesWellFormed } from './key-policies';

export type Checked = { readonly envelope: ParsedEnvelope } | { readonly refusal: Refusal };

const WRITERS = '/Channel/Writers';

/** Thrown inside this module only: the first check that fails decides. */
class Refused extends Error {
    constructor(
        readonly status: Refusal['status'],
        message: string,
    ) {
        super(message);
    }
}

/**
 * Whether an envelope may become part of a block: a function of its bytes and the channel's configuration alone, so that
 * all seats answer alike. In this order it refuses: no or too many bytes, bytes that a peer would encode otherwise,
 * another channel, types that are not ordered, an id that is not the hash of nonce and creator, creators outside the
 * channel's `Writers`, and transactions that set a malformed key policy (one of them halts every peer of Fabric's for good).
 */
export function checkEnvelope(bytes: Uint8Array, bundle: Bundle): Checked {
    try {
        checkBytes(bytes, bundle);
        const envelope = parseEnvelope(bytes);
        checkHeader(envelope, bundle);
        checkWriter(envelope, bundle);
        checkTransaction(envelope);
        return { envelope };
    } catch (error) {
        if (error instanceof Refused) {
            return { refusal: { status: error.status, why: error.message } };
        }
        if (error instanceof FormatError) {
            return { refusal: { status: 'BAD_REQUEST', why: error.message } };
        }
        throw error;
    }
}

function checkBytes(bytes: Uint8Array, bundle: Bundle): void {
    if (bytes.length === 0) {
        throw new Refused('BAD_REQUEST', 'message payload is empty');
    }
    const limit = bundle.batch.absoluteMaxBytes;
    if (bytes.length > limit) {
        throw new Refused(
            'BAD_REQUEST',
            `message payload is ${bytes.length} bytes and exceeds maximum allowed ${limit} bytes`,
        );
    }
    if (!reMarshalsToSameBytes(bytes)) {
        throw new Refused('BAD_REQUEST', 'the envelope does not re-marshal to the same bytes');
    }
}

function checkHeader(envelope: ParsedEnvelope, bundle: Bundle): void {
    if (envelope.payload.length === 0 || envelope.signature.length === 0) {
        throw new Refused('BAD_REQUEST', 'the envelope has no payload or no signature');
    }
    if (envelope.channelId !== bundle.channelId) {
        throw new Refused('NOT_FOUND', `channel '${envelope.channelId}' is not served here, '${bundle.channelId}' is`);
    }
    if (envelope.type === common.HeaderType.CONFIG_UPDATE || envelope.type === common.HeaderType.CONFIG) {
        throw new Refused('FORBIDDEN', 'this ordering service does not take configuration updates yet');
    }
    if (envelope.type !== common.HeaderType.ENDORSER_TRANSACTION) {
        throw new Refused('BAD_REQUEST', `envelopes of type ${envelope.type} are not ordered`);
    }
    if (envelope.txId !== transactionId(envelope.nonce, envelope.creator)) {
        throw new Refused('BAD_REQUEST', `transaction id '${envelope.txId}' is not the hash of nonce and creator`);
    }
}

function checkWriter(envelope: ParsedEnvelope, bundle: Bundle): void {
    const signed = { identity: envelope.creator, data: envelope.payload, signature: envelope.signature };
    if (!bundle.policies.get(WRITERS).evaluate([signed])) {
        throw new Refused('FORBIDDEN', `the signature does not satisfy the policy ${WRITERS}: permission denied`);
    }
}

function checkTransaction(envelope: ParsedEnvelope): void {
    const { results } = envelope.transaction();
    try {
        assertKeyPoliciesWellFormed(results);
    } catch (error) {
        if (error instanceof MalformedPolicy) {
            throw new Refused('BAD_REQUEST', error.message);
        }
        throw error;
    }
}
