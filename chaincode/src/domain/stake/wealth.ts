import { allocate, compareStrings, type Quantity } from '../quantity';

/** One, in parts per million. */
export const PPM = 1_000_000n;
/** So many members are needed for each to stay below a third. */
const LEAST_FOR_A_CAP = 4;

/** What the ledger's records say of a member in an epoch. */
export interface Standing {
    readonly mspId: string;
    /** Tokens for matched energy: E before it is normalised. */
    readonly tokens: bigint;
    /** Epochs in which the member stood for election since it was last elected. */
    readonly age: number;
    readonly reputation: bigint;
}

export interface WealthParameters {
    readonly alphaPpm: bigint;
    readonly betaPpm: bigint;
    readonly gammaPpm: bigint;
    readonly floorPpm: bigint;
    readonly capPpm: bigint;
    readonly ageCap: number;
}

/** A member's weight W and what it is made of, each in parts per million of all members together. */
export interface Wealth extends Standing {
    readonly energyPpm: bigint;
    readonly agePpm: bigint;
    readonly reputationPpm: bigint;
    readonly weight: bigint;
}

/**
 * Relative wealth W = αE + βA + γR of every member, in order of MSP id (design of the stake: docs/concepts/stake; the terms are
 * those of the review literature's "relative wealth" rule). Each term is a member's share of the community's sum; a term whose
 * sum is zero is zero for all. A share below the floor is raised to it, then the shares are normalised and capped.
 *
 * Invariants: with the governed floor of a thousandth or more every weight is at least 1; with four members or more they add up to a million and none is above the cap (or,
 * where the cap is too low for the number of members, above an equal share rounded up), so none has a third; with fewer they
 * are all equal. More tokens, age or reputation never make a member's own weight smaller.
 */
export function wealthOf(standings: readonly Standing[], parameters: WealthParameters): Wealth[] {
    const sorted = [...standings].sort((a, b) => compareStrings(a.mspId, b.mspId));
    const energy = shares(sorted.map(({ tokens }) => tokens));
    const age = shares(sorted.map((each) => BigInt(Math.min(each.age, parameters.ageCap))));
    const reputation = shares(sorted.map((each) => each.reputation));
    const terms = sorted.map((standing, i) => ({
        ...standing,
        energyPpm: energy[i] ?? 0n,
        agePpm: age[i] ?? 0n,
        reputationPpm: reputation[i] ?? 0n,
    }));
    const raw = terms.map(({ energyPpm, agePpm, reputationPpm }) => {
        const { alphaPpm, betaPpm, gammaPpm, floorPpm } = parameters;
        const share = (alphaPpm * energyPpm + betaPpm * agePpm + gammaPpm * reputationPpm) / PPM;
        return share < floorPpm ? floorPpm : share;
    });
    const weights = cappedWeights(raw, parameters.capPpm);
    return terms.map((each, i) => ({ ...each, weight: weights[i] ?? 0n }));
}

/** Each amount as parts per million of their sum, rounded down: nobody gains by rounding. */
function shares(amounts: readonly bigint[]): bigint[] {
    const sum = amounts.reduce((a, b) => a + b, 0n);
    return amounts.map((amount) => (sum === 0n ? 0n : (amount * PPM) / sum));
}

/**
 * Weights in proportion to `raw` that add up to a million, none above the cap: what lies above it is shared out over the others
 * in proportion, which may lift the next above it, and so on (water filling). A cap that cannot hold because there are too few
 * members for it is raised to an equal share. Fewer than four members are equal: with two or three, any difference would give
 * one of them a third or more, or a quorum by rounding.
 */
export function cappedWeights(raw: readonly bigint[], capPpm: bigint): bigint[] {
    if (raw.some((each) => each <= 0n)) {
        throw new RangeError(`weights are positive: [${raw.join(', ')}]`);
    }
    const count = BigInt(raw.length);
    if (raw.length < LEAST_FOR_A_CAP) {
        return raw.map(() => PPM / count);
    }
    const equal = (PPM + count - 1n) / count;
    const cap = capPpm > equal ? capPpm : equal;
    const capped = new Set<number>();
    for (let round = 0; round < raw.length; round += 1) {
        const above = raw.findIndex((each, i) => !capped.has(i) && isAbove(each, raw, capped, cap));
        if (above < 0) {
            break;
        }
        capped.add(above);
    }
    const rest = PPM - BigInt(capped.size) * cap;
    const open = raw.map((each, i) => (capped.has(i) ? 0n : each));
    const shared = capped.size === raw.length ? [] : allocate(rest as Quantity<'ppm'>, open);
    return raw.map((_, i) => (capped.has(i) ? cap : (shared[i] ?? 0n)));
}

/** Whether the share of what the capped ones leave would be above the cap. */
function isAbove(each: bigint, raw: readonly bigint[], capped: ReadonlySet<number>, cap: bigint): boolean {
    const left = PPM - BigInt(capped.size) * cap;
    const open = raw.reduce((sum, other, i) => (capped.has(i) ? sum : sum + other), 0n);
    return each * left > cap * open;
}
