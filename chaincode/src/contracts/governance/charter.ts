import { charterKey } from '../../api/keys';
import { TRANSACTIONS } from '../../api/transactions';
import { refuse } from '../../domain/refusals';
import { BaseContract } from '../base-contract';
import { argumentOf } from '../inputs';
import type { TransactionContext } from '../transaction-context';

/** Governance for the market: one document, one call. */
export class CharterContract extends BaseContract {
    constructor() {
        super('governance', 'charter');
    }

    async document(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['charter:document'], args);
        // Nearly every transaction of the market asks for it: handed on as it was written, which is the canonical form.
        return (await ctx.ledger.findText(charterKey)) ?? refuse('NOT_ESTABLISHED', 'community:establish comes first');
    }
}
