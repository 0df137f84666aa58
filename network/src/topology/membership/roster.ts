import { isDeepStrictEqual } from 'node:util';
import type { Bundle } from '../../fabric/channel-config';
import type { HomeDescription } from '../assemble';
import { organisation, seats, type Organisation, type Topology } from '../topology';

const HIGHEST_PORT = 65_535;

/** Ports by MSP id. */
export type AnnouncedPorts = ReadonlyMap<string, number>;

/** Where the channel's configuration says that members' peers are. */
export function announcedPorts({ applicationOrgs }: Bundle): AnnouncedPorts {
    return new Map(
        [...applicationOrgs].flatMap(([mspId, { anchorPeers }]) =>
            anchorPeers.map(({ port }) => [mspId, port] as const),
        ),
    );
}

export function mspIdOfHousehold(id: string): string {
    return `${id}MSP`;
}

export function domainOf(id: string, { community }: Topology): string {
    return `${id.toLowerCase()}.${community.domain}`;
}

/**
 * The topology with another household, behind the others. Its peer gets the port that the channel knows already, if its admission was broken
 * off after that, else the next that is free.
 */
export function withHousehold(
    topology: Topology,
    { id, ...home }: HomeDescription,
    announced: AnnouncedPorts = new Map(),
): Topology {
    const taken = topology.organisations.find((each) => each.id.toLowerCase() === id.toLowerCase());
    if (taken !== undefined) throw new Error(`${taken.id} is a member already`);
    const newcomer: Organisation = {
        id,
        mspId: mspIdOfHousehold(id),
        domain: domainOf(id, topology),
        kind: 'household',
        roles: ['household'],
        peer: {
            host: topology.organisations[0]?.peer.host ?? '127.0.0.1',
            port: announced.get(mspIdOfHousehold(id)) ?? nextPort(topology, announced),
        },
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
 * The topology with these powers of the ordering seats, and without the seats of all others. A new seat gets the next free port. Throws
 * Error for who is no member.
 */
export function withSeats(
    topology: Topology,
    powers: readonly { readonly mspId: string; readonly power: bigint }[],
    announced: AnnouncedPorts = new Map(),
): Topology {
    const unknown = powers.find(({ mspId }) => !topology.organisations.some((each) => each.mspId === mspId));
    if (unknown !== undefined) throw new Error(`UNKNOWN_SEAT: ${unknown.mspId} is no member of the community`);
    let grownBy = topology;
    for (const each of topology.organisations) {
        const power = powers.find(({ mspId }) => mspId === each.mspId)?.power ?? 0n;
        const organisations = grownBy.organisations.map((one) =>
            one.id === each.id ? withSeat(one, power, grownBy, announced) : one,
        );
        grownBy = { ...grownBy, organisations };
    }
    return grown(topology, { organisations: grownBy.organisations, homes: topology.homes });
}

function withSeat(
    { orderingSeat, ...rest }: Organisation,
    power: bigint,
    topology: Topology,
    announced: AnnouncedPorts,
): Organisation {
    if (power === 0n) return rest;
    const seat = orderingSeat ?? {
        host: rest.peer.host,
        port: nextPort(topology, announced),
        consenterId: Math.max(0, ...seats(topology).map((one) => one.orderingSeat.consenterId)) + 1,
    };
    return { ...rest, orderingSeat: { ...seat, weight: Number(power) } };
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

function nextPort(topology: Topology, announced: AnnouncedPorts = new Map()): number {
    const used = [
        ...announced.values(),
        ...topology.organisations.map(({ peer }) => peer.port),
        ...seats(topology).map(({ orderingSeat }) => orderingSeat.port),
        ...topology.chaincodes.map(({ service }) => service.port),
    ];
    const port = Math.max(...used) + 1;
    if (port > HIGHEST_PORT) throw new Error('no port is left for another peer');
    return port;
}
