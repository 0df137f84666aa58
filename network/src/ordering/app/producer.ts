import { common } from '@hyperledger/fabric-protos';
import { z } from 'zod';
import { blockSignaturesValue } from '../../fabric/blocks';
import { FormatError } from '../../fabric/errors';
import { decode } from '../../fabric/wire';

/** Whose turn a block was, and at which height of the engine. */
export interface Producer {
    readonly height: number;
    /** MSP id. */
    readonly producer: string;
}

const onFile = z.strictObject({ height: z.string().regex(/^[1-9]\d{0,14}$/), producer: z.string().min(1) });

/** Who produced the block, as its metadata say it: a canonical JSON object inside Fabric's consenter metadata. */
export function producerMetadata(height: number, producer: string): Uint8Array {
    const metadata = new common.Metadata();
    metadata.setValue(Buffer.from(JSON.stringify({ height: height.toString(), producer }), 'utf8'));
    return metadata.serializeBinary();
}

/** Throws FormatError for a block that is not of this ordering service. */
export function producerOf(block: common.Block): Producer {
    const value = decode(common.OrdererBlockMetadata, blockSignaturesValue(block), 'OrdererBlockMetadata');
    const json = decode(common.Metadata, value.getConsenterMetadata_asU8(), 'consenter metadata').getValue_asU8();
    try {
        const { height, producer } = onFile.parse(JSON.parse(Buffer.from(json).toString('utf8')));
        return { height: Number(height), producer };
    } catch {
        throw new FormatError('the metadata of the block do not name its producer');
    }
}
