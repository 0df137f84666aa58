import { common, peer } from '@hyperledger/fabric-protos';
import { newBlock, signaturesValue } from '@commonwatt/network/fabric/blocks';
import { blockHash } from '@commonwatt/network/topology/block-hash';
import type { CollectionHashedRwSet } from '@commonwatt/network/fabric/rwset';
import { digest, rwset } from '@commonwatt/network/testing/rwsets';
import { TestCommunity } from '@commonwatt/network/testing/test-community';
import type { BlockSource } from '../../read-model/model';

/** A transaction as a chain in memory is told of it: by organisation ids, H1. */
export interface ChainTransaction {
    readonly chaincode: string;
    readonly function: string;
    readonly arguments?: readonly string[];
    readonly client?: string;
    readonly endorsers?: readonly string[];
    /** By namespace and key; null deletes. */
    readonly writes?: Readonly<Record<string, Readonly<Record<string, string | Uint8Array | null>>>>;
    readonly privateWrites?: readonly { readonly collection: string; readonly key: string; readonly value: string }[];
    /** Keys that get a policy of their own. */
    readonly policies?: Readonly<Record<string, Uint8Array>>;
    readonly event?: { readonly name: string; readonly payload: string };
    /** Fabric's validation code; valid where nothing is said. */
    readonly code?: number;
}

/** An envelope that is there already, or bytes that are none. */
export interface ChainEnvelope {
    readonly envelope: Uint8Array;
    readonly code: number;
}

/** Blocks in Fabric's own bytes, as a peer hands them out, of a channel that no process runs. */
export class TestChain {
    readonly community: TestCommunity;
    readonly blocks: common.Block[];

    private constructor(community: TestCommunity, blocks: common.Block[]) {
        this.community = community;
        this.blocks = blocks;
    }

    static async create(households = 2): Promise<TestChain> {
        const community = await TestCommunity.create(households);
        return new TestChain(community, [community.genesis]);
    }

    /** The next block. */
    add(...transactions: readonly (ChainTransaction | ChainEnvelope)[]): common.Block {
        const made = transactions.map((each) =>
            'envelope' in each ? each : { envelope: this.envelope(each), code: each.code ?? 0 },
        );
        const previous = this.blocks.at(-1) ?? this.community.genesis;
        const number = (previous.getHeader()?.getNumber() ?? 0) + 1;
        const envelopes = made.map(({ envelope }) => envelope);
        const block = newBlock(number, Buffer.from(blockHash(previous), 'hex'), envelopes);
        setMetadata(block, common.BlockMetadataIndex.SIGNATURES, signedValue(number));
        const codes = Uint8Array.from(made.map(({ code }) => code));
        setMetadata(block, common.BlockMetadataIndex.TRANSACTIONS_FILTER, codes);
        this.blocks.push(block);
        return block;
    }

    envelope(transaction: ChainTransaction): Uint8Array {
        const { chaincode, endorsers = ['DSO', 'H1'], client, event, policies = {} } = transaction;
        const namespaces = Object.entries({ [chaincode]: {}, ...transaction.writes }).map(([name, writes]) => {
            const isOwn = name === chaincode;
            const collections = isOwn ? collectionsOf(transaction.privateWrites ?? []) : [];
            return [name, { writes, collections, policies: isOwn ? policies : {} }] as const;
        });
        return this.community.transaction({
            chaincode,
            endorsers,
            ...(client !== undefined && { client }),
            args: [transaction.function, ...(transaction.arguments ?? [])],
            rwset: rwset(Object.fromEntries(namespaces)),
            ...(event && { event: eventBytes(chaincode, event) }),
        }).envelope;
    }

    /** Another chain that is the same up to a number of blocks. */
    forked(blocks: number): TestChain {
        return new TestChain(this.community, this.blocks.slice(0, blocks));
    }

    remove(): void {
        this.community.remove();
    }
}

/** A peer that has these blocks, and ends the stream where no more come. `upTo`: so many of them. */
export function sourceOf(blocks: readonly common.Block[], upTo = Infinity): BlockSource {
    return {
        blocks: (from) =>
            Promise.resolve({
                close: () => undefined,
                async *[Symbol.asyncIterator]() {
                    for (const block of blocks.slice(from, upTo)) {
                        yield await Promise.resolve(block);
                    }
                },
            }),
    };
}

/** Producers take turns. */
function signedValue(number: number): Uint8Array {
    const named = new common.Metadata();
    named.setValue(Buffer.from(JSON.stringify({ height: String(number), producer: `H${1 + (number % 2)}MSP` })));
    const metadata = new common.Metadata();
    metadata.setValue(signaturesValue(0, named.serializeBinary()));
    return metadata.serializeBinary();
}

function setMetadata(block: common.Block, index: number, value: Uint8Array): void {
    const metadata = block.getMetadata() ?? new common.BlockMetadata();
    const entries = metadata.getMetadataList_asU8().slice();
    entries[index] = value;
    metadata.setMetadataList(entries);
    block.setMetadata(metadata);
}

function collectionsOf(writes: NonNullable<ChainTransaction['privateWrites']>): CollectionHashedRwSet[] {
    return [...new Set(writes.map(({ collection }) => collection))].map((name) => ({
        name,
        hashedReads: [],
        hashedWrites: writes
            .filter(({ collection }) => collection === name)
            .map(({ key, value }) => ({
                keyHash: digest(key),
                valueHash: digest(value),
                isDelete: false,
                isPurge: false,
            })),
        hashedMetadataWrites: [],
        pvtRwSetHash: new Uint8Array(),
    }));
}

function eventBytes(chaincode: string, { name, payload }: { name: string; payload: string }): Uint8Array {
    const event = new peer.ChaincodeEvent();
    event.setChaincodeId(chaincode);
    event.setEventName(name);
    event.setPayload(Buffer.from(payload));
    return event.serializeBinary();
}
