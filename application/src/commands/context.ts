import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readCommunity } from '@commonwatt/network/topology/community/read';
import { layout as layoutOf, repositoryRoot, type Layout } from '@commonwatt/network/topology/layout';
import { networkAsked } from '@commonwatt/network/topology/network-asked';
import { withNetwork } from '@commonwatt/network/topology/network-kind';
import { networkStatus } from '@commonwatt/network/topology/processes/network';
import { readTopology } from '@commonwatt/network/topology/topology-file';
import type { Topology } from '@commonwatt/network/topology/topology';
import { CommunityMembers } from '../community/members';
import { InputError } from '../data/input-error';
import { NotNow, NotUp } from './failure';

/** Options that every command has. */
export interface CommonOptions {
    readonly home: string;
    readonly json?: boolean;
    readonly community?: string;
    readonly network?: string;
    readonly ordering?: string;
    readonly embedded?: string;
    readonly peers?: string;
    readonly tlsClientAuth?: boolean;
    readonly ownChaincode?: string;
}

export const DEFAULT_HOME = repositoryRoot;

/** Where a command works, and on which community. */
export interface Context {
    readonly layout: Layout;
    readonly topology: Topology;
}

/**
 * The community as its network was made, of whatever kind; as the file and the options say where there is none.
 *
 * @throws NotNow where a network of another kind than asked for is there.
 */
export function contextOf(options: CommonOptions): Context {
    const { home, community = join(repositoryRoot, 'organizations', 'community.yaml') } = options;
    const layout = layoutOf(home);
    const asked = kindAsked(options);
    if (!existsSync(layout.topologyFile)) {
        const file = readCommunity(community);
        return { layout, topology: understood(() => withNetwork(file, asked ?? {})) };
    }
    const topology = readTopology(layout);
    if (asked !== undefined && !isDeepStrictEqual(withNetwork(topology, asked).network, topology.network)) {
        const { kind, ordering } = topology.network;
        throw new NotNow(
            `the network in ${home} was made as '${kind}' with ordering '${ordering}' and stays so; \`commonwatt down\` removes it`,
        );
    }
    return { layout, topology };
}

function kindAsked(options: CommonOptions): ReturnType<typeof networkAsked> {
    return understood(() => networkAsked(options));
}

function understood<T>(read: () => T): T {
    try {
        return read();
    } catch (error) {
        throw new InputError({ file: 'kind of network' }, error instanceof Error ? error.message : String(error));
    }
}

/** Connects to a network that is up, and lets go of it once everybody can see what was done. */
export async function withMembers<T>(context: Context, work: (members: CommunityMembers) => Promise<T>): Promise<T> {
    const { state } = await networkStatus(context.topology, context.layout);
    if (state !== 'up') {
        throw new NotUp(`the network in ${context.layout.home} is ${state}; \`commonwatt up\` starts it`);
    }
    const members = new CommunityMembers(context.topology, context.layout);
    try {
        return await work(members);
    } finally {
        await letGo(members);
    }
}

/**
 * Ends the work of a command: the next one may ask any member's peer, so what this one did is to be there. Where a peer is down it is said and not
 * waited for.
 */
export async function letGo(members: CommunityMembers): Promise<void> {
    try {
        for (const late of await members.shared()) {
            process.stderr.write(`${late}: who asks there does not see yet what was done here\n`);
        }
    } finally {
        members.close();
    }
}

/** The result, and nothing else, on standard output. */
export function print(text: string): void {
    process.stdout.write(`${text}\n`);
}
