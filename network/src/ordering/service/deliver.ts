import { once } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import { parseEnvelope, type ParsedEnvelope } from '../../fabric/envelopes';
import { FormatError, MspError } from '../../fabric/errors';
import { bindingFault } from '../../transport/client-certificates';
import type { BlockStore } from './block-store';
import type { BlockResponses } from './block-responses';
import { requests } from './requests';
import { seekRange, type SeekRange } from './seek';

export type DeliverStream = ServerDuplexStream<common.Envelope, Buffer>;
export type DeliverStatus = keyof common.StatusMap;

export interface DeliverContext {
    readonly store: BlockStore;
    readonly responses: BlockResponses;
    readonly bundle: () => Bundle;
    readonly now: () => Date;
    readonly report: (what: { readonly status: string; readonly why: string }) => void;
    /** Requests have to name the TLS certificate over which they come. */
    readonly bindsToTls?: boolean;
}

const READERS = '/Channel/Readers';
/** How far a request's timestamp may be from our clock: Fabric's default. */
const TIME_WINDOW_MS = 15 * 60 * 1000;

/** Why a request ends early; everything else is a fault. */
class Ended extends Error {
    constructor(
        readonly status: DeliverStatus,
        message: string,
    ) {
        super(message);
    }
}

/** Answers each seek request of a stream with blocks and a status; after any status but success the stream ends. */
export async function serveDeliver(stream: DeliverStream, context: DeliverContext): Promise<void> {
    const cancelled = new AbortController();
    stream.once('cancelled', () => {
        cancelled.abort();
    });
    for await (const request of requests<common.Envelope>(stream)) {
        const status = await answer(request, stream, cancelled.signal, context);
        if (cancelled.signal.aborted) {
            return;
        }
        stream.write(context.responses.status(status));
        if (status !== 'SUCCESS') {
            break;
        }
    }
    stream.end();
}

async function answer(
    request: common.Envelope,
    stream: DeliverStream,
    signal: AbortSignal,
    context: DeliverContext,
): Promise<DeliverStatus> {
    try {
        const envelope = parseEnvelope(request.serializeBinary());
        checkHeader(envelope, context);
        checkBinding(envelope, stream, context);
        const seek = orderer.SeekInfo.deserializeBinary(envelope.data);
        const access = new ReaderAccess(envelope, context);
        access.check();
        await sendBlocks(seek, access, stream, signal, context);
        return 'SUCCESS';
    } catch (error) {
        const { status, message } = outcome(error);
        context.report({ status, why: message });
        return status;
    }
}

function outcome(error: unknown): { status: DeliverStatus; message: string } {
    if (error instanceof Ended) {
        return error;
    }
    const message = error instanceof Error ? error.message : String(error);
    return { status: error instanceof FormatError ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR', message };
}

function checkHeader({ timestamp, channelId }: ParsedEnvelope, { bundle, now }: DeliverContext): void {
    if (timestamp === undefined) {
        throw new Ended('BAD_REQUEST', 'channel header in envelope must contain timestamp');
    }
    if (Math.abs(timestamp.getTime() - now().getTime()) > TIME_WINDOW_MS) {
        throw new Ended(
            'BAD_REQUEST',
            `envelope timestamp ${timestamp.toISOString()} is too far from the current time`,
        );
    }
    if (channelId !== bundle().channelId) {
        throw new Ended('NOT_FOUND', `channel '${channelId}' is not served here, '${bundle().channelId}' is`);
    }
}

function checkBinding({ tlsCertHash }: ParsedEnvelope, stream: DeliverStream, { bindsToTls }: DeliverContext): void {
    const fault = bindsToTls === true ? bindingFault(stream, tlsCertHash) : undefined;
    if (fault !== undefined) {
        throw new Ended('BAD_REQUEST', fault);
    }
}

async function sendBlocks(
    seek: orderer.SeekInfo,
    access: ReaderAccess,
    stream: DeliverStream,
    signal: AbortSignal,
    { store, responses }: DeliverContext,
): Promise<void> {
    const { start, stop } = rangeOf(seek, store.height);
    const failIfNotReady = seek.getBehavior() === orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY;
    const headersOnly = seek.getContentType() === orderer.SeekInfo.SeekContentType.HEADER_WITH_SIG;
    for (let number = start; number <= stop; number += 1) {
        if (failIfNotReady && number >= store.height) {
            throw new Ended('NOT_FOUND', `block ${number} is not there, ${store.height} blocks are`);
        }
        if (!(await store.reaches(number, signal))) {
            return;
        }
        access.check();
        const response = await (headersOnly ? responses.header(number) : responses.block(number));
        if (!stream.write(response)) {
            await once(stream, 'drain', { signal }).catch(() => undefined);
        }
    }
}

function rangeOf(seek: orderer.SeekInfo, height: number): SeekRange {
    const range = seekRange(seek, height);
    if ('refused' in range) {
        throw new Ended(range.refused, range.why);
    }
    return range;
}

/** Whether the requester may read: asked for every block, answered anew when the configuration changes or its time is up. */
class ReaderAccess {
    readonly #envelope: ParsedEnvelope;
    readonly #context: DeliverContext;
    #checkedSequence: number | undefined;

    constructor(envelope: ParsedEnvelope, context: DeliverContext) {
        this.#envelope = envelope;
        this.#context = context;
    }

    check(): void {
        const bundle = this.#context.bundle();
        const { creator, payload, signature } = this.#envelope;
        if (this.#notAfter(bundle) < this.#context.now()) {
            throw new Ended('FORBIDDEN', 'deliver client identity expired');
        }
        if (this.#checkedSequence === bundle.sequence) {
            return;
        }
        if (!bundle.policies.get(READERS).evaluate([{ identity: creator, data: payload, signature }])) {
            throw new Ended('FORBIDDEN', `the request does not satisfy the policy ${READERS}`);
        }
        this.#checkedSequence = bundle.sequence;
    }

    #notAfter(bundle: Bundle): Date {
        try {
            return bundle.msps.identity(this.#envelope.creator).notAfter;
        } catch (error) {
            if (error instanceof MspError || error instanceof FormatError) {
                throw new Ended('FORBIDDEN', error.message);
            }
            throw error;
        }
    }
}
