import { scheduleKey, scheduleProblemKey, scheduleStepKey, submissionKey } from '../../../api/keys';
import type { Charter, ScheduleRecord } from '../../../api/records';
import { TRANSACTIONS } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { sha256Hex } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { answerPolicy, gridOperator, roundPolicy } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { requireCovered } from '../accounts/covering';
import { recordHash, requireSeatOrOperator } from '../guards';
import { certified } from './certifying';
import { closedIteration } from './closing';
import { problemToOpen } from './opening';
import { openRun, scheduledDay } from './schedule-of-day';
import { answered, requireQuorum } from './submitting';

/** A day that is agreed on the day before. What each function refuses, in order of precedence, stands in the catalogue (api/catalogue). */
export class ScheduleContract extends BaseContract {
    constructor() {
        super('market', 'schedule');
    }

    async open(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:open'];
        const { day, firstPrices } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const scheduled = await scheduledDay(ctx, charter, day);
        const { record, view, local, terms, end = Infinity } = scheduled;
        requireSeatOrOperator(view, local.first, ctx.caller);
        if (record.status !== 'planned') {
            refuse('SCHEDULE_NOT_PLANNED', `${day} is ${record.status}`);
        }
        if (ctx.now >= end) {
            refuse('SCHEDULE_OVERDUE', `${day}, by ${ctx.now - end} s`);
        }
        const problem = problemToOpen(charter, scheduled, firstPrices);
        const run = {
            problemHash: recordHash(problem),
            openedAt: ctx.now,
            deadline: Math.min(ctx.now + terms.runSeconds, end),
            steppedAt: ctx.now,
            iteration: 0,
            prices: problem.firstPrices,
            penalty: problem.penalty.initial,
            residuals: null,
            bookHash: null,
            missed: [],
        };
        const opened: ScheduleRecord = { ...record, status: 'open', run };
        await ctx.ledger.save(scheduleKey(day), opened);
        await ctx.ledger.create(scheduleProblemKey(day), problem, roundPolicy(view, day, local.first));
        for (const { mspId } of problem.households) {
            const marker = { mspId, day, iteration: 0, hash: null, holders: [] };
            await ctx.ledger.create(submissionKey(day, mspId), marker, answerPolicy(view, mspId, local.first));
        }
        ctx.emit({ type: 'ScheduleOpened', day, households: problem.households.length });
        return answer(specification, opened);
    }

    async submit(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:submit'];
        const asked = argumentOf(specification, args);
        const { submission } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const { day, iteration } = asked;
        const open = await openRun(ctx, charter, day, 'schedule');
        const { marker, keepers } = await answered(ctx, charter, open, { asked, submission });
        const key = submissionKey(day, marker.mspId);
        await ctx.ledger.savePrivate(keepers, key, encodeBytes(submission));
        await ctx.ledger.save(key, marker);
        ctx.emit({ type: 'ScheduleAnswered', day, mspId: marker.mspId, iteration });
        return answer(specification, marker);
    }

    async close(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:close'];
        const { day, iteration, to } = argumentOf(specification, args);
        const brought = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const open = await openRun(ctx, charter, day, 'schedule');
        requireSeatOrOperator(open.view, open.local.first, ctx.caller);
        requireQuorum(open, to);
        const { record, step, book } = await closedIteration(ctx, charter, open, iteration, brought);
        const policy = roundPolicy(open.view, day, open.local.first);
        await ctx.ledger.savePrivate(keepersOf(charter, to), scheduleKey(day), encodeBytes(book));
        await ctx.ledger.save(scheduleKey(day), record);
        await ctx.ledger.create(scheduleStepKey(day, iteration), step, policy);
        ctx.emit({ type: 'ScheduleStepped', day, iteration });
        emitEnd(ctx, record);
        return answer(specification, record);
    }

    async certify(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:certify'];
        const { day, prices, gridWh, to } = argumentOf(specification, args);
        const { agreements } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const open = await openRun(ctx, charter, day, 'certificate');
        requireSeatOrOperator(open.view, open.local.first, ctx.caller);
        requireQuorum(open, to);
        for (const { mspId } of open.problem.households) {
            await requireCovered(ctx, charter, day, mspId);
        }
        const record = certified(charter, open, { day, prices, gridWh }, agreements);
        for (const agreement of agreements) {
            const key = submissionKey(day, agreement.mspId);
            await ctx.ledger.savePrivate(keepersOf(charter, to), key, encodeBytes(agreement));
        }
        await ctx.ledger.save(scheduleKey(day), record);
        emitEnd(ctx, record);
        return answer(specification, record);
    }

    async abandon(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:abandon'];
        const { day } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const { record, view, local, end = 0 } = await scheduledDay(ctx, charter, day);
        requireSeatOrOperator(view, local.first, ctx.caller);
        if (record.status === 'converged' || record.status === 'notConverged') {
            refuse('SCHEDULE_ENDED', `${day} is ${record.status}`);
        }
        // A replayed day that was planned and never opened has no deadline that could pass.
        const deadline = record.run?.deadline ?? end;
        if (ctx.now < deadline) {
            refuse('DEADLINE_OPEN', `${day}: ${deadline - ctx.now} s to go`);
        }
        const reason = `${record.status} at the deadline`;
        const abandoned: ScheduleRecord = { ...record, status: 'notConverged', reason };
        await ctx.ledger.save(scheduleKey(day), abandoned);
        emitEnd(ctx, abandoned);
        return answer(specification, abandoned);
    }

    async get(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:get'];
        const { day } = argumentOf(specification, args);
        return answer(specification, (await ctx.ledger.find(scheduleKey(day))) ?? refuse('SCHEDULE_MISSING', day));
    }

    async problem(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:problem'];
        const { day } = argumentOf(specification, args);
        const found = await ctx.ledger.find(scheduleProblemKey(day));
        return answer(specification, found ?? refuse('SCHEDULE_MISSING', `${day} is not opened`));
    }

    async steps(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:steps'];
        const { day } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('scheduleStep', day));
    }

    async submissions(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:submissions'];
        const { day } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('submission', day));
    }

    async evidence(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:evidence'];
        const { day, mspId } = argumentOf(specification, args);
        const found = await ctx.ledger.find(scheduleKey(day));
        if (found?.day !== day || found.run === undefined) {
            return answer(specification, { schedule: null });
        }
        const { charterVersion, run } = found;
        const policyHash = sha256Hex(await ctx.ledger.policyOf(scheduleKey(day)));
        const missed = run.missed.find((each) => each.mspId === mspId)?.iterations ?? [];
        return answer(specification, { schedule: { charterVersion, policyHash, iterations: run.iteration, missed } });
    }

    async openings(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['schedule:openings'];
        const { day } = argumentOf(specification, args);
        const submissions = await ctx.ledger.listPrivate(ctx.caller, 'submission', day);
        const book = (await ctx.ledger.findPrivate(ctx.caller, scheduleKey(day))) ?? null;
        return answer(specification, { submissions, book });
    }
}

/** Who stores what a coordinator wrote: the seats named, and the grid operator, which settles the day later. */
const keepersOf = (charter: Charter, to: readonly string[]): string[] => [...new Set([gridOperator(charter), ...to])];

function emitEnd(ctx: TransactionContext, { day, status }: ScheduleRecord): void {
    if (status === 'converged' || status === 'notConverged') {
        ctx.emit({ type: 'ScheduleEnded', day, status });
    }
}
