import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { dividedHalfEven, fraction, type Fraction } from '../quantity';
import {
    closeIteration,
    firstState,
    nanosPerKwh,
    poolEnergy,
    type ClosedIteration,
    type ExchangeRules,
    type ExchangeState,
    type Submission,
} from './exchange';
import { gridStep } from './grid-agent';

const RETAIL = nanosPerKwh(300_000_000n);
const FEED_IN = nanosPerKwh(100_000_000n);
const FAR = 1_000_000n;

const rulesOf = (...agents: string[]): ExchangeRules => ({
    agents,
    slots: 1,
    iterations: 100,
    primalTolerance: 2n,
    dualTolerance: 1_000_000n,
    overRelaxation: fraction(1n, 2n),
    penalty: { initial: 50_000n, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
});

/** An agent of the worked problems: N times its reference point and the price give its answer. */
type Step = (price: bigint, scaled: bigint, penalty: bigint, n: bigint) => bigint;
const between = (least: bigint, most: bigint, x: bigint): bigint => (x < least ? least : x > most ? most : x);

// Generator 0.02g² + 0.05g for g in [0, 20] kWh; elastic load ½·0.05·(d − 10)²; in nanos/kWh and Wh, minimised by hand.
const generator: Step = (price, z, rho, n) =>
    -between(0n, 20_000n, dividedHalfEven((price - 50_000_000n) * n - rho * z, (40_000n + rho) * n));
const load: Step = (price, z, rho, n) =>
    between(0n, 20_000n, dividedHalfEven((500_000_000n - price) * n + rho * z, (50_000n + rho) * n));
const grid =
    (importLimit: bigint): Step =>
    (price, scaled, penalty, n) =>
        gridStep({ retail: RETAIL, feedIn: FEED_IN, importLimit, exportLimit: FAR }, nanosPerKwh(price), {
            penalty,
            scaled,
            agents: Number(n),
        });
const fixed =
    (energy: bigint): Step =>
    () =>
        energy;

function solve(steps: Record<string, Step>, rules = rulesOf(...Object.keys(steps))): ClosedIteration[] {
    const closed: ClosedIteration[] = [];
    let state = firstState(rules, [nanosPerKwh(0n)]);
    while (closed.at(-1)?.end !== 'converged' && closed.at(-1)?.end !== 'not-converged') {
        const now: ExchangeState = state;
        const submissions = now.references.map(({ agent, scaled }) => ({
            agent,
            energies: [
                poolEnergy(
                    steps[agent]?.(now.prices[0] ?? 0n, scaled[0] ?? 0n, now.penalty, BigInt(rules.agents.length)) ??
                        0n,
                ),
            ],
        }));
        const next = closeIteration(rules, now, submissions);
        closed.push(next);
        state = next.state;
    }
    return closed;
}

/** Closed iterations of given submissions, one row each, in the order of the rules' agents. */
function replay(rules: ExchangeRules, rows: readonly (readonly bigint[])[]): ClosedIteration[] {
    let state = firstState(rules, [nanosPerKwh(0n)]);
    return rows.map((row) => {
        const closed = closeIteration(
            rules,
            state,
            rules.agents.map((agent, i) => ({ agent, energies: [poolEnergy(row[i] ?? 0n)] })),
        );
        state = closed.state;
        return closed;
    });
}

/** What everybody sees of a closed iteration. */
const summary = ({ state, sums, residuals }: ClosedIteration) => [state.prices, sums, residuals];

function endOf(steps: Record<string, Step>): ClosedIteration {
    const end = solve(steps).at(-1);
    if (end === undefined) {
        throw new Error('no iteration was closed');
    }
    return end;
}

const distance = (one: bigint | undefined, other: bigint | undefined): number =>
    Math.abs(Number(one ?? 0n) - Number(other ?? 0n));

const prices = (closed: readonly ClosedIteration[]): bigint[] => closed.map(({ state }) => state.prices[0] ?? 0n);

describe('the worked problem E1: a generator, a load, the grid', () => {
    const closed = solve({ gen: generator, load, grid: grid(FAR) });

    it('goes the worked way', () => {
        expect(
            closed.slice(0, 4).map(({ sums, state, residuals }) => [sums[0], state.prices[0], residuals.dual]),
        ).toEqual([
            [7000n, 116_666_667n, 133_333_333n],
            [3130n, 168_833_334n, 72_850_000n],
            [2341n, 207_850_001n, 36_600_000n],
            [1346n, 230_283_334n, 25_416_667n],
        ]);
    });

    it('converges in eleven iterations to a quarter of the currency', () => {
        expect(closed).toHaveLength(11);
        expect(closed.at(-1)).toMatchObject({ end: 'converged', sums: [-1n], state: { prices: [250_066_667n] } });
        // Generator, grid, load, in order of their names; N·z = N·x − Σ without over-relaxation.
        const energies = closed.at(-1)?.state.references.map(({ scaled: [own = 0n] }) => own - 1n);
        expect(energies).toEqual([-4994n, 0n, 4993n].map((x) => 3n * x));
    });
});

// Submissions of generator, load, fixed load, grid, as published with their prices.
const FIRST_FIVE = [
    [0n, 5000n, 4000n, 2000n],
    [-2500n, 4750n, 4000n, 0n],
    [-4097n, 4437n, 4000n, 0n],
    [-5322n, 3977n, 4000n, -482n],
    [-6003n, 3746n, 4000n, -966n],
];
const E2 = [
    ...FIRST_FIVE,
    [-6296n, 3708n, 4000n, -1295n],
    [-6383n, 3757n, 4000n, -1489n],
    [-6383n, 3825n, 4000n, -1596n],
    [-6356n, 3883n, 4000n, -1655n],
    [-6327n, 3925n, 4000n, -1688n],
    [-6304n, 3952n, 4000n, -1708n],
    [-6287n, 3970n, 4000n, -1721n],
    [-6275n, 3981n, 4000n, -1730n],
    [-6267n, 3988n, 4000n, -1736n],
    [-6262n, 3992n, 4000n, -1741n],
    [-6258n, 3995n, 4000n, -1744n],
    [-6256n, 3996n, 4000n, -1746n],
    [-6254n, 3998n, 4000n, -1747n],
    [-6253n, 3999n, 4000n, -1748n],
];
const E2_PRICES = [
    137_500_000n,
    215_625_000n,
    269_875_000n,
    297_037_500n,
    306_750_000n,
    308_212_500n,
    306_775_000n,
    304_850_000n,
    303_250_000n,
    302_125_000n,
    301_375_000n,
    300_900_000n,
    300_600_000n,
    300_412_500n,
    300_275_000n,
    300_187_500n,
    300_112_500n,
    300_075_000n,
    300_050_000n,
];
const E4 = [
    ...FIRST_FIVE,
    [-6296n, 3708n, 4000n, -1000n],
    [-6465n, 3684n, 4000n, -1000n],
    [-6563n, 3668n, 4000n, -1000n],
    [-6616n, 3661n, 4000n, -1000n],
    [-6643n, 3660n, 4000n, -1000n],
    [-6657n, 3661n, 4000n, -1000n],
    [-6663n, 3662n, 4000n, -1000n],
];
const E4_PRICES = [311_900_000n, 314_637_500n, 315_950_000n, 316_512_500n, 316_725_000n, 316_775_000n, 316_762_500n];

describe('published submissions, replayed', () => {
    const rules = rulesOf('gen', 'load', 'must', 'zgrid');

    it('E2 digit for digit', () => {
        const closed = replay(rules, E2);
        expect(prices(closed)).toEqual(E2_PRICES);
        expect(closed.map(({ end }) => end)).toEqual([...Array<string>(18).fill('running'), 'converged']);
        expect(closed.at(-1)?.residuals).toEqual({ primal: 2n, dual: 62_500n });
    });

    it('E4 digit for digit', () => {
        const closed = replay(rules, E4);
        expect(prices(closed)).toEqual([...E2_PRICES.slice(0, 5), ...E4_PRICES]);
        expect(closed.at(-1)?.end).toBe('converged');
    });

    it.each([
        {
            problem: 'E2',
            steps: { gen: generator, load, must: fixed(4000n), zgrid: grid(FAR) },
            last: E2.at(-1),
            price: 300_050_000n,
        },
        {
            problem: 'E4',
            steps: { gen: generator, load, must: fixed(4000n), zgrid: grid(1000n) },
            last: E4.at(-1),
            price: 316_762_500n,
        },
    ])('our own agents end within 2 Wh and 50,000 nanos of $problem', ({ steps, last, price }) => {
        const end = endOf(steps);
        expect(end.end).toBe('converged');
        expect(distance(end.state.prices[0], price)).toBeLessThanOrEqual(50_000);
        const energies = end.state.references.map(({ scaled: [own = 0n] }) => (own + (end.sums[0] ?? 0n)) / 4n);
        expect(Math.max(...energies.map((own, i) => distance(own, last?.[i])))).toBeLessThanOrEqual(2);
    });

    it('E3: twelve kWh of sun bring the price to feed-in and the rest to the grid', () => {
        const end = endOf({ gen: generator, load, sun: fixed(-12_000n), zgrid: grid(FAR) });
        expect(end.end).toBe('converged');
        expect(distance(end.state.prices[0], 100_000_000n)).toBeLessThanOrEqual(1_000_000);
    });
});

/**
 * The first published coordinator on a ledger: min x² + 2z² with x + z = 4, one after the other, int256 with nine decimals and
 * truncating division. Its multiplier moves by ρ × the whole sum: two agents and a constant, as an exchange of one pool.
 */
test('the published two-block coordinator, digit for digit', () => {
    const one = 1_000_000_000n;
    const rules: ExchangeRules = {
        ...rulesOf('pool'),
        primalTolerance: 100_000n,
        penalty: { initial: 2n, least: 1n, most: 2n, adaptiveUntil: 0 },
    };
    let state = firstState(rules, [nanosPerKwh(0n)]);
    let z = 0n;
    const residuals: bigint[] = [];
    for (;;) {
        const y: bigint = state.prices[0] ?? 0n;
        const x: bigint = (2n * (4n * one - z) - y) / 4n;
        z = (2n * (4n * one - x) - y) / 6n;
        const closed = closeIteration(rules, state, [{ agent: 'pool', energies: [poolEnergy(x + z - 4n * one)] }]);
        state = closed.state;
        residuals.push(closed.residuals.primal);
        if (closed.residuals.primal <= rules.primalTolerance || residuals.length === 99) {
            expect([x, z, state.prices[0]]).toEqual([2_666_625_977n, 1_333_292_643n, -5_333_170_574n]);
            break;
        }
    }
    expect(residuals).toEqual([
        1_333_333_334n,
        666_666_666n,
        333_333_334n,
        166_666_666n,
        83_333_334n,
        41_666_666n,
        20_833_334n,
        10_416_666n,
        5_208_334n,
        2_604_166n,
        1_302_084n,
        651_042n,
        325_520n,
        162_761n,
        81_380n,
    ]);
});

describe('laws', () => {
    const energies = fc.array(fc.bigInt({ min: -50n, max: 50n }), { minLength: 2, maxLength: 2 });
    const rounds = fc.array(fc.array(energies, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    const relaxations = fc.constantFrom(fraction(1n, 2n), fraction(8n, 10n), fraction(1n, 1n));

    const run = (
        given: readonly bigint[][][],
        overRelaxation: Fraction,
        positions: readonly number[],
    ): ClosedIteration[] => {
        const base = rulesOf('a', 'b', 'c', 'd');
        const rules = { ...base, slots: 2, overRelaxation, penalty: { ...base.penalty, adaptiveUntil: 3 } };
        let state = firstState(rules, [nanosPerKwh(0n), nanosPerKwh(5n)]);
        return given.map((row) => {
            const all = row.map((own, i) => ({ agent: rules.agents[i] as string, energies: own.map(poolEnergy) }));
            const closed = closeIteration(
                rules,
                state,
                positions.map((i) => all[i] as Submission),
            );
            state = closed.state;
            return closed;
        });
    };

    it('is the same for every order of submission', () => {
        const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
        holds(
            fc.property(rounds, relaxations, orders, (given, overRelaxation, order) => {
                expect(run(given, overRelaxation, order)).toEqual(run(given, overRelaxation, [0, 1, 2, 3]));
            }),
        );
    });

    it('an agent of weight three is three equal agents', () => {
        const steps = fc.array(fc.tuple(fc.bigInt({ min: -50n, max: 50n }), fc.bigInt({ min: -50n, max: 50n })), {
            minLength: 1,
            maxLength: 5,
        });
        holds(
            fc.property(steps, relaxations, (given, overRelaxation) => {
                const one = {
                    ...rulesOf('a', 'grid'),
                    overRelaxation,
                    weights: new Map([['grid', 3n]]),
                };
                const three = { ...rulesOf('a', 'grid1', 'grid2', 'grid3'), overRelaxation };
                const together = replay(
                    one,
                    given.map(([own, grid]) => [own, 3n * grid]),
                );
                const apart = replay(
                    three,
                    given.map(([own, grid]) => [own, grid, grid, grid]),
                );
                expect(together.map(summary)).toEqual(apart.map(summary));
            }),
        );
    });

    it('the step of a grid of weight three is three steps of a third of it', () => {
        const slot = { retail: RETAIL, feedIn: FEED_IN, importLimit: FAR, exportLimit: FAR };
        holds(
            fc.property(
                fc.bigInt({ min: 0n, max: 400_000_000n }),
                fc.bigInt({ min: -9000n, max: 9000n }),
                (price, scaled) => {
                    const start = { penalty: 50_000n, agents: 4 };
                    const third = gridStep(slot, nanosPerKwh(price), { ...start, scaled });
                    const whole = gridStep(slot, nanosPerKwh(price), { ...start, scaled: 3n * scaled, weight: 3n });
                    expect(distance(whole, 3n * third)).toBeLessThanOrEqual(2);
                },
            ),
        );
    });

    it('prices rest where nothing is left over, and rise where more is asked than given', () => {
        holds(
            fc.property(fc.bigInt({ min: -1000n, max: 1000n }), (sum) => {
                const [closed] = replay(rulesOf('a', 'b'), [[sum, 0n]]);
                const price = closed?.state.prices[0] ?? 0n;
                expect([price > 0n, price < 0n]).toEqual([sum > 0n, sum < 0n]);
            }),
        );
    });
});

test.each([
    { what: 'one is missing', given: [['a', 1]] },
    {
        what: 'one comes twice',
        given: [
            ['a', 1],
            ['a', 1],
        ],
    },
    {
        what: 'a stranger',
        given: [
            ['a', 1],
            ['x', 1],
        ],
    },
    {
        what: 'another length',
        given: [
            ['a', 1],
            ['b', 2],
        ],
    },
] as { what: string; given: [string, number][] }[])('submissions are complete: $what', ({ given }) => {
    const rules = rulesOf('a', 'b');
    const submissions = given.map(([agent, slots]) => ({ agent, energies: Array(slots).fill(poolEnergy(0n)) }));
    expect(() => closeIteration(rules, firstState(rules, [nanosPerKwh(0n)]), submissions)).toThrow(RangeError);
});
