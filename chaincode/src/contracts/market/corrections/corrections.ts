import { markerOfCorrection } from '../../../api/corrections';
import { correctionInRunKey, correctionKey, correctionRunKey, keyName } from '../../../api/keys';
import { TRANSACTIONS } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { gridOperator, partiesPolicy } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, requireGridOperator, requireParty } from '../guards';
import { correctionDraft, dayToCorrect } from './correcting';
import { runOf } from './publishing';

/** What changed readings add to settled days. What each function refuses, in order of precedence, stands in the catalogue. */
export class CorrectionsContract extends BaseContract {
    constructor() {
        super('market', 'corrections');
    }

    async draft(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['corrections:draft'];
        const asked = argumentOf(specification, args);
        const inputs = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireParty(charter, asked.mspId, ctx.caller);
        const found = await dayToCorrect(ctx, charter, asked);
        return answer(specification, await correctionDraft(ctx, charter, found, inputs));
    }

    async record(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['corrections:record'];
        const asked = argumentOf(specification, args);
        const { signature, markerSignature, ...inputs } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const { ownerKey } = memberOf(charter, asked.mspId);
        if (ctx.caller !== asked.mspId) {
            refuse('FORBIDDEN', `${ctx.caller} does not correct for ${asked.mspId}`);
        }
        const found = await dayToCorrect(ctx, charter, asked);
        const record = { ...(await correctionDraft(ctx, charter, found, inputs)), signature };
        if (!isSigned(record, ownerKey)) {
            refuse('SIGNATURE_INVALID', 'of the record');
        }
        const marker = { ...markerOfCorrection(record), signature: markerSignature };
        if (!isSigned(marker, ownerKey)) {
            refuse('SIGNATURE_INVALID', 'of the marker');
        }
        const { day, mspId, number } = record;
        const key = correctionKey(day, mspId, number);
        const policy = partiesPolicy(found.view, mspId, found.local.first);
        const inRun = correctionInRunKey(day, mspId, number);
        if ((await ctx.ledger.find(inRun)) !== undefined) {
            refuse('KEY_POLICY_WRONG', keyName(inRun));
        }
        await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(record));
        await ctx.ledger.create(key, marker, policy);
        await ctx.ledger.create(inRun, { day, mspId, number }, policy);
        ctx.emit({ type: 'DayCorrected', day, mspId, number });
        return answer(specification, { hash: marker.hash });
    }

    async publish(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['corrections:publish'];
        const { run, sums } = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const { record, rows, policy } = await runOf(ctx, charter, run, sums);
        for (const row of rows) {
            const { day, mspId, number } = row;
            await ctx.ledger.save(correctionInRunKey(day, mspId, number), row);
        }
        await ctx.ledger.create(correctionRunKey(run), record, policy);
        ctx.emit({ type: 'CorrectionsPublished', run, households: record.households });
        return answer(specification, record);
    }

    async runs(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['corrections:runs'];
        argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('correctionRun'));
    }

    async markers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['corrections:markers'];
        const { day } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('correction', day));
    }

    async own(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['corrections:own'];
        const { day, mspId = ctx.caller } = argumentOf(specification, args);
        requireParty(await ctx.charter(), mspId, ctx.caller);
        return answer(specification, await ctx.ledger.listPrivate(ctx.caller, 'correction', day, mspId));
    }
}
