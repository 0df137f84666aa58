import { EMBEDDED } from './network-kind';
import { withStorage } from './storage';
import type {
    BatchLimits,
    ChaincodeService,
    Community,
    DayAhead,
    Endpoint,
    Home,
    OrderingSeat,
    Organisation,
    Storage,
    Topology,
} from './topology';

/** What a community states about itself; addresses, MSP ids and domains follow from it. */
export interface CommunityDescription {
    readonly community: Community;
    readonly channel: string;
    /** First of the ports that are used: ordering seats from here, chaincodes from +10, peers from +20. */
    readonly portBase: number;
    readonly operator: { readonly id: string; readonly roles: readonly string[] };
    readonly homes: readonly HomeDescription[];
    /** Organisations with an ordering seat, with their weights. */
    readonly seats: readonly { readonly organisation: string; readonly weight: number }[];
    readonly batch: BatchLimits;
    readonly storage?: Storage | undefined;
    readonly dayAhead?: DayAhead | undefined;
}

export interface HomeDescription extends Home {
    readonly id: string;
}

const HOST = '127.0.0.1';
const CHAINCODES_FROM = 10;
const PEERS_FROM = 20;

/** The market's two chaincodes, both from one folder of code, each under its channel policy. */
export const MARKET_CHAINCODES: readonly Omit<ChaincodeService, 'service'>[] = ['governance', 'market'].map((name) => ({
    name,
    version: '1',
    policyReference: `/Channel/Application/${name === 'governance' ? 'Governance' : 'Market'}`,
    directory: 'chaincode',
    start: ['dist/start.js', name],
}));

/** Gives every organisation its MSP id, domain and ports: a pure function of the description's order. */
export function assemble(
    description: CommunityDescription,
    chaincodes: readonly Omit<ChaincodeService, 'service'>[] = MARKET_CHAINCODES,
): Topology {
    const { community, portBase } = description;
    const endpoint = (offset: number): Endpoint => ({ host: HOST, port: portBase + offset });
    const seats = new Map<string, OrderingSeat>(
        description.seats.map(({ organisation, weight }, index) => [
            organisation,
            { ...endpoint(index), consenterId: index + 1, weight },
        ]),
    );
    const organisation = (id: string, index: number): Omit<Organisation, 'kind' | 'roles'> => {
        const orderingSeat = seats.get(id);
        return {
            id,
            mspId: `${id}MSP`,
            domain: `${id.toLowerCase()}.${community.domain}`,
            peer: endpoint(PEERS_FROM + index),
            ...(orderingSeat === undefined ? {} : { orderingSeat }),
        };
    };
    const operator: Organisation = {
        ...organisation(description.operator.id, 0),
        kind: 'operator',
        roles: description.operator.roles,
    };
    const households = description.homes.map(({ id, ...home }, index): Organisation => ({
        ...organisation(id, index + 1),
        kind: 'household',
        roles: ['household'],
        home,
    }));
    const topology: Topology = {
        community,
        channel: description.channel,
        organisations: [operator, ...households],
        homes: description.homes.map(({ id }) => id),
        chaincodes: chaincodes.map((each, index) => ({ ...each, service: endpoint(CHAINCODES_FROM + index) })),
        batch: description.batch,
        ...(description.dayAhead === undefined ? {} : { dayAhead: description.dayAhead }),
        network: EMBEDDED,
    };
    return description.storage === undefined ? topology : withStorage(topology, description.storage);
}
