import { peer } from '@hyperledger/fabric-protos';

import { STATE_REQUESTS } from './requests';
import type { TransactionContext } from './transaction-context';

const { Type } = peer.ChaincodeMessage;
type MessageType = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

const TYPE_NAMES = new Map<number, string>(Object.entries(Type).map(([name, value]) => [value, name]));

export const STREAM_TERMINATED = 'chaincode stream terminated';
export const EXECUTION_TIMEOUT = 'timeout expired while executing transaction';

/** Runs another chaincode for a chaincode: takes the encoded ChaincodeSpec, gives the encoded answer of the callee. */
export type NestedInvocation = (spec: Uint8Array, context: TransactionContext) => Promise<Uint8Array>;

/** The part of a gRPC stream that the conversation needs. */
export interface MessageStream {
    write(message: peer.ChaincodeMessage): unknown;
    end(): unknown;
    on(event: 'data', listener: (message: peer.ChaincodeMessage) => void): unknown;
    on(event: 'end', listener: () => void): unknown;
    on(event: 'error', listener: (cause: Error) => void): unknown;
}

export interface StreamObserver {
    /** The stream is over; every running call has already failed. */
    closed(reason: string): void;
    /** Something the chaincode did wrong. */
    warn(message: string): void;
}

interface Call {
    readonly context: TransactionContext;
    complete(message: peer.ChaincodeMessage): void;
    fail(cause: Error): void;
}

function typeName(type: number): string {
    return TYPE_NAMES.get(type) ?? String(type);
}

function message(type: MessageType, txId: string, channelId: string, payload?: Uint8Array): peer.ChaincodeMessage {
    const result = new peer.ChaincodeMessage();
    result.setType(type);
    result.setTxid(txId);
    result.setChannelId(channelId);
    if (payload) result.setPayload(payload);
    return result;
}

/** Empty for what is no name at all. */
function registeredName(payload: Uint8Array): string {
    try {
        return peer.ChaincodeID.deserializeBinary(payload).getName();
    } catch {
        return '';
    }
}

/**
 * The peer's side of the conversation with one running chaincode: it registers, is told that it is ready, and then runs any
 * number of transactions at a time, each of which asks for one thing at a time. Knows nothing of how the stream came about.
 */
export class ChaincodeStream {
    /** Settles when the chaincode may be called, or never will. */
    readonly ready: Promise<void>;
    private state: 'created' | 'ready' | 'closed' = 'created';
    private readonly calls = new Map<string, Call>();
    private readonly busy = new Set<string>();
    private settleReady: { resolve(): void; reject(cause: Error): void } | undefined;

    constructor(
        private readonly packageId: string,
        private readonly stream: MessageStream,
        private readonly nested: NestedInvocation,
        private readonly observer: StreamObserver,
    ) {
        this.ready = new Promise((resolve, reject) => {
            this.settleReady = { resolve, reject };
        });
        this.ready.catch(() => undefined);
        stream.on('data', (received: peer.ChaincodeMessage) => {
            this.receive(received);
        });
        stream.on('end', () => {
            this.close('the chaincode ended the stream');
        });
        stream.on('error', (cause: Error) => {
            this.close(cause.message);
        });
    }

    get isOpen(): boolean {
        return this.state !== 'closed';
    }

    /**
     * Runs one transaction to its COMPLETED or ERROR message. Rejects when the chaincode takes too long or goes away, with
     * Fabric's words for both; the transaction's later requests are then refused.
     */
    execute(
        context: TransactionContext,
        isInit: boolean,
        input: Uint8Array,
        limitMs: number,
    ): Promise<peer.ChaincodeMessage> {
        const { txId, channelId, signedProposal } = context.transaction;
        const key = channelId + txId;
        if (this.calls.has(key)) return Promise.reject(new Error(`txid: ${txId}(${channelId}) exists`));
        if (this.state !== 'ready') return Promise.reject(new Error(STREAM_TERMINATED));
        return new Promise<peer.ChaincodeMessage>((resolve, reject) => {
            const end = (): void => {
                clearTimeout(timer);
                this.calls.delete(key);
                void context.closeQueries();
            };
            const call: Call = {
                context,
                complete: (answer) => {
                    end();
                    resolve(answer);
                },
                fail: (cause) => {
                    end();
                    reject(cause);
                },
            };
            const timer = setTimeout(() => {
                call.fail(new Error(EXECUTION_TIMEOUT));
            }, limitMs);
            this.calls.set(key, call);
            const request = message(isInit ? Type.INIT : Type.TRANSACTION, txId, channelId, input);
            request.setProposal(signedProposal);
            this.stream.write(request);
        });
    }

    close(reason: string): void {
        if (this.state === 'closed') return;
        this.state = 'closed';
        this.settleReady?.reject(new Error(reason));
        for (const call of [...this.calls.values()]) call.fail(new Error(STREAM_TERMINATED));
        this.stream.end();
        this.observer.closed(reason);
    }

    private receive(received: peer.ChaincodeMessage): void {
        const type = received.getType();
        if (type === Type.KEEPALIVE || this.state === 'closed') return;
        if (this.state === 'created') {
            this.register(received);
            return;
        }
        if (type === Type.COMPLETED || type === Type.ERROR) {
            this.calls.get(received.getChannelId() + received.getTxid())?.complete(received);
        } else if (type === Type.INVOKE_CHAINCODE || STATE_REQUESTS.has(type)) {
            void this.answer(received);
        } else {
            this.refuse(received, 'ready');
        }
    }

    private refuse(received: peer.ChaincodeMessage, state: string): void {
        const what = `[${received.getTxid()}] Fabric side handler cannot handle message (${typeName(received.getType())}) while in ${state} state`;
        this.observer.warn(what);
        this.close(`error handling message, ending stream: ${what}`);
    }

    private register(received: peer.ChaincodeMessage): void {
        if (received.getType() !== Type.REGISTER) {
            this.refuse(received, 'created');
            return;
        }
        const name = registeredName(received.getPayload_asU8());
        if (name !== this.packageId) {
            const what =
                name === ''
                    ? 'error in handling register chaincode, chaincodeID name is empty'
                    : `claimed to start chaincode container for ${this.packageId} but could not find handler: the service says it is ${name}`;
            this.observer.warn(what);
            this.close(what);
            return;
        }
        this.stream.write(message(Type.REGISTERED, '', ''));
        const abilities = new peer.ChaincodeAdditionalParams();
        abilities.setUseWriteBatch(true);
        abilities.setMaxSizeWriteBatch(1000);
        abilities.setUseGetMultipleKeys(true);
        abilities.setMaxSizeGetMultipleKeys(1000);
        this.stream.write(message(Type.READY, '', '', abilities.serializeBinary()));
        this.state = 'ready';
        this.settleReady?.resolve();
    }

    private async answer(received: peer.ChaincodeMessage): Promise<void> {
        const [txId, channelId] = [received.getTxid(), received.getChannelId()];
        const key = channelId + txId;
        if (this.busy.has(key)) {
            this.observer.warn(`[${txId}] Another request pending for this CC: ${this.packageId}. Cannot process.`);
            return;
        }
        this.busy.add(key);
        let response: peer.ChaincodeMessage;
        try {
            response = message(
                Type.RESPONSE,
                txId,
                channelId,
                await this.result(received, this.calls.get(key)?.context),
            );
        } catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            const text = `${typeName(received.getType())} failed: transaction ID: ${txId}: ${why}`;
            response = message(Type.ERROR, txId, channelId, Buffer.from(text));
        } finally {
            this.busy.delete(key);
        }
        if (this.isOpen) this.stream.write(response);
    }

    private result(received: peer.ChaincodeMessage, context: TransactionContext | undefined): Promise<Uint8Array> {
        const payload = received.getPayload_asU8();
        const handler = STATE_REQUESTS.get(received.getType());
        if (!context) throw new Error(handler ? 'no ledger context' : 'could not get valid transaction');
        return handler ? handler(payload, context) : this.nested(payload, context);
    }
}
