import { billKey, keyName, settlementKey, totalsKey } from '../../api/keys';
import type { Charter, SettlementDraft, SettlementMarker, SettlementRecord } from '../../api/records';
import { TRANSACTIONS, type ArgsOf } from '../../api/transactions';
import { encodeBytes } from '../../api/wire';
import { householdAccount } from '../../domain/postings';
import { refuse } from '../../domain/refusals';
import { gridOperator, partiesPolicy } from '../../ledger/market-policies';
import { BaseContract } from '../base-contract';
import { findDay } from '../clock';
import { answer, argumentOf, privateInputs } from '../inputs';
import type { TransactionContext } from '../transaction-context';
import { billDraft, daysOf } from './billed';
import { closedTotals, totalsOf } from './closing';
import {
    isSigned,
    memberOf,
    recordHash,
    requireDeadline,
    requireGridOperator,
    requireParty,
    requirePolicy,
} from './guards';
import { settlementMarkerOf } from './markers';
import { settlementDraft, type Openings } from './settling';

/** The grid operator's, and its owner's twice: a household that settled again and again would keep a day from being closed. */
const MOST_SETTLEMENTS = 3;

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
        const { salt, signature, ...openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        if (ctx.caller !== asked.mspId) {
            memberOf(charter, asked.mspId);
            refuse('FORBIDDEN', `${ctx.caller} does not settle for ${asked.mspId}`);
        }
        const draft = await draftFor(ctx, charter, asked, openings, salt);
        const holders = [asked.mspId, gridOperator(charter)];
        return answer(specification, await saveSettlement(ctx, charter, { ...draft, signature }, holders));
    }

    async settleProvisionally(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:settleProvisionally'];
        const asked = argumentOf(specification, args);
        const { salt, signature, ...openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireGridOperator(charter, ctx.caller);
        const draft = await draftFor(ctx, charter, asked, openings, salt);
        return answer(
            specification,
            await saveSettlement(ctx, charter, { ...draft, signature }, [gridOperator(charter)]),
        );
    }

    async closeDay(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:closeDay'];
        const { day } = argumentOf(specification, args);
        const { settlements } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        await requireOpenDay(ctx, charter, day);
        const totals = await closedTotals(ctx, charter, day, settlements);
        await ctx.ledger.save(totalsKey(day), totals);
        ctx.emit({ type: 'DayClosed', day });
        return answer(specification, totals);
    }

    async draftBill(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:draftBill'];
        const asked = argumentOf(specification, args);
        const { salt, settlements } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireParty(charter, asked.mspId, ctx.caller);
        return answer(specification, await billDraft(ctx, charter, asked, settlements, salt));
    }

    async issueBill(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:issueBill'];
        const asked = argumentOf(specification, args);
        const { salt, settlements, signature } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const { ownerKey } = memberOf(charter, asked.mspId);
        requireParty(charter, asked.mspId, ctx.caller);
        const bill = { ...(await billDraft(ctx, charter, asked, settlements, salt)), signature };
        if (!isSigned(bill, ownerKey)) {
            refuse('SIGNATURE_INVALID', bill.key);
        }
        const { mspId, from, to } = asked;
        const key = billKey(mspId, from, to);
        const hash = recordHash(bill);
        const first = findDay(charter, from)?.first ?? refuse('DAY_UNKNOWN', from);
        const policy = partiesPolicy(charter, mspId, first);
        await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(bill));
        const marker = { hash, version: bill.version, mspId, from, to, provisional: bill.provisional };
        await ctx.ledger.create(key, marker, policy);
        ctx.emit({ type: 'BillIssued', mspId, from, to, version: bill.version });
        return answer(specification, { hash });
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

    async totals(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['billing:totals'];
        const { day } = argumentOf(specification, args);
        return answer(specification, (await ctx.ledger.find(totalsKey(day))) ?? refuse('DAY_UNKNOWN', day));
    }
}

const ownAmount = ({ mspId, postings }: SettlementRecord): bigint =>
    postings.find(({ account }) => account === householdAccount(mspId))?.amountNanos ?? 0n;

/**
 * The settlement that caller and openings make: the household's own word, or the grid operator's after the deadline. Refuses
 * MEMBER_UNKNOWN, FORBIDDEN, DAY_UNKNOWN, DEADLINE_OPEN, SETTLEMENT_EXISTS and what `settlementDraft` refuses.
 */
async function draftFor(
    ctx: TransactionContext,
    charter: Charter,
    asked: ArgsOf<'billing:settle'>,
    openings: Openings,
    salt: string,
): Promise<SettlementDraft> {
    memberOf(charter, asked.mspId);
    requireParty(charter, asked.mspId, ctx.caller);
    const signedBy = ctx.caller === asked.mspId ? 'owner' : 'operator';
    const local = findDay(charter, asked.day) ?? refuse('DAY_UNKNOWN', asked.day);
    if (signedBy === 'operator') {
        requireDeadline(local.first + local.count - 1, charter.rules.readingDeadlineSlots, ctx.now);
    }
    const known = await settlementMarkerOf(ctx, asked.day, asked.mspId);
    requireReplaceable(known, signedBy);
    return settlementDraft(ctx, charter, asked, openings, { salt, signedBy, version: (known?.version ?? 0) + 1 });
}

/** A provisional settlement may be replaced by its owner, a few times. Refuses SETTLEMENT_EXISTS. */
function requireReplaceable(known: SettlementMarker | undefined, signedBy: 'owner' | 'operator'): void {
    if (known === undefined) {
        return;
    }
    const { mspId, day, provisional, version } = known;
    if (!provisional || signedBy === 'operator' || version >= MOST_SETTLEMENTS) {
        refuse('SETTLEMENT_EXISTS', `${mspId} on ${day}, version ${version}`);
    }
}

/** Refuses SIGNATURE_INVALID, DAY_CLOSED; a provisional settlement may be replaced by its owner until the day is closed. */
async function saveSettlement(
    ctx: TransactionContext,
    charter: Charter,
    record: SettlementRecord,
    holders: readonly string[],
): Promise<{ hash: string }> {
    const { day, mspId, version, provisional, signedBy } = record;
    if (!isSigned(record, signedBy === 'owner' ? memberOf(charter, mspId).ownerKey : charter.operatorKey)) {
        refuse('SIGNATURE_INVALID', record.key);
    }
    await requireOpenDay(ctx, charter, day);
    const key = settlementKey(day, mspId);
    const policy = partiesPolicy(charter, mspId, findDay(charter, day)?.first ?? refuse('DAY_UNKNOWN', day));
    if (version > 1) {
        await requirePolicy(ctx, key, policy);
    }
    const hash = recordHash(record);
    const marker = { hash, version, mspId, day, provisional };
    await ctx.ledger.savePrivate(holders, key, encodeBytes(record));
    await (version === 1 ? ctx.ledger.create(key, marker, policy) : ctx.ledger.save(key, marker));
    ctx.emit({ type: 'DaySettled', day, mspId, version, provisional });
    return { hash };
}

async function requireOpenDay(ctx: TransactionContext, charter: Charter, day: string): Promise<void> {
    if ((await totalsOf(ctx, charter, day)).status !== 'open') {
        refuse('DAY_CLOSED', day);
    }
}
