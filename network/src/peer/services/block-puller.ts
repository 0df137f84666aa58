import { setTimeout as sleep } from 'node:timers/promises';

import { orderer, type common } from '@hyperledger/fabric-protos';

import type { ChaincodeLog } from '../chaincode/chaincode-connection';
import type { CommitEvent } from '../ledger/api';
import { secureChannel } from '../secure-channel';
import { LedgerFailed } from '../ledger/store/ledger-store';
import { ChannelHalted, type PeerChannel } from '../validation/peer-channel';
import { orderersOf, type Node } from './gateway/remote-nodes';
import { seekEnvelope, seekFrom, showsBlock, type BlockReader } from './seeking';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const WAIT_GROWTH = 1.5;
/** So long no block comes before others are asked whether there is one. */
const PATIENCE_MS = 5_000;
const LONGEST_PATIENCE_MS = 60_000;
const PATIENCE_GROWTH = 2;

export interface BlockPullerOptions {
    readonly channel: PeerChannel;
    readonly reader: BlockReader;
    /** Which orderer to begin with, so that a network's peers do not all ask the same one. */
    readonly offset: number;
    readonly log: ChaincodeLog;
    /** The channel cannot go on: a peer says so and stops taking blocks. */
    readonly halted: (cause: Error) => void;
    readonly patienceMs?: number;
    readonly committed?: (event: CommitEvent, seconds: number) => void;
}

function blockOf(response: orderer.DeliverResponse): common.Block {
    const block = response.getBlock();
    if (block) return block;
    throw new Error(`the orderer answers with status ${response.getStatus()}`);
}

const isOver = (signal: AbortSignal): boolean => signal.aborted;

/**
 * Follows one orderer for as long as it delivers blocks the channel accepts, and goes on to the next one when it does not: when it ends, sends a
 * block that is refused, or withholds one that another orderer can show.
 */
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
        if (cause instanceof ChannelHalted || cause instanceof LedgerFailed) {
            this.stopping.abort();
            this.options.halted(cause);
        }
        return cause instanceof Error ? cause.message : String(cause);
    }

    private nodes(): { source: Node; others: readonly Node[] } {
        const nodes = orderersOf(this.options.channel.bundle);
        const source = nodes[this.attempt % nodes.length];
        if (!source) throw new Error('the channel names no orderer');
        return { source, others: nodes.filter((node) => node !== source) };
    }

    /** Resolves with why the orderer's blocks ended. */
    private async follow(): Promise<string> {
        const { channel, reader } = this.options;
        const { source, others } = this.nodes();
        const { address, roots } = source;
        const secure = secureChannel({ address, roots }, reader.tls);
        const client = new orderer.AtomicBroadcastClient(address, secure.credentials, secure.options);
        const stream = client.deliver();
        const ended = new AbortController();
        const either = AbortSignal.any([this.stopping.signal, ended.signal]);
        either.addEventListener(
            'abort',
            () => {
                stream.cancel();
            },
            { once: true },
        );
        const withheld = this.watch(others, either).then((shown) => {
            if (shown !== undefined) ended.abort();
            return shown;
        });
        try {
            stream.write(seekEnvelope(channel.channelId, seekFrom(channel.ledger.height), reader));
            for await (const response of stream as AsyncIterable<orderer.DeliverResponse>) {
                const begin = performance.now();
                const event = await channel.commit(blockOf(response));
                this.options.committed?.(event, (performance.now() - begin) / 1000);
            }
            return `${address} ended the stream`;
        } catch (cause) {
            if (!ended.signal.aborted) throw cause;
            return `${address} withholds a block that ${(await withheld) ?? 'another'} has`;
        } finally {
            ended.abort();
            stream.on('error', () => undefined);
            stream.cancel();
            client.close();
        }
    }

    /** The address of an orderer that shows a block which the source does not send; undefined once the signal ends the watch. */
    private async watch(others: readonly Node[], signal: AbortSignal): Promise<string | undefined> {
        const { channel, reader, patienceMs = PATIENCE_MS } = this.options;
        let patience = patienceMs;
        for (let turn = 0; !signal.aborted; turn += 1) {
            const { height } = channel.ledger;
            await sleep(patience, undefined, { signal }).catch(() => undefined);
            const other = others[turn % others.length];
            if (!other) return undefined;
            if (channel.ledger.height > height) {
                patience = patienceMs;
            } else if (!isOver(signal) && (await showsBlock(other, height, channel.bundle, reader))) {
                // It may be on its way from the source too.
                await sleep(patienceMs, undefined, { signal }).catch(() => undefined);
                if (!isOver(signal) && channel.ledger.height === height) return other.address;
            } else {
                patience = Math.min(patience * PATIENCE_GROWTH, LONGEST_PATIENCE_MS);
            }
        }
        return undefined;
    }
}
