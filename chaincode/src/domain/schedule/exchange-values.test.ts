import { describe, expect, it } from '@jest/globals';
import { fraction } from '../quantity';
import {
    closeIteration,
    firstState,
    nanosPerKwh,
    poolEnergy,
    type ExchangeRules,
    type ExchangeState,
} from './exchange';

const rulesOf = (agents: readonly string[], change: Partial<ExchangeRules> = {}): ExchangeRules => ({
    agents,
    slots: 1,
    iterations: 100,
    primalTolerance: 2n,
    dualTolerance: 1_000_000n,
    overRelaxation: fraction(1n, 2n),
    penalty: { initial: 50_000n, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
    ...change,
});

describe('the penalty of the next iteration', () => {
    const [LEAST, MOST, UNTIL] = [7n, 1_000_000n, 10];

    interface Start {
        readonly penalty: bigint;
        readonly price: bigint;
        /** By how much the reference points of both agents move, in halves of a Wh. */
        readonly moved: bigint;
        /** What the second agent takes; the first takes 100 Wh. */
        readonly other: bigint;
        readonly iteration?: number;
        readonly least?: bigint;
        readonly most?: bigint;
    }

    function next({ penalty, price, moved, other, iteration = 0, least = LEAST, most = MOST }: Start): bigint {
        const rules = rulesOf(['a', 'b'], { penalty: { initial: penalty, least, most, adaptiveUntil: UNTIL } });
        // Twice the energy less the sum: the reference points after the iteration.
        const after = 100n - other;
        const state: ExchangeState = {
            iteration,
            prices: [nanosPerKwh(price)],
            penalty,
            references: [
                { agent: 'a', scaled: [after - moved] },
                { agent: 'b', scaled: [moved - after] },
            ],
        };
        const submissions = [
            { agent: 'a', energies: [poolEnergy(100n)] },
            { agent: 'b', energies: [poolEnergy(other)] },
        ];
        return closeIteration(rules, state, submissions).state.penalty;
    }

    // Sum 100 of 100 Wh, price 0 + 1000·100/2 = 50,000: relatively 1. Dual residual 1000·moved/2 of 50,000: 0.1 with 10, 0.09 with 9.
    const far = { penalty: 1000n, price: 0n, other: 0n, moved: 9n };
    // Sum 1 of 100 Wh: 0.01. Price 45 + 10·1/2 = 50; dual residual 10·moved/2 of it: 0.1 with 1, 0.2 with 2.
    const restless = { penalty: 10n, price: 45n, other: -99n, moved: 2n };

    it.each<{ what: string; start: Start; penalty: bigint }>([
        { what: 'doubles where sums are more than ten times as far off', start: far, penalty: 2000n },
        { what: 'stays where they are ten times as far off', start: { ...far, moved: 10n }, penalty: 1000n },
        { what: 'halves where prices are more than ten times as far off', start: restless, penalty: 5n },
        { what: 'stays where those are ten times as far off', start: { ...restless, moved: 1n }, penalty: 10n },
        { what: 'is at most the most', start: { ...far, most: 1500n }, penalty: 1500n },
        { what: 'stays at the most', start: { ...far, most: 1000n }, penalty: 1000n },
        { what: 'is at least the least', start: { ...restless, least: 8n }, penalty: 8n },
        { what: 'stays at the least', start: { ...restless, least: 10n }, penalty: 10n },
        { what: 'moves in the last adaptive iteration', start: { ...far, iteration: UNTIL - 2 }, penalty: 2000n },
        { what: 'does not rise after it', start: { ...far, iteration: UNTIL - 1 }, penalty: 1000n },
        { what: 'does not fall after it', start: { ...restless, iteration: UNTIL - 1 }, penalty: 10n },
    ])('$what', ({ start, penalty }) => {
        expect(next({ least: 1n, ...start })).toBe(penalty);
    });
});

describe('the worked problem E1 with an over-relaxation of 1.6', () => {
    // Worked apart from this code in exact fractions: x rounded to whole Wh, then λ += 1.6·50,000·Σ/3 and
    // 3·z = 1.6·(3·x − Σ) − 0.6·3·z, half to even. Columns: generator, load, grid; Σ; λ; dual residual; 3·z.
    const WORKED = [
        { x: [0n, 5000n, 2000n], sum: 7000n, price: 186_666_667n, dual: 213_333_333n, z: [-11_200n, 12_800n, -1600n] },
        { x: [-3593n, 5267n, 0n], sum: 1674n, price: 231_306_667n, dual: 35_383_333n, z: [-13_205n, 14_923n, -1718n] },
        { x: [-4460n, 5174n, 0n], sum: 714n, price: 250_346_667n, dual: 26_766_667n, z: [-14_627n, 14_739n, -112n] },
        { x: [-4935n, 4953n, 0n], sum: 18n, price: 250_826_667n, dual: 5_233_333n, z: [-14_941n, 14_902n, 38n] },
        { x: [-4998n, 4975n, 0n], sum: -23n, price: 250_213_334n, dual: 1_233_333n, z: [-14_989n, 14_976n, 14n] },
        { x: [-5000n, 4994n, 0n], sum: -6n, price: 250_053_334n, dual: 316_667n, z: [-14_997n, 14_995n, 1n] },
        { x: [-5000n, 4999n, 0n], sum: -1n, price: 250_026_667n, dual: 83_333n, z: [-15_000n, 15_000n, 1n] },
    ];

    it('goes the worked way, digit for digit, and is there four iterations sooner than without', () => {
        const agents = ['gen', 'load', 'zgrid'];
        const rules = rulesOf(agents, { overRelaxation: fraction(8n, 10n) });
        let state = firstState(rules, [nanosPerKwh(0n)]);
        const ends = WORKED.map(({ x, ...worked }) => {
            const submissions = agents.map((agent, i) => ({ agent, energies: [poolEnergy(x[i] ?? 0n)] }));
            const closed = closeIteration(rules, state, submissions);
            ({ state } = closed);
            expect({
                sum: closed.sums[0],
                price: state.prices[0],
                dual: closed.residuals.dual,
                z: state.references.map(({ scaled: [own] }) => own),
            }).toEqual(worked);
            return closed.end;
        });
        expect(ends).toEqual([...Array<string>(6).fill('running'), 'converged']);
    });
});
