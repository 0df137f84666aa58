import type { NanosPerKwh, PoolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import {
    closeRun,
    firstRunState,
    networkEnergies,
    positionsIn,
    type ClosedRun,
    type RunProblem,
    type RunState,
} from '@commonwatt/chaincode/domain/schedule/run';
import type { HouseholdModel } from './models/household-model';
import { networkAnswer } from './network-answer';

/** A run's problem and who answers its prices. */
export interface AnsweringCommunity {
    readonly problem: RunProblem;
    /** By household. */
    readonly models: ReadonlyMap<string, HouseholdModel>;
    /**
     * Where each household starts from in the first iteration, Wh by slot; from zero where it says nothing. A household may answer the first
     * prices as it likes, and who starts from what it takes without its batteries is near its answer at once (measured in docs/decisions).
     */
    readonly start?: ReadonlyMap<string, readonly number[]> | undefined;
}

/** A closed iteration with what was submitted in it. */
export type AnsweredIteration = ClosedRun & {
    /** By household in the problem's order, then by slot. */
    readonly answers: readonly (readonly PoolEnergy[])[];
    /** What the network took, by bus and slot. */
    readonly network: readonly (readonly PoolEnergy[])[];
};

/**
 * A run without a ledger: every household answers, the network takes its part, and the iteration is closed by the rules that contract S1 runs on,
 * until it converges or runs out of iterations. Yields each closed iteration. For simulation, comparison and tests: it knows what all homes
 * would keep to themselves. `prices`: by bus and slot.
 */
export async function* runExchange(
    community: AnsweringCommunity,
    prices: readonly (readonly NanosPerKwh[])[],
): AsyncGenerator<AnsweredIteration, void> {
    const { problem } = community;
    let state = firstRunState(problem, prices);
    for (let end: ClosedRun['end'] = 'running'; end === 'running';) {
        const now = state;
        const answers = await Promise.all(problem.households.map((_, index) => answerOf(community, now, index)));
        const network = networkEnergies(problem, now, await networkAnswer(problem, now));
        if ('kind' in network) {
            throw new Error(`the network's answer is not one: ${network.kind}`);
        }
        const closed = closeRun(problem, now, answers, network);
        yield { ...closed, answers, network };
        ({ state, end } = closed);
    }
}

async function answerOf(
    { problem, models, start }: AnsweringCommunity,
    state: RunState,
    index: number,
): Promise<readonly PoolEnergy[]> {
    const { mspId, bus: name } = problem.households[index] ?? { mspId: `household ${index}`, bus: '' };
    const model = models.get(mspId);
    if (model === undefined) {
        throw new RangeError(`nobody answers for ${mspId}`);
    }
    const first = state.iteration === 0 ? start?.get(mspId) : undefined;
    const bus = problem.buses.indexOf(name);
    const { energies } = await model.step({
        prices: state.prices[bus] ?? [],
        penalty: state.penalty,
        reference: first ?? referenceOf(problem, state, index),
    });
    return energies;
}

/** A household's reference point z, Wh by slot: what its next step starts from. */
export function referenceOf(problem: RunProblem, state: RunState, index: number): number[] {
    const bus = problem.buses.indexOf(problem.households[index]?.bus ?? '');
    const agents = Number(positionsIn(problem, state, 0)[bus]?.agents ?? 1n);
    return (state.households[index]?.scaled ?? []).map((scaled) => Number(scaled) / agents);
}
