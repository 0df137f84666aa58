import type { ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import { parseEnvelope } from '../../fabric/envelopes';
import { FormatError, MspError } from '../../fabric/errors';
import type { SigningIdentity } from '../../fabric/signing';
import { whatTheDiskSays } from '../../operations/disk';
import { refusalOf } from '../app/checks';
import { configurationOf, isOfConfiguration } from '../app/config-messages';
import type { OrderingEngine, Refusal } from '../engine/engine';
import { requests } from './requests';

export type BroadcastStream = ServerDuplexStream<Buffer, orderer.BroadcastResponse>;

export interface BroadcastContext {
    readonly engine: OrderingEngine;
    readonly bundle: () => Bundle;
    /** The seat, who signs the configurations that updates lead to. */
    readonly signer: SigningIdentity;
    readonly now: () => Date;
    readonly report: (what: { readonly status: string; readonly why: string }) => void;
    /** Told how each message ended. */
    readonly processed?: (status: string) => void;
}

/**
 * Answers each envelope of a stream in order. Success means: on the disk, and in a block soon, exactly once however often
 * it is sent. After anything else the stream ends, as in Fabric.
 */
export async function serveBroadcast(stream: BroadcastStream, context: BroadcastContext): Promise<void> {
    for await (const message of requests<Buffer>(stream)) {
        const refusal = await takeIn(message, context);
        context.processed?.(refusal?.status ?? 'SUCCESS');
        stream.write(response(refusal));
        if (refusal !== undefined) {
            context.report(refusal);
            break;
        }
    }
    stream.end();
}

/** What becomes of one message: nothing where it is on the disk, else why it was not taken. */
export async function takeIn(message: Buffer, context: BroadcastContext): Promise<Refusal | undefined> {
    try {
        const expired = refuseExpired(message, context);
        if (expired !== undefined) {
            return expired;
        }
        const made = ordered(message, context);
        if ('refusal' in made) {
            return made.refusal;
        }
        const verdict = await context.engine.submit(made.message);
        return verdict.kind === 'refused' ? verdict.refusal : undefined;
    } catch (error) {
        return {
            status: 'SERVICE_UNAVAILABLE',
            why: `the ordering service failed: ${whatTheDiskSays(error)}`,
        };
    }
}

/** What the engine gets: the message as it is, or the configuration that an update leads to. What cannot be read it refuses itself. */
function ordered(
    message: Buffer,
    { bundle, signer }: BroadcastContext,
): { readonly message: Uint8Array } | { readonly refusal: Refusal } {
    try {
        return isConfiguration(message) ? { message: configurationOf(message, bundle(), signer) } : { message };
    } catch (error) {
        return { refusal: refusalOf(error) };
    }
}

function isConfiguration(message: Buffer): boolean {
    try {
        return isOfConfiguration(parseEnvelope(message));
    } catch (error) {
        if (error instanceof FormatError) {
            return false;
        }
        throw error;
    }
}

/** The one check that looks at a clock, and so belongs to Broadcast alone. Unknown creators are refused by the policy. */
function refuseExpired(message: Buffer, { bundle, now }: BroadcastContext): Refusal | undefined {
    try {
        const { notAfter } = bundle().msps.identity(parseEnvelope(message).creator);
        return notAfter < now() ? { status: 'BAD_REQUEST', why: 'broadcast client identity expired' } : undefined;
    } catch (error) {
        if (error instanceof FormatError || error instanceof MspError) {
            return undefined;
        }
        throw error;
    }
}

function response(refusal: Refusal | undefined): orderer.BroadcastResponse {
    const answer = new orderer.BroadcastResponse();
    answer.setStatus(common.Status[refusal?.status ?? 'SUCCESS']);
    answer.setInfo(refusal?.why ?? '');
    return answer;
}
