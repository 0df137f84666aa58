import { createHash } from 'node:crypto';
import { METADATA, blockHeader, headerHash, validationFlags } from '../fabric/blocks';
import { common } from '@hyperledger/fabric-protos';
import { z } from 'zod';
import type { Layout } from './layout';
import { AdminClient } from './native/admin-client';
import { peersControl } from './processes/plans';
import type { Organisation, Topology } from './topology';

const hex = z.string().regex(/^[0-9a-f]*$/);

/** What the peers' process tells of one of them. */
const served = z.object({
    mspId: z.string(),
    height: z.int().min(0),
    /** Header hash of the last block. */
    blockHash: hex,
    /** SHA-256 over the validation codes of all blocks. */
    codesDigest: hex,
    /**
     * SHA-256 over the channel's whole state, public and hashed; where Fabric's peers take part the commit hash instead: a chain of
     * hashes over the state that every block has written, which both kinds of peers keep.
     */
    stateDigest: hex,
});

/** What one organisation's peer holds, in a few bytes to compare. Two peers of one height never differ. */
export type PeerDigest = Omit<z.infer<typeof served>, 'mspId'> & { readonly org: string };

const LIMIT_MS = 60_000;

/** @throws Error when the peers are not up, or one of the community's peers is not among them. */
export function peerDigests(topology: Topology, layout: Layout): Promise<readonly PeerDigest[]> {
    return topology.network.kind === 'embedded'
        ? digestsOfEmbedded(topology, layout)
        : Promise.all(topology.organisations.map((each) => digestFromBlocks(each, topology, layout)));
}

async function digestsOfEmbedded(topology: Topology, layout: Layout): Promise<readonly PeerDigest[]> {
    const control = peersControl(layout);
    if (control === undefined) {
        throw new Error(`the peers in ${layout.home} are not up`);
    }
    const response = await fetch(`http://127.0.0.1:${control.port}/digests`, {
        signal: AbortSignal.timeout(LIMIT_MS),
        // A connection that is kept may be closed by the peers at the moment in which it is used again.
        headers: { connection: 'close' },
    });
    if (!response.ok) {
        throw new Error(`the peers answer ${response.status} when asked for digests: ${await response.text()}`);
    }
    const digests = new Map(
        z
            .array(served)
            .parse(await response.json())
            .map(({ mspId, ...digest }) => [mspId, digest]),
    );
    return topology.organisations.map(({ id, mspId }) => {
        const digest = digests.get(mspId);
        if (digest === undefined) {
            throw new Error(`no peer of ${mspId} among ${[...digests.keys()].join(', ')}`);
        }
        return { org: id, ...digest };
    });
}

/** The same of a peer of any kind, worked out from the blocks as it has them. */
async function digestFromBlocks(organisation: Organisation, topology: Topology, layout: Layout): Promise<PeerDigest> {
    const client = new AdminClient(organisation, topology, layout);
    const codes = createHash('sha256');
    let last: common.Block | undefined;
    try {
        for await (const block of client.blocks(topology.channel, LIMIT_MS)) {
            const flags = validationFlags(block) ?? new Uint8Array();
            const length = Buffer.alloc(4);
            length.writeUInt32BE(flags.length);
            codes.update(length).update(flags);
            last = block;
        }
    } finally {
        client.close();
    }
    return {
        org: organisation.id,
        height: last === undefined ? 0 : blockHeader(last).getNumber() + 1,
        blockHash: last === undefined ? '' : Buffer.from(headerHash(blockHeader(last))).toString('hex'),
        codesDigest: codes.digest('hex'),
        stateDigest: last === undefined ? '' : commitHash(last),
    };
}

function commitHash(block: common.Block): string {
    const entry = block.getMetadata()?.getMetadataList_asU8()[METADATA.COMMIT_HASH] ?? new Uint8Array();
    return Buffer.from(common.Metadata.deserializeBinary(entry).getValue_asU8()).toString('hex');
}
