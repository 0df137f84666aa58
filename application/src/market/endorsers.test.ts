import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minimalWinningCoalitions } from '@commonwatt/chaincode/domain/committee';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { gridOperator, partiesPolicy, roundPolicy } from '@commonwatt/chaincode/ledger/market-policies';
import { Bundle } from '@commonwatt/network/fabric/channel-config';
import type { Identity } from '@commonwatt/network/fabric/msp';
import { compileKeyPolicy } from '@commonwatt/network/fabric/policy';
import { TestCommunity } from '@commonwatt/network/testing/test-community';
import { isEnough, smallestSet } from '../gateway/endorsement/rule';
import { committeeOf, operatorAndCommittee, votersOnVoiding } from './endorsers';

const DAY = '2025-06-01';
const SLOT = 1;
const ROUND = { day: DAY, slot: SLOT, charterVersion: 3 };
const HOUSEHOLDS = ['H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'H7', 'H8'];
const DSO = 'DSOMSP';
const ALL = [DSO, ...HOUSEHOLDS.map((id) => `${id}MSP`)];
const QUORUMS = [
    { words: 'more than half', numerator: 1n, denominator: 2n },
    { words: 'more than two thirds', numerator: 2n, denominator: 3n },
];
const MOST_SEATS = 7;
/** Whole shares of a million, as an election gives them; none above a third. */
const ELECTED = [
    [333_333n, 333_333n, 333_334n],
    [333_333n, 222_222n, 222_222n, 222_223n],
    [320_000n, 280_000n, 240_000n, 160_000n],
    [200_000n, 200_000n, 200_000n, 200_000n, 200_000n],
    [333_333n, 333_333n, 1n, 1n, 333_332n],
    [333_333n, 133_333n, 133_333n, 133_333n, 133_333n, 133_335n],
    [142_857n, 142_857n, 142_857n, 142_857n, 142_857n, 142_857n, 142_858n],
    [333_333n, 333_333n, 66_667n, 66_667n, 66_667n, 66_667n, 66_666n],
    [1n, 1n, 1n, 1n, 1n, 1n, 1n],
] as const;

let community: TestCommunity;
let bundle: Bundle;
let identities: ReadonlyMap<string, Identity>;

beforeAll(async () => {
    community = await TestCommunity.create(HOUSEHOLDS.length);
    bundle = Bundle.fromConfigBlock(community.genesis);
    identities = new Map(
        ['DSO', ...HOUSEHOLDS].map((id) => [
            `${id}MSP`,
            bundle.msps.deserialize(community.signer(id, 'peer').serialized),
        ]),
    );
});
afterAll(() => {
    community.remove();
});

interface Seats {
    readonly weights: readonly bigint[];
    readonly quorum: { readonly numerator: bigint; readonly denominator: bigint };
    /** The first seat is the grid operator's, who stands in the other branches of the policies as well. */
    readonly withOperator: boolean;
    /** Households that are active on the day. */
    readonly active?: number;
}

/** What the policies of a round depend on; a later committee and a later member do not count for the day. */
function charterOf({ weights, quorum, withOperator, active = HOUSEHOLDS.length }: Seats): Charter {
    const recorded = { version: 3, slot: 0 };
    const later = { version: 4, slot: 0 };
    const names = withOperator ? ALL : ALL.slice(1);
    const seats = weights.map((weight, i) => ({ mspId: names[i] ?? '', weight }));
    const members = HOUSEHOLDS.map((id, i) => {
        const standing = { fromDay: '2025-01-01', status: 'active' as const, recorded: i < active ? recorded : later };
        return [`${id}MSP`, { mspId: `${id}MSP`, standings: [standing] }];
    });
    const { numerator, denominator } = quorum;
    return {
        version: 4,
        roles: { dso: DSO },
        members: Object.fromEntries(members) as Charter['members'],
        committees: [
            { fromSlot: 0, seats, quorum: { numerator, denominator }, recorded },
            {
                fromSlot: 1,
                seats: [{ mspId: DSO, weight: 1n }],
                quorum: { numerator: 1n, denominator: 2n },
                recorded: later,
            },
        ],
    } as unknown as Charter;
}

/** The charter as the chaincode sees it for a day that was opened under version 3. */
function opened(charter: Charter): Charter {
    const known = <T extends { recorded: { version: number } }>(of: readonly T[]): T[] =>
        of.filter(({ recorded }) => recorded.version <= ROUND.charterVersion);
    const members = Object.entries(charter.members)
        .map(([mspId, member]) => [mspId, { ...member, standings: known(member.standings) }] as const)
        .filter(([, { standings }]) => standings.length > 0);
    return { ...charter, members: Object.fromEntries(members), committees: known(charter.committees) };
}

const subsetsOf = (names: readonly string[]): string[][] =>
    Array.from({ length: 2 ** names.length }, (_, choice) => names.filter((_name, bit) => (choice & (1 << bit)) !== 0));

/** By adding up, and nothing else. */
function reaches(charter: Charter, endorsers: readonly string[]): boolean {
    const [term] = charter.committees;
    let total = 0n;
    let held = 0n;
    for (const { mspId, weight } of term?.seats ?? []) {
        total += weight;
        held += endorsers.includes(mspId) ? weight : 0n;
    }
    const { numerator = 0n, denominator = 1n } = term?.quorum ?? {};
    return held * denominator > total * numerator;
}

/** Any set of endorsers: the policies as the embedded peer judges them, the client's rules, and sums, all agree. */
function check(charter: Charter, sets: readonly (readonly string[])[]): void {
    const view = opened(charter);
    const marker = compileKeyPolicy(partiesPolicy(view, 'H8MSP', SLOT), bundle.msps);
    const round = compileKeyPolicy(roundPolicy(view, DAY, SLOT), bundle.msps);
    const rules = {
        clearing: committeeOf(charter, ROUND),
        voiding: votersOnVoiding(charter, ROUND),
        estimating: operatorAndCommittee(charter, ROUND),
    };
    const active = Object.keys(view.members);
    const wrong = sets.filter((endorsers) => {
        const signed = endorsers.flatMap((mspId) => identities.get(mspId) ?? []);
        const given = new Set(endorsers);
        const isQuorum = reaches(view, endorsers);
        const isVote =
            given.has(gridOperator(view)) && 2 * active.filter((mspId) => given.has(mspId)).length > active.length;
        const judged = [
            [round.evaluateIdentities(signed), isQuorum || isVote],
            [marker.evaluateIdentities(signed), given.has(DSO) && (given.has('H8MSP') || isQuorum)],
            [isEnough(rules.clearing, given), isQuorum],
            [isEnough(rules.voiding, given), isQuorum || isVote],
            [isEnough(rules.estimating, given), given.has(DSO) && isQuorum],
        ];
        return judged.some(([found, summed]) => found !== summed);
    });
    expect(wrong).toEqual([]);
}

describe('the seats of a committee', () => {
    it('are all asked in the course of a day, however little some of them weigh', () => {
        const quorum = { numerator: 1n, denominator: 2n };
        for (const weights of ELECTED) {
            const charter = charterOf({ weights, quorum, withOperator: false });
            const seats = charter.committees[0]?.seats ?? [];
            const asked = new Set(
                Array.from({ length: 96 }, (_, slot) => {
                    const rule = committeeOf(
                        { ...charter, committees: charter.committees.slice(0, 1) },
                        { ...ROUND, slot },
                    );
                    const nobody = new Set<string>();
                    return smallestSet(rule, { given: nobody, out: nobody, doubtful: nobody, own: DSO }) ?? [];
                }).flat(),
            );
            // A seat without which every winning set wins is none that matters.
            const matters = seats.filter(({ mspId }) =>
                minimalWinningCoalitions({ seats, quorum }).some((coalition) => coalition.includes(mspId)),
            );
            expect(matters.filter(({ mspId }) => !asked.has(mspId))).toEqual([]);
        }
    });
});

/** Committees of rising weights up to `most`, one for each of what they could be but for the order of the seats. */
function committees(seats: number, most: number, least = 1): bigint[][] {
    if (seats === 0) {
        return [[]];
    }
    return Array.from({ length: most - least + 1 }, (_, i) => least + i).flatMap((weight) =>
        committees(seats - 1, most, weight).map((rest) => [BigInt(weight), ...rest]),
    );
}

describe.each(QUORUMS)('a key that needs $words of the committee, on the embedded peer', (quorum) => {
    it.each([1, 2, 3, 4, 5, 6, 7])(
        'is written by exactly the sets that weigh enough: all of %i seats, all subsets',
        (seats) => {
            const most = seats < 6 ? 4 : 3;
            for (const weights of committees(seats, most)) {
                const charter = charterOf({ weights, quorum, withOperator: false });
                check(charter, subsetsOf(ALL.slice(1, seats + 1)));
            }
        },
    );

    it('is written by exactly the sets that weigh enough where seats have the weights of an election', () => {
        for (const weights of ELECTED) {
            check(charterOf({ weights, quorum, withOperator: false }), subsetsOf(ALL));
            check(charterOf({ weights, quorum, withOperator: true }), subsetsOf(ALL));
        }
    });

    it('is written by exactly the sets that weigh enough, whatever weights, operator seated or not', () => {
        const weight = fc.oneof(fc.bigInt({ min: 1n, max: 5n }), fc.bigInt({ min: 1n, max: 333_333n }));
        const cases = fc.record({
            weights: fc.array(weight, { minLength: 1, maxLength: MOST_SEATS }),
            withOperator: fc.boolean(),
            active: fc.integer({ min: 1, max: HOUSEHOLDS.length }),
            sets: fc.array(fc.subarray(ALL), { minLength: 1, maxLength: 40 }),
        });
        fc.assert(
            fc.property(cases, ({ sets, ...seats }) => {
                check(charterOf({ ...seats, quorum }), sets);
            }),
            { numRuns: 150, seed: 20141003 },
        );
    });
});
