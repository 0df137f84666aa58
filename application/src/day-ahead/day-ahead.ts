import type { ScheduleProblem, ScheduleRecord, ScheduleStep } from '@commonwatt/chaincode/api/records';
import type { CourseStep } from '../report/schedule/schedule-course';
import { Attendance } from './attendance';
import { Certifying } from './certificate/certifying';
import type { Coordinator } from './coordinator';
import { Iterating } from './iterating';
import { TAKE_OVER_MS, type DayAheadOutcome, type DayAheadPlan } from './plan';
import { RunView } from './run-view';
import { TimeSplit } from './time-split';
import { isAway, isOverdue, isPassed } from './troubles';

/**
 * A day ahead from opening to one of its end states, by the agents that run here. All that it goes by is on the ledger: stopped anywhere, it goes on from
 * there, here or by others.
 */
export class DayAhead {
    readonly #plan: DayAheadPlan;
    readonly #split = new TimeSplit();
    readonly #view: RunView;

    constructor(plan: DayAheadPlan) {
        this.#plan = plan;
        this.#view = new RunView(plan, this.#split);
    }

    async run(): Promise<DayAheadOutcome> {
        const { day, households } = this.#plan;
        let record = await this.#opened();
        if (record.run === undefined) {
            return { problem: undefined, record, steps: [], seconds: this.#split.seconds, silent: [] };
        }
        const problem = await this.#view.asked((view) => view.problem(day));
        const attendance = new Attendance(households, problem);
        if (record.status === 'open') {
            await this.#split.during('ledger', () => attendance.each(attendance.agents, (agent) => agent.cover(day)));
        }
        const offLedger: CourseStep[] = [];
        record = await this.#ended(problem, record, attendance, offLedger);
        return {
            problem,
            record,
            steps: [...(await this.#closedSteps()), ...offLedger],
            seconds: this.#split.seconds,
            silent: attendance.silent,
        };
    }

    async #ended(
        problem: ScheduleProblem,
        open: ScheduleRecord,
        attendance: Attendance,
        offLedger: CourseStep[],
    ): Promise<ScheduleRecord> {
        const parts = [this.#plan, this.#view, this.#split, attendance] as const;
        const iterating = new Iterating(...parts);
        let record = open;
        while (record.status === 'open' && record.run !== undefined) {
            record =
                record.mode === 'certificate'
                    ? await new Certifying(...parts, offLedger).ended(problem, record.run)
                    : await iterating.next(problem, record.run);
        }
        return record;
    }

    async #closedSteps(): Promise<CourseStep[]> {
        const closed: ScheduleStep[] = await this.#view.asked((view) => view.steps(this.#plan.day));
        return closed.map(({ iteration, residuals: { primalWh, dual } }) => ({ iteration, primalWh, dual }));
    }

    /** Opened by the first coordinator here that can; where none is, by others. Given up where nobody could in time: then the day is traded. */
    async #opened(): Promise<ScheduleRecord> {
        const { coordinators, openBy } = this.#plan;
        if (coordinators.length === 0) {
            return this.#view.until(isOpened, Infinity);
        }
        for (let isFirst = true; ; isFirst = false) {
            for (const { coordinator, rank } of coordinators) {
                const known = await this.#view.read();
                if (isOpened(known)) {
                    return known;
                }
                const now = await this.#view.until(isOpened, isFirst ? rank * TAKE_OVER_MS : 0);
                const isLate = Date.now() / 1000 >= openBy;
                const ended = isOpened(now) ? now : await this.#tryToOpen(coordinator, isLate);
                if (ended !== undefined) {
                    return ended;
                }
            }
            await this.#split.during('waiting', () => this.#view.until(isOpened, TAKE_OVER_MS));
        }
    }

    /** Undefined where it could not. */
    async #tryToOpen(coordinator: Coordinator, isLate: boolean): Promise<ScheduleRecord | undefined> {
        const { day, openers, firstPrices } = this.#plan;
        try {
            return await this.#split.during('ledger', () => coordinator.schedule.open(day, firstPrices, openers));
        } catch (error) {
            if (isOverdue(error) || (isLate && isAway(error))) {
                return this.#view.tryToAbandon(coordinator);
            }
            if (!isPassed(error) && !isAway(error)) {
                throw error;
            }
            return undefined;
        }
    }
}

const isOpened = ({ status }: ScheduleRecord): boolean => status !== 'planned';
