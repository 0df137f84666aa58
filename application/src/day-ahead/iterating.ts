import { setTimeout as pause } from 'node:timers/promises';
import type { ScheduleProblem, ScheduleRecord, ScheduleRun } from '@commonwatt/chaincode/api/records';
import type { Attendance } from './attendance';
import { AnswersLacking, type Coordinator } from './coordinator';
import type { Answer } from './kept-answer';
import { POLL_MS, TAKE_OVER_MS, type DayAheadPlan, type RankedCoordinator } from './plan';
import type { RunView } from './run-view';
import type { ScheduleAgent } from './schedule-agent';
import type { TimeSplit } from './time-split';
import { isOverdue, isPassed, isTrouble } from './troubles';
import { withinText } from './words';

/** A run by iterations on the ledger: homes answer, somebody closes. */
export class Iterating {
    readonly #plan: DayAheadPlan;
    readonly #view: RunView;
    readonly #split: TimeSplit;
    readonly #attendance: Attendance;

    constructor(plan: DayAheadPlan, view: RunView, split: TimeSplit, attendance: Attendance) {
        this.#plan = plan;
        this.#view = view;
        this.#split = split;
        this.#attendance = attendance;
    }

    /** The schedule after the iteration that is open. */
    async next(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        const answers = new Map<ScheduleAgent, Answer>();
        const attendance = this.#attendance;
        const { present } = attendance;
        await this.#split.during('waiting', () =>
            attendance.each(present, (agent) => seen(agent, problem.day, run.iteration)),
        );
        await this.#split.during('solving', () =>
            attendance.each(present, async (agent) => {
                answers.set(agent, await agent.answer(problem, run));
            }),
        );
        await this.#split.during('ledger', () =>
            attendance.each([...answers.keys()], async (agent) => {
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

    /** Closed by a coordinator here when its turn comes, or by another one before that. */
    async #closed(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        const isOver = ({ status, run: now }: ScheduleRecord): boolean =>
            status !== 'open' || (now?.iteration ?? 0) > run.iteration;
        const { coordinators } = this.#plan;
        const [first] = coordinators;
        if (first === undefined) {
            return this.#split.during('waiting', () => this.#view.until(isOver, Infinity));
        }
        await this.#split.during('waiting', () => this.#untilAnswered(first, problem, run, isOver));
        for (;;) {
            for (const { coordinator } of coordinators) {
                const record = await this.#view.read();
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
        const { day, operator, seats } = this.#plan;
        const iteration = run.iteration + 1;
        // A seat that was not named holds no answers to close with, and would never be told that it is too late.
        if (Date.now() / 1000 >= run.deadline) {
            return this.#view.tryToAbandon(coordinator);
        }
        try {
            // Nobody has come yet: what nobody said is no agreement. Whoever comes later finds the iteration open, until the run's time is over.
            const missing = await coordinator.missing(problem, iteration);
            if (missing.length === problem.households.length) {
                return undefined;
            }
            return await this.#split.during('ledger', () =>
                seats.endorsing((to) => coordinator.close(problem, run, { day, iteration, to }, operator)),
            );
        } catch (error) {
            if (isOverdue(error)) {
                return this.#view.tryToAbandon(coordinator);
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
        while (performance.now() < end && Date.now() / 1000 < run.deadline) {
            if (await hasAll(coordinator, problem, run)) {
                break;
            }
            await pause(POLL_MS);
        }
        if (rank > 0) {
            await this.#view.until(isOver, rank * TAKE_OVER_MS);
        }
    }

    #tell({ status, run, reason = '' }: ScheduleRecord): void {
        const residuals = run?.residuals;
        if (run !== undefined && residuals !== null && residuals !== undefined) {
            const ends = { converged: ', agreed', notConverged: `, no agreement: ${reason}`, open: '', planned: '' };
            this.#plan.report(`iteration ${run.iteration} closed: ${withinText(residuals)}${ends[status]}`);
        }
    }
}

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

/** Whether everybody who can has answered. Of a coordinator whose peer does not answer that is not known. */
async function hasAll(coordinator: Coordinator, problem: ScheduleProblem, run: ScheduleRun): Promise<boolean> {
    try {
        return (await coordinator.awaited(problem, run)).length === 0;
    } catch (error) {
        if (!isTrouble(error)) {
            throw error;
        }
        return false;
    }
}
