import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';
import { decodeBlock, METADATA, validationFlags } from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import { serializeIdentity } from '../../fabric/signing';
import { PeerChannel } from './peer-channel';

const FILE = join(__dirname, 'testing', 'fabric-peer-blocks.br');
const LENGTH_BYTES = 4;

/**
 * Blocks as a Fabric 3.1.5 peer of the organisation H4 stored them, genesis first. Their transactions were made at random, most of
 * them wrong: key policies, implicit and explicit collections, phantoms, conflicts, tampered and malformed parts, copies.
 */
function fabricsBlocks(): common.Block[] {
    const bytes = brotliDecompressSync(readFileSync(FILE));
    const blocks: common.Block[] = [];
    for (let at = 0; at < bytes.length;) {
        const start = at + LENGTH_BYTES;
        at = start + bytes.readUInt32BE(at);
        blocks.push(decodeBlock(bytes.subarray(start, at)));
    }
    return blocks;
}

/** The block as an ordering service delivers it: without what the peer added. */
function asDelivered(block: common.Block): common.Block {
    const delivered = decodeBlock(block.serializeBinary());
    const metadata = delivered.getMetadata() ?? new common.BlockMetadata();
    const entries = metadata.getMetadataList_asU8();
    metadata.setMetadataList(
        entries.map((entry, at) =>
            at === METADATA.TRANSACTIONS_FILTER || at === METADATA.COMMIT_HASH ? new Uint8Array() : entry,
        ),
    );
    return delivered;
}

function verdict(block: common.Block | undefined): { codes: string[]; commitHash: string } {
    const names = new Map(Object.entries(peer.TxValidationCode).map(([name, code]) => [code as number, name]));
    const flags = block === undefined ? undefined : validationFlags(block);
    const entries = block?.getMetadata()?.getMetadataList_asU8() ?? [];
    return {
        codes: [...(flags ?? [])].map((code) => names.get(code) ?? String(code)),
        commitHash: Buffer.from(entries[METADATA.COMMIT_HASH] ?? []).toString('hex'),
    };
}

/** An identity of the organisation, to tell which collections its peers are members of. */
function ofH4(genesis: common.Block): Uint8Array {
    const orderer = Bundle.fromConfigBlock(genesis).consenters.find(({ mspId }) => mspId === 'H4MSP');
    return serializeIdentity('H4MSP', orderer?.identityPem ?? '');
}

describe('blocks that a Fabric peer has committed', () => {
    const directory = { path: '' };

    beforeEach(() => {
        directory.path = mkdtempSync(join(tmpdir(), 'fabric-peer-blocks-'));
    });

    afterEach(() => {
        rmSync(directory.path, { recursive: true });
    });

    test('get the same validation codes and the same commit hashes from ours', async () => {
        const [genesis, ...blocks] = fabricsBlocks();
        const identity = ofH4(genesis ?? new common.Block());
        const channel = await PeerChannel.open({ directory: directory.path, mspId: 'H4MSP', identity }, genesis);
        for (const block of blocks) {
            const number = channel.ledger.height;
            await channel.commit(asDelivered(block));
            expect({ number, ...verdict(await channel.ledger.blockByNumber(number)) }).toEqual({
                number,
                ...verdict(block),
            });
        }
        await channel.close();
        expect(new Set(blocks.flatMap((block) => verdict(block).codes)).size).toBeGreaterThanOrEqual(8);
    });
});
