import { randomBytes } from 'node:crypto';
import type {
    ScheduleBook,
    ScheduleProblem,
    ScheduleRecord,
    ScheduleRun,
    SubmissionMarker,
} from '@commonwatt/chaincode/api/records';
import { runProblemOf, runStateOf } from '@commonwatt/chaincode/api/schedules';
import { nanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import { firstRunState } from '@commonwatt/chaincode/domain/schedule/run';
import { Schedule, type Closing, type Iteration } from '../market/schedule';
import type { TypedCalls } from '../market/typed-calls';
import { networkAnswer } from '../schedule/network-answer';

/** A coordinator's own peer does not hold what it would have to close the iteration with. */
export class AnswersLacking extends Error {
    override readonly name = 'AnswersLacking';

    constructor(coordinator: string, lacking: readonly string[]) {
        super(`${coordinator} does not hold what ${lacking.join(', ')} answered`);
    }
}

/** The grid operator's agent or a seat's: sees the answers that were opened to it, and closes iterations with them. */
export class Coordinator {
    readonly mspId: string;
    readonly schedule: Schedule;

    constructor(calls: TypedCalls) {
        this.mspId = calls.mspId;
        this.schedule = new Schedule(calls);
    }

    /** Households that have not answered in an iteration, as our own peer has it. */
    async missing({ day, households }: ScheduleProblem, iteration: number): Promise<string[]> {
        const markers = await this.schedule.submissions(day);
        return households.map(({ mspId }) => mspId).filter((mspId) => !isIn(markers, mspId, iteration));
    }

    /**
     * Households whose answers in the next iteration are waited for: all that have not answered, but for those that have not answered in the last one
     * and were not late in it either. They are not covered for the day, and may not.
     */
    async awaited({ day, households }: ScheduleProblem, { iteration, missed }: ScheduleRun): Promise<string[]> {
        const markers = await this.schedule.submissions(day);
        const isLate = (mspId: string): boolean =>
            missed.some((each) => each.mspId === mspId && each.iterations.includes(iteration));
        return households
            .map(({ mspId }) => mspId)
            .filter((mspId) => !isIn(markers, mspId, iteration + 1))
            .filter((mspId) => iteration === 0 || isIn(markers, mspId, iteration) || isLate(mspId));
    }

    /**
     * With the answers of all that have answered; the others keep what they said before.
     *
     * @throws AnswersLacking where our own peer holds no opening of one of them.
     */
    async close(
        problem: ScheduleProblem,
        run: ScheduleRun,
        iteration: Iteration,
        operator: string,
    ): Promise<ScheduleRecord> {
        const [markers, { submissions, book }] = await Promise.all([
            this.schedule.submissions(iteration.day),
            this.schedule.openings(iteration.day),
        ]);
        const there = markers.filter((marker) => marker.iteration === iteration.iteration);
        const held = new Map(submissions.map((submission) => [submission.mspId, submission]));
        const lacking = there.filter(({ mspId }) => held.get(mspId)?.iteration !== iteration.iteration);
        if (lacking.length > 0) {
            throw new AnswersLacking(
                this.mspId,
                lacking.map(({ mspId }) => mspId),
            );
        }
        const openings = there.flatMap(({ mspId }) => held.get(mspId) ?? []);
        const salt = randomBytes(32).toString('hex');
        const network = await networkAnswerTo(problem, run, book ?? undefined);
        const closing = { submissions: openings, salt, book: book ?? undefined, network };
        return this.schedule.close(iteration, closing, operator);
    }
}

/** What the network does where one of its limits binds is worked out here and checked by all; else they work it out themselves. */
async function networkAnswerTo(
    problem: ScheduleProblem,
    run: ScheduleRun,
    book: ScheduleBook | undefined,
): Promise<Closing['network']> {
    const of = runProblemOf(problem);
    const state =
        book === undefined
            ? firstRunState(
                  of,
                  problem.firstPrices.map(({ pricesNanos }) => pricesNanos.map(nanosPerKwh)),
              )
            : runStateOf(run, book);
    const found = problem.feeder === undefined ? undefined : await networkAnswer(of, state);
    return found?.map((energies, index) => ({ bus: of.buses[index] ?? '', energiesWh: [...energies] }));
}

const isIn = (markers: readonly SubmissionMarker[], mspId: string, iteration: number): boolean =>
    markers.some((marker) => marker.mspId === mspId && marker.iteration >= iteration);
