import { runProblemOf } from '@commonwatt/chaincode/api/schedules';
import type { ScheduleClaim, ScheduleProblem } from '@commonwatt/chaincode/api/records';
import { certificateFlaw } from '@commonwatt/chaincode/domain/schedule/certificate';
import { nanosPerKwh, poolEnergy, type PoolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import { finalPrices } from '@commonwatt/chaincode/domain/schedule/final-prices';
import {
    absorbed,
    closeRun,
    firstRunState,
    networkEnergies,
    type RunProblem,
    type RunState,
} from '@commonwatt/chaincode/domain/schedule/run';
import { networkAnswer } from '../../schedule/network-answer';
import type { CourseStep } from '../../report/schedule/schedule-course';
import { aimWh, mostIterations } from './aim';
import { balanced } from './last-watt-hours';
import type { View } from '../schedule-agent';

/** Somebody who answers prices: a household's agent, wherever it runs. */
export interface Answering {
    readonly mspId: string;
    answer(problem: ScheduleProblem, view: View): Promise<{ readonly energies: readonly bigint[] }>;
}

/** What was found without the ledger. */
export interface FoundOffLedger {
    /** Undefined where it did not converge. */
    readonly claim?: ScheduleClaim | undefined;
    /** By household; empty where it did not converge. */
    readonly energies: ReadonlyMap<string, readonly bigint[]>;
    readonly steps: readonly CourseStep[];
}

/**
 * The same exchange as on the ledger, by the same rules, between the agents and one coordinator, but for going on until less is left over: what the
 * ledger then gets to see is the result alone, with a proof that it is one. The coordinator alone sees all answers.
 */
export async function agreeOffLedger(
    problem: ScheduleProblem,
    agents: readonly Answering[],
    report: (step: CourseStep) => void = () => undefined,
): Promise<FoundOffLedger> {
    const run = aimedAt(problem);
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
        const found = closed.end === 'converged' ? claimOf(problem, run, state) : undefined;
        if (found !== undefined) {
            return { ...found, steps };
        }
        if (closed.end === 'not-converged' || state.iteration >= run.rules.iterations) {
            return { energies: new Map(), steps };
        }
    }
}

function aimedAt(problem: ScheduleProblem): RunProblem {
    const run = runProblemOf(problem);
    const aims = { primalTolerance: aimWh(problem), iterations: mostIterations(problem) };
    return { ...run, rules: { ...run.rules, ...aims } };
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

/**
 * A certificate knows no tolerance, so the homes take the last Wh: what the network said it takes is what it takes. Its prices are those of any run
 * that ends so, exactly. Undefined where that is no certificate yet, as where no home has room for a Wh: the next iteration may be one.
 */
function claimOf(
    problem: ScheduleProblem,
    run: RunProblem,
    state: RunState,
): Pick<FoundOffLedger, 'claim' | 'energies'> | undefined {
    const energies = balanced(run, state);
    const taken = absorbed(run, energies);
    const exactly = { ...run, rules: { ...run.rules, primalTolerance: 0n } };
    const prices = finalPrices(exactly, state.prices, taken);
    const grid = run.grid.map((_, slot) => poolEnergy(taken.reduce((sum, each) => sum + (each[slot] ?? 0n), 0n)));
    if (certificateFlaw(run, { prices, energies, grid }) !== undefined) {
        return undefined;
    }
    return {
        claim: {
            day: problem.day,
            gridWh: grid,
            prices: run.buses.map((bus, index) => ({ bus, pricesNanos: prices[index] ?? [] })),
        },
        energies: new Map(run.households.map(({ mspId }, index) => [mspId, energies[index] ?? []])),
    };
}
