import { feederKey, keyName, suspicionKey } from '../../../api/keys';
import { TRANSACTIONS } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { gridOperator, partiesPolicy, roundPolicy } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, recordHash, requireGridOperator, requireParty } from '../guards';
import { openedUnder } from '../rounds';
import { comparedDay } from './comparing';
import { dayInQuestion, suspicionDraft } from './suspecting';

/** The feeder's meter beside the households'. What each function refuses, in order of precedence, stands in the catalogue. */
export class FeederContract extends BaseContract {
    constructor() {
        super('market', 'feeder');
    }

    async compareDay(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['feeder:compareDay'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const compared = await comparedDay(ctx, charter, asked);
        const view = await openedUnder(ctx, charter, asked.day);
        const policy = roundPolicy(view, asked.day, compared.slots[0]?.slot ?? 0);
        await ctx.ledger.create(feederKey(asked.day), compared, policy);
        ctx.emit({ type: 'FeederCompared', day: asked.day, fits: compared.fits });
        return answer(specification, compared);
    }

    async draftSuspicion(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['feeder:draftSuspicion'];
        const asked = argumentOf(specification, args);
        const inputs = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireParty(charter, asked.mspId, ctx.caller);
        const question = await dayInQuestion(ctx, charter, asked);
        return answer(specification, await suspicionDraft(ctx, charter, question, inputs));
    }

    async notify(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['feeder:notify'];
        const asked = argumentOf(specification, args);
        const { signature, ...inputs } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const question = await dayInQuestion(ctx, charter, asked);
        const record = { ...(await suspicionDraft(ctx, charter, question, inputs)), signature };
        const { day, mspId, version } = record;
        const key = suspicionKey(day, mspId);
        if ((await ctx.ledger.find(key)) !== undefined) {
            refuse('SUSPICION_EXISTS', keyName(key));
        }
        if (!isSigned(record, charter.operatorKey)) {
            refuse('SIGNATURE_INVALID', 'of the grid operator');
        }
        const hash = recordHash(record);
        const policy = partiesPolicy(question.view, mspId, question.local.first);
        await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(record));
        await ctx.ledger.create(key, { hash, version, mspId, day }, policy);
        ctx.emit({ type: 'SuspicionTold', day, mspId });
        return answer(specification, { hash });
    }

    async day(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['feeder:day'];
        const { day } = argumentOf(specification, args);
        return answer(specification, (await ctx.ledger.find(feederKey(day))) ?? refuse('FEEDER_MISSING', day));
    }

    async ownSuspicion(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['feeder:ownSuspicion'];
        const { day, mspId = ctx.caller } = argumentOf(specification, args);
        requireParty(await ctx.charter(), mspId, ctx.caller);
        const key = suspicionKey(day, mspId);
        return answer(
            specification,
            (await ctx.ledger.findPrivate(ctx.caller, key)) ?? refuse('NOT_FOUND', keyName(key)),
        );
    }
}
