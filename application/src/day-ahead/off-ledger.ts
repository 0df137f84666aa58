import { runProblemOf } from '@commonwatt/chaincode/api/schedules';
import type { ScheduleClaim, ScheduleProblem } from '@commonwatt/chaincode/api/records';
import { nanosPerKwh, poolEnergy, type PoolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import type { GridSlot } from '@commonwatt/chaincode/domain/schedule/grid-agent';
import {
    absorbed,
    closeRun,
    firstRunState,
    networkEnergies,
    type RunProblem,
    type RunState,
} from '@commonwatt/chaincode/domain/schedule/run';
import { networkAnswer } from '../schedule/network-answer';
import type { CourseStep } from '../report/schedule/schedule-course';
import type { View } from './schedule-agent';

/** Somebody who answers prices: a household's agent, wherever it runs. */
export interface Answering {
    readonly mspId: string;
    answer(problem: ScheduleProblem, view: View): Promise<{ readonly energies: readonly bigint[] }>;
}

/** What was found without the ledger. */
export interface FoundOffLedger {
    /** Undefined where it did not converge. */
    readonly claim?: ScheduleClaim | undefined;
    /** By household. */
    readonly energies: ReadonlyMap<string, readonly bigint[]>;
    readonly steps: readonly CourseStep[];
}

/**
 * The same exchange as on the ledger, by the same rules, between the agents and one coordinator: what the ledger then gets to see is the result
 * alone, with a proof that it is one. The coordinator alone sees all answers.
 */
export async function agreeOffLedger(
    problem: ScheduleProblem,
    agents: readonly Answering[],
    report: (step: CourseStep) => void = () => undefined,
): Promise<FoundOffLedger> {
    const run = runProblemOf(problem);
    let state = firstRunState(
        run,
        problem.firstPrices.map(({ pricesNanos }) => pricesNanos.map(nanosPerKwh)),
    );
    const steps: CourseStep[] = [];
    for (;;) {
        const answers = await answersOf(problem, agents, viewOf(problem, state));
        const network = networkEnergies(run, state, await networkAnswer(run, state));
        if ('kind' in network) {
            return { energies: new Map(), steps };
        }
        const closed = closeRun(run, state, answers, network);
        state = closed.state;
        const { primal, dual } = closed.residuals;
        steps.push({ iteration: state.iteration, primalWh: primal, dual });
        report({ iteration: state.iteration, primalWh: primal, dual });
        if (closed.end !== 'running') {
            const energies = new Map(problem.households.map(({ mspId }, index) => [mspId, answers[index] ?? []]));
            return closed.end === 'converged'
                ? { claim: claimOf(problem, run, state), energies, steps }
                : { energies, steps };
        }
    }
}

const viewOf = ({ firstPrices }: ScheduleProblem, { iteration, penalty, prices }: RunState): View => ({
    iteration,
    penalty,
    prices: firstPrices.map(({ bus }, index) => ({ bus, pricesNanos: [...(prices[index] ?? [])] })),
});

async function answersOf(
    problem: ScheduleProblem,
    agents: readonly Answering[],
    view: View,
): Promise<readonly (readonly PoolEnergy[])[]> {
    const given = await Promise.all(
        agents.map(async (agent) => [agent.mspId, (await agent.answer(problem, view)).energies] as const),
    );
    const byMember = new Map(given);
    return problem.households.map(({ mspId }) => {
        const energies = byMember.get(mspId);
        if (energies === undefined) {
            throw new Error(`${mspId} takes part in the schedule of ${problem.day}, but its agent does not answer`);
        }
        return energies.map(poolEnergy);
    });
}

/** The grid takes up the last Wh, and its price is what it says exactly: a certificate knows no tolerance. */
function claimOf(problem: ScheduleProblem, run: RunProblem, { prices, households }: RunState): ScheduleClaim {
    const taken = absorbed(
        run,
        households.map(({ energies }) => energies),
    );
    const gridWh = run.grid.map((_, slot) => taken.reduce((sum, each) => sum + (each[slot] ?? 0n), 0n));
    return {
        day: problem.day,
        gridWh,
        prices: run.buses.map((bus, index) => ({
            bus,
            pricesNanos: (prices[index] ?? []).map((price, slot) =>
                atTheGrid(price, run.grid[slot], gridWh[slot] ?? 0n),
            ),
        })),
    };
}

/**
 * Its tariff while the grid gives or takes below its limit, between both while it does neither. What the exchange found is within its tolerance of
 * that; where the connection's limit binds it stays what was found.
 */
function atTheGrid(price: bigint, grid: GridSlot | undefined, taken: bigint): bigint {
    if (grid === undefined) {
        return price;
    }
    const { retail, feedIn, importLimit, exportLimit } = grid;
    if (taken === 0n) {
        return price > retail ? retail : price < feedIn ? feedIn : price;
    }
    if (taken < 0n) {
        return -taken < importLimit ? retail : larger(price, retail);
    }
    return taken < exportLimit ? feedIn : smaller(price, feedIn);
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
