import { MOST_SEATS, type Committee } from '../committee';
import type { Fraction } from '../quantity';
import { ranking, type Candidate, type DrawRule } from './draw';
import { cappedWeights } from './wealth';

export interface ElectionRules {
    readonly rule: DrawRule;
    readonly seats: number;
    readonly capPpm: bigint;
    readonly quorum: Fraction;
}

export interface Election {
    /** Everybody who took part, first drawn first: seats, then substitutes. */
    readonly ranking: readonly string[];
    /** Undefined where fewer than two took part: what needs a quorum needs more than one. */
    readonly committee: Committee | undefined;
}

/** Draw a committee of at most `seats` of the candidates. */
export function elect(candidates: readonly Candidate[], seed: Uint8Array, rules: ElectionRules): Election {
    const order = ranking(rules.rule, candidates, seed);
    return { ranking: order, committee: seated(order.slice(0, Math.min(rules.seats, MOST_SEATS)), candidates, rules) };
}

/**
 * These members as a committee. Seats weigh what their members do, capped within the committee as weights are within the
 * community, so that of four seats or more none has a third, of two or three all are equal, and none is a quorum alone.
 */
export function seated(
    mspIds: readonly string[],
    candidates: readonly Candidate[],
    { capPpm, quorum }: Pick<ElectionRules, 'capPpm' | 'quorum'>,
): Committee | undefined {
    const weights = new Map(candidates.map(({ mspId, weight }) => [mspId, weight]));
    const known = mspIds.filter((mspId) => weights.has(mspId));
    if (known.length < 2) {
        return undefined;
    }
    const capped = cappedWeights(
        known.map((mspId) => weights.get(mspId) ?? 0n),
        capPpm,
    );
    return { seats: known.map((mspId, i) => ({ mspId, weight: capped[i] ?? 0n })), quorum };
}
