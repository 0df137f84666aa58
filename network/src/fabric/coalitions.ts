import { and, or, signedBy, type PrincipalRole, type Rule } from './policy';

export interface Seat {
    readonly mspId: string;
    readonly weight: bigint;
}

export interface Fraction {
    readonly numerator: bigint;
    readonly denominator: bigint;
}

export const TWO_THIRDS: Fraction = { numerator: 2n, denominator: 3n };

/** Coalitions are subsets: with more seats there are more of them than a configuration block should carry. */
export const MOST_SEATS = 12;

/**
 * All sets of seats heavier than the threshold's share of all weight from which no seat can be taken away; each as MSP ids in the
 * order of the seats, the sets in the order of their first differing seats. Seats without weight are in none.
 */
export function minimalWinningCoalitions(
    seats: readonly Seat[],
    thresholdExclusive: Fraction = TWO_THIRDS,
): readonly (readonly string[])[] {
    checkSeats(seats);
    const total = seats.reduce((sum, { weight }) => sum + weight, 0n);
    const { numerator, denominator } = thresholdExclusive;
    const isWinning = (weight: bigint): boolean => weight * denominator > total * numerator;

    const found: (readonly string[])[] = [];
    const extend = (from: number, members: readonly Seat[], weight: bigint): void => {
        if (isWinning(weight)) {
            // Only the lightest member needs a look: without any other, the rest is lighter still.
            const lightest = members.reduce((least, seat) => (seat.weight < least ? seat.weight : least), weight);
            if (!isWinning(weight - lightest)) found.push(members.map(({ mspId }) => mspId));
            return;
        }
        for (const [index, seat] of seats.entries()) {
            if (index >= from && seat.weight > 0n) extend(index + 1, [...members, seat], weight + seat.weight);
        }
    };
    extend(0, [], 0n);
    return found;
}

function checkSeats(seats: readonly Seat[]): void {
    if (seats.length > MOST_SEATS) throw new RangeError(`${seats.length} seats, at most ${MOST_SEATS}`);
    if (seats.some(({ weight }) => weight < 0n)) throw new RangeError('a seat has negative weight');
    if (new Set(seats.map(({ mspId }) => mspId)).size < seats.length)
        throw new RangeError('an organisation has two seats');
}

/**
 * OR over the minimal winning coalitions of AND over their members in this role. Written out, because naming a principal several
 * times gives one certificate no more weight: signatures are de-duplicated.
 */
export function coalitionRule(
    seats: readonly Seat[],
    role: PrincipalRole,
    thresholdExclusive: Fraction = TWO_THIRDS,
): Rule {
    const coalitions = minimalWinningCoalitions(seats, thresholdExclusive);
    if (coalitions.length === 0) throw new RangeError('no coalition reaches the threshold');
    return or(...coalitions.map((members) => and(...members.map((mspId) => signedBy(mspId, role)))));
}
