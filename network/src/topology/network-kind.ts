import { gridOperator, organisation, seats, type NetworkKind, type Organisation, type Topology } from './topology';

/** The default: in seconds, with Node alone. */
export const EMBEDDED: NetworkKind = { kind: 'embedded', ordering: 'own', embedded: [] };

/** A kind of network as a person asks for it. */
export interface NetworkWish extends Partial<Omit<NetworkKind, 'embedded'>> {
    readonly embedded?: readonly string[] | 'all';
}

/**
 * The same community on another kind of network.
 *
 * @throws Error naming what does not go together.
 */
export function withNetwork(topology: Topology, network: NetworkWish): Topology {
    const { kind = 'embedded', ordering = 'own' } = network;
    const ids = topology.organisations.map(({ id }) => id);
    const embedded = network.embedded === 'all' ? ids : (network.embedded ?? []);
    const ownChaincode = network.ownChaincode ?? [];
    for (const id of [...embedded, ...ownChaincode]) {
        organisation(topology, id);
    }
    checkTogether({ kind, ordering, embedded }, gridOperator(topology).id);
    if (ordering !== 'own' && seats(topology).length === 0) {
        throw new Error('no organisation has an ordering seat');
    }
    return {
        ...topology,
        network: {
            kind,
            ordering,
            embedded: ids.filter((id) => embedded.includes(id)),
            ...(network.clientAuthRequired === true ? { clientAuthRequired: true } : {}),
            ...served(ids.filter((id) => ownChaincode.includes(id))),
        },
    };
}

const served = (ownChaincode: readonly string[]): Pick<NetworkKind, 'ownChaincode'> =>
    ownChaincode.length > 0 ? { ownChaincode } : {};

function checkTogether({ kind, ordering, embedded }: NetworkKind, operator: string): void {
    if (kind === 'embedded' && (ordering === 'raft' || embedded.length > 0)) {
        throw new Error(
            "--ordering raft, --embedded and --peers are for networks of Fabric's nodes: say '--network native' or '--network docker'",
        );
    }
    if (embedded.length > 0 && !embedded.includes(operator)) {
        throw new Error(
            `a mixed channel needs an embedded peer of ${operator}: Fabric's gateways find other peers by gossip alone, which ` +
                `embedded peers do not speak, so clients go through ${operator}'s; say --embedded ${[operator, ...embedded].join(',')}`,
        );
    }
}

/** Organisations that run Fabric's `peer`. */
export function fabricPeers({ organisations, network }: Topology): readonly Organisation[] {
    return network.kind === 'embedded' ? [] : organisations.filter(({ id }) => !network.embedded.includes(id));
}

/** Organisations whose peers are ours: together in one process, or each in a container. */
export function embeddedPeers({ organisations, network }: Topology): readonly Organisation[] {
    return network.kind === 'embedded'
        ? organisations
        : organisations.filter(({ id }) => network.embedded.includes(id));
}

/** Organisations with chaincode services of their own; the others share them. */
export function ownServices(topology: Topology): readonly Organisation[] {
    const { kind, embedded, ownChaincode = [] } = topology.network;
    return topology.organisations.filter(
        ({ id }) => kind === 'docker' || (kind === 'native' && !embedded.includes(id)) || ownChaincode.includes(id),
    );
}

/** Organisations with embedded peers that share one service of each chaincode. */
export function sharedServices(topology: Topology): readonly Organisation[] {
    const own = ownServices(topology);
    return topology.organisations.filter(({ id }) => !own.some((each) => each.id === id));
}

/** Whether both kinds of peers stand on the channel. */
export function isMixed(topology: Topology): boolean {
    return fabricPeers(topology).length > 0 && embeddedPeers(topology).length > 0;
}
