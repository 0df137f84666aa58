import {
    closeIteration,
    countOf,
    firstState,
    type ClosedIteration,
    type ExchangeRules,
    type ExchangeState,
    type NanosPerKwh,
    type PoolEnergy,
    type Submission,
} from '@commonwatt/chaincode/domain/schedule/exchange';
import { gridStep, type GridSlot } from '@commonwatt/chaincode/domain/schedule/grid-agent';
import type { HouseholdModel } from './models/household-model';

/** Who answers prices: homes with their models, and the grid, by the names that the rules give them. */
export interface Exchange {
    readonly rules: ExchangeRules;
    readonly homes: ReadonlyMap<string, HouseholdModel>;
    readonly grid: { readonly agent: string; readonly slots: readonly GridSlot[] };
}

/** An iteration with what was submitted in it. */
export interface AnsweredIteration extends ClosedIteration {
    readonly submissions: readonly Submission[];
}

/**
 * The exchange without a ledger: every agent answers, the iteration is closed by the same rules as contract S1 closes it, until it converges
 * or runs out of iterations. Yields each closed iteration. For simulation, comparison and tests: it knows what all homes would keep to themselves.
 */
export async function* runExchange(
    { rules, homes, grid }: Exchange,
    firstPrices: readonly NanosPerKwh[],
): AsyncGenerator<AnsweredIteration, void> {
    let state = firstState(rules, firstPrices);
    for (;;) {
        const now = state;
        const answers = [...homes].map(async ([agent, model]): Promise<Submission> => {
            const { energies } = await model.step({
                prices: now.prices,
                penalty: now.penalty,
                reference: referenceOf(rules, now, agent),
            });
            return { agent, energies };
        });
        const submissions = [...(await Promise.all(answers)), gridAnswer(rules, now, grid)];
        const closed = closeIteration(rules, now, submissions);
        yield { ...closed, submissions };
        if (closed.end !== 'running') {
            return;
        }
        state = closed.state;
    }
}

/** An agent's reference point z, Wh by slot: what its next step starts from. */
export function referenceOf(rules: ExchangeRules, { references }: ExchangeState, agent: string): number[] {
    const count = Number(countOf(rules));
    return scaledOf(references, agent).map((scaled) => Number(scaled) / count);
}

function gridAnswer(rules: ExchangeRules, state: ExchangeState, { agent, slots }: Exchange['grid']): Submission {
    const scaled = scaledOf(state.references, agent);
    const start = {
        penalty: state.penalty,
        agents: Number(countOf(rules)),
        weight: rules.weights?.get(agent) ?? 1n,
    };
    const energies = slots.map((slot, t): PoolEnergy =>
        gridStep(slot, state.prices[t] as NanosPerKwh, { ...start, scaled: scaled[t] ?? 0n }),
    );
    return { agent, energies };
}

function scaledOf(references: ExchangeState['references'], agent: string): readonly bigint[] {
    const found = references.find((reference) => reference.agent === agent);
    if (found === undefined) {
        throw new RangeError(`${agent} is no agent of this exchange`);
    }
    return found.scaled;
}
