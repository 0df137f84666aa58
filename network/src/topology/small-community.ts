import { assemble, type HomeDescription } from './assemble';
import type { BatchLimits, ChaincodeService, Community, DayAhead, Topology } from './topology';

export interface SmallCommunityOptions {
    /** First of the ports that are used: ordering seats from here, chaincodes from +10, peers from +20. */
    readonly portBase: number;
    /** Instead of the market's own. */
    readonly chaincodes?: readonly Omit<ChaincodeService, 'service'>[];
}

/** 100 ms is short enough for a person to wait and long enough to fill a block while a day is traded. */
export const DEFAULT_BATCH: BatchLimits = {
    timeoutMs: 100,
    maxMessageCount: 500,
    absoluteMaxBytes: 99 * 1024 * 1024,
    preferredMaxBytes: 2 * 1024 * 1024,
};

const SEAT_WEIGHTS = [3, 3, 2, 2];

/**
 * A community in code, for tests and measurements: n households (1 to 100) and the grid operator, with up to four ordering
 * seats. Every home has load and generation, and limits that differ, so that merit order means something.
 */
export function smallCommunity(households: number, options: SmallCommunityOptions): Topology {
    if (!Number.isInteger(households) || households < 1 || households > 100) {
        throw new RangeError(`a community has 1 to 100 households, not ${households}`);
    }
    const homes = Array.from({ length: households }, (_, index) => home(index + 1));
    const seated = [...homes.map(({ id }) => id), 'DSO'].slice(0, SEAT_WEIGHTS.length);
    return assemble(
        {
            community: COMMUNITY,
            channel: 'community',
            portBase: options.portBase,
            operator: { id: 'DSO', roles: ['dso', 'operator', 'supplier'] },
            homes,
            seats: seated.map((organisation, index) => ({
                organisation,
                weight: seated.length < SEAT_WEIGHTS.length ? 1 : (SEAT_WEIGHTS[index] ?? 1),
            })),
            batch: DEFAULT_BATCH,
            dayAhead: DAY_AHEAD,
        },
        options.chaincodes,
    );
}

const COMMUNITY: Community = {
    name: 'Small community',
    domain: 'small.example',
    area: [
        { latitude: 48, longitude: 11 },
        { latitude: 48, longitude: 11.1 },
        { latitude: 48.1, longitude: 11.1 },
        { latitude: 48.1, longitude: 11 },
    ],
    feeder: 'F1',
    gridConnections: [{ id: 'transformer-1', point: { latitude: 48.05, longitude: 11.05 }, limitW: 630_000 }],
    market: {
        currency: 'EUR',
        utcOffsetMinutes: 60,
        retailMicrosPerKwh: 300_000,
        feedInMicrosPerKwh: 80_000,
        gridFeeMicrosPerKwh: 40_000,
        communityFeeMicrosPerKwh: 30_000,
        floorMicrosPerKwh: -200_000,
        capMicrosPerKwh: 500_000,
        k: { numerator: 1, denominator: 2 },
    },
};

/** As the demonstration's. */
const DAY_AHEAD: DayAhead = {
    mode: 'schedule',
    iterations: 100,
    tolerance: { sumWh: 80, nanosPerKwh: 5_000_000 },
    penalty: { initial: 40_000, least: 10_000, most: 400_000, adaptiveUntil: 60 },
    overRelaxation: 1_000,
    networkWeight: 'households',
    iterationSeconds: 10,
    runSeconds: 900,
    deadlineSlots: 4,
    importLimitW: 630_000,
    exportLimitW: 630_000,
    shortMicrosPerKwh: 350_000,
    longMicrosPerKwh: 60_000,
};

function home(number: number): HomeDescription {
    return {
        id: `H${number}`,
        connection: {
            id: `connection-${number}`,
            point: { latitude: 48.01 + (number % 10) * 0.005, longitude: 11.01 + Math.floor(number / 10) * 0.008 },
            importLimitW: 17_250,
            exportLimitW: 10_000,
        },
        meters: {
            connection: `1SML${String(number).padStart(10, '0')}`,
            generation: `1SMG${String(number).padStart(10, '0')}`,
        },
        consumes: true,
        generates: true,
        prosumer: true,
        generators: [{ id: `pv-${number}`, kind: 'pv', peakW: 5_000 }],
        batteries: [],
        preferences: {
            buyLimitMicrosPerKwh: 160_000 + ((number * 7) % 15) * 5_000,
            sellLimitMicrosPerKwh: 80_000 + ((number * 5) % 13) * 5_000,
        },
    };
}
