import { once } from 'node:events';

import type { ServerDuplexStream } from '@grpc/grpc-js';
import { orderer, type common, type peer } from '@hyperledger/fabric-protos';

import { isConfigBlock } from '../../../fabric/blocks';
import { parseEnvelope, type ParsedEnvelope } from '../../../fabric/envelopes';
import type { Identity } from '../../../fabric/msp';
import type { AccessControl } from '../../system/access-control';
import type { PeerChannel } from '../../validation/peer-channel';
import { bindingFault } from '../../../transport/client-certificates';
import { blocksFrom } from '../block-feed';
import { blockResponse, statusResponse, type DeliverKind } from './responses';
import { seekRange, type SeekRange } from './seek';

export type DeliverStream = ServerDuplexStream<common.Envelope, peer.DeliverResponse>;
type DeliverStatus = keyof common.StatusMap;

export interface DeliverContext {
    readonly channel: PeerChannel;
    readonly access: AccessControl;
    readonly timeWindowMs: number;
    readonly clock: () => Date;
    readonly warn: (message: string) => void;
    /** Requests have to name the TLS certificate over which they come. */
    readonly bindsToTls?: boolean;
}

interface Session {
    readonly kind: DeliverKind;
    readonly stream: DeliverStream;
    readonly signal: AbortSignal;
    readonly context: DeliverContext;
}

/** Ends a request with this status; the message is for the log. */
class Ended extends Error {
    constructor(
        readonly status: DeliverStatus,
        message: string,
    ) {
        super(message);
    }
}

function read(request: common.Envelope, stream: DeliverStream, context: DeliverContext): ParsedEnvelope {
    const { clock, timeWindowMs, bindsToTls = false } = context;
    let envelope: ParsedEnvelope;
    try {
        envelope = parseEnvelope(request.serializeBinary());
    } catch (cause) {
        throw new Ended('BAD_REQUEST', `envelope cannot be read: ${cause instanceof Error ? cause.message : ''}`);
    }
    if (!envelope.timestamp) throw new Ended('BAD_REQUEST', 'channel header in envelope must contain timestamp');
    if (Math.abs(envelope.timestamp.getTime() - clock().getTime()) > timeWindowMs) {
        throw new Ended('BAD_REQUEST', 'envelope timestamp is outside of the time window');
    }
    const fault = bindsToTls ? bindingFault(stream, envelope.tlsCertHash) : undefined;
    if (fault !== undefined) throw new Ended('BAD_REQUEST', fault);
    return envelope;
}

/** Asked again for every block: a client whose rights end gets no further one. */
function authorise(kind: DeliverKind, envelope: ParsedEnvelope, { access, channel, clock }: DeliverContext): Identity {
    const signed = { identity: envelope.creator, data: envelope.payload, signature: envelope.signature };
    let reader: Identity;
    try {
        access.check(kind === 'filtered' ? 'event/FilteredBlock' : 'event/Block', envelope.channelId, signed);
        reader = channel.bundle.msps.identity(envelope.creator);
    } catch (cause) {
        throw new Ended('FORBIDDEN', cause instanceof Error ? cause.message : String(cause));
    }
    if (reader.notAfter < clock()) throw new Ended('FORBIDDEN', 'client identity expired');
    return reader;
}

function range(seek: orderer.SeekInfo, height: number): SeekRange {
    const found = seekRange(seek, height);
    if (!found) throw new Ended('BAD_REQUEST', 'seek without start or stop, or with a stop before the start');
    return found;
}

async function send(stream: DeliverStream, response: peer.DeliverResponse, signal: AbortSignal): Promise<void> {
    if (!stream.write(response) && !signal.aborted) {
        await once(stream, 'drain', { signal }).catch(() => undefined);
    }
}

/** Data of ordinary blocks is left out where the client wants to know only that they exist. */
function trimmed(block: common.Block, seek: orderer.SeekInfo): common.Block {
    const { HEADER_WITH_SIG } = orderer.SeekInfo.SeekContentType;
    if (seek.getContentType() !== HEADER_WITH_SIG || isConfigBlock(block)) return block;
    const copy = block.clone();
    copy.clearData();
    return copy;
}

async function serve(request: common.Envelope, { kind, stream, signal, context }: Session): Promise<void> {
    const { channel } = context;
    const envelope = read(request, stream, context);
    if (envelope.channelId !== channel.channelId) throw new Ended('NOT_FOUND', `no channel ${envelope.channelId}`);
    authorise(kind, envelope, context);
    const seek = orderer.SeekInfo.deserializeBinary(envelope.data);
    const { first, last } = range(seek, channel.ledger.height);
    const waits = seek.getBehavior() === orderer.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY;
    // Waiting is for the next block; as Fabric's ledgers say it, nobody waits for one behind it.
    const furthest = waits ? channel.ledger.height : channel.ledger.height - 1;
    if (first > furthest) throw new Ended('NOT_FOUND', `block ${first} is not there yet`);
    for await (const block of blocksFrom(channel.ledger, first, signal)) {
        const reader = authorise(kind, envelope, context);
        await send(stream, await blockResponse(kind, trimmed(block, seek), channel, reader), signal);
        const number = block.getHeader()?.getNumber() ?? 0;
        if (number === last) return;
        if (!waits && number + 1 >= channel.ledger.height)
            throw new Ended('NOT_FOUND', `block ${number + 1} is not there yet`);
    }
}

/** Answers each seek request of a stream with blocks and a status; after any status but success the stream ends. */
export async function serveDeliver(kind: DeliverKind, stream: DeliverStream, context: DeliverContext): Promise<void> {
    const cancelled = new AbortController();
    stream.on('cancelled', () => {
        cancelled.abort();
    });
    const session: Session = { kind, stream, signal: cancelled.signal, context };
    for await (const request of stream as AsyncIterable<common.Envelope>) {
        let status: DeliverStatus = 'SUCCESS';
        try {
            await serve(request, session);
        } catch (cause) {
            status = cause instanceof Ended ? cause.status : 'INTERNAL_SERVER_ERROR';
            context.warn(`deliver ends with ${status}: ${cause instanceof Error ? cause.message : String(cause)}`);
        }
        if (cancelled.signal.aborted) return;
        stream.write(statusResponse(status));
        if (status !== 'SUCCESS') break;
    }
    stream.end();
}
