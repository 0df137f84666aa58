import { TRANSACTIONS } from '../../api/transactions';
import { memberNamed } from '../../domain/community/roster';
import { refuse } from '../../domain/refusals';
import { BaseContract } from '../base-contract';
import { answer, argumentOf } from '../inputs';
import type { TransactionContext } from '../transaction-context';
import { ownCharter, requireLaterDay, requireOperator, saveChanged } from './charter-store';

/** Which storage system the community has, what it can do, and how contracts with it are made. */
export class StorageContract extends BaseContract {
    constructor() {
        super('governance', 'storage');
    }

    async schedule(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['storage:schedule'];
        const terms = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        if (memberNamed(charter.members, terms.mspId) === undefined) {
            refuse('MEMBER_UNKNOWN', terms.mspId);
        }
        if (charter.roles.ess !== terms.mspId) {
            refuse('STORAGE_MISSING', `the role ess is ${charter.roles.ess ?? 'nobody'}'s, not ${terms.mspId}'s`);
        }
        requireLaterDay(charter, terms.fromDay, ctx.now);
        const { storage = [] } = charter;
        const last = storage.at(-1);
        if (last !== undefined && terms.fromDay <= last.fromDay) {
            refuse('TERMS_OVERLAP', `from ${last.fromDay} on others apply`);
        }
        const changed = await saveChanged(ctx, { ...charter, storage: [...storage, terms] });
        ctx.emit({ type: 'StorageScheduled', fromDay: terms.fromDay, mspId: terms.mspId });
        return answer(specification, changed);
    }

    async list(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['storage:list'];
        argumentOf(specification, args);
        return answer(specification, (await ownCharter(ctx)).storage ?? []);
    }
}
