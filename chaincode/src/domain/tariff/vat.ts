import { dividedHalfEven, minorUnits, type MinorUnits, type Nanos } from '../quantity';
import { firstFlaw, repeated } from './bands';
import { MILLION, type Payee } from './charges';

/**
 * Value added tax, in parts per million of what a line comes to. Prices are without it; a line bears the rate of its seller. A
 * small seller, and one whose buyer owes the tax (reverse charge), has the rate 0.
 */
export interface VatTerms {
    readonly supplierPpm: bigint;
    readonly gridPpm: bigint;
    readonly communityPpm: bigint;
    /** Of energy bought in rounds: nobody knows whose it is, so the community, which sells it in its name, has one rate for all of it. */
    readonly poolPpm: bigint;
    /** Households that owe tax on what they sell. All others are small sellers. */
    readonly members: readonly { readonly mspId: string; readonly ppm: bigint }[];
}

/** Who sells what stands on a line. */
export type Seller = Payee | 'pool' | 'household';

/** The rate of what is sold by `seller`; of a household's own sales if that is the household `mspId`. */
export function rateOf(vat: VatTerms | undefined, seller: Seller, mspId: string): bigint {
    if (vat === undefined) {
        return 0n;
    }
    const rates: Readonly<Record<Seller, bigint>> = {
        supplier: vat.supplierPpm,
        grid: vat.gridPpm,
        community: vat.communityPpm,
        pool: vat.poolPpm,
        household: vat.members.find((member) => member.mspId === mspId)?.ppm ?? 0n,
    };
    return rates[seller];
}

/**
 * The tax on all lines of one rate and direction together, in minor units, half to even: tax law asks for the tax of each rate, so
 * each is a whole amount of its own. Neither side gains in the long run.
 */
export const taxOn = (net: Nanos, ppm: bigint, nanosPerMinorUnit: bigint): MinorUnits =>
    minorUnits(dividedHalfEven(net * ppm, MILLION * nanosPerMinorUnit));

/** Why this is no tax, or undefined if it is. */
export function vatFlaw({ supplierPpm, gridPpm, communityPpm, poolPpm, members }: VatTerms): string | undefined {
    const dearer = firstFlaw(Object.entries({ gridPpm, communityPpm, poolPpm }), ([name, ppm]) =>
        ppm > supplierPpm
            ? `${name} ${ppm.toString()} is above supplierPpm ${supplierPpm.toString()}: what is bought locally could cost more than from the grid`
            : undefined,
    );
    return (
        dearer ??
        repeated(
            'the tax of',
            members.map(({ mspId }) => mspId),
        )
    );
}
