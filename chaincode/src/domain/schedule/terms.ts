import { compareStrings, type Fraction } from '../quantity';
import { feederFlaw, ROOT, type Feeder } from './lin-dist-flow';
import type { PenaltyRule } from './exchange';

/** How a community runs its days from a day on: each day by auction, or agreed on the day before, in which of the two ways. */
export const DAY_AHEAD_MODES = ['auction', 'schedule', 'certificate'] as const;
export type DayAheadMode = (typeof DAY_AHEAD_MODES)[number];

/** As how many agents the network counts at a bus: see `ExchangeRules.weights`. */
export const NETWORK_WEIGHTS = ['one', 'households'] as const;
export type NetworkWeight = (typeof NETWORK_WEIGHTS)[number];

/** A radial feeder and which home stands at which of its buses; at the root where nothing is said. */
export interface CommunityFeeder extends Feeder {
    readonly homes: Readonly<Record<string, string>>;
}

/** What the community decided of its days ahead. */
export interface DayAheadTerms {
    readonly fromDay: string;
    readonly mode: DayAheadMode;
    readonly iterations: number;
    readonly primalToleranceWh: bigint;
    /** nanos/kWh */
    readonly dualTolerance: bigint;
    /** As 2 × a share: one half is none. */
    readonly overRelaxation: Fraction;
    readonly penalty: PenaltyRule;
    readonly networkWeight: NetworkWeight;
    /** Who is silent for so long after an iteration began keeps what it said last. */
    readonly iterationSeconds: number;
    /** A run that has not ended so long after it was opened has failed. */
    readonly runSeconds: number;
    /** Of a day that is no replay: a run has failed that has not ended so many slots before the day begins. */
    readonly deadlineSlots: number;
    /** What the community's connection to the grid carries, W. */
    readonly importLimitW: bigint;
    readonly exportLimitW: bigint;
    /** What a kWh short and a kWh long of the schedule is settled at, micros/kWh. */
    readonly shortPrice: bigint;
    readonly longPrice: bigint;
    readonly feeder?: CommunityFeeder | undefined;
}

/** Why these are no terms of the day ahead, or undefined if they are. */
export function dayAheadFlaw(terms: DayAheadTerms): string | undefined {
    const { penalty, overRelaxation, shortPrice, longPrice, feeder } = terms;
    const { least, initial, most } = penalty;
    if (!(least <= initial && initial <= most)) {
        return `the penalty ${initial.toString()} is not between ${least.toString()} and ${most.toString()}`;
    }
    if (overRelaxation.numerator <= 0n) {
        return 'the over-relaxation must be above 0';
    }
    if (longPrice > shortPrice) {
        return `who is long gets ${longPrice.toString()}, who is short pays only ${shortPrice.toString()}`;
    }
    return feeder && (feederFlaw(feeder) ?? homesFlaw(feeder));
}

function homesFlaw({ lines, homes }: CommunityFeeder): string | undefined {
    const buses = new Set([ROOT, ...lines.map(({ bus }) => bus)]);
    const lost = Object.entries(homes).find(([, bus]) => !buses.has(bus));
    return lost && `${lost[0]} stands at ${lost[1]}, which the feeder does not have`;
}

/** The terms of a day that is agreed on ahead; undefined where it is traded by auction. `all`: earliest first. */
export function dayAheadOn<T extends Pick<DayAheadTerms, 'fromDay' | 'mode'>>(
    all: readonly T[] | undefined,
    day: string,
): (T & { readonly mode: Exclude<DayAheadMode, 'auction'> }) | undefined {
    const found = all?.findLast(({ fromDay }) => compareStrings(fromDay, day) <= 0);
    return found !== undefined && isAhead(found) ? found : undefined;
}

const isAhead = <T extends Pick<DayAheadTerms, 'mode'>>(
    terms: T,
): terms is T & { readonly mode: Exclude<DayAheadMode, 'auction'> } => terms.mode !== 'auction';

/** Buses in the order of the feeder, the root first; without a feeder the root is the only one. */
export const busesOf = (feeder: Pick<Feeder, 'lines'> | undefined): string[] => [
    ROOT,
    ...(feeder?.lines ?? []).map(({ bus }) => bus),
];
