import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Layout } from './layout';
import type { Topology } from './topology';

/** Leaves the topology for the node processes of this home. */
export function writeTopology(topology: Topology, layout: Layout): void {
    mkdirSync(layout.var, { recursive: true });
    const unfinished = `${layout.topologyFile}.new`;
    writeFileSync(unfinished, `${JSON.stringify(topology, null, 4)}\n`);
    renameSync(unfinished, layout.topologyFile);
}

/** Reads what `writeTopology` left: a file of our own, not of people. */
export function readTopology(layout: Layout): Topology {
    return JSON.parse(readFileSync(layout.topologyFile, 'utf8')) as Topology;
}
