import { compareStrings, dividedHalfEven, type Fraction, type Quantity } from '../quantity';

// Exchange ADMM in whole numbers: Boyd et al., "Distributed Optimization and Statistical Learning via the Alternating Direction
// Method of Multipliers" (2010), section 7.3.2; over-relaxation 3.4.3, varying penalty 3.4.1. Here, as in that literature and in no
// other part of this project, energy from the pool is positive: `imported` converts.

/** Energy that an agent takes from the pool in a slot, Wh; negative is given to it. */
export type PoolEnergy = Quantity<'Wh from pool'>;
/** A price of the schedule: 10⁻⁹ of the currency for each kilowatt-hour. May be negative. */
export type NanosPerKwh = Quantity<'nano/kWh'>;

export const poolEnergy = (n: bigint): PoolEnergy => n as PoolEnergy;
export const nanosPerKwh = (n: bigint): NanosPerKwh => n as NanosPerKwh;

export interface ExchangeRules {
    /** Everybody who submits, the grid's agent among them. N is how many they stand for: `countOf`. */
    readonly agents: readonly string[];
    /**
     * How many agents each stands for; 1 where it is not said. An agent of weight w is w equal ones that submit together: it takes
     * w/N of what is left over, and its own step has the penalty ρ/w. Where the grid, which answers to every price at once, stands for
     * as many as there are homes, prices settle several times sooner (docs/decisions).
     */
    readonly weights?: ReadonlyMap<string, bigint>;
    readonly slots: number;
    /** Most iterations; after them the day falls back to the auction. */
    readonly iterations: number;
    /** Converged where no slot's sum is further from zero than this, Wh, … */
    readonly primalTolerance: bigint;
    /** … and no agent's reference point moved further than this between two iterations, times ρ: nanos/kWh. */
    readonly dualTolerance: bigint;
    /** α: 1 is none, up to 2. As 2 × a share, so that a share is enough. */
    readonly overRelaxation: Fraction;
    readonly penalty: PenaltyRule;
}

/** ρ in nanos/kWh for each Wh, and how it follows the residuals. */
export interface PenaltyRule {
    readonly initial: bigint;
    readonly least: bigint;
    readonly most: bigint;
    /** ρ changes only before this iteration, because the method converges once ρ stays. 0: it never changes. */
    readonly adaptiveUntil: number;
}

/** An agent's answer to the prices of an iteration: one energy for each slot. */
export interface Submission {
    readonly agent: string;
    readonly energies: readonly PoolEnergy[];
}

/** What an agent's next step starts from: N times its reference point zᵢ, Wh, by slot. Known to whoever knows its submissions. */
export interface ReferencePoint {
    readonly agent: string;
    readonly scaled: readonly bigint[];
}

export interface ExchangeState {
    /** Iterations that are closed. */
    readonly iteration: number;
    /** λ, by slot. */
    readonly prices: readonly NanosPerKwh[];
    readonly penalty: bigint;
    /** In order of the agents' names. */
    readonly references: readonly ReferencePoint[];
}

export interface Residuals {
    /** max over slots of |Σ xᵢ|, Wh. */
    readonly primal: bigint;
    /** ρ × max over agents and slots of |zᵢ − zᵢ before|/wᵢ, rounded half to even, nanos/kWh. */
    readonly dual: bigint;
}

export interface ClosedIteration {
    readonly state: ExchangeState;
    /** Σ xᵢ, by slot. */
    readonly sums: readonly PoolEnergy[];
    readonly residuals: Residuals;
    readonly end: 'running' | 'converged' | 'not-converged';
}

/** N: how many agents there are, each with its weight. */
export const countOf = (rules: ExchangeRules): bigint =>
    rules.agents.reduce((sum, agent) => sum + weightOf(rules, agent), 0n);

/** How many agents this one stands for. */
export const weightOf = ({ weights }: ExchangeRules, agent: string): bigint => weights?.get(agent) ?? 1n;

export function firstState(rules: ExchangeRules, prices: readonly NanosPerKwh[]): ExchangeState {
    if (prices.length !== rules.slots) {
        throw new RangeError(`${prices.length} prices for ${rules.slots} slots`);
    }
    const references = inOrder(rules.agents).map((agent) => ({ agent, scaled: Array<bigint>(rules.slots).fill(0n) }));
    return { iteration: 0, prices, penalty: rules.penalty.initial, references };
}

/** One exchange with the answers to its prices, as an iteration closes it. */
export interface Exchange {
    readonly rules: ExchangeRules;
    readonly state: ExchangeState;
    readonly submissions: readonly Submission[];
}

/**
 * Close an iteration: λ += α·ρ·Σx/N, rounded half to even; zᵢ = α·(xᵢ − wᵢ·Σx/N) + (1 − α)·zᵢ in Nths of a Wh, rounded likewise
 * (exact without over-relaxation). `submissions`: one of each agent, in any order: the result is the same bytes for all of them. A
 * RangeError where one is missing, twice, or of another length: the caller rules that out first.
 */
export function closeIteration(
    rules: ExchangeRules,
    state: ExchangeState,
    submissions: readonly Submission[],
): ClosedIteration {
    const [closed] = closeTogether([{ rules, state, submissions }]);
    if (closed === undefined) {
        throw new Error('one exchange has one result');
    }
    return closed;
}

/**
 * As `closeIteration`, of exchanges that share their rules, iteration and penalty: the buses of a network, each with its own agents. They end
 * together, and ρ follows the largest residuals among them, as if their goods were those of one exchange.
 */
export function closeTogether(exchanges: readonly Exchange[]): ClosedIteration[] {
    const steps = exchanges.map(stepOf);
    const [first] = exchanges;
    if (first === undefined) {
        return [];
    }
    const { rules, state } = first;
    const residuals = {
        primal: largest(steps.map((step) => step.residuals.primal)),
        dual: largest(steps.map((step) => step.residuals.dual)),
    };
    const scale = {
        energy: largest([1n, ...steps.map((step) => step.energy)]),
        price: largest([1n, ...steps.flatMap(({ prices }) => prices.map(size))]),
    };
    const iteration = state.iteration + 1;
    const penalty = nextPenalty(rules.penalty, state, scale, residuals);
    const isConverged = residuals.primal <= rules.primalTolerance && residuals.dual <= rules.dualTolerance;
    const end = isConverged ? 'converged' : iteration >= rules.iterations ? 'not-converged' : 'running';
    return steps.map(({ prices, references, sums }) => ({
        state: { iteration, prices, penalty, references },
        sums,
        residuals,
        end,
    }));
}

interface Step {
    readonly prices: readonly NanosPerKwh[];
    readonly references: readonly ReferencePoint[];
    readonly sums: readonly PoolEnergy[];
    readonly residuals: Residuals;
    /** max |x|, Wh. */
    readonly energy: bigint;
}

function stepOf({ rules, state, submissions }: Exchange): Step {
    const answers = complete(rules, submissions);
    const n = countOf(rules);
    const sums = state.prices.map((_, slot) =>
        poolEnergy(answers.reduce((sum, { energies }) => sum + (energies[slot] ?? 0n), 0n)),
    );
    const relaxation = rules.overRelaxation;
    const prices = state.prices.map((price, slot) =>
        nanosPerKwh(
            price +
                dividedHalfEven(
                    2n * relaxation.numerator * state.penalty * (sums[slot] ?? 0n),
                    relaxation.denominator * n,
                ),
        ),
    );
    const references = answers.map(({ agent, energies }, i) => ({
        agent,
        scaled: sums.map((sum, slot) =>
            relaxed(
                relaxation,
                n * (energies[slot] ?? 0n) - weightOf(rules, agent) * sum,
                state.references[i]?.scaled[slot] ?? 0n,
            ),
        ),
    }));
    return {
        prices,
        references,
        sums,
        residuals: residualsOf(rules, state, sums, references),
        energy: largest(answers.flatMap(({ energies }) => energies.map(size))),
    };
}

/** α = 2 × share: α·fresh + (1 − α)·before. */
const relaxed = ({ numerator, denominator }: Fraction, fresh: bigint, before: bigint): bigint =>
    dividedHalfEven(2n * numerator * fresh + (denominator - 2n * numerator) * before, denominator);

function residualsOf(
    rules: ExchangeRules,
    state: ExchangeState,
    sums: readonly PoolEnergy[],
    references: readonly ReferencePoint[],
): Residuals {
    let dual = 0n;
    for (const [i, { agent, scaled }] of references.entries()) {
        const moved = scaled.reduce(
            (most, value, slot) => larger(most, size(value - (state.references[i]?.scaled[slot] ?? 0n))),
            0n,
        );
        dual = larger(dual, dividedHalfEven(state.penalty * moved, countOf(rules) * weightOf(rules, agent)));
    }
    return {
        primal: sums.reduce<bigint>((most, sum) => larger(most, size(sum)), 0n),
        dual,
    };
}

/** ρ doubles where the sums are relatively ten times further from zero than the prices from rest, and halves the other way round. */
function nextPenalty(
    rule: PenaltyRule,
    { iteration, penalty }: Pick<ExchangeState, 'iteration' | 'penalty'>,
    { energy, price }: { readonly energy: bigint; readonly price: bigint },
    { primal, dual }: Residuals,
): bigint {
    if (iteration + 1 >= rule.adaptiveUntil) {
        return penalty;
    }
    // primal / energy against dual / price, without a division.
    const [one, other] = [primal * price, dual * energy];
    if (one > 10n * other) {
        return smaller(2n * penalty, rule.most);
    }
    return other > 10n * one ? larger(penalty / 2n, rule.least) : penalty;
}

function complete({ agents, slots }: ExchangeRules, submissions: readonly Submission[]): Submission[] {
    const byAgent = new Map(submissions.map((submission) => [submission.agent, submission]));
    if (byAgent.size !== submissions.length || submissions.length !== agents.length) {
        throw new RangeError(`${submissions.length} submissions of ${agents.length} agents, or one twice`);
    }
    return inOrder(agents).map((agent) => {
        const submission = byAgent.get(agent);
        if (submission?.energies.length !== slots) {
            throw new RangeError(`the submission of ${agent} is missing or not of ${slots} slots`);
        }
        return submission;
    });
}

const inOrder = (agents: readonly string[]): string[] => [...agents].sort(compareStrings);
const size = (n: bigint): bigint => (n < 0n ? -n : n);
const largest = (values: readonly bigint[]): bigint => values.reduce(larger, 0n);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
