import { common, peer } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import { ConfigUpdateRefused } from '../../fabric/config-update';
import {
    assertCanonicalEnvelope,
    parseEnvelope,
    reMarshalsToSameBytes,
    transactionId,
    type ParsedEnvelope,
} from '../../fabric/envelopes';
import { FormatError, MalformedPolicy } from '../../fabric/errors';
import type { TxRwSet } from '../../fabric/rwset';
import { checkStatically } from '../../peer/validation/static-checks';
import type { Refusal } from '../engine/engine';
import { isOfConfiguration, nextConfiguration } from './config-messages';
import { Refused, checkChannel, checkSize, checkWriter } from './envelope-rules';
import { assertKeyPoliciesWellFormed } from './key-policies';

export interface Sound {
    readonly envelope: ParsedEnvelope;
    readonly rwSet: TxRwSet;
    /** Those whose endorsement policies have to be satisfied. */
    readonly chaincodes: readonly string[];
}

/** A configuration, and what is in force from the next block on. */
export interface Configured {
    readonly envelope: ParsedEnvelope;
    readonly next: Bundle;
}

export type Checked = Sound | Configured | { readonly refusal: Refusal };

const { VALID } = peer.TxValidationCode;

/**
 * Whether an envelope may become part of a block: a function of its bytes and the channel's configuration alone, so that
 * all seats answer alike. In this order it refuses: no or too many bytes, any encoding but the canonical one, another
 * channel, types that are not ordered, an id that is not the hash of nonce and creator, creators outside the channel's
 * `Writers`, configurations whose update is not authorised, transactions that no peer would look into, and those whose key
 * policies could halt peers.
 *
 * Fabric's own ordering service leaves the last two to its peers. But there a transaction waits for the outcome of every
 * earlier one in its block that sets a policy of a key it writes, and for ever if that one was turned down before its
 * endorsements were looked at; one without an action ends the peer. Whoever may write could stop everybody.
 */
export function checkEnvelope(bytes: Uint8Array, bundle: Bundle, held?: () => readonly Uint8Array[]): Checked {
    try {
        checkBytes(bytes, bundle);
        const envelope = parseEnvelope(bytes);
        checkChannel(envelope, bundle);
        if (isOfConfiguration(envelope)) {
            checkWriter(envelope, bundle);
            checkHeaderAsPeersDo(bytes, bundle);
            return { envelope, next: nextConfiguration(envelope, bundle, held?.()) };
        }
        checkHeader(envelope);
        checkWriter(envelope, bundle);
        return { envelope, ...checkTransaction(bytes, bundle) };
    } catch (error) {
        return { refusal: refusalOf(error) };
    }
}

/** An answer for whoever sent it; faults are thrown on. */
export function refusalOf(error: unknown): Refusal {
    if (error instanceof Refused) {
        return { status: error.status, why: error.message };
    }
    if (error instanceof FormatError || error instanceof MalformedPolicy || error instanceof ConfigUpdateRefused) {
        return { status: 'BAD_REQUEST', why: error.message };
    }
    throw error;
}

function checkBytes(bytes: Uint8Array, bundle: Bundle): void {
    if (bytes.length === 0) {
        throw new Refused('BAD_REQUEST', 'message payload is empty');
    }
    checkSize(bytes, bundle);
    if (!reMarshalsToSameBytes(bytes)) {
        throw new Refused('BAD_REQUEST', 'the envelope does not re-marshal to the same bytes');
    }
    assertCanonicalEnvelope(bytes);
}

function checkHeader(envelope: ParsedEnvelope): void {
    if (envelope.type !== common.HeaderType.ENDORSER_TRANSACTION) {
        throw new Refused('BAD_REQUEST', `envelopes of type ${envelope.type} are not ordered`);
    }
    if (envelope.txId !== transactionId(envelope.nonce, envelope.creator)) {
        throw new Refused('BAD_REQUEST', `transaction id '${envelope.txId}' is not the hash of nonce and creator`);
    }
}

function checkHeaderAsPeersDo(bytes: Uint8Array, bundle: Bundle): void {
    const { code } = checkStatically(bytes, bundle);
    if (code !== VALID) {
        throw new Refused('BAD_REQUEST', `every peer would turn it down as ${codeName(code)}`);
    }
}

function checkTransaction(bytes: Uint8Array, bundle: Bundle): Pick<Sound, 'rwSet' | 'chaincodes'> {
    const { code, transaction } = checkStatically(bytes, bundle);
    if (code !== VALID || transaction?.code !== VALID) {
        throw new Refused('BAD_REQUEST', `every peer would turn it down as ${codeName(transaction?.code ?? code)}`);
    }
    const { rwset: rwSet = { namespaces: [] }, namespaces: chaincodes = [] } = transaction;
    const setsPolicies = assertKeyPoliciesWellFormed(rwSet);
    if (setsPolicies && chaincodes.length > 1) {
        throw new Refused(
            'BAD_REQUEST',
            `it sets key policies and concerns several chaincodes (${chaincodes.join(', ')}): that can halt peers`,
        );
    }
    return { rwSet, chaincodes };
}

function codeName(code: number): string {
    return Object.entries(peer.TxValidationCode).find(([, value]) => value === code)?.[0] ?? String(code);
}
