import { peerNode, ordererNode } from '../native/node-files';
import { hostPort, ordererPorts, ownService, peerPorts } from '../native/ports';
import { cometSeats, seatProcess } from '../comet/plans';
import { raftSeats } from '../native/plans';
import { fabricPeers } from '../network-kind';
import { seats, type ChaincodeService, type Endpoint, type Organisation, type Topology } from '../topology';
import { ordererName, peerName, seenByNodes } from './names';

/** Kinds of containers, named as in `network/compose/services.yaml`. */
export type ContainerKind = 'peer' | 'fabric-peer' | 'ordering' | 'ordering-seat' | 'fabric-orderer' | 'chaincode';

/** One container of a docker network, named as its process on a native one. */
export interface Container {
    readonly name: string;
    readonly kind: ContainerKind;
    /** Whose it is; our ordering service is everybody's. */
    readonly owner?: Organisation;
    readonly chaincode?: ChaincodeService;
    /** What others on the compose network call it. */
    readonly aliases: readonly string[];
    /** Addresses that it serves on the compose network: how one sees that it is well. */
    readonly serves: readonly Endpoint[];
    /** What clients on this machine reach, on the loopback interface. */
    readonly published: readonly Endpoint[];
}

export const ORDERING = 'ordering';

/** All containers of a docker network. Throws Error where ports do not suffice. */
export function containers(topology: Topology): readonly Container[] {
    return [
        ...(topology.network.ordering === 'own' ? [ordering(topology)] : []),
        ...cometSeats(topology).map(seat),
        ...raftSeats(topology).map(orderer),
        ...topology.organisations.flatMap((owner) => [
            peer(topology, owner),
            ...topology.chaincodes.map((each) => chaincode(topology, owner, each)),
        ]),
    ];
}

/** Addresses for people, by container. */
export function containerEndpoints(topology: Topology): ReadonlyMap<string, readonly string[]> {
    return new Map(
        containers(topology).map(({ name, published, serves }) => [
            name,
            (published.length > 0 ? published : serves).map(hostPort),
        ]),
    );
}

function ordering(topology: Topology): Container {
    const endpoints = (seen: Topology): readonly Endpoint[] =>
        seats(seen).flatMap(({ orderingSeat }) => [orderingSeat, ordererPorts(orderingSeat).admin]);
    return {
        name: ORDERING,
        kind: 'ordering',
        aliases: seats(topology).map(ordererName),
        serves: endpoints(seenByNodes(topology)),
        published: endpoints(topology),
    };
}

/** One of our seats with its engine beside it. The ports between seats are for containers alone. */
function seat(owner: ReturnType<typeof cometSeats>[number]): Container {
    const published = [owner.orderingSeat, ordererPorts(owner.orderingSeat).admin];
    return {
        name: seatProcess(owner),
        kind: 'ordering-seat',
        owner,
        aliases: [ordererName(owner)],
        serves: within(published, ordererName(owner)),
        published,
    };
}

function orderer(owner: ReturnType<typeof raftSeats>[number]): Container {
    const { admin, operations } = ordererPorts(owner.orderingSeat);
    const published = [owner.orderingSeat, admin, operations];
    return {
        name: ordererNode(owner),
        kind: 'fabric-orderer',
        owner,
        aliases: [ordererName(owner)],
        serves: within(published, ordererName(owner)),
        published,
    };
}

function peer(topology: Topology, owner: Organisation): Container {
    const isFabric = fabricPeers(topology).some(({ id }) => id === owner.id);
    const published = isFabric ? [owner.peer, peerPorts(owner).operations] : [owner.peer];
    return {
        name: peerNode(owner),
        kind: isFabric ? 'fabric-peer' : 'peer',
        owner,
        aliases: [peerName(owner)],
        serves: within(published, peerName(owner)),
        published,
    };
}

/** Its peer is its only client: nothing is published. */
function chaincode(topology: Topology, owner: Organisation, service: ChaincodeService): Container {
    const endpoint = ownService(topology, owner, service);
    return {
        name: `chaincode-${service.name}-${owner.id}`,
        kind: 'chaincode',
        owner,
        chaincode: service,
        aliases: [endpoint.host],
        serves: [endpoint],
        published: [],
    };
}

function within(endpoints: readonly Endpoint[], host: string): readonly Endpoint[] {
    return endpoints.map(({ port }) => ({ host, port }));
}
