import type { Layout } from '../layout';
import type { Topology } from '../topology';

/**
 * Makes authorities, peers, orderers, members and devices of every organisation that has none yet; what is there stays.
 */
export function generateIdentities(topology: Topology, layout: Layout): Promise<void> {
    throw new Error(`not yet: identities of ${topology.channel} under ${layout.home}`);
}
