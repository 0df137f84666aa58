import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isQuorum, minimalWinningCoalitions, type Committee } from '../domain/committee';
import { compareStrings } from '../domain/quantity';
import { holds } from '../testing/property';
import { isSatisfied } from '../testing/signature-policy';
import { allOf, anyOf, coalition, organisation, outOf, policyBytes } from './key-policy';

/** 1 out of (2 out of principals 0 and 1; 2 out of principals 0, 1 and 2). */
const RULE = '122412220801120c120a080212020800120208011210120e0802120208001202080112020802';
/** The peers (role 3) of AMSP, BMSP and CMSP. */
const PRINCIPALS = ['41', '42', '43'].map((letter) => `1a0a12080a04${letter}4d53501003`).join('');

describe('policy bytes', () => {
    it('are the same however the organisations are listed', () => {
        const one = policyBytes(coalition(['BMSP', 'AMSP', 'BMSP']));
        const other = policyBytes(coalition(['AMSP', 'BMSP']));
        expect(Buffer.from(one).equals(other)).toBe(true);
    });

    it('are what they were when keys were first written under them', () => {
        const bytes = policyBytes(
            anyOf([coalition(['AMSP', 'BMSP']), outOf(2, ['AMSP', 'BMSP', 'CMSP'].map(organisation))]),
        );
        expect(Buffer.from(bytes).toString('hex')).toBe(RULE + PRINCIPALS);
    });

    it('hold for exactly the quorums of a committee', () => {
        const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
        const committees = fc
            .record({
                weights: fc.array(fc.bigInt({ min: 1n, max: 4n }), { minLength: 1, maxLength: 7 }),
                quorum: fc.constantFrom([1n, 2n], [2n, 3n], [0n, 1n]),
                endorsers: fc.subarray(names),
            })
            .map(({ weights, quorum: [numerator = 0n, denominator = 1n], endorsers }) => ({
                committee: {
                    seats: weights.map((weight, i) => ({ mspId: names[i] ?? '', weight })),
                    quorum: { numerator, denominator },
                } satisfies Committee,
                endorsers,
            }));
        holds(
            fc.property(committees, ({ committee, endorsers }) => {
                const policy = policyBytes(anyOf(minimalWinningCoalitions(committee).map(coalition)));
                expect(isSatisfied(policy, endorsers)).toBe(isQuorum(committee, endorsers));
            }),
        );
    });

    it('count majorities of many households without listing coalitions', () => {
        const households = Array.from({ length: 50 }, (_, i) => `H${i}MSP`).sort(compareStrings);
        const policy = policyBytes(allOf([organisation('DSOMSP'), outOf(26, households.map(organisation))]));
        expect(isSatisfied(policy, ['DSOMSP', ...households.slice(0, 25)])).toBe(false);
        expect(isSatisfied(policy, ['DSOMSP', ...households.slice(24)])).toBe(true);
        expect(isSatisfied(policy, households)).toBe(false);
        expect(policy.length).toBeLessThan(2_000);
    });
});
