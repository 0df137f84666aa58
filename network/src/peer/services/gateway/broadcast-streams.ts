import { status } from '@grpc/grpc-js';
import { common, type orderer } from '@hyperledger/fabric-protos';

type Stream = ReturnType<orderer.AtomicBroadcastClient['broadcast']>;

/** More than these wait for no envelope: a burst opens as many streams as it needs. */
const MOST_IDLE = 64;
const { SUCCESS } = common.Status;

/** As a call's own deadline would end it. */
const DEADLINE_EXCEEDED = { code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' };

interface Asked {
    resolve(answer: orderer.BroadcastResponse): void;
    reject(cause: Error): void;
}

/** A stream to an orderer that carries one envelope after the other, never two at a time: so each answer is to the last one. */
class BroadcastStream {
    isOpen = true;
    #asked: Asked | undefined;

    constructor(private readonly stream: Stream) {
        stream.on('data', (answer: orderer.BroadcastResponse) => {
            this.#asked?.resolve(answer);
            this.#asked = undefined;
        });
        stream.on('error', (cause) => {
            this.#end(cause);
        });
        stream.on('end', () => {
            this.#end(new Error('the orderer ended the stream without an answer'));
        });
    }

    send(envelope: common.Envelope): Promise<orderer.BroadcastResponse> {
        return new Promise((resolve, reject) => {
            this.#asked = { resolve, reject };
            this.stream.write(envelope);
        });
    }

    close(): void {
        this.isOpen = false;
        this.stream.end();
    }

    /** Ends the stream and whoever waits for its answer. */
    cancel(cause: Error): void {
        this.#end(cause);
        this.stream.cancel();
    }

    #end(cause: Error): void {
        this.isOpen = false;
        this.#asked?.reject(cause);
        this.#asked = undefined;
    }
}

/**
 * Streams to one orderer that are kept for the next envelope: to open one for each costs both sides as much as the envelope itself. An
 * orderer ends a stream after a refusal, and with it nothing but that envelope's.
 */
export class BroadcastStreams {
    readonly #idle: BroadcastStream[] = [];

    constructor(private readonly client: orderer.AtomicBroadcastClient) {}

    /** Rejects with the transport's error, or when there was no answer by the deadline. */
    async send(envelope: common.Envelope, deadline: Date): Promise<orderer.BroadcastResponse> {
        const kept = this.#kept();
        if (kept !== undefined) {
            try {
                return await this.#sendOn(kept, envelope, deadline);
            } catch (cause) {
                // An orderer that was started again knows nothing of old streams: a new one tells how it is.
                if (deadline.getTime() <= Date.now()) throw cause;
            }
        }
        return this.#sendOn(new BroadcastStream(this.client.broadcast()), envelope, deadline);
    }

    close(): void {
        for (const stream of this.#idle.splice(0)) stream.close();
    }

    #kept(): BroadcastStream | undefined {
        for (let stream = this.#idle.pop(); stream !== undefined; stream = this.#idle.pop()) {
            if (stream.isOpen) return stream;
        }
        return undefined;
    }

    async #sendOn(
        stream: BroadcastStream,
        envelope: common.Envelope,
        deadline: Date,
    ): Promise<orderer.BroadcastResponse> {
        const timer = setTimeout(() => {
            stream.cancel(Object.assign(new Error('Deadline exceeded'), DEADLINE_EXCEEDED));
        }, deadline.getTime() - Date.now());
        try {
            const answer = await stream.send(envelope);
            if (answer.getStatus() === SUCCESS && this.#idle.length < MOST_IDLE) this.#idle.push(stream);
            else stream.close();
            return answer;
        } finally {
            clearTimeout(timer);
        }
    }
}
