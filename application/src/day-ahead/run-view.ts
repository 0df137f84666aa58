import { setTimeout as pause } from 'node:timers/promises';
import type { ScheduleRecord, ScheduleRun } from '@commonwatt/chaincode/api/records';
import type { Schedule } from '../market/schedule';
import type { Coordinator } from './coordinator';
import { POLL_MS, type DayAheadPlan } from './plan';
import type { TimeSplit } from './time-split';
import { isTrouble } from './troubles';

/** What the agents that run here see of a run, by whichever of their peers answers, and its end without a schedule. */
export class RunView {
    readonly #plan: DayAheadPlan;
    readonly #split: TimeSplit;

    constructor(plan: DayAheadPlan, split: TimeSplit) {
        this.#plan = plan;
        this.#split = split;
    }

    async read(): Promise<ScheduleRecord> {
        const record = await this.asked((view) => view.find(this.#plan.day));
        if (record === undefined) {
            throw new Error(`${this.#plan.day} is not agreed on ahead`);
        }
        return record;
    }

    /** The witness, or where its peer does not answer any other one here. */
    async asked<T>(question: (view: Schedule) => Promise<T>): Promise<T> {
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

    /** As it is then, or when the time is over. */
    async until(isThere: (record: ScheduleRecord) => boolean, limitMs: number): Promise<ScheduleRecord> {
        const end = performance.now() + limitMs;
        for (;;) {
            const record = await this.read();
            if (isThere(record) || performance.now() >= end) {
                return record;
            }
            await pause(4 * POLL_MS);
        }
    }

    /** Once the run's time is over, a quorum says so; unless others have ended it before. */
    async abandoned({ deadline }: ScheduleRun): Promise<ScheduleRecord> {
        for (;;) {
            const left = Math.max(0, deadline * 1000 - Date.now()) + 4 * POLL_MS;
            const record = await this.#split.during('waiting', () => this.until(isEnded, left));
            if (isEnded(record)) {
                return record;
            }
            for (const { coordinator } of this.#plan.coordinators) {
                const ended = await this.tryToAbandon(coordinator);
                if (ended !== undefined) {
                    return ended;
                }
            }
        }
    }

    /** Undefined where it could not, or not yet. */
    async tryToAbandon({ schedule }: Coordinator): Promise<ScheduleRecord | undefined> {
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
}

/** Of a run that was open. */
export const isEnded = ({ status }: ScheduleRecord): boolean => status !== 'open';
