import type { ChaincodeService, Endpoint, Organisation, OrderingSeat, Topology } from '../topology';

/** Distances from the port of a peer or an orderer: they hold however members come and go, for fewer than a hundred of them. */
const CHAINCODES = [100, 200, 700] as const;
const CHAINCODE_LISTENER = 300;
const PEER_OPERATIONS = 400;
const ORDERER_ADMIN = 500;
const ENGINE = 540;
const CLUSTER = 560;
const ORDERER_OPERATIONS = 600;
const AGENT = 800;
const HIGHEST_PORT = 65_535;

/** Where a Fabric peer listens beside its own port. */
export interface PeerPorts {
    /** For chaincode that connects to its peer; ours does not, and Fabric's peer listens all the same. */
    readonly chaincodeListener: Endpoint;
    /** `/healthz`, `/metrics`. */
    readonly operations: Endpoint;
}

export function peerPorts({ peer }: Organisation): PeerPorts {
    return { chaincodeListener: shifted(peer, CHAINCODE_LISTENER), operations: shifted(peer, PEER_OPERATIONS) };
}

/** Where an organisation with a Fabric peer runs its own service of a chaincode. */
export function ownService(topology: Topology, organisation: Organisation, { name }: ChaincodeService): Endpoint {
    const distance = CHAINCODES[topology.chaincodes.findIndex((each) => each.name === name)];
    if (distance === undefined) {
        throw new Error(`a native network has ports for ${CHAINCODES.length} chaincodes, not for ${name}`);
    }
    const { host, port } = shifted(organisation.peer, distance);
    // Beside the peer's container, not in it.
    return { host: topology.network.kind === 'docker' ? serviceName(organisation, name) : host, port };
}

/** What containers call an organisation's service of a chaincode. */
export function serviceName({ domain }: Pick<Organisation, 'domain'>, chaincode: string): string {
    return `${chaincode}.${domain}`;
}

/** Where a household's agent answers the coordinators of a day ahead, on networks of all kinds: on the machine of its peer. */
export const agentEndpoint = ({ peer }: Pick<Organisation, 'peer'>): Endpoint => shifted(peer, AGENT);

export interface OrdererPorts {
    /** Channel participation, over mutual TLS. */
    readonly admin: Endpoint;
    readonly operations: Endpoint;
}

export function ordererPorts(seat: OrderingSeat): OrdererPorts {
    return { admin: shifted(seat, ORDERER_ADMIN), operations: shifted(seat, ORDERER_OPERATIONS) };
}

/** Where a seat with an engine of its own listens beside its own port and the administration's. */
export interface SeatPorts {
    /** For the other seats' engines. */
    readonly engine: Endpoint;
    /** For the other seats, who exchange signatures of blocks. */
    readonly cluster: Endpoint;
}

export function seatPorts(seat: OrderingSeat): SeatPorts {
    return { engine: shifted(seat, ENGINE), cluster: shifted(seat, CLUSTER) };
}

export function hostPort({ host, port }: Endpoint): string {
    return `${host}:${port}`;
}

function shifted({ host, port }: Endpoint, by: number): Endpoint {
    if (port + by > HIGHEST_PORT) {
        throw new Error(`a native network needs port ${port + by}: choose a smaller firstPort`);
    }
    return { host, port: port + by };
}
