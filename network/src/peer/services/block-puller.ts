import { setTimeout as sleep } from 'node:timers/promises';

import { common, orderer } from '@hyperledger/fabric-protos';

import { signedEnvelope } from '../../fabric/envelopes';
import type { SigningIdentity } from '../../fabric/signing';
import type { ChaincodeLog } from '../chaincode/chaincode-connection';
import { secureChannel } from '../secure-channel';
import { ChannelHalted, type PeerChannel } from '../validation/peer-channel';
import { orderersOf, type Node } from './gateway/remote-nodes';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const WAIT_GROWTH = 1.5;

export interface BlockPullerOptions {
    readonly channel: PeerChannel;
    readonly identity: SigningIdentity;
    /** Which orderer to begin with, so that a network's peers do not all ask the same one. */
    readonly offset: number;
    readonly log: ChaincodeLog;
    /** The channel cannot go on: a peer says so and stops taking blocks. */
    readonly halted: (cause: Error) => void;
}

function specified(number: number): orderer.SeekPosition {
    const position = new orderer.SeekPosition();
    const block = new orderer.SeekSpecified();
    block.setNumber(number);
    position.setSpecified(block);
    return position;
}

function seekFrom(height: number): Uint8Array {
    const seek = new orderer.SeekInfo();
    seek.setStart(specified(height));
    seek.setStop(specified(Number.MAX_SAFE_INTEGER));
    seek.setBehavior(orderer.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY);
    return seek.serializeBinary();
}

function blockOf(response: orderer.DeliverResponse): common.Block {
    const block = response.getBlock();
    if (block) return block;
    throw new Error(`the orderer answers with status ${response.getStatus()}`);
}

/** Follows one orderer for as long as it delivers blocks the channel accepts, and goes on to the next one when it does not. */
export class BlockPuller {
    private readonly stopping = new AbortController();
    private running: Promise<void> | undefined;
    private attempt: number;

    constructor(private readonly options: BlockPullerOptions) {
        this.attempt = options.offset;
    }

    start(): void {
        this.running ??= this.run();
    }

    async stop(): Promise<void> {
        this.stopping.abort();
        await this.running;
    }

    private isStopping(): boolean {
        return this.stopping.signal.aborted;
    }

    private async run(): Promise<void> {
        const { channel, log } = this.options;
        let wait = FIRST_WAIT_MS;
        while (!this.isStopping()) {
            const before = channel.ledger.height;
            const why = await this.follow().catch((cause: unknown) => this.failure(cause));
            const isMoving = channel.ledger.height > before;
            if (!this.isStopping() && (isMoving || wait === FIRST_WAIT_MS)) log.warn(`blocks stopped coming: ${why}`);
            wait = isMoving ? FIRST_WAIT_MS : Math.min(wait * WAIT_GROWTH, LONGEST_WAIT_MS);
            this.attempt += 1;
            await sleep(wait, undefined, { signal: this.stopping.signal }).catch(() => undefined);
        }
    }

    private failure(cause: unknown): string {
        if (cause instanceof ChannelHalted) {
            this.stopping.abort();
            this.options.halted(cause);
        }
        return cause instanceof Error ? cause.message : String(cause);
    }

    private source(): Node {
        const nodes = orderersOf(this.options.channel.bundle);
        const node = nodes[this.attempt % nodes.length];
        if (!node) throw new Error('the channel names no orderer');
        return node;
    }

    /** Resolves with why the orderer's blocks ended. */
    private async follow(): Promise<string> {
        const { channel, identity } = this.options;
        const { address, roots } = this.source();
        const secure = secureChannel({ address, roots });
        const client = new orderer.AtomicBroadcastClient(address, secure.credentials, secure.options);
        const stream = client.deliver();
        const cancel = (): void => {
            stream.cancel();
        };
        this.stopping.signal.addEventListener('abort', cancel, { once: true });
        try {
            const { DELIVER_SEEK_INFO } = common.HeaderType;
            stream.write(
                signedEnvelope(DELIVER_SEEK_INFO, channel.channelId, seekFrom(channel.ledger.height), identity),
            );
            for await (const response of stream as AsyncIterable<orderer.DeliverResponse>) {
                await channel.commit(blockOf(response));
            }
            return `${address} ended the stream`;
        } finally {
            this.stopping.signal.removeEventListener('abort', cancel);
            stream.on('error', () => undefined);
            stream.cancel();
            client.close();
        }
    }
}
