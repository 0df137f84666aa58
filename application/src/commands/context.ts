import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCommunity } from '@commonwatt/network/topology/community/read';
import { layout as layoutOf, repositoryRoot, type Layout } from '@commonwatt/network/topology/layout';
import { networkStatus } from '@commonwatt/network/topology/processes/network';
import { readTopology } from '@commonwatt/network/topology/topology-file';
import type { Topology } from '@commonwatt/network/topology/topology';
import { CommunityMembers } from '../community/members';
import { NotUp } from './failure';

/** Options that every command has. */
export interface CommonOptions {
    readonly home: string;
    readonly json?: boolean;
    readonly community?: string;
}

export const DEFAULT_HOME = repositoryRoot;

/** Where a command works, and on which community. */
export interface Context {
    readonly layout: Layout;
    readonly topology: Topology;
}

/** The community as its network was made; as the file says where there is none. */
export function contextOf({ home, community }: CommonOptions): Context {
    const layout = layoutOf(home);
    const file = community ?? join(repositoryRoot, 'organizations', 'community.yaml');
    return { layout, topology: existsSync(layout.topologyFile) ? readTopology(layout) : readCommunity(file) };
}

/** Connects to a network that is up, and lets go of it afterwards. */
export async function withMembers<T>(context: Context, work: (members: CommunityMembers) => Promise<T>): Promise<T> {
    const { state } = await networkStatus(context.topology, context.layout);
    if (state !== 'up') {
        throw new NotUp(`the network in ${context.layout.home} is ${state}; \`commonwatt up\` starts it`);
    }
    const members = new CommunityMembers(context.topology, context.layout);
    try {
        return await work(members);
    } finally {
        members.close();
    }
}

/** The result, and nothing else, on standard output. */
export function print(text: string): void {
    process.stdout.write(`${text}\n`);
}
