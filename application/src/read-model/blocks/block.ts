import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { blockHash } from '@commonwatt/network/topology/block-hash';
import { orderingPowers, type OrderingPower } from '@commonwatt/network/topology/ordering-powers';
import { producedBlock } from '../../gateway/produced-blocks';
import { decodeEnvelope, type DecodedTransaction } from './transaction';

/** A block by what is the same at every peer: signatures may differ, and are not in it. */
export interface DecodedBlock {
    readonly number: number;
    readonly hash: string;
    readonly previousHash: string;
    readonly dataHash: string;
    readonly producer: string | undefined;
    readonly height: number | undefined;
    readonly isConfiguration: boolean;
    /** Of a configuration block in which seats have powers. */
    readonly powers: readonly OrderingPower[];
    readonly bytes: number;
    readonly transactions: readonly (DecodedTransaction & { readonly code: number })[];
}

/** Fabric's code of a transaction that no peer has judged. */
const NOT_VALIDATED = 254;

/** @throws Error for a block whose data are not what its header says: its source is broken */
export function decodeBlock(block: common.Block): DecodedBlock {
    const header = block.getHeader();
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    if (header === undefined) {
        throw new Error('a block without a header');
    }
    const number = header.getNumber();
    const dataHash = Buffer.from(header.getDataHash_asU8()).toString('hex');
    if (sha256(envelopes) !== dataHash) {
        throw new Error(`block ${number} holds other data than its header says`);
    }
    const filter = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER];
    const { production, isConfiguration } = producedBlock(block);
    return {
        number,
        hash: blockHash(block),
        previousHash: Buffer.from(header.getPreviousHash_asU8()).toString('hex'),
        dataHash,
        producer: production?.producer,
        height: production?.height,
        isConfiguration,
        powers: isConfiguration ? (orderingPowers(block) ?? []) : [],
        bytes: envelopes.reduce((sum, { length }) => sum + length, 0),
        transactions: envelopes.map((envelope, i) => ({
            ...decodeEnvelope(envelope),
            code: filter?.[i] ?? (isConfiguration ? 0 : NOT_VALIDATED), // A peer that has a configuration block took it.
        })),
    };
}

function sha256(parts: readonly Uint8Array[]): string {
    const digest = createHash('sha256');
    parts.forEach((part) => digest.update(part));
    return digest.digest('hex');
}
