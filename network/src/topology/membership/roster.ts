import { isDeepStrictEqual } from 'node:util';
import type { HomeDescription } from '../assemble';
import { organisation, seats, type Organisation, type Topology } from '../topology';

const HIGHEST_PORT = 65_535;

/** The topology with another household, behind the others. Its peer gets the next free port. */
export function withHousehold(topology: Topology, { id, ...home }: HomeDescription): Topology {
    const taken = topology.organisations.find((each) => each.id.toLowerCase() === id.toLowerCase());
    if (taken !== undefined) throw new Error(`${taken.id} is a member already`);
    const newcomer: Organisation = {
        id,
        mspId: `${id}MSP`,
        domain: `${id.toLowerCase()}.${topology.community.domain}`,
        kind: 'household',
        roles: ['household'],
        peer: { host: topology.organisations[0]?.peer.host ?? '127.0.0.1', port: nextPort(topology) },
        home,
    };
    return grown(topology, { organisations: [...topology.organisations, newcomer], homes: [...topology.homes, id] });
}

/** Throws Error unless it is a household without an ordering seat. */
export function withoutHousehold(topology: Topology, id: string): Topology {
    const leaver = organisation(topology, id);
    if (leaver.kind !== 'household') throw new Error(`${id} is no household`);
    if (leaver.orderingSeat !== undefined) {
        throw new Error(`${id} has an ordering seat: another member has to take it over first`);
    }
    return grown(topology, {
        organisations: topology.organisations.filter((each) => each !== leaver),
        homes: topology.homes.filter((each) => each !== leaver.id),
    });
}

/**
 * The topology of a network that members have joined or left since it was made, where the one asked for is the one it was made
 * from; else the one asked for.
 */
export function sinceFounding(asked: Topology, made: Topology | undefined): Topology {
    const founded: unknown = made?.foundedAs;
    return made !== undefined && isDeepStrictEqual(founded, JSON.parse(JSON.stringify(asked))) ? made : asked;
}

function grown(topology: Topology, change: Pick<Topology, 'organisations' | 'homes'>): Topology {
    const { foundedAs, ...before } = topology;
    return { ...before, ...change, foundedAs: foundedAs ?? before };
}

function nextPort(topology: Topology): number {
    const used = [
        ...topology.organisations.map(({ peer }) => peer.port),
        ...seats(topology).map(({ orderingSeat }) => orderingSeat.port),
        ...topology.chaincodes.map(({ service }) => service.port),
    ];
    const port = Math.max(...used) + 1;
    if (port > HIGHEST_PORT) throw new Error('no port is left for another peer');
    return port;
}
