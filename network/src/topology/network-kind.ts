import { gridOperator, organisation, seats, type NetworkKind, type Organisation, type Topology } from './topology';

/** The default: in seconds, with Node alone. */
export const EMBEDDED: NetworkKind = { kind: 'embedded', ordering: 'own', embedded: [] };

/**
 * The same community on another kind of network.
 *
 * @throws Error naming what does not go together.
 */
export function withNetwork(topology: Topology, network: Partial<NetworkKind>): Topology {
    const { kind = 'embedded', ordering = 'own', embedded = [] } = network;
    for (const id of embedded) {
        organisation(topology, id);
    }
    checkTogether({ kind, ordering, embedded }, gridOperator(topology).id);
    if (ordering === 'raft' && seats(topology).length === 0) {
        throw new Error('no organisation has an ordering seat');
    }
    const inOrder = topology.organisations.map(({ id }) => id).filter((id) => embedded.includes(id));
    return { ...topology, network: { kind, ordering, embedded: inOrder } };
}

function checkTogether({ kind, ordering, embedded }: NetworkKind, operator: string): void {
    if (kind === 'embedded' && (ordering === 'raft' || embedded.length > 0)) {
        throw new Error("--ordering raft and --embedded are for a native network: say '--network native'");
    }
    if (embedded.length > 0 && !embedded.includes(operator)) {
        throw new Error(
            `a mixed channel needs an embedded peer of ${operator}: Fabric's gateways find other peers by gossip, which ` +
                `embedded peers do not speak, so clients go through ${operator}'s`,
        );
    }
}

/** Organisations that run Fabric's `peer`. */
export function fabricPeers({ organisations, network }: Topology): readonly Organisation[] {
    return network.kind === 'native' ? organisations.filter(({ id }) => !network.embedded.includes(id)) : [];
}

/** Organisations whose peers run together in our process. */
export function embeddedPeers({ organisations, network }: Topology): readonly Organisation[] {
    return network.kind === 'native' ? organisations.filter(({ id }) => network.embedded.includes(id)) : organisations;
}

/** Whether both kinds of peers stand on the channel. */
export function isMixed(topology: Topology): boolean {
    return fabricPeers(topology).length > 0 && embeddedPeers(topology).length > 0;
}
