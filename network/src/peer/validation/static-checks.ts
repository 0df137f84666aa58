import { common, peer } from '@hyperledger/fabric-protos';

import { BoundedCache } from '../../fabric/bounded-cache';
import type { Bundle } from '../../fabric/channel-config';
import { EnvelopeError, parseEnvelope, transactionId } from '../../fabric/envelopes';
import type { ParsedEnvelope, ParsedTransaction } from '../../fabric/envelopes';
import { FormatError, MspError } from '../../fabric/errors';
import { compareKeys } from '../../fabric/rwset';
import type { NamespaceRwSet, TxRwSet } from '../../fabric/rwset';
import type { ChaincodeEvent } from '../ledger/api';
import { hex } from '../ledger/store/keys';
import { CODE } from './codes';
import type { Code } from './codes';

const { CONFIG, CONFIG_UPDATE, ENDORSER_TRANSACTION } = common.HeaderType;
const KNOWN_TYPES: ReadonlySet<number> = new Set([CONFIG, CONFIG_UPDATE, ENDORSER_TRANSACTION]);

/** What can be said of a transaction without looking at the state. */
export interface StaticVerdict {
    readonly txId: string;
    readonly type: number;
    /** Of the checks before the look for a duplicate; the rest is there only when this is VALID. */
    readonly code: Code;
    /** Of configuration transactions: the ConfigEnvelope. */
    readonly config?: Uint8Array;
    readonly transaction?: TransactionVerdict;
}

export interface TransactionVerdict {
    readonly parsed: ParsedTransaction;
    /** Of the checks after the look for a duplicate; the rest is there only when this is VALID. */
    readonly code: Code;
    readonly rwset?: TxRwSet;
    /** Whose endorsement policies have to be satisfied: the invoked chaincode's and those it writes to, in order. */
    readonly namespaces?: readonly string[];
    readonly chaincodeEvent?: ChaincodeEvent;
}

/**
 * Verdicts by configuration and envelope: pure functions of the two, so all peers of a process share them. No more than a large
 * block has: each holds its transaction, and through it the block's bytes.
 */
const VERDICTS_KEPT = 600;
const verdicts = new WeakMap<Bundle, BoundedCache<string, StaticVerdict>>();

const CODE_OF_UNREADABLE: Readonly<Record<EnvelopeError['part'], Code>> = {
    envelope: CODE.INVALID_OTHER_REASON,
    payload: CODE.BAD_PAYLOAD,
    header: CODE.BAD_COMMON_HEADER,
};

export function checkStatically(bytes: Uint8Array, bundle: Bundle): StaticVerdict {
    let envelope: ParsedEnvelope;
    try {
        envelope = parseEnvelope(bytes);
    } catch (error) {
        if (error instanceof EnvelopeError) {
            return { txId: '', type: -1, code: CODE_OF_UNREADABLE[error.part] };
        }
        throw error;
    }
    let kept = verdicts.get(bundle);
    if (kept === undefined) {
        kept = new BoundedCache(VERDICTS_KEPT);
        verdicts.set(bundle, kept);
    }
    return kept.remember(envelope.digest, () => check(envelope, bundle));
}

function check(envelope: ParsedEnvelope, bundle: Bundle): StaticVerdict {
    const { type } = envelope;
    const txId = envelope.txId === '' ? transactionId(envelope.nonce, envelope.creator) : envelope.txId;
    const code = headerCode(envelope, bundle);
    if (code !== CODE.VALID) {
        return { txId, type, code };
    }
    switch (type) {
        case CONFIG:
            return envelope.data.length === 0
                ? { txId, type, code: CODE.INVALID_CONFIG_TRANSACTION }
                : { txId, type, code, config: envelope.data };
        case ENDORSER_TRANSACTION:
            return { txId, type, ...checkTransaction(envelope) };
        default:
            return { txId, type, code: CODE.UNSUPPORTED_TX_PAYLOAD };
    }
}

function headerCode(envelope: ParsedEnvelope, bundle: Bundle): Code {
    const { type, epoch, nonce, creator } = envelope;
    if (!KNOWN_TYPES.has(type) || epoch !== 0 || nonce.length === 0 || creator.length === 0) {
        return CODE.BAD_COMMON_HEADER;
    }
    return isSignedByCreator(envelope, bundle) ? CODE.VALID : CODE.BAD_CREATOR_SIGNATURE;
}

/** Expiry is not looked at, as in Fabric: an old block stays as valid as it was. */
function isSignedByCreator(envelope: ParsedEnvelope, bundle: Bundle): boolean {
    if (envelope.channelId !== bundle.channelId) {
        return false;
    }
    try {
        return bundle.msps.identity(envelope.creator).verify(envelope.payload, envelope.signature);
    } catch (error) {
        if (error instanceof MspError) {
            return false;
        }
        throw error;
    }
}

/** What can be read; undefined where the bytes are not what they should be. */
function readable<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch (error) {
        if (error instanceof FormatError) {
            return undefined;
        }
        throw error;
    }
}

function checkTransaction(envelope: ParsedEnvelope): Pick<StaticVerdict, 'code' | 'transaction'> {
    if (envelope.txId !== transactionId(envelope.nonce, envelope.creator)) {
        return { code: CODE.BAD_PROPOSAL_TXID };
    }
    const parsed = readable(() => envelope.transaction());
    const isSound =
        parsed !== undefined &&
        parsed.actionNonce.length > 0 &&
        parsed.actionCreator.length > 0 &&
        hex(parsed.proposalHash) === hex(parsed.expectedProposalHash);
    return isSound
        ? { code: CODE.VALID, transaction: { parsed, ...checkContent(envelope, parsed) } }
        : { code: CODE.INVALID_ENDORSER_TRANSACTION };
}

function invokedChaincode(extension: Uint8Array): { readonly name: string | undefined } | undefined {
    try {
        const id = peer.ChaincodeHeaderExtension.deserializeBinary(extension).getChaincodeId();
        return { name: id?.getName() };
    } catch {
        return undefined;
    }
}

/** In Fabric's order: the first thing that is wrong names the code. */
function checkContent(envelope: ParsedEnvelope, parsed: ParsedTransaction): Omit<TransactionVerdict, 'parsed'> {
    const invoked = invokedChaincode(envelope.extension);
    if (invoked === undefined) {
        return { code: CODE.BAD_HEADER_EXTENSION };
    }
    if (readable(() => parsed.results) === undefined) {
        return { code: CODE.BAD_RESPONSE_PAYLOAD };
    }
    const rwset = readable(() => parsed.rwSet);
    if (rwset === undefined) {
        return { code: CODE.BAD_RWSET };
    }
    const code = codeOfChaincodeIds(invoked.name, parsed.chaincodeId);
    return code === CODE.VALID ? checkEventAndNames(parsed, invoked.name ?? '', rwset) : { code };
}

function codeOfChaincodeIds(invoked: string | undefined, ran: ParsedTransaction['chaincodeId']): Code {
    if (invoked === undefined || ran === undefined) {
        return CODE.INVALID_OTHER_REASON;
    }
    return invoked !== '' && ran.name === invoked && ran.version !== '' ? CODE.VALID : CODE.INVALID_CHAINCODE;
}

function checkEventAndNames(
    { events }: ParsedTransaction,
    chaincode: string,
    rwset: TxRwSet,
): Omit<TransactionVerdict, 'parsed'> {
    const chaincodeEvent = events.length === 0 ? undefined : eventOf(events, chaincode);
    if (chaincodeEvent === 'bad') {
        return { code: CODE.INVALID_OTHER_REASON };
    }
    const names = rwset.namespaces.map(({ name }) => name);
    if (new Set(names).size !== names.length) {
        return { code: CODE.ILLEGAL_WRITESET };
    }
    const namespaces = endorsedNamespaces(chaincode, rwset);
    return { code: CODE.VALID, rwset, namespaces, ...(chaincodeEvent === undefined ? {} : { chaincodeEvent }) };
}

function eventOf(bytes: Uint8Array, chaincode: string): ChaincodeEvent | 'bad' {
    try {
        const event = peer.ChaincodeEvent.deserializeBinary(bytes);
        return event.getChaincodeId() === chaincode
            ? {
                  chaincodeId: event.getChaincodeId(),
                  txId: event.getTxId(),
                  eventName: event.getEventName(),
                  payload: event.getPayload_asU8(),
              }
            : 'bad';
    } catch {
        return 'bad';
    }
}

function writes({ writes: publicWrites, metadataWrites, collections }: NamespaceRwSet): boolean {
    return (
        publicWrites.length > 0 ||
        metadataWrites.length > 0 ||
        collections.some((one) => one.hashedWrites.length > 0 || one.hashedMetadataWrites.length > 0)
    );
}

function endorsedNamespaces(chaincode: string, { namespaces }: TxRwSet): readonly string[] {
    const written = namespaces.filter(writes).map(({ name }) => name);
    return [...new Set([chaincode, ...written])].sort(compareKeys);
}

/** Name of a key whose policy a transaction may change: namespace, collection ('' for the public state), key or its hash. */
export function policyKeyName(namespace: string, collection: string, key: string | Uint8Array): string {
    return `${namespace}\u0000${collection}\u0000${typeof key === 'string' ? key : hex(key)}`;
}
