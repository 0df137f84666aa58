import { keyName, submissionKey } from '@commonwatt/chaincode/api/keys';
import type { ScheduleClaim, ScheduleProblem, ScheduleRun, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import { claimHash } from '@commonwatt/chaincode/api/schedules';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import { nanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import { TransactionRefused } from '../gateway/failures';
import type { HomeMoney } from '../household/home-money';
import type { OwnerKeys } from '../household/keys';
import { Schedule } from '../market/schedule';
import type { TypedCalls } from '../market/typed-calls';
import type { HouseholdModel } from '../schedule/models/household-model';
import { aimWh } from './certificate/aim';
import type { KeptAgreements } from './certificate/kept-agreements';
import type { Answer, KeptAnswer } from './kept-answer';

export interface ScheduleAgentParts {
    readonly home: string;
    readonly operator: string;
    readonly calls: TypedCalls;
    readonly keys: OwnerKeys;
    readonly kept: KeptAnswer;
    readonly agreements: KeptAgreements;
    /** Where members have accounts: who is not covered for a day takes no part in it. */
    readonly money?: HomeMoney | undefined;
    readonly model: HouseholdModel;
    /** What it would take if nothing were controlled, Wh by slot: what its first answer is drawn to. */
    readonly firstReference: readonly number[];
}

/** What everybody knows of a run when an iteration begins. */
export type View = Pick<ScheduleRun, 'iteration' | 'prices' | 'penalty'>;

/**
 * A household's part in a day ahead: it answers each iteration's prices with what its home would take then, from its own forecast and
 * devices alone, and tells nobody but grid operator and a quorum of seats.
 */
export class ScheduleAgent {
    readonly home: string;
    readonly mspId: string;
    readonly #parts: ScheduleAgentParts;
    readonly #schedule: Schedule;

    constructor(parts: ScheduleAgentParts) {
        this.#parts = parts;
        this.home = parts.home;
        this.mspId = parts.calls.mspId;
        this.#schedule = new Schedule(parts.calls);
    }

    /** As our own peer has it. */
    get schedule(): Schedule {
        return this.#schedule;
    }

    /** What it said last, in this run or in one before. */
    get answered(): Answer | undefined {
        return this.#parts.kept.last;
    }

    /** Has the day covered, where it is not; without cover our answers are refused. */
    async cover(day: string): Promise<void> {
        await this.#parts.money?.cover(day);
    }

    /** What the home would take at these prices. The same again where it was asked before. */
    async answer(problem: ScheduleProblem, view: View): Promise<Answer> {
        const { kept, model } = this.#parts;
        const own = this.#pricesIn(problem, view);
        if (kept.last?.after === view.iteration && isEqual(kept.last.prices, own)) {
            return kept.last;
        }
        const reference = await this.#reference(problem, view, own);
        const { penalty } = view;
        const { energies } = await model.step({ prices: own.map(nanosPerKwh), penalty, reference });
        const answer = { after: view.iteration, prices: own, penalty, reference, energies };
        kept.keep(answer);
        return answer;
    }

    /**
     * Hands an answer in. One of ours that stands there already is what counts: we ended before we heard that it was committed. So is what we
     * said before, where the iteration was closed without us. Returns whether this one counts.
     */
    async submit(problem: ScheduleProblem, { after, energies }: Answer, to: readonly string[]): Promise<boolean> {
        const { day } = problem;
        const iteration = after + 1;
        const submission = this.#record(day, iteration, energies);
        try {
            await this.#schedule.submit({ day, iteration, to }, submission, this.#parts.operator);
            return true;
        } catch (error) {
            if (error instanceof TransactionRefused && PASSED.has(error.refusal.code)) {
                this.#parts.kept.forget();
                return false;
            }
            throw error;
        }
    }

    /**
     * Agrees to a schedule that was found off the ledger: with the energies that we answered but for the last Wh, at prices that are those we
     * answered to but for what the exchange leaves open. On the agent's disk
     * before anybody gets it: our peer does not.
     *
     * @throws Error where they are others.
     */
    agree(problem: ScheduleProblem, claim: ScheduleClaim, energies: readonly bigint[]): SubmissionRecord {
        const answered = this.#parts.kept.last;
        const claimed = this.#pricesIn(problem, { ...claim, iteration: 0, penalty: 0n });
        if (
            answered === undefined ||
            !isAnswered(problem, answered, { energies, prices: claimed, agents: this.#agentsAtBus(problem) })
        ) {
            throw new Error(`the claimed schedule of ${claim.day} is not what ${this.home} answered to`);
        }
        const agreement = this.#record(claim.day, 0, energies, claimHash(claim));
        this.#parts.agreements.keep(agreement);
        return agreement;
    }

    /** What is scheduled for the home, from its own peer; undefined where it never said anything. */
    async scheduled(day: string): Promise<SubmissionRecord | undefined> {
        const { submissions } = await this.#schedule.openings(day);
        return submissions.find(({ mspId }) => mspId === this.mspId);
    }

    #record(day: string, iteration: number, energies: readonly bigint[], claim?: string): SubmissionRecord {
        const { keys } = this.#parts;
        const key = keyName(submissionKey(day, this.mspId));
        const version = Math.max(1, iteration);
        const salt = keys.saltFor(claim === undefined ? key : `${key}/${claim}`, version);
        const said = { key, version, mspId: this.mspId, salt, day, iteration, energiesWh: [...energies] };
        const unsigned = { ...said, ...(claim === undefined ? {} : { claim }) };
        return { ...unsigned, signature: keys.signFast(ownerStatement(unsigned)) };
    }

    /** The homes of our bus and the network. */
    #agentsAtBus({ households }: ScheduleProblem): bigint {
        const own = households.find(({ mspId }) => mspId === this.mspId);
        return 1n + BigInt(households.filter(({ bus }) => bus === own?.bus).length);
    }

    #pricesIn({ households }: ScheduleProblem, { prices }: View): readonly bigint[] {
        const bus = households.find(({ mspId }) => mspId === this.mspId)?.bus;
        const found = prices.find((each) => each.bus === bus);
        if (found === undefined) {
            throw new Error(`${this.mspId} stands at no bus of the schedule`);
        }
        return found.pricesNanos;
    }

    /**
     * z = α·(x − Σ/N) + (1 − α)·z before, with what was left over for each from how the prices moved: Σ/N = (λ − λ before)/(α·ρ). Without
     * our last answer: x − Σ/N, from what the ledger has.
     */
    async #reference(problem: ScheduleProblem, view: View, own: readonly bigint[]): Promise<readonly number[]> {
        if (view.iteration === 0) {
            return this.#parts.firstReference;
        }
        const { numerator, denominator } = problem.overRelaxation;
        const alpha = (2 * Number(numerator)) / Number(denominator);
        const { last } = this.#parts.kept;
        const share = (before: readonly bigint[], penalty: bigint): number[] =>
            own.map((price, slot) => Number(price - (before[slot] ?? 0n)) / (alpha * Number(penalty)));
        if (last?.after === view.iteration - 1) {
            const left = share(last.prices, last.penalty);
            return last.energies.map(
                (x, slot) => alpha * (Number(x) - (left[slot] ?? 0)) + (1 - alpha) * (last.reference[slot] ?? 0),
            );
        }
        const energies = (await this.scheduled(problem.day))?.energiesWh ?? [];
        const steps = await this.#schedule.steps(problem.day);
        const step = steps.find(({ iteration }) => iteration === view.iteration);
        const before = steps.find(({ iteration }) => iteration === view.iteration - 1)?.prices ?? problem.firstPrices;
        const left = share(this.#pricesIn(problem, { ...view, prices: before }), step?.penalty ?? view.penalty);
        return own.map((_, slot) => Number(energies[slot] ?? 0n) - (left[slot] ?? 0));
    }
}

/** The iteration has been closed, with or without an answer of ours. */
const PASSED: ReadonlySet<string> = new Set(['SUBMISSION_EXISTS', 'ITERATION_WRONG', 'SCHEDULE_NOT_OPEN']);

/** As near as sums of zero are kept, the last Wh of the network's rounding included, and as near as prices are found: a sum moves them by its mean. */
function isAnswered(
    problem: ScheduleProblem,
    answered: Answer,
    { energies, prices, agents }: Pick<Answer, 'energies' | 'prices'> & { readonly agents: bigint },
): boolean {
    const { dualTolerance, firstPrices } = problem;
    const mostWh = aimWh(problem) + BigInt(firstPrices.length) / 2n;
    return (
        isNear(energies, answered.energies, mostWh) &&
        isNear(prices, answered.prices, 2n * dualTolerance + (answered.penalty * mostWh) / agents)
    );
}

const isNear = (one: readonly bigint[], other: readonly bigint[], by: bigint): boolean =>
    one.length === other.length &&
    one.every((value, index) => {
        const distance = value - (other[index] ?? 0n);
        return distance <= by && -distance <= by;
    });
const isEqual = (one: readonly bigint[], other: readonly bigint[]): boolean =>
    one.length === other.length && one.every((value, index) => value === other[index]);
