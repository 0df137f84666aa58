import type { Network } from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';
import { z } from 'zod';

/** Who produced a block, as its metadata say it: under the orderers' signatures, which the member's own peer has checked. */
export interface ProducedBlock {
    readonly number: number;
    readonly transactions: number;
    /** Undefined where the metadata name nobody: the first block, and blocks of Fabric's own orderers. */
    readonly production: Production | undefined;
    /** A configuration block, which may change the powers. */
    readonly isConfiguration: boolean;
    readonly block: common.Block;
}

export interface Production {
    /** The engine's height: a turn of the rotation, also where it made no block. */
    readonly height: number;
    readonly producer: string;
}

/** Where Fabric's orderers put their signatures and what they sign beside the header. */
const SIGNATURES = 0;

const named = z.strictObject({
    height: z
        .string()
        .regex(/^[1-9]\d{0,15}$/)
        .transform(Number),
    producer: z.string().min(1).max(200),
});

/** The channel's blocks from one number up to another, both included, as the own peer has them. */
export async function* producedBlocks(
    network: Network,
    from: number,
    to: number,
): AsyncGenerator<ProducedBlock, void, undefined> {
    if (from > to) {
        return;
    }
    const blocks = await network.getBlockEvents({ startBlock: BigInt(from) });
    try {
        for await (const block of blocks) {
            const produced = producedBlock(block);
            yield produced;
            if (produced.number >= to) {
                return;
            }
        }
    } finally {
        blocks.close();
    }
}

export function producedBlock(block: common.Block): ProducedBlock {
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    return {
        number: block.getHeader()?.getNumber() ?? 0,
        transactions: envelopes.length,
        production: productionIn(block.getMetadata()?.getMetadataList_asU8()[SIGNATURES] ?? new Uint8Array()),
        isConfiguration: envelopes.length === 1 && isConfiguration(envelopes[0] ?? new Uint8Array()),
        block,
    };
}

/** @throws Error where there is something of our form that says nothing sensible: a signed block cannot be half ours. */
function productionIn(metadata: Uint8Array): Production | undefined {
    const signed = common.Metadata.deserializeBinary(metadata).getValue_asU8();
    const consenter = common.OrdererBlockMetadata.deserializeBinary(signed).getConsenterMetadata_asU8();
    if (consenter.length === 0) {
        return undefined;
    }
    const value = Buffer.from(common.Metadata.deserializeBinary(consenter).getValue_asU8()).toString('utf8');
    return value.startsWith('{') ? named.parse(JSON.parse(value)) : undefined;
}

function isConfiguration(envelope: Uint8Array): boolean {
    const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
    const header = common.ChannelHeader.deserializeBinary(
        payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
    );
    return header.getType() === common.HeaderType.CONFIG;
}
