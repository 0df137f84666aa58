import { existsSync } from 'node:fs';
import { gridOperator, type Organisation, type Topology } from '@commonwatt/network/topology/topology';
import type { Layout } from '@commonwatt/network/topology/layout';
import { CommunityMembers, type MemberAccess } from '../community/members';
import { Horizon } from '../gateway/horizon';
import { agentStoreFile, openAgentStore, type AgentStore } from './store/agent-store';

/** One organisation with its own keys, its own peer and its own disk. Nothing of any other is opened. */
export interface OwnMember {
    readonly topology: Topology;
    readonly layout: Layout;
    readonly organisation: Organisation;
    readonly access: MemberAccess;
    /** The same access, where members are asked for by their ids. */
    readonly members: CommunityMembers;
    /** MSP id of the grid operator. */
    readonly operator: string;
    readonly store: AgentStore;
    close(): void;
}

export function openOwnMember(topology: Topology, layout: Layout, organisation: Organisation): OwnMember {
    const store = openAgentStore(agentStoreFile(layout, organisation.id));
    const members = new CommunityMembers(topology, layout, new Horizon(), store.outbox);
    return {
        topology,
        layout,
        organisation,
        access: members.member(organisation.id),
        members,
        operator: gridOperator(topology).mspId,
        store,
        close: () => {
            members.close();
            store.close();
        },
    };
}

/** Those whose agents' keys are on this machine. */
export const organisationsHere = (topology: Topology, layout: Layout): Organisation[] =>
    topology.organisations.filter((each) => existsSync(layout.organisation(each).agent.key));
