import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, type ClientDuplexStream, type ClientOptions, type ServiceError } from '@grpc/grpc-js';
import { common, gateway, orderer, peer } from '@hyperledger/fabric-protos';
import { blockHeader } from '../../fabric/blocks';
import { signedEnvelope } from '../../fabric/envelopes';
import type { SigningIdentity } from '../../fabric/signing';
import type { Layout } from '../../topology/layout';
import type { Organisation } from '../../topology/topology';

export type PeerKind = 'embedded' | 'native';

/** A request that got no answer but a status of the connection. */
export interface Refused {
    readonly refused: string;
    readonly details: string;
}

/** The process, or the part of this one, behind a twin. */
export interface Node {
    /** What it logged last, to explain why it does not go on. */
    lastWords(): string;
    stop(): Promise<void>;
}

export type Answered = peer.ProposalResponse | Refused;

const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;
const CALL_LIMIT_MS = 30_000;
const BLOCK_LIMIT_MS = 10_000;
const POLL_MS = 4;
const GRPC_CODES = [
    'OK',
    'CANCELLED',
    'UNKNOWN',
    'INVALID_ARGUMENT',
    'DEADLINE_EXCEEDED',
    'NOT_FOUND',
    'ALREADY_EXISTS',
    'PERMISSION_DENIED',
    'RESOURCE_EXHAUSTED',
    'FAILED_PRECONDITION',
    'ABORTED',
    'OUT_OF_RANGE',
    'UNIMPLEMENTED',
    'INTERNAL',
    'UNAVAILABLE',
    'DATA_LOSS',
    'UNAUTHENTICATED',
];

export function isRefused(answer: Answered): answer is Refused {
    return 'refused' in answer;
}

/** One of the twins as its clients see it: nothing is asked of it but through its own port. */
export class PeerUnderTest {
    readonly endorser: peer.EndorserClient;
    readonly gateway: gateway.GatewayClient;
    readonly #deliver: peer.DeliverClient;
    readonly #blocks = new Map<number, common.Block>();
    #stream: ClientDuplexStream<common.Envelope, peer.DeliverResponse> | undefined;

    constructor(
        readonly kind: PeerKind,
        organisation: Organisation,
        layout: Layout,
        private readonly node: Node,
    ) {
        const secure = credentials.createSsl(readFileSync(layout.organisation(organisation).tlsCa.certificate));
        const options: ClientOptions = {
            'grpc.ssl_target_name_override': `peer0.${organisation.domain}`,
            'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
            'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
        };
        const address = `${organisation.peer.host}:${organisation.peer.port}`;
        this.endorser = new peer.EndorserClient(address, secure, options);
        this.gateway = new gateway.GatewayClient(address, secure, options);
        this.#deliver = new peer.DeliverClient(address, secure, options);
    }

    propose(signed: peer.SignedProposal): Promise<Answered> {
        return new Promise((resolve) => {
            this.endorser.processProposal(signed, { deadline: Date.now() + CALL_LIMIT_MS }, (error, response) => {
                resolve(response ?? refusal(error));
            });
        });
    }

    /** Follows the channel from its first block on, as a reader of it. */
    follow(channelId: string, reader: SigningIdentity): void {
        const stream = this.#deliver.deliver();
        this.#stream = stream;
        stream.on('data', (response: peer.DeliverResponse) => {
            const block = response.getBlock();
            if (block !== undefined) this.#blocks.set(blockHeader(block).getNumber(), block);
        });
        stream.on('error', () => {
            this.#stream = undefined;
        });
        stream.write(seekFromStart(channelId, reader));
    }

    has(number: number): boolean {
        return this.#blocks.has(number);
    }

    /** The block as the peer stored it. Throws when it has not committed it within the limit. */
    async block(number: number): Promise<common.Block> {
        const deadline = performance.now() + BLOCK_LIMIT_MS;
        for (;;) {
            const block = this.#blocks.get(number);
            if (block !== undefined) return block;
            if (this.#stream === undefined) throw new Error(`the stream of blocks has ended${this.node.lastWords()}`);
            if (performance.now() > deadline) {
                throw new Error(
                    `block ${number} is not committed within ${BLOCK_LIMIT_MS / 1000} s${this.node.lastWords()}`,
                );
            }
            await sleep(POLL_MS);
        }
    }

    async stop(): Promise<void> {
        this.#stream?.cancel();
        this.endorser.close();
        this.gateway.close();
        this.#deliver.close();
        await this.node.stop();
    }
}

export function refusal(error: ServiceError | null): Refused {
    return { refused: GRPC_CODES[error?.code ?? 2] ?? 'UNKNOWN', details: error?.details ?? 'no answer' };
}

function seekFromStart(channelId: string, reader: SigningIdentity): common.Envelope {
    const start = new orderer.SeekPosition();
    start.setOldest(new orderer.SeekOldest());
    const last = new orderer.SeekSpecified();
    last.setNumber(Number.MAX_SAFE_INTEGER);
    const stop = new orderer.SeekPosition();
    stop.setSpecified(last);
    const seek = new orderer.SeekInfo();
    seek.setStart(start);
    seek.setStop(stop);
    seek.setBehavior(orderer.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY);
    return signedEnvelope(common.HeaderType.DELIVER_SEEK_INFO, channelId, seek.serializeBinary(), reader);
}
