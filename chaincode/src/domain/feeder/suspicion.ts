import { compareBigints, compareStrings, type NetEnergy } from '../quantity';

/**
 * How well one meter's energy explains what is missing at the feeder: least squares of the residual on the energy that the meter shows,
 * both less their means, in whole numbers. `slopePpm`: missing energy for each million watt-hours shown; a meter that counts a part p
 * of what is drawn is off by (1 − p)/p. `explainedPpm`: the part of the residual's variance that goes away with it (r²).
 */
export interface Explanation {
    readonly side: 'consumption' | 'generation';
    readonly explainedPpm: bigint;
    readonly slopePpm: bigint;
}

export interface MeterOfDay {
    readonly mspId: string;
    /** One for each slot: positive flows to the grid. */
    readonly metered: readonly NetEnergy[];
}

/** A meter is suspected only if it explains four fifths of the variance, and a fifth more than any other meter does. */
export const LEAST_EXPLAINED_PPM = 800_000n;
export const LEAST_LEAD_PPM = 200_000n;

const MILLION = 1_000_000n;

/**
 * What the residuals of a day say of one meter; undefined where they say nothing: no spread in either, or energy is missing where the meter
 * shows less. A constant by-pass correlates with nothing and is not found this way, neither are two who cheat alike.
 */
export function explain(residuals: readonly bigint[], metered: readonly bigint[]): Explanation | undefined {
    if (residuals.length !== metered.length) {
        throw new RangeError(`${residuals.length} residuals and ${metered.length} readings`);
    }
    const consumed = fit(
        'consumption',
        residuals,
        metered.map((net) => (net < 0n ? -net : 0n)),
    );
    const generated = fit(
        'generation',
        residuals,
        metered.map((net) => (net > 0n ? net : 0n)),
    );
    if (consumed === undefined || generated === undefined) {
        return consumed ?? generated;
    }
    return generated.explainedPpm > consumed.explainedPpm ? generated : consumed;
}

function fit(
    side: Explanation['side'],
    residuals: readonly bigint[],
    energies: readonly bigint[],
): Explanation | undefined {
    const n = BigInt(residuals.length);
    const sum = (values: readonly bigint[]): bigint => values.reduce((all, each) => all + each, 0n);
    const product = (one: readonly bigint[], other: readonly bigint[]): bigint =>
        sum(one.map((each, i) => each * (other[i] ?? 0n)));
    // n² times covariance and variances: whole numbers, whose ratios are those of the real ones.
    const covariance = n * product(residuals, energies) - sum(residuals) * sum(energies);
    const ofEnergy = n * product(energies, energies) - sum(energies) ** 2n;
    const ofResidual = n * product(residuals, residuals) - sum(residuals) ** 2n;
    if (covariance <= 0n || ofEnergy === 0n || ofResidual === 0n) {
        return undefined;
    }
    return {
        side,
        explainedPpm: (covariance * covariance * MILLION) / (ofEnergy * ofResidual),
        slopePpm: (covariance * MILLION) / ofEnergy,
    };
}

export interface Suspicion extends Explanation {
    readonly mspId: string;
    /** What the next best meter explains. */
    readonly nextPpm: bigint;
}

/**
 * The one meter that does not fit: it explains enough of what is missing, and clearly more than every other. Undefined where none does, or
 * two do. A suspicion, no proof: a household whose day happens to look like the residual's is suspected without fault, so
 * nothing follows from it by itself.
 */
export function suspect(residuals: readonly bigint[], meters: readonly MeterOfDay[]): Suspicion | undefined {
    const [first, second] = meters
        .flatMap(({ mspId, metered }) => {
            const explanation = explain(residuals, metered);
            return explanation === undefined ? [] : [{ mspId, ...explanation }];
        })
        .sort(
            (one, other) =>
                compareBigints(other.explainedPpm, one.explainedPpm) || compareStrings(one.mspId, other.mspId),
        );
    const nextPpm = second?.explainedPpm ?? 0n;
    const stands =
        first !== undefined &&
        first.explainedPpm >= LEAST_EXPLAINED_PPM &&
        first.explainedPpm - nextPpm >= LEAST_LEAD_PPM;
    return stands ? { ...first, nextPpm } : undefined;
}
