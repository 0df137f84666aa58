import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { common } from '@hyperledger/fabric-protos';
import {
    blockHeader,
    decodeBlock,
    encodeBlock,
    headerHash,
    isConfigBlock,
    newBlock,
    setBlockSignatures,
    signHeader,
    signaturesValue,
} from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import type { SigningIdentity } from '../../fabric/signing';
import type { OrderingEngine } from '../../ordering/engine/engine';
import { BlockResponses } from '../../ordering/service/block-responses';
import { BlockStore } from '../../ordering/service/block-store';
import { SeatServer } from '../../ordering/service/seat-server';
import type { TestCommunity } from '../../testing/test-community';
import { seats } from '../../topology/topology';

/** Changes a block; `sign` puts these signatures under its header as it stands then. */
export type Spoil = (
    block: common.Block,
    sign: (block: common.Block, signers: readonly SigningIdentity[]) => void,
) => void;

export interface Temptation {
    readonly number: number;
    /** Puts the good block in the place of the spoiled one. */
    readonly heal: () => Promise<void>;
}

interface Door {
    readonly store: BlockStore;
    readonly servers: readonly SeatServer[];
}

/**
 * The seats of the community's ordering service with their own doors and certificates, but what is in a block is the scenario's
 * choice: also what an honest ordering service would refuse. Every peer gets the same bytes.
 */
export class ScriptedOrdering {
    /** What was sent in. */
    readonly broadcast: Uint8Array[] = [];
    /** All blocks that count, encoded. */
    readonly #blocks: Buffer[];
    #last: common.Block;
    #lastConfig = 0;
    #bundle: Bundle;
    #door: Door | undefined;

    private constructor(private readonly community: TestCommunity) {
        this.#last = community.genesis;
        this.#blocks = [Buffer.from(encodeBlock(community.genesis))];
        this.#bundle = Bundle.fromConfigBlock(community.genesis);
    }

    static async start(community: TestCommunity): Promise<ScriptedOrdering> {
        const ordering = new ScriptedOrdering(community);
        await ordering.#open();
        return ordering;
    }

    /** The configuration in force. */
    get bundle(): Bundle {
        return this.#bundle;
    }

    /** Number that the next block gets. */
    get next(): number {
        return blockHeader(this.#last).getNumber() + 1;
    }

    /** Makes the next block of these envelopes and hands it to all who ask. */
    async order(envelopes: readonly Uint8Array[]): Promise<number> {
        const number = this.next;
        await this.#count(this.#block(envelopes));
        return number;
    }

    /** Hands out a spoiled next block, which no peer may take, until `heal` puts the good one in its place. */
    async tempt(envelopes: readonly Uint8Array[], spoil: Spoil): Promise<Temptation> {
        const good = this.#block(envelopes);
        const bad = this.#block(envelopes);
        spoil(bad, (block, signers) => {
            this.#sign(block, signers);
        });
        await this.#door?.store.append(this.next, Buffer.from(encodeBlock(bad)));
        return {
            number: this.next,
            heal: async () => {
                await this.#close();
                await this.#open();
                await this.#count(good);
            },
        };
    }

    async stop(): Promise<void> {
        await this.#close();
    }

    async #count(block: common.Block): Promise<void> {
        const bytes = Buffer.from(encodeBlock(block));
        this.#blocks.push(bytes);
        this.#last = decodeBlock(bytes);
        if (isConfigBlock(block)) {
            this.#lastConfig = blockHeader(block).getNumber();
            this.#bundle = Bundle.fromConfigBlock(this.#last);
        }
        await this.#door?.store.append(blockHeader(block).getNumber(), bytes);
    }

    #block(envelopes: readonly Uint8Array[]): common.Block {
        const block = newBlock(this.next, headerHash(blockHeader(this.#last)), envelopes);
        this.#sign(
            block,
            seats(this.community.topology).map(({ id }) => this.community.signer(id, 'orderer')),
        );
        return block;
    }

    #sign(block: common.Block, signers: readonly SigningIdentity[]): void {
        const value = signaturesValue(isConfigBlock(block) ? this.next : this.#lastConfig);
        const signatures = signers.map((signer) => signHeader(blockHeader(block), value, signer));
        setBlockSignatures(block, value, signatures);
    }

    async #open(): Promise<void> {
        const store = await BlockStore.open(mkdtempSync(join(this.community.layout.home, 'blocks-')));
        for (const [number, bytes] of this.#blocks.entries()) await store.append(number, bytes);
        const responses = new BlockResponses(store);
        const servers: SeatServer[] = [];
        this.#door = { store, servers };
        for (const seat of seats(this.community.topology)) {
            const { certificate, key } = this.community.layout.organisation(seat).orderer.tls;
            const tls = { certificate: readFileSync(certificate), key: readFileSync(key) };
            const context = {
                engine: this.#engine(),
                signer: this.community.signer(seat.id, 'orderer'),
                store,
                responses,
                bundle: () => this.#bundle,
                now: () => new Date(),
                report: () => undefined,
            };
            servers.push(await SeatServer.start(seat.orderingSeat, tls, context));
        }
    }

    async #close(): Promise<void> {
        for (const server of this.#door?.servers ?? []) server.stop();
        await this.#door?.store.close();
        this.#door = undefined;
    }

    /** Takes everything and orders nothing: what comes into a block is the scenario's choice. */
    #engine(): OrderingEngine {
        return {
            start: () => Promise.resolve(),
            submit: (message) => {
                this.broadcast.push(message);
                return Promise.resolve({ kind: 'new' });
            },
            stop: () => Promise.resolve(),
        };
    }
}
