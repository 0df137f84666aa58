import { SECONDS_PER_SLOT } from '../slot';
import { contains, type Point, type Polygon } from './geometry';
import type { RefusalCode } from '../refusals';

/** What a home says of itself when it applies. Private: only a salted hash of it stays. */
export interface Home {
    readonly point: Point;
    readonly feeder?: string | undefined;
    readonly gridConnections: number;
    readonly consumes: boolean;
    readonly generationMeter: string | null;
    readonly generators: readonly { readonly id: string; readonly commonProperty: boolean }[];
    /** The slot of the monitor's last report. */
    readonly monitorSlot: number;
}

/** What the community asks for. */
export interface Requirements {
    readonly polygon: Polygon;
    readonly feeders: readonly string[];
    readonly monitorMaxAgeSlots: number;
}

export interface Flaw {
    readonly code: RefusalCode;
    /** Says which rule, never where the home lies or what its meters are called. */
    readonly detail: string;
}

/**
 * The first rule of the community that the home does not meet, or undefined: a connection point in the limited area or on one
 * of its feeders, a connection to the public grid, a virtual generation meter for a prosumer (who consumes and generates),
 * generation devices that are common property, and a monitor that has reported recently.
 */
export function admissionFlaw(home: Home, required: Requirements, unixSeconds: number): Flaw | undefined {
    return rules(home, required, unixSeconds).find(({ met }) => !met);
}

function rules(home: Home, required: Requirements, unixSeconds: number): (Flaw & { met: boolean })[] {
    const feeders = required.feeders.join(', ') || 'none';
    const strange = home.generators.find(({ commonProperty }) => !commonProperty);
    const age = Math.floor(unixSeconds / SECONDS_PER_SLOT) - home.monitorSlot;
    return [
        {
            code: 'OUTSIDE_AREA',
            detail: `feeders of the area: ${feeders}`,
            met:
                contains(required.polygon, home.point) ||
                (home.feeder !== undefined && required.feeders.includes(home.feeder)),
        },
        { code: 'NO_GRID_CONNECTION', detail: 'the application names none', met: home.gridConnections >= 1 },
        {
            code: 'NO_GENERATION_METER',
            detail: 'the home generates',
            met: home.generators.length === 0 || home.generationMeter !== null,
        },
        {
            code: 'GENERATOR_NOT_COMMON',
            detail: strange === undefined ? '' : `device ${strange.id}`,
            met: strange === undefined,
        },
        {
            code: 'MONITOR_SILENT',
            detail: `the last report is ${age} slots old, at most ${required.monitorMaxAgeSlots} are allowed`,
            met: age >= 0 && age <= required.monitorMaxAgeSlots,
        },
    ];
}

/** A prosumer both consumes and generates. */
export const isProsumer = ({ consumes, generators }: Pick<Home, 'consumes' | 'generators'>): boolean =>
    consumes && generators.length > 0;
