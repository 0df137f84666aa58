import type { ScheduleProblem, ScheduleRecord, ScheduleRun } from '@commonwatt/chaincode/api/records';
import type { CourseStep } from '../../report/schedule/schedule-course';
import type { Attendance } from '../attendance';
import type { Coordinator } from '../coordinator';
import { TAKE_OVER_MS, type DayAheadPlan } from '../plan';
import { isEnded, type RunView } from '../run-view';
import type { TimeSplit } from '../time-split';
import { withinText } from '../words';
import { AskedHome } from './asked-home';
import { agreeOffLedger } from './off-ledger';
import type { Agreeing } from './transport';

/**
 * A run by certificate: a coordinator asks all homes, wherever their agents run, has them sign what comes of it, and brings it to the ledger in one
 * transaction. The first coordinator begins; another takes over where it is gone. Whatever stops a certificate is no agreement: it is tried again, until
 * the run's time is over.
 */
export class Certifying {
    readonly #plan: DayAheadPlan;
    readonly #view: RunView;
    readonly #split: TimeSplit;
    readonly #attendance: Attendance;
    readonly #course: CourseStep[];
    #said = '';

    /** `course` is filled with the iterations of the last exchange that ran here. */
    constructor(plan: DayAheadPlan, view: RunView, split: TimeSplit, attendance: Attendance, course: CourseStep[]) {
        this.#plan = plan;
        this.#view = view;
        this.#split = split;
        this.#attendance = attendance;
        this.#course = course;
    }

    async ended(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        const homes = this.#attendance.agents.map((agent) => new AskedHome(agent, problem));
        const served = await Promise.all(homes.map(async (home) => this.#served(home)));
        try {
            return await this.#coordinated(problem, run, homes);
        } finally {
            served.forEach((service) => service?.close());
            this.#plan.transport?.close();
        }
    }

    async #served(home: AskedHome): Promise<{ close(): void } | undefined> {
        try {
            return await this.#plan.transport?.serve(home);
        } catch (error) {
            this.#plan.report(`nobody elsewhere can ask ${home.home}: ${wordsOf(error)}`);
            return undefined;
        }
    }

    async #coordinated(
        problem: ScheduleProblem,
        run: ScheduleRun,
        homes: readonly AskedHome[],
    ): Promise<ScheduleRecord> {
        const { coordinators } = this.#plan;
        const [first] = coordinators;
        const untilEnded = async (limitMs: number): Promise<ScheduleRecord> =>
            this.#split.during('waiting', () => this.#view.until(isEnded, limitMs));
        if (first === undefined) {
            return untilEnded(Infinity);
        }
        const leftMs = (): number => Math.max(0, run.deadline * 1000 - Date.now());
        let record = await untilEnded(Math.min(first.rank * TAKE_OVER_MS, leftMs()));
        for (let attempt = 0; !isEnded(record) && leftMs() > 0; attempt += 1) {
            const { coordinator } = coordinators[attempt % coordinators.length] ?? first;
            const done = await this.#tried(coordinator, problem, homes);
            if (done === 'never') {
                break;
            }
            record = done ?? (await untilEnded(Math.min(TAKE_OVER_MS, leftMs())));
        }
        return isEnded(record) ? record : this.#view.abandoned(run);
    }

    /** Undefined without agreement of all, this time; never where answers do not come to rest. */
    async #tried(
        coordinator: Coordinator,
        problem: ScheduleProblem,
        homes: readonly AskedHome[],
    ): Promise<ScheduleRecord | 'never' | undefined> {
        try {
            return await this.#certified(coordinator, problem, this.#asked(coordinator.mspId, problem, homes));
        } catch (error) {
            this.#say(`no agreement: ${wordsOf(error)}`);
            return undefined;
        }
    }

    async #certified(
        { schedule }: Coordinator,
        problem: ScheduleProblem,
        homes: readonly Agreeing[],
    ): Promise<ScheduleRecord | 'never'> {
        const { operator, seats } = this.#plan;
        this.#course.length = 0;
        const { claim, energies } = await this.#split.during('solving', () =>
            agreeOffLedger(problem, homes, (step) => {
                this.#found(step);
            }),
        );
        if (claim === undefined) {
            this.#say('no agreement: answers do not come to rest');
            return 'never';
        }
        const agreements = await this.#split.during('waiting', () =>
            Promise.all(homes.map(async (home) => home.agree(problem, claim, energies.get(home.mspId) ?? []))),
        );
        return this.#split.during('ledger', () =>
            seats.endorsing((to) => schedule.certify(claim, agreements, to, operator)),
        );
    }

    /** @throws Error where nobody knows how to ask one of them. */
    #asked(asker: string, { households }: ScheduleProblem, homes: readonly AskedHome[]): Agreeing[] {
        return households.map(({ mspId }) => {
            const here = homes.find((home) => home.mspId === mspId)?.askedBy(asker);
            const found = here ?? this.#plan.transport?.reach(asker, mspId);
            if (found === undefined) {
                throw new Error(`the agent of ${mspId} does not run here`);
            }
            return found;
        });
    }

    #found(step: CourseStep): void {
        this.#course.push(step);
        this.#plan.report(`iteration ${step.iteration}: ${withinText(step)}`);
    }

    /** Once, however often it is tried. */
    #say(what: string): void {
        if (what !== this.#said) {
            this.#said = what;
            this.#plan.report(what);
        }
    }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
