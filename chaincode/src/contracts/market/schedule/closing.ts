import { submissionKey } from '../../../api/keys';
import { bookOf, runProblemOf, runStateOf } from '../../../api/schedules';
import type {
    AgreedSchedule,
    BusPrices,
    Charter,
    NetworkAnswer,
    ScheduleBook,
    ScheduleProblem,
    ScheduleRecord,
    ScheduleRun,
    ScheduleStep,
    SubmissionMarker,
    SubmissionRecord,
} from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { nanosPerKwh, poolEnergy, type PoolEnergy } from '../../../domain/schedule/exchange';
import {
    absorbed,
    closeRun,
    firstRunState,
    networkEnergies,
    type ClosedRun,
    type RunProblem,
    type RunState,
} from '../../../domain/schedule/run';
import { scheduledWorth } from '../../../domain/scheduled/scheduled-slot';
import type { TransactionContext } from '../../transaction-context';
import { isCovered } from '../accounts/covering';
import { recordHash } from '../guards';
import type { OpenRun } from './schedule-of-day';

/** What whoever closes an iteration brings along. */
export interface Brought {
    readonly submissions: readonly SubmissionRecord[];
    readonly book?: ScheduleBook | undefined;
    readonly network?: NetworkAnswer | undefined;
    readonly salt: string;
}

/** What closing an iteration writes. */
export interface Closed {
    readonly record: ScheduleRecord;
    readonly step: ScheduleStep;
    readonly book: ScheduleBook;
}

/**
 * An iteration, closed. Whoever answered in it counts with its answer: nobody's can be left out. Who did not keeps its last one, from
 * `iterationSeconds` after the iteration began on, and is noted as late. Who has no cover may not answer: it is waited for in the first iteration only,
 * in which it may still be covered, and is noted in none. Refuses ITERATION_WRONG, DEADLINE_OPEN, OPENING_UNKNOWN, OPENING_MISSING,
 * OPENING_MISMATCH, BOOK_WRONG, SCHEDULE_SHAPE_WRONG, NETWORK_LIMIT_BROKEN, NETWORK_ANSWER_WRONG.
 */
export async function closedIteration(
    ctx: TransactionContext,
    charter: Charter,
    open: OpenRun,
    iteration: number,
    brought: Brought,
): Promise<Closed> {
    const { run, problem } = open;
    if (iteration !== run.iteration + 1) {
        refuse('ITERATION_WRONG', `${iteration}, ${run.iteration + 1} is open`);
    }
    const markers = await markersOf(ctx, problem);
    const silent = problem.households.map(({ mspId }) => mspId).filter((mspId) => !isIn(markers, mspId, iteration));
    const missed = await coveredOf(ctx, charter, problem.day, silent);
    const awaited = run.iteration === 0 ? silent : missed;
    const waited = ctx.now - run.steppedAt;
    if (awaited.length > 0 && waited < problem.iterationSeconds) {
        refuse('DEADLINE_OPEN', `${awaited.join(', ')}: ${problem.iterationSeconds - waited} s to go`);
    }
    const opened = openedAnswers(markers, iteration, brought.submissions);
    const runProblem = runProblemOf(problem);
    const state = stateBefore(open, runProblem, brought.book);
    const answers = problem.households.map(
        ({ mspId }, i) => opened.get(mspId)?.energiesWh.map(poolEnergy) ?? state.households[i]?.energies ?? [],
    );
    const network = networkOf(runProblem, state, brought.network);
    const closed = closeRun(runProblem, state, answers, network, silent.length);
    const book = bookOf(problem, closed.state, brought.salt);
    const step: ScheduleStep = {
        day: problem.day,
        iteration,
        prices: pricesOf(runProblem, closed.state),
        penalty: run.penalty,
        shortWh: runProblem.buses.map((bus, i) => ({ bus, energiesWh: [...(closed.sums[i] ?? [])] })),
        residuals: { primalWh: closed.residuals.primal, dual: closed.residuals.dual },
        missed,
    };
    const next: ScheduleRun = {
        ...run,
        steppedAt: ctx.now,
        iteration,
        prices: step.prices,
        penalty: closed.state.penalty,
        residuals: step.residuals,
        bookHash: recordHash(book),
        missed: withMissed(run.missed, missed, iteration),
    };
    return { record: ended({ ...open.record, run: next }, { problem, closed, markers }), step, book };
}

async function coveredOf(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    members: readonly string[],
): Promise<string[]> {
    const covered: string[] = [];
    for (const mspId of members) {
        covered.push(...((await isCovered(ctx, charter, day, mspId)) ? [mspId] : []));
    }
    return covered;
}

/** Markers of the households, in the order of the problem. They were made when the run was opened, all in one transaction. */
const markersOf = async (
    ctx: TransactionContext,
    { day, households }: ScheduleProblem,
): Promise<ReadonlyMap<string, SubmissionMarker>> => {
    const found = await ctx.ledger.findAll(households.map(({ mspId }) => submissionKey(day, mspId)));
    return new Map(found.filter((marker) => marker !== undefined).map((marker) => [marker.mspId, marker]));
};

const isIn = (markers: ReadonlyMap<string, SubmissionMarker>, mspId: string, iteration: number): boolean =>
    markers.get(mspId)?.iteration === iteration;

/** Refuses OPENING_UNKNOWN, OPENING_MISSING, OPENING_MISMATCH. */
function openedAnswers(
    markers: ReadonlyMap<string, SubmissionMarker>,
    iteration: number,
    submissions: readonly SubmissionRecord[],
): ReadonlyMap<string, SubmissionRecord> {
    const given = new Map<string, SubmissionRecord>();
    for (const submission of submissions) {
        if (!isIn(markers, submission.mspId, iteration) || given.has(submission.mspId)) {
            refuse('OPENING_UNKNOWN', `${submission.mspId} in iteration ${iteration}`);
        }
        given.set(submission.mspId, submission);
    }
    for (const [mspId, marker] of markers) {
        const submission = given.get(mspId);
        if (marker.iteration === iteration && submission === undefined) {
            refuse('OPENING_MISSING', `${mspId} in iteration ${iteration}`);
        }
        if (submission !== undefined && recordHash(submission) !== marker.hash) {
            refuse('OPENING_MISMATCH', `${mspId} in iteration ${iteration}`);
        }
    }
    return given;
}

/** Where the iteration starts from. Refuses BOOK_WRONG. */
function stateBefore({ run, problem }: OpenRun, runProblem: RunProblem, book: ScheduleBook | undefined): RunState {
    if (run.bookHash === null) {
        return firstRunState(
            runProblem,
            problem.firstPrices.map(({ pricesNanos }) => pricesNanos.map(nanosPerKwh)),
        );
    }
    if (book === undefined || recordHash(book) !== run.bookHash) {
        refuse('BOOK_WRONG', `after iteration ${run.iteration}`);
    }
    return runStateOf(run, book);
}

/** Refuses SCHEDULE_SHAPE_WRONG, NETWORK_LIMIT_BROKEN, NETWORK_ANSWER_WRONG. */
function networkOf(
    problem: RunProblem,
    state: RunState,
    given: NetworkAnswer | undefined,
): readonly (readonly PoolEnergy[])[] {
    if (given !== undefined && given.some(({ bus }, i) => bus !== problem.buses[i])) {
        refuse('SCHEDULE_SHAPE_WRONG', `the network's energies for each of ${problem.buses.join(', ')}`);
    }
    const found = networkEnergies(
        problem,
        state,
        given?.map(({ energiesWh }) => energiesWh.map(poolEnergy)),
    );
    if (!('kind' in found)) {
        return found;
    }
    if (found.kind === 'shape') {
        refuse('SCHEDULE_SHAPE_WRONG', `the network's energies for each of ${problem.buses.join(', ')}`);
    }
    const code = found.kind === 'limit' ? 'NETWORK_LIMIT_BROKEN' : 'NETWORK_ANSWER_WRONG';
    return refuse(code, `slot ${found.slot} of the day`);
}

const pricesOf = (
    { buses }: RunProblem,
    { prices }: { readonly prices: readonly (readonly bigint[])[] },
): BusPrices[] => buses.map((bus, i) => ({ bus, pricesNanos: [...(prices[i] ?? [])] }));

function withMissed(
    before: ScheduleRun['missed'],
    missed: readonly string[],
    iteration: number,
): ScheduleRun['missed'] {
    const known = before.map((each) =>
        missed.includes(each.mspId) ? { ...each, iterations: [...each.iterations, iteration] } : each,
    );
    const others = missed.filter((mspId) => before.every((each) => each.mspId !== mspId));
    return [...known, ...others.map((mspId) => ({ mspId, iterations: [iteration] }))];
}

/** The transitions out of `open` that an iteration makes: the grid takes up the last Wh, or the run has used up its iterations. */
function ended(
    record: ScheduleRecord,
    {
        problem,
        closed,
        markers,
    }: {
        readonly problem: ScheduleProblem;
        readonly closed: ClosedRun;
        readonly markers: ReadonlyMap<string, SubmissionMarker>;
    },
): ScheduleRecord {
    if (closed.end !== 'converged') {
        const reason = `not after ${problem.iterations} iterations`;
        return closed.end === 'running' ? record : { ...record, status: 'notConverged', reason };
    }
    const runProblem = runProblemOf(problem);
    const energies = closed.state.households.map((each) => each.energies);
    const prices = pricesOf(runProblem, closed.settled);
    const agreed: AgreedSchedule = {
        prices,
        gridWh: totalOf(closed.settled.taken, problem.slots),
        worthNanos: worthOf(runProblem, prices, energies),
        households: problem.households.map(({ mspId, bus }) => ({
            mspId,
            bus,
            hash: markers.get(mspId)?.hash ?? null,
        })),
    };
    return { ...record, status: 'converged', agreed };
}

/** What all households pay for their energy less what they get, over buses and slots. */
export function worthOf(
    problem: RunProblem,
    prices: readonly BusPrices[],
    energies: readonly (readonly PoolEnergy[])[],
): bigint {
    const slots = absorbed(problem, energies).flatMap((taken, bus) =>
        taken.map((energy, slot) => ({
            price: nanosPerKwh(prices[bus]?.pricesNanos[slot] ?? 0n),
            taken: poolEnergy(0n - energy),
        })),
    );
    return scheduledWorth(slots);
}

/** By slot, over all buses. */
const totalOf = (byBus: readonly (readonly bigint[])[], slots: number): bigint[] =>
    Array.from({ length: slots }, (_, slot) => byBus.reduce((sum, energies) => sum + (energies[slot] ?? 0n), 0n));
