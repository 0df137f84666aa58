import { z } from 'zod';
import type { Layout } from './layout';
import { peersControl } from './processes/plans';
import type { Topology } from './topology';

const hex = z.string().regex(/^[0-9a-f]*$/);

/** What the peers' process tells of one of them. */
const served = z.object({
    mspId: z.string(),
    height: z.int().min(0),
    /** Header hash of the last block. */
    blockHash: hex,
    /** SHA-256 over the validation codes of all blocks. */
    codesDigest: hex,
    /** SHA-256 over the channel's whole state, public and hashed. */
    stateDigest: hex,
});

/** What one organisation's peer holds, in a few bytes to compare. Two peers of one height never differ. */
export type PeerDigest = Omit<z.infer<typeof served>, 'mspId'> & { readonly org: string };

const LIMIT_MS = 60_000;

/** @throws Error when the peers are not up, or one of the community's peers is not among them. */
export async function peerDigests(topology: Topology, layout: Layout): Promise<readonly PeerDigest[]> {
    const control = peersControl(layout);
    if (control === undefined) {
        throw new Error(`the peers in ${layout.home} are not up`);
    }
    const response = await fetch(`http://127.0.0.1:${control.port}/digests`, { signal: AbortSignal.timeout(LIMIT_MS) });
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
