import { TRANSACTIONS } from '../../api/transactions';
import { BaseContract } from '../base-contract';
import { answer, argumentOf } from '../inputs';
import type { TransactionContext } from '../transaction-context';
import { ownCharter } from './charter-store';

/** Governance for the market: one document, one call. */
export class CharterContract extends BaseContract {
    constructor() {
        super('governance', 'charter');
    }

    async document(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['charter:document'];
        argumentOf(specification, args);
        return answer(specification, await ownCharter(ctx));
    }
}
