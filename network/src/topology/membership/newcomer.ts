import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { HomeDescription } from '../assemble';
import { deviceProblems } from '../community/devices';
import { describeHome } from '../community/read';
import { homeOnFile, organisationId } from '../community/schema';
import { gridOperator, households, type Point, type Topology } from '../topology';

/** A home as people describe it: what stands under its id in `community.yaml`. Throws Error naming file and path of what is wrong. */
export function readHome(id: string, file: string): HomeDescription {
    const parsed = homeOnFile.safeParse(parse(readFileSync(file, 'utf8')));
    const problems = parsed.success ? deviceProblems(parsed.data) : parsed.error.issues;
    if (!parsed.success || problems.length > 0) {
        throw new Error(
            problems.map(({ path, message }) => `${file}: ${path.map(String).join('.')}: ${message}`).join('\n'),
        );
    }
    return describeHome(id, parsed.data);
}

/** A home for a demonstration, where nobody describes one: load and panels, in the middle of the area, with a middling wish for both. */
export function demonstrationHome(id: string, topology: Topology): HomeDescription {
    const { community } = topology;
    const { floorMicrosPerKwh, retailMicrosPerKwh, feedInMicrosPerKwh, gridFeeMicrosPerKwh, communityFeeMicrosPerKwh } =
        community.market;
    const highest = retailMicrosPerKwh - gridFeeMicrosPerKwh - communityFeeMicrosPerKwh;
    const step = Math.floor((highest - Math.max(floorMicrosPerKwh, feedInMicrosPerKwh)) / 4);
    return {
        id,
        connection: {
            id: `connection-${id}`,
            point: middle(community.area),
            importLimitW: 17_250,
            exportLimitW: 10_000,
        },
        meters: { connection: `meter-${id}`, generation: `meter-${id}-pv` },
        consumes: true,
        generates: true,
        prosumer: true,
        generators: [{ id: `pv-${id}`, kind: 'pv', peakW: 5_000 }],
        batteries: [],
        preferences: { buyLimitMicrosPerKwh: highest - step, sellLimitMicrosPerKwh: highest - 3 * step },
    };
}

/** Throws Error for an id that cannot name an organisation, or a connection, meter or device that another home has. */
export function assertNewcomer(home: HomeDescription, topology: Topology): void {
    if (!organisationId.safeParse(home.id).success) {
        throw new Error(`'${home.id}' cannot name a household: a capital and up to 15 letters and digits`);
    }
    if (home.id === gridOperator(topology).id) throw new Error(`${home.id} is the grid operator`);
    const known = new Map(
        households(topology).flatMap((each) =>
            each.home === undefined ? [] : identifiers(each.home).map((one) => [one, each.id]),
        ),
    );
    for (const one of identifiers(home)) {
        const owner = known.get(one);
        if (owner !== undefined && owner !== home.id) throw new Error(`${one} of ${home.id} is ${owner}'s already`);
    }
}

function identifiers(home: Omit<HomeDescription, 'id'>): string[] {
    const { connection, meters, generators, batteries, movable } = home;
    const { vehicles = [], appliances = [], elasticLoads = [] } = movable ?? {};
    return [
        `connection ${connection.id}`,
        ...Object.values(meters).map((number: string) => `meter ${number}`),
        ...[...generators, ...batteries, ...vehicles, ...appliances, ...elasticLoads].map(({ id }) => `device ${id}`),
    ];
}

/** Of the corners: inside, where the area has no bays. */
function middle(corners: readonly Point[]): Point {
    const mean = (of: (point: Point) => number): number =>
        corners.reduce((sum, corner) => sum + of(corner), 0) / Math.max(1, corners.length);
    return { latitude: mean(({ latitude }) => latitude), longitude: mean(({ longitude }) => longitude) };
}
