import type { PrincipalRole, Rule } from './policy';

export interface Seat {
    readonly mspId: string;
    readonly weight: bigint;
}

export interface Fraction {
    readonly numerator: bigint;
    readonly denominator: bigint;
}

export const TWO_THIRDS: Fraction = { numerator: 2n, denominator: 3n };

/** All sets of seats heavier than the threshold of which no seat can be left out; each as the MSP ids in order of seats. */
export function minimalWinningCoalitions(
    _seats: readonly Seat[],
    _thresholdExclusive: Fraction = TWO_THIRDS,
): readonly (readonly string[])[] {
    throw new Error('not yet');
}

/** OR over the minimal winning coalitions of AND over their members in this role. */
export function coalitionRule(
    _seats: readonly Seat[],
    _role: PrincipalRole,
    _thresholdExclusive: Fraction = TWO_THIRDS,
): Rule {
    throw new Error('not yet');
}
