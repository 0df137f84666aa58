import { setTimeout as pause } from 'node:timers/promises';
import type { BusPrices, ScheduleProblem, ScheduleRecord, ScheduleRun } from '@commonwatt/chaincode/api/records';
import { NotDone, OutcomeUnknown, TransactionInvalid, TransactionRefused } from '../gateway/failures';
import type { EndorsementRule } from '../gateway/endorsement/rule';
import type { Schedule } from '../market/schedule';
import { decimal } from '../report/decimal';
import type { CourseStep } from '../report/schedule/schedule-course';
import { AnswersLacking, type Coordinator } from './coordinator';
import type { Answer } from './kept-answer';
import { agreeOffLedger } from './off-ledger';
import type { ScheduleAgent } from './schedule-agent';
import type { Seats } from './seats';
import { TimeSplit, type Part } from './time-split';

export interface DayAheadPlan {
    readonly day: string;
    /** MSP id of the grid operator. */
    readonly operator: string;
    /** Of the agents that run here: each household's, and those that close iterations, in the order in which they take over. */
    readonly households: readonly ScheduleAgent[];
    readonly coordinators: readonly RankedCoordinator[];
    readonly seats: Seats;
    /** Who endorses the opening of the run. */
    readonly openers: EndorsementRule;
    /** Who endorses that it is over without a schedule. */
    readonly enders: EndorsementRule;
    readonly firstPrices: BusPrices[];
    /** Any member's view of the ledger. */
    readonly witness: Schedule;
    readonly report: (what: string) => void;
}

export interface RankedCoordinator {
    readonly coordinator: Coordinator;
    /** Its place among all coordinators of the community: the first acts at once, the others one after the other when nothing happens. */
    readonly rank: number;
}

export interface DayAheadOutcome {
    readonly problem: ScheduleProblem;
    readonly record: ScheduleRecord;
    /** Of the iterations that are on the ledger, and of those that ran here without it. */
    readonly steps: readonly CourseStep[];
    readonly seconds: Readonly<Record<Part, number>>;
    /** Households whose agents run here and did not get through, and why. */
    readonly silent: readonly { readonly home: string; readonly why: string }[];
}

/** How long each further coordinator waits for the ones before it. */
const TAKE_OVER_MS = 3_000;
const POLL_MS = 25;

/**
 * A day ahead from opening to one of its end states, by the agents that run here. All that it goes by is on the ledger: stopped anywhere, it goes on from
 * there, here or by others.
 */
export class DayAhead {
    readonly #plan: DayAheadPlan;
    readonly #split = new TimeSplit();
    readonly #away = new Map<ScheduleAgent, string>();
    readonly #offLedger: CourseStep[] = [];

    constructor(plan: DayAheadPlan) {
        this.#plan = plan;
    }

    async run(): Promise<DayAheadOutcome> {
        const { day, witness } = this.#plan;
        let record = await this.#opened();
        const problem = await witness.problem(day);
        if (record.status === 'open') {
            await this.#split.during('ledger', () => this.#each(this.#plan.households, (agent) => agent.cover(day)));
        }
        while (record.status === 'open' && record.run !== undefined) {
            record =
                record.mode === 'certificate'
                    ? await this.#certify(problem, record.run)
                    : await this.#iterate(problem, record.run);
        }
        const steps = (await witness.steps(day)).map(({ iteration, residuals: { primalWh, dual } }) => ({
            iteration,
            primalWh,
            dual,
        }));
        return {
            problem,
            record,
            steps: [...steps, ...this.#offLedger],
            seconds: this.#split.seconds,
            silent: [...this.#away].map(([{ home }, why]) => ({ home, why })),
        };
    }

    /** Opened by the first coordinator here; where none is, by others. */
    async #opened(): Promise<ScheduleRecord> {
        const { day, coordinators, openers, firstPrices } = this.#plan;
        const known = await this.#read();
        if (known.status !== 'planned') {
            return known;
        }
        for (const { coordinator, rank } of coordinators) {
            await pause(rank * TAKE_OVER_MS);
            const now = await this.#read();
            if (now.status !== 'planned') {
                return now;
            }
            try {
                return await this.#split.during('ledger', () => coordinator.schedule.open(day, firstPrices, openers));
            } catch (error) {
                if (!isPassed(error)) {
                    throw error;
                }
            }
        }
        return this.#until(({ status }) => status !== 'planned', Infinity);
    }

    async #iterate(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        const { households } = this.#plan;
        const present = households.filter((each) => !this.#away.has(each));
        const answers = new Map<ScheduleAgent, Answer>();
        await this.#split.during('waiting', () =>
            this.#each(present, (agent) => seen(agent, problem.day, run.iteration)),
        );
        await this.#split.during('solving', () =>
            this.#each(present, async (agent) => {
                answers.set(agent, await agent.answer(problem, run));
            }),
        );
        await this.#split.during('ledger', () =>
            this.#each([...answers.keys()], async (agent) => {
                const answer = answers.get(agent);
                if (answer !== undefined) {
                    await this.#plan.seats.endorsing((to) => agent.submit(problem, answer, to));
                }
            }),
        );
        const record = await this.#closed(problem, run);
        this.#tell(record);
        return record;
    }

    /** All of it between the agents that run here and one coordinator, then one transaction; without agreement of all the run's time runs out. */
    async #certify(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        const { households, coordinators, operator, seats, report } = this.#plan;
        const [first] = coordinators;
        const isComplete = problem.households.every(({ mspId }) => households.some((each) => each.mspId === mspId));
        const found = isComplete
            ? await this.#split.during('solving', () =>
                  agreeOffLedger(problem, households, (step) => {
                      this.#found(step);
                  }),
              )
            : undefined;
        const claim = found?.claim;
        if (first === undefined || found === undefined || claim === undefined) {
            report(isComplete ? 'no agreement' : 'not all agents can be asked: no certificate');
            return this.#abandoned(run);
        }
        const agreements = households.map((agent) =>
            agent.agree(problem, claim, found.energies.get(agent.mspId) ?? []),
        );
        return this.#split.during('ledger', () =>
            seats.endorsing((to) => first.coordinator.schedule.certify(claim, agreements, to, operator)),
        );
    }

    #found(step: CourseStep): void {
        this.#offLedger.push(step);
        const { iteration, primalWh, dual } = step;
        this.#plan.report(`iteration ${iteration}: ${withinText(primalWh, dual)}`);
    }

    /** Once the run's time is over; a quorum says so. */
    async #abandoned({ deadline }: ScheduleRun): Promise<ScheduleRecord> {
        const { day, coordinators, enders } = this.#plan;
        for (;;) {
            await this.#split.during('waiting', () => pause(Math.max(0, deadline * 1000 - Date.now()) + 4 * POLL_MS));
            for (const { coordinator } of coordinators) {
                try {
                    return await this.#split.during('ledger', () => coordinator.schedule.abandon(day, enders));
                } catch (error) {
                    if (!isPassed(error) && !isTrouble(error)) {
                        throw error;
                    }
                }
            }
            const record = await this.#read();
            if (record.status !== 'open') {
                return record;
            }
        }
    }

    /** A household that does not get through sits the rest out: what it said last counts, and the others go on. */
    async #each(agents: readonly ScheduleAgent[], work: (agent: ScheduleAgent) => Promise<void>): Promise<void> {
        await Promise.all(
            agents.map(async (agent) => {
                try {
                    await work(agent);
                } catch (error) {
                    if (!isTrouble(error)) {
                        throw error;
                    }
                    this.#away.set(agent, error.message);
                }
            }),
        );
    }

    /** Closed by a coordinator here when its turn comes, or by another one before that. */
    async #closed(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        const isOver = ({ status, run: now }: ScheduleRecord): boolean =>
            status !== 'open' || (now?.iteration ?? 0) > run.iteration;
        const { coordinators } = this.#plan;
        const [first] = coordinators;
        if (first === undefined) {
            return this.#split.during('waiting', () => this.#until(isOver, Infinity));
        }
        await this.#split.during('waiting', () => this.#untilAnswered(first, problem, run, isOver));
        for (;;) {
            for (const { coordinator } of coordinators) {
                const record = await this.#read();
                if (isOver(record)) {
                    return record;
                }
                const closed = await this.#tryToClose(coordinator, problem, run);
                if (closed !== undefined) {
                    return closed;
                }
            }
            await this.#split.during('waiting', () => pause(4 * POLL_MS));
        }
    }

    /** Undefined where it could not, or not yet. */
    async #tryToClose(
        coordinator: Coordinator,
        problem: ScheduleProblem,
        run: ScheduleRun,
    ): Promise<ScheduleRecord | undefined> {
        const { day, operator, seats, enders } = this.#plan;
        const iteration = run.iteration + 1;
        // Nobody has come yet: what nobody said is no agreement. Whoever comes later finds the iteration open, until the run's time is over.
        const missing = await coordinator.missing(problem, iteration);
        if (missing.length === problem.households.length && Date.now() / 1000 < run.deadline) {
            return undefined;
        }
        try {
            return await this.#split.during('ledger', () =>
                seats.endorsing((to) => coordinator.close(problem, run, { day, iteration, to }, operator)),
            );
        } catch (error) {
            if (error instanceof TransactionRefused && error.refusal.code === 'SCHEDULE_OVERDUE') {
                return this.#split.during('ledger', () => coordinator.schedule.abandon(day, enders));
            }
            if (!isPassed(error) && !(error instanceof AnswersLacking) && !isTrouble(error)) {
                throw error;
            }
            return undefined;
        }
    }

    /** Until everybody has answered, or the time of the iteration is over and it is this coordinator's turn. */
    async #untilAnswered(
        { coordinator, rank }: RankedCoordinator,
        problem: ScheduleProblem,
        run: ScheduleRun,
        isOver: (record: ScheduleRecord) => boolean,
    ): Promise<void> {
        const end = performance.now() + problem.iterationSeconds * 1000;
        while (performance.now() < end) {
            const missing = await coordinator.missing(problem, run.iteration + 1);
            if (missing.length === 0) {
                break;
            }
            await pause(POLL_MS);
        }
        if (rank > 0) {
            await this.#until(isOver, rank * TAKE_OVER_MS);
        }
    }

    async #read(): Promise<ScheduleRecord> {
        const record = await this.#plan.witness.find(this.#plan.day);
        if (record === undefined) {
            throw new Error(`${this.#plan.day} is not agreed on ahead`);
        }
        return record;
    }

    async #until(isThere: (record: ScheduleRecord) => boolean, limitMs: number): Promise<ScheduleRecord> {
        const end = performance.now() + limitMs;
        for (;;) {
            const record = await this.#read();
            if (isThere(record) || performance.now() >= end) {
                return record;
            }
            await pause(4 * POLL_MS);
        }
    }

    #tell({ status, run, reason = '' }: ScheduleRecord): void {
        const residuals = run?.residuals;
        if (run !== undefined && residuals !== null && residuals !== undefined) {
            const { primalWh, dual } = residuals;
            const end = { converged: ', agreed', notConverged: `, no agreement: ${reason}`, open: '', planned: '' }[
                status
            ];
            this.#plan.report(`iteration ${run.iteration} closed: ${withinText(primalWh, dual)}${end}`);
        }
    }
}

const withinText = (primalWh: bigint, dual: bigint): string =>
    `sums within ${primalWh} Wh, prices within ${decimal(dual / 1000n, 6)} per kWh`;

/** Until the agent's own peer has what the agent goes by. */
async function seen(agent: ScheduleAgent, day: string, iteration: number): Promise<void> {
    for (;;) {
        const record = await agent.schedule.find(day);
        if (record?.run !== undefined && record.run.iteration >= iteration) {
            return;
        }
        await pause(POLL_MS);
    }
}

/** Somebody else has done it, or it is not time yet. */
function isPassed(error: unknown): boolean {
    const codes = ['ITERATION_WRONG', 'SCHEDULE_NOT_OPEN', 'SCHEDULE_NOT_PLANNED', 'DEADLINE_OPEN', 'OPENING_UNKNOWN'];
    return error instanceof TransactionRefused && codes.includes(error.refusal.code);
}

/** What the network answers is the trouble of whoever asked; anything else is a fault. */
function isTrouble(error: unknown): error is Error {
    return [TransactionRefused, TransactionInvalid, NotDone, OutcomeUnknown].some((kind) => error instanceof kind);
}
