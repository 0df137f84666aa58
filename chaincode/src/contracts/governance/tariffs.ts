import { TRANSACTIONS } from '../../api/transactions';
import { byFirstDay, overlap, termsFlaw } from '../../domain/tariff/terms';
import { refuse } from '../../domain/refusals';
import { BaseContract } from '../base-contract';
import { answer, argumentOf } from '../inputs';
import type { TransactionContext } from '../transaction-context';
import { ownCharter, requireLaterDay, requireOperator, saveChanged } from './charter-store';

/** Tariffs and market parameters, with the days on which they apply. */
export class TariffsContract extends BaseContract {
    constructor() {
        super('governance', 'tariffs');
    }

    async schedule(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['tariffs:schedule'];
        const terms = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        const flaw = termsFlaw(terms);
        if (flaw !== undefined) {
            refuse('TERMS_INVALID', flaw);
        }
        requireLaterDay(charter, terms.fromDay, ctx.now);
        const other = charter.terms.find((each) => overlap(each, terms));
        if (other !== undefined) {
            refuse('TERMS_OVERLAP', `from ${other.fromDay} to ${other.toDay ?? 'further notice'}`);
        }
        const changed = await saveChanged(ctx, { ...charter, terms: [...charter.terms, terms].sort(byFirstDay) });
        ctx.emit({ type: 'TermsScheduled', fromDay: terms.fromDay, toDay: terms.toDay });
        return answer(specification, changed);
    }

    async list(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['tariffs:list'];
        argumentOf(specification, args);
        return answer(specification, (await ownCharter(ctx)).terms);
    }
}
