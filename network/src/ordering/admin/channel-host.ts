import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { common } from '@hyperledger/fabric-protos';

import { blockHeader, decodeBlock } from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import type { SeatAddress, SeatTls } from '../service/seat-server';
import { AdminServer } from './admin-server';
import { NotAllowed, type ChannelMembership, type OrderedChannel } from './participation';

/** An ordering service that runs. */
export interface HostedChannel {
    readonly channel: OrderedChannel;
    stop(): Promise<void>;
}

/** Where one seat of this process answers `osnadmin`, and by whose TLS certificates it may ask. */
export interface AdministeredSeat extends SeatAddress {
    readonly mspId: string;
    readonly tls: SeatTls;
    /** PEM. */
    readonly clientRoots: Buffer;
}

export interface ChannelHostOptions<Node extends HostedChannel> {
    /** Of the ordering service; what the host has to remember is kept there too. */
    readonly directory: string;
    /** First block of the channel that the process is made for. Without one it waits until it is made to join. */
    readonly genesis: common.Block | undefined;
    readonly start: (genesis: common.Block) => Promise<Node>;
    readonly seats: readonly AdministeredSeat[];
    /** Told what went wrong without ending anything, and what an administrator had done. */
    readonly report: (what: { readonly status: string; readonly why: string }) => void;
}

/** The first block of a channel that the process was made to join. */
const JOINED = 'joined.block';
/** Is there while the channel has been removed: its blocks are kept, and taken up again by whoever joins anew. */
const REMOVED = 'removed';

/**
 * One ordering process and its part in a channel: `osnadmin` makes it join and takes it out, while its administration goes on answering.
 *
 * Fabric's orderers delete a channel that is removed. Here its blocks stay: a process that holds all seats has the only copy.
 */
export class ChannelHost<Node extends HostedChannel> implements ChannelMembership {
    readonly #options: ChannelHostOptions<Node>;
    readonly #servers: AdminServer[] = [];
    #node: Node | undefined;
    #queue: Promise<unknown> = Promise.resolve();

    private constructor(options: ChannelHostOptions<Node>) {
        this.#options = options;
    }

    /** Takes part in the channel it belongs to, if any, and answers administrators. */
    static async start<Node extends HostedChannel>(options: ChannelHostOptions<Node>): Promise<ChannelHost<Node>> {
        const host = new ChannelHost(options);
        await mkdir(options.directory, { recursive: true, mode: 0o700 });
        const genesis = await host.#remembered();
        host.#node = genesis && (await options.start(genesis));
        await host.#serve();
        return host;
    }

    /** The ordering service, while there is one. */
    get node(): Node | undefined {
        return this.#node;
    }

    get channel(): OrderedChannel | undefined {
        return this.#node?.channel;
    }

    join(block: Buffer): Promise<OrderedChannel> {
        return this.#alone(() => this.#join(block));
    }

    remove(): Promise<void> {
        return this.#alone(() => this.#remove());
    }

    async stop(): Promise<void> {
        this.#servers.forEach((server) => {
            server.stop();
        });
        await this.#alone(async () => this.#node?.stop());
    }

    #alone<T>(work: () => Promise<T>): Promise<T> {
        const done = this.#queue.then(work);
        this.#queue = done.catch(() => undefined);
        return done;
    }

    #file(name: string): string {
        return join(this.#options.directory, name);
    }

    async #remembered(): Promise<common.Block | undefined> {
        if (existsSync(this.#file(REMOVED))) return undefined;
        return existsSync(this.#file(JOINED)) ? decodeBlock(await readFile(this.#file(JOINED))) : this.#options.genesis;
    }

    async #join(bytes: Buffer): Promise<OrderedChannel> {
        const { channel } = this;
        if (channel !== undefined) {
            throw new NotAllowed(
                400,
                `cannot join: this ordering service serves channel '${channel.channelId}'; another channel needs one of its own`,
            );
        }
        const genesis = this.#joinable(bytes);
        const file = this.#file(JOINED);
        await writeFile(`${file}.new`, bytes);
        try {
            this.#node = await this.#options.start(genesis);
        } catch (cause) {
            await rm(`${file}.new`);
            throw new NotAllowed(400, `cannot join: ${cause instanceof Error ? cause.message : String(cause)}`);
        }
        await rename(`${file}.new`, file);
        await rm(this.#file(REMOVED), { force: true });
        this.#options.report({ status: 'SUCCESS', why: `joined channel '${this.#node.channel.channelId}'` });
        return this.#node.channel;
    }

    /** Throws NotAllowed for what is not the first block of a channel in which this process has a seat. */
    #joinable(bytes: Buffer): common.Block {
        let block: common.Block;
        let bundle: Bundle;
        try {
            block = decodeBlock(bytes);
            bundle = Bundle.fromConfigBlock(block);
        } catch (cause) {
            throw new NotAllowed(400, `invalid join block: ${cause instanceof Error ? cause.message : String(cause)}`);
        }
        const number = blockHeader(block).getNumber();
        if (number !== 0) {
            throw new NotAllowed(400, `cannot join by block ${number}: use the first block of the channel, number 0`);
        }
        const { seats } = this.#options;
        if (!seats.some(({ mspId }) => bundle.consenters.some((consenter) => consenter.mspId === mspId))) {
            const own = seats.map(({ mspId }) => mspId).join(', ');
            throw new NotAllowed(400, `cannot join: ${own} has no ordering seat in channel '${bundle.channelId}'`);
        }
        return block;
    }

    async #remove(): Promise<void> {
        const { seats, report } = this.#options;
        if (this.#node === undefined) throw new NotAllowed(404, 'cannot remove: channel does not exist');
        const { channelId } = this.#node.channel;
        if (seats.length > 1) {
            throw new NotAllowed(
                405,
                `cannot remove: this process holds the seats of ${seats.map(({ mspId }) => mspId).join(', ')}, and one of them may not end ` +
                    `channel '${channelId}' for all; \`network.sh down\` ends it, a seat is given up by a configuration update`,
            );
        }
        await writeFile(this.#file(REMOVED), `${channelId}\n`);
        await this.#node.stop();
        this.#node = undefined;
        report({
            status: 'SUCCESS',
            why: `channel '${channelId}' was removed; its blocks stay in ${this.#options.directory}, and count again once it is joined anew`,
        });
    }

    /** A taken port is told and costs the administration of that seat only: blocks are ordered without it. */
    async #serve(): Promise<void> {
        for (const seat of this.#options.seats) {
            try {
                this.#servers.push(await AdminServer.start({ ...seat, membership: this }));
            } catch (failure) {
                this.#options.report({ status: 'SERVICE_UNAVAILABLE', why: String(failure) });
            }
        }
    }
}
