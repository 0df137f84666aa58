import type { Layout } from './layout';
import type { Topology } from './topology';

/** Writes the channel's first block from the identities on disk; every node starts from these bytes. */
export function writeGenesisBlock(topology: Topology, layout: Layout): void {
    throw new Error(`not yet: genesis of ${topology.channel} under ${layout.home}`);
}
