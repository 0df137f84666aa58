import { compareStrings, fraction, type Fraction } from '../quantity';
import type { DrawRule } from './draw';
import { PPM } from './wealth';

/** What one kind of misconduct costs. */
export interface Penalty {
    readonly depositNanos: bigint;
    readonly reputation: bigint;
}

export interface ReputationParameters {
    readonly perReveal: bigint;
    readonly perRound: bigint;
    readonly perBlock: bigint;
    readonly cap: bigint;
    /** What fades with each epoch, in parts per million. */
    readonly decayPpm: bigint;
}

/** What a community governs of its stake. Units and meaning: api/records/stake and docs/concepts/stake. */
export interface StakeParameters {
    readonly fromDay: string;
    readonly alphaPpm: bigint;
    readonly betaPpm: bigint;
    readonly gammaPpm: bigint;
    readonly floorPpm: bigint;
    readonly capPpm: bigint;
    readonly ageCap: number;
    readonly reputation: ReputationParameters;
    readonly energyStepWh: bigint;
    readonly energyLagDays: number;
    readonly seats: number;
    readonly leadDays: number;
    readonly quorum: 'half' | 'two-thirds';
    readonly rule: DrawRule;
    readonly commitSlots: number;
    readonly revealSlots: number;
    readonly confirmSlots: number;
    readonly producerFeeNanos: bigint;
    readonly committeeFeeNanos: bigint;
    readonly penalties: {
        readonly unrevealed: Penalty;
        readonly missedDuty: Penalty;
        readonly doubleReading: Penalty;
        /** A storage system that approves the sale of energy which it never took in. */
        readonly unattestedSale: Penalty;
    };
    readonly keepDays: number;
}

/**
 * A beginning for a community: half of the weight by energy, a quarter each by age and reputation. Commitments until 18:00,
 * secrets until 21:00, so that a committee is there before the next day is opened. A block pays a thousandth of a cent, a round
 * a hundredth; a deposit is for the community to decide, so penalties take up to 2 of the currency from what there is: most of them
 * from a storage system that sells what it never took in, because the buyers' money is at stake.
 */
export const DEFAULT_PARAMETERS: Omit<StakeParameters, 'fromDay'> = {
    alphaPpm: 500_000n,
    betaPpm: 250_000n,
    gammaPpm: 250_000n,
    floorPpm: 10_000n,
    capPpm: 330_000n,
    ageCap: 30,
    reputation: { perReveal: 100n, perRound: 10n, perBlock: 1n, cap: 10_000n, decayPpm: 50_000n },
    energyStepWh: 1_000n,
    energyLagDays: 1,
    seats: 5,
    leadDays: 1,
    quorum: 'half',
    rule: 'proportional',
    commitSlots: 72,
    revealSlots: 12,
    confirmSlots: 96,
    producerFeeNanos: 10_000n,
    committeeFeeNanos: 100_000n,
    penalties: {
        unrevealed: { depositNanos: 100_000_000n, reputation: 500n },
        missedDuty: { depositNanos: 200_000_000n, reputation: 1_000n },
        doubleReading: { depositNanos: 1_000_000_000n, reputation: 10_000n },
        unattestedSale: { depositNanos: 2_000_000_000n, reputation: 10_000n },
    },
    keepDays: 62,
};

/** Why these parameters contradict each other, or undefined if they do not. */
export function parametersFlaw({ alphaPpm, betaPpm, gammaPpm, floorPpm, capPpm }: StakeParameters): string | undefined {
    const sum = alphaPpm + betaPpm + gammaPpm;
    if (sum !== PPM) {
        return `alpha, beta and gamma add up to ${sum.toString()} parts per million`;
    }
    return floorPpm > capPpm ? `the floor ${floorPpm.toString()} is above the cap ${capPpm.toString()}` : undefined;
}

/** The parameters that apply on a day: the latest that have begun. */
export function parametersOn<P extends Pick<StakeParameters, 'fromDay'>>(
    sets: readonly P[],
    day: string,
): P | undefined {
    return [...sets].sort((a, b) => compareStrings(a.fromDay, b.fromDay)).findLast(({ fromDay }) => fromDay <= day);
}

/** More than this share of a committee's weight decides. */
export const quorumOf = ({ quorum }: Pick<StakeParameters, 'quorum'>): Fraction =>
    quorum === 'half' ? fraction(1n, 2n) : fraction(2n, 3n);
