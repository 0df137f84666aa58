import { billKey, billSumsKey, keyName, poolKey, settlementKey, totalsKey } from '../../../api/keys';
import type { BillDraft, SettlementRecord } from '../../../api/records';
import { TRANSACTIONS } from '../../../api/transactions';
import { householdAccount } from '../../../domain/postings';
import { refuse } from '../../../domain/refusals';
import { gridOperator } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { billFor, draftFor, openTotals, saveBill, saveSettlement, type SignedBill } from './agreeing';
import { billSumsOf } from './bill-sums';
import { keepOrders } from '../auction/handing-over';
import { daysOf } from './billed';
import { closedTotals } from './closing';
import { keepAgreement } from './scheduled';
import { statedPool } from './stating';
import { settlementEvidence, totalsEvidence } from './evidence';
import { unbilled } from './unbilled';
import { memberOf, requireGridOperator, requireParty } from '../guards';

/** Settlements, totals and bills. What each function refuses, in order of precedence, stands in the catalogue (api/catalogue). */
export class BillingContract extends BaseContract {
    constructor() {
        super('market', 'billing');
    }

    async draftSettlement(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:draftSettlement'];
        const asked = argumentOf(specification, args);
        const { salt, ...openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        return answer(specification, await draftFor(ctx, charter, asked, openings, salt));
    }

    async settle(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:settle'];
        const asked = argumentOf(specification, args);
        const { salt, signature, markerSignature, ...openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        if (ctx.caller !== asked.mspId) {
            memberOf(charter, asked.mspId);
            refuse('FORBIDDEN', `${ctx.caller} does not settle for ${asked.mspId}`);
        }
        const draft = await draftFor(ctx, charter, asked, openings, salt);
        const holders = [asked.mspId, gridOperator(charter)];
        const signed = { record: { ...draft, signature }, markerSignature };
        const saved = await saveSettlement(ctx, charter, signed, holders);
        // From here on the grid operator has the orders too: it answers for the bill, and it is the copy if the household's disk is gone.
        await keepOrders(ctx, gridOperator(charter), openings.orders);
        await keepAgreement(ctx, holders, openings.scheduled);
        return answer(specification, saved);
    }

    async settleProvisionally(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:settleProvisionally'];
        const asked = argumentOf(specification, args);
        const { salt, signature, markerSignature, ...openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireGridOperator(charter, ctx.caller);
        const draft = await draftFor(ctx, charter, asked, openings, salt);
        const signed = { record: { ...draft, signature }, markerSignature };
        return answer(specification, await saveSettlement(ctx, charter, signed, [gridOperator(charter)]));
    }

    async statePool(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:statePool'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const { record, policy } = await statedPool(ctx, charter, asked);
        const { day, version } = record;
        await (version === 1 ? ctx.ledger.create(poolKey(day), record, policy) : ctx.ledger.save(poolKey(day), record));
        ctx.emit({ type: 'PoolStated', day, version });
        return answer(specification, record);
    }

    async pool(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:pool'];
        const { day } = argumentOf(specification, args);
        return answer(
            specification,
            (await ctx.ledger.find(poolKey(day))) ?? refuse('NOT_FOUND', keyName(poolKey(day))),
        );
    }

    async closeDay(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:closeDay'];
        const { day, sums } = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const open = await openTotals(ctx, charter, day);
        const totals = await closedTotals(ctx, charter, open, sums);
        await ctx.ledger.save(totalsKey(day), totals);
        ctx.emit({ type: 'DayClosed', day });
        return answer(specification, totals);
    }

    async draftBill(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:draftBill'];
        const asked = argumentOf(specification, args);
        const given = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        return answer(specification, await billFor(ctx, charter, asked, given));
    }

    async issueBill(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:issueBill'];
        const asked = argumentOf(specification, args);
        const { signature, markerSignature, ...given } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        if (ctx.caller !== asked.mspId) {
            refuse('FORBIDDEN', `${ctx.caller} takes no bill for ${asked.mspId}`);
        }
        const draft = await billFor(ctx, charter, asked, given);
        const holders = [asked.mspId, gridOperator(charter)];
        return answer(
            specification,
            await saveBill(ctx, charter, billOf(draft, { signature, markerSignature }), holders),
        );
    }

    async issueBillProvisionally(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:issueBillProvisionally'];
        const asked = argumentOf(specification, args);
        const { signature, markerSignature, ...given } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireGridOperator(charter, ctx.caller);
        const draft = await billFor(ctx, charter, asked, given);
        return answer(
            specification,
            await saveBill(ctx, charter, billOf(draft, { signature, markerSignature }), [gridOperator(charter)]),
        );
    }

    async publishBills(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:publishBills'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const { record, policy } = await billSumsOf(ctx, charter, asked);
        await ctx.ledger.create(billSumsKey(asked.from, asked.to), record, policy);
        ctx.emit({ type: 'BillsPublished', from: asked.from, to: asked.to });
        return answer(specification, record);
    }

    async billSums(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:billSums'];
        const { from, to } = argumentOf(specification, args);
        const key = billSumsKey(from, to);
        const sums = (await ctx.ledger.find(key)) ?? refuse('NOT_FOUND', keyName(key));
        const found = await ctx.ledger.listWithParts('bill');
        const markers = found.flatMap(({ record }) => (record?.from === from && record.to === to ? [record] : []));
        return answer(specification, { sums, markers });
    }

    async unbilled(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:unbilled'];
        const { mspId } = argumentOf(specification, args);
        return answer(specification, await unbilled(ctx, await ctx.charter(), mspId));
    }

    async settlementMarkers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:settlementMarkers'];
        const { day } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('settlement', day));
    }

    async ownSettlement(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:ownSettlement'];
        const { day, mspId = ctx.caller } = argumentOf(specification, args);
        requireParty(await ctx.charter(), mspId, ctx.caller);
        const key = settlementKey(day, mspId);
        return answer(
            specification,
            (await ctx.ledger.findPrivate(ctx.caller, key)) ?? refuse('NOT_FOUND', keyName(key)),
        );
    }

    async ownBill(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:ownBill'];
        const { from, to, mspId = ctx.caller } = argumentOf(specification, args);
        requireParty(await ctx.charter(), mspId, ctx.caller);
        const key = billKey(mspId, from, to);
        return answer(
            specification,
            (await ctx.ledger.findPrivate(ctx.caller, key)) ?? refuse('NOT_FOUND', keyName(key)),
        );
    }

    async ownAccount(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:ownAccount'];
        const period = argumentOf(specification, args);
        const days: { day: string; amountNanos: bigint }[] = [];
        for (const day of daysOf(period)) {
            const settlement = await ctx.ledger.findPrivate(ctx.caller, settlementKey(day, ctx.caller));
            if (settlement !== undefined) {
                days.push({ day, amountNanos: ownAmount(settlement) });
            }
        }
        return answer(specification, {
            days,
            balanceNanos: days.reduce((sum, { amountNanos }) => sum + amountNanos, 0n),
        });
    }

    async settlementEvidence(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:settlementEvidence'];
        return answer(specification, await settlementEvidence(ctx, argumentOf(specification, args)));
    }

    async totalsEvidence(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:totalsEvidence'];
        return answer(specification, await totalsEvidence(ctx, argumentOf(specification, args)));
    }

    async totals(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:totals'];
        const { day } = argumentOf(specification, args);
        return answer(specification, (await ctx.ledger.find(totalsKey(day))) ?? refuse('DAY_UNKNOWN', day));
    }
}

const billOf = (draft: BillDraft, { signature, markerSignature }: Signatures): SignedBill => ({
    record: { ...draft, signature },
    markerSignature,
});

interface Signatures {
    readonly signature: string;
    readonly markerSignature: string;
}

const ownAmount = ({ mspId, postings }: SettlementRecord): bigint =>
    postings.find(({ account }) => account === householdAccount(mspId))?.amountNanos ?? 0n;
