import type { ScheduleProblem } from '@commonwatt/chaincode/api/records';
import type { ScheduleAgent } from './schedule-agent';
import { isTrouble } from './troubles';

/** The households whose agents run here and that stand in the run: who became a member after it was opened is not in it. */
export class Attendance {
    readonly agents: readonly ScheduleAgent[];
    readonly #away = new Map<ScheduleAgent, string>();

    constructor(agents: readonly ScheduleAgent[], { households }: ScheduleProblem) {
        this.agents = agents.filter(({ mspId }) => households.some((each) => each.mspId === mspId));
    }

    get present(): ScheduleAgent[] {
        return this.agents.filter((each) => !this.#away.has(each));
    }

    /** Who did not get through, and why. */
    get silent(): { readonly home: string; readonly why: string }[] {
        return [...this.#away].map(([{ home }, why]) => ({ home, why }));
    }

    /** A household that does not get through sits the rest out: what it said last counts, and the others go on. */
    async each(agents: readonly ScheduleAgent[], work: (agent: ScheduleAgent) => Promise<void>): Promise<void> {
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
}
