import type {
    BusPrices,
    ScheduleClaim,
    ScheduleProblem,
    ScheduleRecord,
    ScheduleStep,
    SubmissionMarker,
    SubmissionRecord,
} from '@commonwatt/chaincode/api/records';
import type { ResponseOf, TransientOf } from '@commonwatt/chaincode/api/transactions';
import type { Endorsers } from '../gateway/member-gateway';
import { unlessRefused } from './governance';
import type { TypedCalls } from './typed-calls';

export type Openings = ResponseOf<'schedule:openings'>;
export type Closing = TransientOf<'schedule:close'>;

/** An iteration of a day, and the seats that get to see what is private in it: a quorum of the committee. */
export interface Iteration {
    readonly day: string;
    readonly iteration: number;
    readonly to: readonly string[];
}

/** A day ahead, as one member takes part in it and sees it. */
export class Schedule {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    async open(day: string, firstPrices: BusPrices[], endorsers: Endorsers): Promise<ScheduleRecord> {
        return (await this.#calls.submit('schedule:open', { day, firstPrices }, endorsers)).response;
    }

    /** The energies go to the grid operator, to these seats and to the member's own peer, nobody else. */
    async submit({ day, iteration, to }: Iteration, submission: SubmissionRecord, operator: string): Promise<void> {
        const endorsers = [...new Set([this.#calls.mspId, operator, ...to])];
        await this.#calls.submit('schedule:submit', { day, iteration, to: [...to] }, endorsers, { submission });
    }

    /** Grid operator and these seats work out the next prices from the openings, each by itself. */
    async close({ day, iteration, to }: Iteration, closing: Closing, operator: string): Promise<ScheduleRecord> {
        const endorsers = [...new Set([operator, ...to])];
        const argument = { day, iteration, to: [...to] };
        return (await this.#calls.submit('schedule:close', argument, endorsers, closing)).response;
    }

    async certify(
        { day, prices, gridWh }: ScheduleClaim,
        agreements: SubmissionRecord[],
        to: readonly string[],
        operator: string,
    ): Promise<ScheduleRecord> {
        const endorsers = [...new Set([operator, ...to])];
        const argument = { day, prices, gridWh, to: [...to] };
        return (await this.#calls.submit('schedule:certify', argument, endorsers, { agreements })).response;
    }

    async abandon(day: string, committee: Endorsers): Promise<ScheduleRecord> {
        return (await this.#calls.submit('schedule:abandon', { day }, committee)).response;
    }

    /** Undefined where the day is not agreed on ahead. */
    async find(day: string): Promise<ScheduleRecord | undefined> {
        try {
            return await this.#calls.query('schedule:get', { day });
        } catch (error) {
            unlessRefused('SCHEDULE_MISSING', error);
            return undefined;
        }
    }

    problem(day: string): Promise<ScheduleProblem> {
        return this.#calls.query('schedule:problem', { day });
    }

    steps(day: string): Promise<ScheduleStep[]> {
        return this.#calls.query('schedule:steps', { day });
    }

    submissions(day: string): Promise<SubmissionMarker[]> {
        return this.#calls.query('schedule:submissions', { day });
    }

    /** What lies in the member's own collection: of a household its own submission, of a coordinator all that it endorsed. */
    openings(day: string): Promise<Openings> {
        return this.#calls.query('schedule:openings', { day });
    }
}
