import type { ScheduleClaim, ScheduleProblem, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import type { ScheduleAgent, View } from '../schedule-agent';
import type { Agreeing } from './transport';

/** What of a home's agent takes part in an exchange. */
export type ExchangeAgent = Pick<ScheduleAgent, 'home' | 'mspId' | 'answered' | 'answer' | 'agree'>;

/** A home does not answer, for now: who asked begins anew, later. */
export class NotAnswered extends Error {
    override readonly name = 'NotAnswered';

    constructor(home: string, why: string) {
        super(`${home} does not answer: ${why}`);
    }
}

/**
 * A home in an exchange off the ledger. It answers one coordinator after the other and not two at once, since its answers lead from one to the next: who
 * comes while another asks is sent away, until that has been quiet for as long as an iteration waits for somebody silent.
 */
export class AskedHome {
    readonly home: string;
    readonly mspId: string;
    readonly problem: ScheduleProblem;
    readonly #agent: ExchangeAgent;
    readonly #now: () => number;
    #asker = { mspId: '', until: 0 };

    /** `now` counts milliseconds. */
    constructor(agent: ExchangeAgent, problem: ScheduleProblem, now: () => number = () => performance.now()) {
        this.home = agent.home;
        this.mspId = agent.mspId;
        this.problem = problem;
        this.#agent = agent;
        this.#now = now;
    }

    /**
     * @throws NotAnswered while another coordinator asks, and where what is asked does not follow what was answered before: begin at iteration 0.
     */
    async answer(asker: string, view: View): Promise<readonly bigint[]> {
        this.#attendTo(asker);
        const last = this.#agent.answered?.after ?? -1;
        if (view.iteration > 0 && last !== view.iteration && last !== view.iteration - 1) {
            throw new NotAnswered(this.home, `it was not asked in iteration ${view.iteration - 1}`);
        }
        const { energies } = await this.#agent.answer(this.problem, view);
        this.#attendTo(asker);
        return energies;
    }

    /** @throws NotAnswered, and Error where the claim is not what the home answered to. */
    agree(asker: string, claim: ScheduleClaim, energies: readonly bigint[]): SubmissionRecord {
        this.#attendTo(asker);
        return this.#agent.agree(this.problem, claim, energies);
    }

    /** As a coordinator in the same process asks it. */
    askedBy(asker: string): Agreeing {
        return {
            mspId: this.mspId,
            answer: async (_problem, view) => ({ energies: await this.answer(asker, view) }),
            agree: async (_problem, claim, energies) => Promise.resolve(this.agree(asker, claim, energies)),
        };
    }

    #attendTo(mspId: string): void {
        const now = this.#now();
        if (this.#asker.mspId !== mspId && now < this.#asker.until) {
            throw new NotAnswered(this.home, `${this.#asker.mspId} is asking it`);
        }
        this.#asker = { mspId, until: now + this.problem.iterationSeconds * 1000 };
    }
}
