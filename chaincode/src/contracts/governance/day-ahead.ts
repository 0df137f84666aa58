import { TRANSACTIONS } from '../../api/transactions';
import { dayAheadFlaw } from '../../domain/schedule/terms';
import { refuse } from '../../domain/refusals';
import { BaseContract } from '../base-contract';
import { answer, argumentOf } from '../inputs';
import type { TransactionContext } from '../transaction-context';
import { ownCharter, recordedNow, requireLaterDay, requireOperator, saveChanged } from './charter-store';

/** Which days are agreed on ahead, and how. */
export class DayAheadContract extends BaseContract {
    constructor() {
        super('governance', 'dayAhead');
    }

    async schedule(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['dayAhead:schedule'];
        const terms = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        const flaw = dayAheadFlaw(terms);
        if (flaw !== undefined) {
            refuse('DAY_AHEAD_INVALID', flaw);
        }
        requireLaterDay(charter, terms.fromDay, ctx.now);
        const { dayAhead = [] } = charter;
        const last = dayAhead.at(-1);
        if (last !== undefined && terms.fromDay <= last.fromDay) {
            refuse('TERMS_OVERLAP', `from ${last.fromDay} on others apply`);
        }
        const changed = await saveChanged(ctx, {
            ...charter,
            dayAhead: [...dayAhead, { ...terms, recorded: recordedNow(charter, ctx.now) }],
        });
        ctx.emit({ type: 'DayAheadScheduled', fromDay: terms.fromDay, mode: terms.mode });
        return answer(specification, changed);
    }

    async list(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['dayAhead:list'];
        argumentOf(specification, args);
        return answer(specification, (await ownCharter(ctx)).dayAhead ?? []);
    }
}
