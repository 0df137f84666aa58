import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { candidatesOf, isEnough, smallestSet, type EndorsementRule, type Share, type Standing } from './rule';

const RUNS = { numRuns: 500, seed: 20141003 };
const NAMES = ['A', 'B', 'C', 'D', 'E'];
const NOBODY: ReadonlySet<string> = new Set();

/** `2 of A=1 B=1 C=2`: weight 2 of these. */
function share(text: string): Share {
    const [needed = '', , ...of] = text.split(' ');
    return {
        needed: BigInt(needed),
        of: of.map((each) => ({ mspId: each.split('=')[0] ?? '', weight: BigInt(each.split('=')[1] ?? '') })),
    };
}
const rule = (...anyOf: readonly string[][]): EndorsementRule => ({
    what: 'a test',
    anyOf: anyOf.map((shares) => shares.map(share)),
});
const standing = (of: Partial<Record<'given' | 'out' | 'doubtful', string>> = {}, own = 'Z'): Standing => ({
    given: new Set(of.given ?? ''),
    out: new Set(of.out ?? ''),
    doubtful: new Set(of.doubtful ?? ''),
    own,
});

describe('who is asked', () => {
    const committee = rule(['5 of A=1 B=2 C=3 D=3']);
    it.each([
        { what: 'the heaviest', of: standing(), asked: 'CD' },
        { what: 'the own organisation where that saves asking another', of: standing({}, 'B'), asked: 'BC' },
        { what: 'not the own organisation where it saves nobody', of: standing({}, 'A'), asked: 'CD' },
        { what: 'substitutes of one that is out', of: standing({ out: 'D' }), asked: 'BC' },
        { what: 'those around one in doubt', of: standing({ doubtful: 'C' }), asked: 'BD' },
        { what: 'one in doubt where it must be', of: standing({ doubtful: 'C', out: 'D' }), asked: 'BC' },
        { what: 'nobody more than those who endorsed and are needed', of: standing({ given: 'BC' }), asked: 'BC' },
        { what: 'who fits to an endorsement that was given', of: standing({ given: 'B' }), asked: 'BC' },
        { what: 'nobody where too few are left', of: standing({ out: 'CD' }), asked: undefined },
    ])('is $what', ({ of, asked }) => {
        expect(smallestSet(committee, of)?.toSorted().join('')).toBe(asked);
    });

    it.each([
        { turn: 0, asked: 'AD' },
        { turn: 1, asked: 'BD' },
        { turn: 2, asked: 'CD' },
        { turn: 3, asked: 'AD' },
        { turn: 7, asked: 'AD' },
    ])('is whose turn it is, and nobody to spare (turn $turn)', ({ turn, asked }) => {
        const [only] = rule(['6 of A=1 B=1 C=1 D=5']).anyOf[0] ?? [];
        const taking: EndorsementRule = { what: 'a test', anyOf: [[{ ...(only ?? share('')), turn }]] };
        // Of A, B, C and D in turn, the last that are not needed are spared again.
        expect(smallestSet(taking, standing())?.toSorted().join('')).toBe(asked);
    });

    it('is the smaller of two alternatives, and an organisation in both shares of one only once', () => {
        const voiding = rule(['2 of A=1 B=1 C=1'], ['1 of D=1', '2 of A=1 D=1 E=1']);
        expect(smallestSet(voiding, standing())?.toSorted()).toEqual(['A', 'B']);
        expect(smallestSet(voiding, standing({ out: 'BC' }))?.toSorted()).toEqual(['A', 'D']);
        expect(candidatesOf(voiding)).toEqual(NAMES);
    });
});

describe('a smallest set', () => {
    const shares = fc.array(fc.bigInt({ min: 1n, max: 5n }), { minLength: 1, maxLength: 5 }).chain((weights) =>
        fc.record({
            of: fc.constant(weights.map((weight, i) => ({ mspId: NAMES[i] ?? '', weight }))),
            needed: fc.bigInt({ min: 1n, max: weights.reduce((sum, weight) => sum + weight, 1n) }),
        }),
    );
    const cases = fc.record({
        anyOf: fc.array(fc.array(shares, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
        out: fc.subarray(NAMES),
        doubtful: fc.subarray(NAMES),
        given: fc.subarray(NAMES),
    });
    const subsets = Array.from({ length: 2 ** NAMES.length }, (_, choice) =>
        NAMES.filter((_name, bit) => (choice & (1 << bit)) !== 0),
    );

    it('is found exactly where there is one, is enough, and leaves out who is out', () => {
        fc.assert(
            fc.property(cases, ({ anyOf, out, doubtful, given }) => {
                const asked: EndorsementRule = { what: 'a test', anyOf };
                const lost = new Set(out.filter((each) => !given.includes(each)));
                const of: Standing = { given: new Set(given), out: lost, doubtful: new Set(doubtful), own: 'A' };
                const set = smallestSet(asked, of);
                const able = subsets.filter((each) => each.every((mspId) => !lost.has(mspId)));
                expect(set !== undefined).toBe(able.some((each) => isEnough(asked, new Set(each))));
                expect(set === undefined || isEnough(asked, new Set(set))).toBe(true);
                expect(set?.some((mspId) => lost.has(mspId)) ?? false).toBe(false);
            }),
            RUNS,
        );
    });

    it('of one share has nobody to spare, and no other has fewer members', () => {
        fc.assert(
            fc.property(shares, fc.subarray(NAMES), (only, out) => {
                const asked: EndorsementRule = { what: 'a test', anyOf: [[only]] };
                const set = smallestSet(asked, { given: NOBODY, out: new Set(out), doubtful: NOBODY, own: 'Z' });
                for (const left of set ?? []) {
                    expect(isEnough(asked, new Set(set?.filter((mspId) => mspId !== left)))).toBe(false);
                }
                const fewest = subsets
                    .filter((each) => each.every((mspId) => !out.includes(mspId)) && isEnough(asked, new Set(each)))
                    .map(({ length }) => length)
                    .toSorted()[0];
                expect(set?.length).toBe(fewest);
            }),
            RUNS,
        );
    });
});
