import { describe, expect, it } from '@jest/globals';
import type { ScheduleClaim, ScheduleProblem } from '@commonwatt/chaincode/api/records';
import { runProblemOf } from '@commonwatt/chaincode/api/schedules';
import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { certificateFlaw } from '@commonwatt/chaincode/domain/schedule/certificate';
import { nanosPerKwh, poolEnergy, type NanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import { closeRun, firstRunState, networkEnergies, type Settled } from '@commonwatt/chaincode/domain/schedule/run';
import { networkAnswer } from '../../schedule/network-answer';
import { aimWh } from './aim';
import { agreeOffLedger, type Answering, type FoundOffLedger } from './off-ledger';

const [RETAIL, FEED_IN, RHO] = [300_000_000n, 100_000_000n, 50_000n];
const FAR = 1_000_000n;
const LINE = { from: 'root', bus: 'b1', resistanceMilliohm: 100n, reactanceMilliohm: 30n };

/** The generator stands behind the line, where there is one; the load beside the grid. Both have room for 20 kWh. */
function problemOf(lineWh?: bigint, importLimitWh = FAR): ScheduleProblem {
    const buses = lineWh === undefined ? ['root'] : ['root', 'b1'];
    const home = { importLimitWh: 20_000n, exportLimitWh: 20_000n };
    return {
        day: '2014-10-03',
        iterationSeconds: 10,
        slots: 1,
        iterations: 200,
        primalToleranceWh: 2n,
        dualTolerance: 1_000_000n,
        overRelaxation: fraction(1n, 2n),
        penalty: { initial: RHO, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
        networkWeight: 'one',
        households: [
            { mspId: 'gen', bus: buses.at(-1) ?? 'root', ...home, importLimitWh: 0n },
            { mspId: 'load', bus: 'root', ...home, exportLimitWh: 0n },
        ],
        grid: [{ retail: RETAIL, feedIn: FEED_IN, importLimitWh, exportLimitWh: FAR }],
        floor: 0n,
        cap: 500_000_000n,
        firstPrices: buses.map((bus) => ({ bus, pricesNanos: [200_000_000n] })),
        ...(lineWh === undefined
            ? {}
            : {
                  feeder: {
                      rootVolt: 400n,
                      leastVolt: 0n,
                      mostVolt: 4_000n,
                      transformerW: 4n * FAR,
                      lines: [{ ...LINE, limitW: 4n * lineWh }],
                  },
              }),
    };
}

/** Generator 0.02g² + 0.05g and elastic load ½·0.05(d − 10)²; `shift`: Wh more than its best answer, once it is near. */
function homes(shift = 0n): Answering[] {
    const best = {
        gen: (price: number, z: number): number => Math.min(0, -(price - 50e6 - 50e3 * z) / 90e3),
        load: (price: number, z: number): number => Math.max(0, (500e6 - price + 50e3 * z) / 100e3),
    };
    return (['gen', 'load'] as const).map((mspId) => {
        let [x, before] = [0, 200e6];
        return {
            mspId,
            answer: ({ households }, { iteration, prices }) => {
                const bus = households.find((each) => each.mspId === mspId)?.bus;
                const price = Number(prices.find((each) => each.bus === bus)?.pricesNanos[0] ?? 0n);
                // What was left over for each moved the price by ρ.
                const z = iteration === 0 ? 0 : x - (price - before) / 50e3;
                [x, before] = [Math.round(best[mspId](price, z)), price];
                const moved = BigInt(x) + (mspId === 'load' && iteration >= 10 ? shift : 0n);
                return Promise.resolve({ energies: [moved] });
            },
        };
    });
}

/** The same by iterations, as the ledger closes them. */
async function settledOf(problem: ScheduleProblem): Promise<Settled> {
    const [run, agents] = [runProblemOf(problem), homes()];
    let state = firstRunState(
        run,
        problem.firstPrices.map(({ pricesNanos }) => pricesNanos.map(nanosPerKwh)),
    );
    for (;;) {
        const { iteration, penalty } = state;
        const prices = run.buses.map((bus, i) => ({ bus, pricesNanos: [...(state.prices[i] ?? [])] }));
        const answers = await Promise.all(
            agents.map(async (agent) => {
                const { energies } = await agent.answer(problem, { iteration, penalty, prices });
                return energies.map(poolEnergy);
            }),
        );
        const network = networkEnergies(run, state, await networkAnswer(run, state));
        if ('kind' in network) {
            throw new Error(network.kind);
        }
        const closed = closeRun(run, state, answers, network);
        if (closed.end === 'converged') {
            return closed.settled;
        }
        expect(closed.end).toBe('running');
        ({ state } = closed);
    }
}

interface Certified {
    readonly claim: ScheduleClaim;
    /** By bus. */
    readonly prices: readonly (bigint | undefined)[];
    readonly found: FoundOffLedger;
}

async function certified(problem: ScheduleProblem, shift = 0n): Promise<Certified> {
    const found = await agreeOffLedger(problem, homes(shift));
    const { claim, energies } = found;
    if (claim === undefined) {
        throw new Error('no claim');
    }
    const run = runProblemOf(problem);
    const flaw = certificateFlaw(run, {
        prices: claim.prices.map(({ pricesNanos }): NanosPerKwh[] => pricesNanos.map(nanosPerKwh)),
        energies: run.households.map(({ mspId }) => (energies.get(mspId) ?? []).map(poolEnergy)),
        grid: claim.gridWh.map(poolEnergy),
    });
    expect(flaw).toBeUndefined();
    return { claim, prices: claim.prices.map(({ pricesNanos }) => pricesNanos[0]), found };
}

const near = (one: bigint | undefined, other: bigint | undefined, by: number): void => {
    expect(Math.abs(Number(one ?? -FAR) - Number(other ?? 0n))).toBeLessThanOrEqual(by);
};
const [PRICE, ENERGY] = [2_000_000, 50];

describe('a schedule agreed off the ledger', () => {
    it.each([-1n, 0n, 1n])(
        'gives 0.25 in E1, and no Wh to the grid, with %d Wh too much in an answer',
        async (shift) => {
            const { claim, prices, found } = await certified(problemOf(), shift);
            expect(claim.gridWh).toEqual([0n]);
            near(prices[0], 250_000_000n, PRICE);
            near(found.energies.get('load')?.[0], 5000n, ENERGY);
            expect((found.energies.get('gen')?.[0] ?? 0n) + (found.energies.get('load')?.[0] ?? 0n)).toBe(0n);
        },
    );

    it('is as dear behind a full line as what goes through it costs to make', async () => {
        const { prices, found } = await certified(problemOf(2000n));
        expect(prices[0]).toBe(RETAIL);
        near(prices[1], 130_000_000n, PRICE);
        // A Wh for each home stays free: the network plans with it for what is left over.
        expect(found.energies.get('gen')).toEqual([-1998n]);
    });

    it('keeps the prices apart where nothing goes to the grid, too', async () => {
        // 4 kWh are made for 0.21, and worth 0.30 where they are used: at retail the grid gives nothing yet, above it would.
        const { claim, prices } = await certified(problemOf(4000n, 0n));
        expect(claim.gridWh).toEqual([0n]);
        near(prices[0], 300_000_000n, PRICE);
        near(prices[1], 210_000_000n, PRICE);
    });

    it.each([
        { what: 'one bus', problem: problemOf() },
        { what: 'one bus at the limit of its connection', problem: problemOf(undefined, 0n) },
        { what: 'two buses', problem: problemOf(FAR) },
        { what: 'a full line', problem: problemOf(2000n) },
        { what: 'a full line and no grid', problem: problemOf(4000n, 0n) },
    ])('is that of iterations with $what', async ({ problem }) => {
        const [{ claim, prices }, settled] = [await certified(problem), await settledOf(problem)];
        prices.forEach((price, bus) => {
            near(price, settled.prices[bus]?.[0], PRICE);
        });
        near(
            claim.gridWh[0],
            settled.taken.reduce((sum, own) => sum + (own[0] ?? 0n), 0n),
            4,
        );
    });

    it.each([
        { tolerance: 80n, homes: 2, aim: 20n },
        { tolerance: 80n, homes: 30, aim: 30n },
        { tolerance: 80n, homes: 100, aim: 80n },
        { tolerance: 2n, homes: 2, aim: 2n },
        { tolerance: 0n, homes: 2, aim: 0n },
    ])(
        'leaves at most $aim Wh to the homes, of $tolerance on the ledger, where $homes round',
        ({ tolerance, homes: count, aim }) => {
            const [home] = problemOf().households;
            const households = Array.from(
                { length: count },
                () => home ?? { mspId: '', bus: '', importLimitWh: 0n, exportLimitWh: 0n },
            );
            expect(aimWh({ ...problemOf(), primalToleranceWh: tolerance, households })).toBe(aim);
        },
    );

    it('has a home take no more of what is left over than that', async () => {
        const problem = { ...problemOf(), primalToleranceWh: 800n, dualTolerance: 100_000_000n };
        const last = new Map<string, bigint>();
        const watched = homes().map((home): Answering => ({
            ...home,
            answer: async (...asked) => {
                const answer = await home.answer(...asked);
                last.set(home.mspId, answer.energies[0] ?? 0n);
                return answer;
            },
        }));
        const { energies, steps } = await agreeOffLedger(problem, watched);
        const moved = [...energies].map(([mspId, [own = 0n]]) => Number(own - (last.get(mspId) ?? 0n)));
        expect(steps.at(-1)?.primalWh).toBeGreaterThan(2n);
        expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(2);
        expect(Math.max(...moved.map(Math.abs))).toBeLessThanOrEqual(200);
    });

    it('is none where agents do not come near', async () => {
        const found = await agreeOffLedger({ ...problemOf(), iterations: 3 }, homes());
        // Twice as many as on the ledger.
        expect([found.claim, found.energies.size, found.steps.length]).toEqual([undefined, 0, 6]);
    });
});
