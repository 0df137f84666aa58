import { setTimeout as pause } from 'node:timers/promises';
import type {
    BusPrices,
    ScheduleProblem,
    ScheduleRecord,
    ScheduleRun,
    ScheduleStep,
} from '@commonwatt/chaincode/api/records';
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
import { isAway, isOverdue, isPassed, isTrouble } from './troubles';

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
    /** Unix seconds after which a run that nobody could open is given up. Before the contract's own deadline it refuses that. */
    readonly openBy: number;
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
    /** Undefined where the run was never opened. */
    readonly problem: ScheduleProblem | undefined;
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
    /** Of the agents here, those that stand in the run: who became a member after it was opened is not in it. */
    #agents: readonly ScheduleAgent[] = [];

    constructor(plan: DayAheadPlan) {
        this.#plan = plan;
    }

    async run(): Promise<DayAheadOutcome> {
        const { day, households } = this.#plan;
        let record = await this.#opened();
        if (record.run === undefined) {
            return this.#outcome(undefined, record, []);
        }
        const problem = await this.#asked((view) => view.problem(day));
        this.#agents = households.filter(({ mspId }) => problem.households.some((each) => each.mspId === mspId));
        if (record.status === 'open') {
            await this.#split.during('ledger', () => this.#each(this.#agents, (agent) => agent.cover(day)));
        }
        while (record.status === 'open' && record.run !== undefined) {
            record =
                record.mode === 'certificate'
                    ? await this.#certify(problem, record.run)
                    : await this.#iterate(problem, record.run);
        }
        return this.#outcome(problem, record, await this.#asked((view) => view.steps(day)));
    }

    #outcome(
        problem: ScheduleProblem | undefined,
        record: ScheduleRecord,
        closed: readonly ScheduleStep[],
    ): DayAheadOutcome {
        const steps = closed.map(({ iteration, residuals: { primalWh, dual } }) => ({ iteration, primalWh, dual }));
        return {
            problem,
            record,
            steps: [...steps, ...this.#offLedger],
            seconds: this.#split.seconds,
            silent: [...this.#away].map(([{ home }, why]) => ({ home, why })),
        };
    }

    /** Opened by the first coordinator here that can; where none is, by others. Given up where nobody could in time: then the day is traded. */
    async #opened(): Promise<ScheduleRecord> {
        const { coordinators, openBy } = this.#plan;
        if (coordinators.length === 0) {
            return this.#until(({ status }) => status !== 'planned', Infinity);
        }
        for (let isFirst = true; ; isFirst = false) {
            for (const { coordinator, rank } of coordinators) {
                const known = await this.#read();
                if (known.status !== 'planned') {
                    return known;
                }
                const now = await this.#until(({ status }) => status !== 'planned', isFirst ? rank * TAKE_OVER_MS : 0);
                const isLate = Date.now() / 1000 >= openBy;
                const ended = now.status !== 'planned' ? now : await this.#tryToOpen(coordinator, isLate);
                if (ended !== undefined) {
                    return ended;
                }
            }
            await this.#split.during('waiting', () => this.#until(({ status }) => status !== 'planned', TAKE_OVER_MS));
        }
    }

    /** Undefined where it could not. */
    async #tryToOpen(coordinator: Coordinator, isLate: boolean): Promise<ScheduleRecord | undefined> {
        const { day, openers, firstPrices } = this.#plan;
        try {
            return await this.#split.during('ledger', () => coordinator.schedule.open(day, firstPrices, openers));
        } catch (error) {
            if (isOverdue(error) || (isLate && isAway(error))) {
                return this.#tryToAbandon(coordinator);
            }
            if (!isPassed(error) && !isAway(error)) {
                throw error;
            }
            return undefined;
        }
    }

    async #iterate(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        const present = this.#agents.filter((each) => !this.#away.has(each));
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

    /** Whatever stops a certificate is no agreement: the run's time runs out. */
    async #certify(problem: ScheduleProblem, run: ScheduleRun): Promise<ScheduleRecord> {
        try {
            const record = await this.#certified(problem);
            if (record !== undefined) {
                return record;
            }
        } catch (error) {
            this.#plan.report(`no agreement: ${error instanceof Error ? error.message : String(error)}`);
        }
        return this.#abandoned(run);
    }

    /** All of it between the agents that run here and one coordinator, then one transaction; undefined without agreement of all. */
    async #certified(problem: ScheduleProblem): Promise<ScheduleRecord | undefined> {
        const { coordinators, operator, seats, report } = this.#plan;
        const households = this.#agents;
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
            return undefined;
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

    /** Once the run's time is over, a quorum says so; unless others have ended it before. */
    async #abandoned({ deadline }: ScheduleRun): Promise<ScheduleRecord> {
        for (;;) {
            const left = Math.max(0, deadline * 1000 - Date.now()) + 4 * POLL_MS;
            const record = await this.#split.during('waiting', () =>
                this.#until(({ status }) => status !== 'open', left),
            );
            if (record.status !== 'open') {
                return record;
            }
            for (const { coordinator } of this.#plan.coordinators) {
                const ended = await this.#tryToAbandon(coordinator);
                if (ended !== undefined) {
                    return ended;
                }
            }
        }
    }

    /** Undefined where it could not, or not yet. */
    async #tryToAbandon({ schedule }: Coordinator): Promise<ScheduleRecord | undefined> {
        const { day, enders, report } = this.#plan;
        try {
            const record = await this.#split.during('ledger', () => schedule.abandon(day, enders));
            report(`given up: ${record.reason ?? record.status}`);
            return record;
        } catch (error) {
            if (!isTrouble(error)) {
                throw error;
            }
            return undefined;
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
        const { day, operator, seats } = this.#plan;
        const iteration = run.iteration + 1;
        // A seat that was not named holds no answers to close with, and would never be told that it is too late.
        if (Date.now() / 1000 >= run.deadline) {
            return this.#tryToAbandon(coordinator);
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
                return this.#tryToAbandon(coordinator);
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
            if (await hasAll(coordinator, problem, run.iteration + 1)) {
                break;
            }
            await pause(POLL_MS);
        }
        if (rank > 0) {
            await this.#until(isOver, rank * TAKE_OVER_MS);
        }
    }

    async #read(): Promise<ScheduleRecord> {
        const record = await this.#asked((view) => view.find(this.#plan.day));
        if (record === undefined) {
            throw new Error(`${this.#plan.day} is not agreed on ahead`);
        }
        return record;
    }

    /** The witness, or where its peer does not answer any other one here. */
    async #asked<T>(question: (view: Schedule) => Promise<T>): Promise<T> {
        const { witness, coordinators, households } = this.#plan;
        const others = [...coordinators.map(({ coordinator }) => coordinator), ...households];
        const views = [witness, ...others.map(({ schedule }) => schedule)];
        for (const view of views.slice(0, -1)) {
            try {
                return await question(view);
            } catch (error) {
                if (!isTrouble(error)) {
                    throw error;
                }
            }
        }
        return question(views.at(-1) ?? witness);
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

/** Whether everybody has answered. Of a coordinator whose peer does not answer that is not known. */
async function hasAll(coordinator: Coordinator, problem: ScheduleProblem, iteration: number): Promise<boolean> {
    try {
        return (await coordinator.missing(problem, iteration)).length === 0;
    } catch (error) {
        if (!isTrouble(error)) {
            throw error;
        }
        return false;
    }
}
