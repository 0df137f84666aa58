import { describe, expect, it } from '@jest/globals';
import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh, poolEnergy, type NanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import type { Feeder } from '@commonwatt/chaincode/domain/schedule/lin-dist-flow';
import { networkPriceFlaw } from '@commonwatt/chaincode/domain/schedule/network-agent';
import { absorbed, type RunProblem } from '@commonwatt/chaincode/domain/schedule/run';
import { homeModel, type Device, type Home } from './models/home';
import { runExchange, type AnsweredIteration } from './run-exchange';
import { centralOptimum } from './solver/central';

const RETAIL = nanosPerKwh(300_000_000n);
const FEED_IN = nanosPerKwh(100_000_000n);
const FAR = 1_000_000n;
const NOTHING = nanosPerKwh(0n);

const problemOf = (homes: readonly Home[], given: Partial<RunProblem> & { importLimit?: bigint } = {}): RunProblem => ({
    rules: {
        slots: 1,
        iterations: 100,
        primalTolerance: 2n,
        dualTolerance: 1_000_000n,
        overRelaxation: fraction(1n, 2n),
        penalty: { initial: 50_000n, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
    },
    networkWeight: 'one',
    buses: ['root'],
    households: homes.map(({ home, importLimit, exportLimit }) => ({
        mspId: home,
        bus: given.feeder?.lines.some(({ bus }) => bus === home) === true ? home : 'root',
        importLimit,
        exportLimit,
    })),
    grid: [{ retail: RETAIL, feedIn: FEED_IN, importLimit: given.importLimit ?? FAR, exportLimit: FAR }],
    floor: nanosPerKwh(-1_000_000_000n),
    cap: nanosPerKwh(1_000_000_000n),
    ...given,
});

const homeOf = (home: string, device: Device): Home => ({
    home,
    importLimit: 50_000n,
    exportLimit: 50_000n,
    devices: [device],
});

async function endOf(homes: readonly Home[], problem: RunProblem): Promise<AnsweredIteration> {
    const models = new Map(homes.map((home) => [home.home, homeModel(home, 1)]));
    const first: NanosPerKwh[][] = problem.buses.map(() => [NOTHING]);
    let end: AnsweredIteration | undefined;
    for await (const iteration of runExchange({ problem, models }, first)) {
        end = iteration;
    }
    if (end === undefined) {
        throw new Error('no iteration was closed');
    }
    return end;
}

const distance = (one: bigint | undefined, other: bigint): number => Math.abs(Number((one ?? 0n) - other));

// Generator 0.02·g² + 0.05·g for g in [0, 20] kWh; elastic load ½·0.05·(d − 10)².
const GENERATOR = homeOf('gen', {
    kind: 'generator',
    device: 'gen',
    most: 20_000n,
    base: 50_000_000n,
    slope: 40_000n,
});
const ELASTIC = homeOf('load', {
    kind: 'elastic',
    device: 'load',
    wanted: [10_000n],
    slope: 50_000n,
    most: 20_000n,
});
const FIXED = homeOf('must', { kind: 'load', device: 'must', energies: [4000n] });
const SUN = homeOf('sun', { kind: 'pv', device: 'sun', available: [12_000n] });

describe('the worked exchange problems, by our own agents', () => {
    it.each([
        { problem: 'E1', homes: [GENERATOR, ELASTIC], energies: [-4994n, 4993n], price: 250_066_667n, iterations: 11 },
        {
            problem: 'E2',
            homes: [GENERATOR, ELASTIC, FIXED],
            energies: [-6253n, 3999n, 4000n],
            price: 300_050_000n,
            iterations: 19,
        },
        {
            problem: 'E4',
            homes: [GENERATOR, ELASTIC, FIXED],
            energies: [-6663n, 3662n, 4000n],
            price: 316_762_500n,
            iterations: 12,
            importLimit: 1000n,
        },
    ])('$problem ends within 2 Wh and 50,000 nanos of the published run', async (given) => {
        const end = await endOf(
            given.homes,
            problemOf(given.homes, given.importLimit === undefined ? {} : { importLimit: given.importLimit }),
        );
        expect(end).toMatchObject({ end: 'converged', state: { iteration: given.iterations } });
        expect(distance(end.state.prices[0]?.[0], given.price)).toBeLessThanOrEqual(50_000);
        end.answers.forEach((answer, i) => {
            expect(distance(answer[0], given.energies[i] ?? 0n)).toBeLessThanOrEqual(2);
        });
    });

    it('E3 brings the price to feed-in and the rest of the sun to the grid', async () => {
        const homes = [GENERATOR, ELASTIC, SUN];
        const end = await endOf(homes, problemOf(homes));
        expect(end.end).toBe('converged');
        expect(distance(end.state.prices[0]?.[0], 100_000_000n)).toBeLessThanOrEqual(1_000_000);
        expect(distance(end.answers[0]?.[0], -1250n)).toBeLessThanOrEqual(30);
        expect(distance(end.answers[1]?.[0], 8000n)).toBeLessThanOrEqual(30);
    });

    it.each([
        { problem: 'E1', homes: [GENERATOR, ELASTIC], price: 250_000_000, first: -5000 },
        { problem: 'E2', homes: [GENERATOR, ELASTIC, FIXED], price: 300_000_000, first: -6250 },
        { problem: 'E3', homes: [GENERATOR, ELASTIC, SUN], price: 100_000_000, first: -1250 },
        { problem: 'E4', homes: [GENERATOR, ELASTIC, FIXED], price: 57e9 / 180, first: -6666.666, importLimit: 1000n },
    ])('$problem has the published optimum in one problem, too', async ({ homes, price, first, importLimit }) => {
        const { grid } = problemOf(homes, importLimit === undefined ? {} : { importLimit });
        const optimum = await centralOptimum({ homes, grid });
        expect(distance(BigInt(Math.round(optimum.prices[0] ?? 0)), BigInt(Math.round(price)))).toBeLessThan(2000);
        expect(optimum.energies.get('gen')?.[0]).toBeCloseTo(first, 1);
    });
});

describe('a feeder', () => {
    const feeder: Feeder = {
        rootVolt: 400n,
        leastVolt: 360n,
        mostVolt: 440n,
        transformerW: 100_000n,
        lines: [
            { bus: 'gen', from: 'root', resistanceMilliohm: 100n, reactanceMilliohm: 30n, limitW: 60_000n },
            { bus: 'sun', from: 'gen', resistanceMilliohm: 150n, reactanceMilliohm: 40n, limitW: 60_000n },
        ],
    };
    const homes = [GENERATOR, ELASTIC, SUN];
    const withLimits = (sunW: bigint, mostVolt = 440n): RunProblem =>
        problemOf(homes, {
            buses: ['root', 'gen', 'sun'],
            feeder: {
                ...feeder,
                mostVolt,
                lines: feeder.lines.map((line) => (line.bus === 'sun' ? { ...line, limitW: sunW } : line)),
            },
        });
    const feederOf = (problem: RunProblem): Feeder => problem.feeder ?? feeder;
    /** Prices at root, generator and sun, and what the sun gives, once all has settled. */
    async function settled(problem: RunProblem) {
        const end = await endOf(homes, problem);
        return {
            end,
            prices: end.state.prices.map(([price = NOTHING]) => Number(price) / 1e6),
            sun: end.answers[2]?.[0],
        };
    }

    it('that limits nothing has one price', async () => {
        const { end, prices, sun } = await settled(withLimits(60_000n));
        expect(end.end).toBe('converged');
        prices.forEach((price) => {
            expect(Math.abs(price - 100)).toBeLessThanOrEqual(2);
        });
        expect(sun).toBe(-12_000n);
    });

    it('whose line is full has two: sun that cannot leave is worth nothing', async () => {
        const problem = withLimits(20_002n);
        const { end, prices, sun } = await settled(problem);
        expect(end.end).toBe('converged');
        // Generator and load balance 5 kWh of sun at 5 + (λ − 0.05)/0.04 = 10 − λ/0.05, between both tariffs.
        const middle = (1000 * 6.25) / 45;
        expect(Math.abs((prices[0] ?? 0) - middle)).toBeLessThanOrEqual(2);
        expect(Math.abs((prices[1] ?? 0) - middle)).toBeLessThanOrEqual(2);
        expect(Math.abs(prices[2] ?? 99)).toBeLessThanOrEqual(2);
        expect(distance(sun, -5000n)).toBeLessThanOrEqual(2);
        const taken = absorbed(problem, end.answers).map(([energy = poolEnergy(0n)]) => energy);
        const at = { prices: end.state.prices.map(([price = NOTHING]) => price), taken };
        expect(
            networkPriceFlaw(feederOf(problem), problem.buses, at, { price: 3_000_000n, energy: 2n }),
        ).toBeUndefined();
    });

    it('whose voltage is as high as it may be has two as well', async () => {
        // 12 kWh of sun and what the generator gives lift v² by 2·r·P; 405 V leave 4025 V² of it.
        const { end, prices, sun } = await settled(withLimits(60_000n, 405n));
        expect(end.end).toBe('converged');
        expect(prices[2]).toBeLessThan((prices[0] ?? 0) - 50);
        expect(-Number(sun)).toBeLessThan(6000);
    });
});
