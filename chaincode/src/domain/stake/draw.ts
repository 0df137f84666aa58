import { sha256 } from '../digest';
import { compareBigints, compareStrings } from '../quantity';

/**
 * How members are drawn. `proportional`: each draw is won in proportion to weight. `max-w-over-u`: everybody draws a U and the
 * largest W/U wins, the rule of the review paper, which favours the heavy (docs/concepts/stake); there for comparison.
 */
export type DrawRule = 'proportional' | 'max-w-over-u';

export interface Candidate {
    readonly mspId: string;
    /** At least 1. */
    readonly weight: bigint;
}

const SELECT_TAG = 'producer-select/v1|';
const COMMITTEE_TAG = 'committee-select/v1|';
const U_TAG = 'max-w-over-u/v1|';
const HASHES = 1n << 256n;
/** Rejection fails less than once in 2 tries; so often in a row not in the life of the sun. */
const MOST_TRIES = 256;

/**
 * A whole number below `bound`, each equally likely: SHA-256 of tag, seed and a counter (uint32 big-endian from 0); a hash at or
 * above the largest multiple of the bound is rejected, and the counter goes up.
 */
export function uniformBelow(bound: bigint, seed: Uint8Array): bigint {
    if (bound <= 0n) {
        throw new RangeError(`nothing is below ${bound.toString()}`);
    }
    const limit = (HASHES / bound) * bound;
    for (let counter = 0; counter < MOST_TRIES; counter += 1) {
        const number = numberOf(sha256(SELECT_TAG, seed, uint32(counter)));
        if (number < limit) {
            return number % bound;
        }
    }
    throw new Error('no hash below the limit');
}

/** One of the candidates, in proportion to weight: the walk along the cumulative weights in order of MSP id. */
export function drawOne(candidates: readonly Candidate[], seed: Uint8Array): Candidate {
    const sorted = byMspId(candidates);
    let left = uniformBelow(
        sorted.reduce((sum, { weight }) => sum + weight, 0n),
        seed,
    );
    for (const candidate of sorted) {
        if (left < candidate.weight) {
            return candidate;
        }
        left -= candidate.weight;
    }
    throw new Error('the cumulative weights end below their sum');
}

/**
 * All candidates in the order in which they are drawn without replacement: seats first, then substitutes. The draw of rank r has
 * the seed SHA-256(`committee-select/v1|` ‖ seed ‖ r as uint32 big-endian), so that ranks are independent.
 */
export function ranking(rule: DrawRule, candidates: readonly Candidate[], seed: Uint8Array): string[] {
    const light = candidates.find(({ weight }) => weight < 1n);
    if (light !== undefined) {
        throw new RangeError(`the weight of ${light.mspId} is ${light.weight.toString()}`);
    }
    return rule === 'proportional' ? proportional(candidates, seed) : byWeightOverU(candidates, seed);
}

function proportional(candidates: readonly Candidate[], seed: Uint8Array): string[] {
    const drawn: string[] = [];
    let left = byMspId(candidates);
    while (left.length > 0) {
        const { mspId } = drawOne(left, sha256(COMMITTEE_TAG, seed, uint32(drawn.length)));
        drawn.push(mspId);
        left = left.filter((each) => each.mspId !== mspId);
    }
    return drawn;
}

/** Falling W/U with U = SHA-256(tag ‖ seed ‖ MSP id) as a whole number; compared crosswise, so that nothing is divided. */
function byWeightOverU(candidates: readonly Candidate[], seed: Uint8Array): string[] {
    return byMspId(candidates)
        .map(({ mspId, weight }) => ({ mspId, weight, u: numberOf(sha256(U_TAG, seed, mspId)) }))
        .sort((a, b) => compareBigints(b.weight * a.u, a.weight * b.u) || compareStrings(a.mspId, b.mspId))
        .map(({ mspId }) => mspId);
}

const byMspId = (candidates: readonly Candidate[]): Candidate[] =>
    [...candidates].sort((a, b) => compareStrings(a.mspId, b.mspId));

function numberOf(bytes: Uint8Array): bigint {
    return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function uint32(n: number): Uint8Array {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    return bytes;
}
