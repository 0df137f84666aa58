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
import { BlockResponses } from '../../ordering/service/block-responses';
import { BlockStore } from '../../ordering/service/block-store';
import { SeatServer } from '../../ordering/service/seat-server';
import type { TestCommunity } from '../../testing/test-community';
import { seats } from '../../topology/topology';

/**
 * The seats of the community's ordering service with their own doors and certificates, but what is in a block is the scenario's
 * choice: also what an honest ordering service would refuse. Every peer gets the same bytes.
 */
export class ScriptedOrdering {
    /** What was sent in and waits for the scenario to order it. */
    readonly broadcast: Uint8Array[] = [];
    #last: common.Block;
    #lastConfig = 0;
    #bundle: Bundle;

    private constructor(
        private readonly community: TestCommunity,
        private readonly store: BlockStore,
        private readonly servers: SeatServer[],
    ) {
        this.#last = community.genesis;
        this.#bundle = Bundle.fromConfigBlock(community.genesis);
    }

    static async start(community: TestCommunity): Promise<ScriptedOrdering> {
        const store = await BlockStore.open(mkdtempSync(join(community.layout.home, 'blocks-')));
        await store.append(0, Buffer.from(encodeBlock(community.genesis)));
        const ordering = new ScriptedOrdering(community, store, []);
        for (const seat of seats(community.topology)) {
            const { certificate, key } = community.layout.organisation(seat).orderer.tls;
            const server = await SeatServer.start(
                seat.orderingSeat,
                { certificate: readFileSync(certificate), key: readFileSync(key) },
                {
                    engine: {
                        start: () => Promise.resolve(),
                        submit: (message) => {
                            ordering.broadcast.push(message);
                            return Promise.resolve({ kind: 'new' });
                        },
                        stop: () => Promise.resolve(),
                    },
                    signer: community.signer(seat.id, 'orderer'),
                    store,
                    responses: new BlockResponses(store),
                    bundle: () => ordering.bundle,
                    now: () => new Date(),
                    report: () => undefined,
                },
            );
            ordering.servers.push(server);
        }
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
        const block = newBlock(number, headerHash(blockHeader(this.#last)), envelopes);
        const isConfiguration = isConfigBlock(block);
        if (isConfiguration) this.#lastConfig = number;
        const value = signaturesValue(this.#lastConfig);
        const signatures = seats(this.community.topology).map(({ id }) =>
            signHeader(blockHeader(block), value, this.community.signer(id, 'orderer')),
        );
        setBlockSignatures(block, value, signatures);
        const bytes = Buffer.from(encodeBlock(block));
        this.#last = decodeBlock(bytes);
        if (isConfiguration) this.#bundle = Bundle.fromConfigBlock(this.#last);
        await this.store.append(number, bytes);
        return number;
    }

    async stop(): Promise<void> {
        for (const server of this.servers) server.stop();
        await this.store.close();
    }
}
