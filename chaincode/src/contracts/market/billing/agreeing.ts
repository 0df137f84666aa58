import { markerOfBill } from '../../../api/bills';
import { billKey, paymentKey, settlementKey } from '../../../api/keys';
import {
    BILL,
    type BillDraft,
    type BillRecord,
    type Charter,
    type ReadingRecord,
    type SettlementDraft,
    type SettlementMarker,
    type SettlementRecord,
    type Totals,
} from '../../../api/records';
import { markerOfSettlement } from '../../../api/settlements';
import type { ArgsOf } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { partiesPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { billDraft, billPolicy, daysOf, type Period, type Signer } from './billed';
import type { Openings as BillOpenings } from './billed-corrections';
import { requireSignedBill } from './bill-sums';
import { requireSignedMarker, totalsOf } from './closing';
import { isSigned, memberOf, requireDeadline, requireParty, requirePolicy, signerKey } from '../guards';
import { openPayment, paymentOf, requireNoPayment } from '../invoicing/payments';
import { settlementMarkerOf } from '../markers';
import { openedUnder } from '../rounds';
import { scheduleOf } from '../schedule/schedule-of-day';
import { poolOf } from './pool';
import { settlementDraft, type Openings } from './settling';

/** The grid operator's, and its owner's twice: a household that settled again and again would keep a day from being closed. */
const MOST_SETTLEMENTS = 3;

/**
 * The bill that caller and settlements make: the household's own word, or the grid operator's after the deadline. Refuses
 * MEMBER_UNKNOWN, FORBIDDEN, MALFORMED, DEADLINE_OPEN and what `billDraft` refuses.
 */
export async function billFor(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    { salt, ...openings }: BillOpenings & { readonly readings: readonly ReadingRecord[]; readonly salt: string },
): Promise<BillDraft> {
    memberOf(charter, period.mspId);
    requireParty(charter, period.mspId, ctx.caller);
    const signedBy = ctx.caller === period.mspId ? 'owner' : 'operator';
    const last = daysOf(period).at(-1) ?? period.to;
    if (signedBy === 'operator') {
        const local = findDay(charter, last) ?? refuse('DAY_UNKNOWN', last);
        requireDeadline(local.first + local.count - 1, charter.rules.readingDeadlineSlots, ctx.now);
    }
    return billDraft(ctx, charter, period, openings, { salt, signedBy });
}

/** Both signed by who stands for the bill. */
export interface SignedBill {
    readonly record: BillRecord;
    /** Over the marker, for those who never see the record. */
    readonly markerSignature: string;
}

/** Refuses SIGNATURE_INVALID, KEY_POLICY_WRONG. */
export async function saveBill(
    ctx: TransactionContext,
    charter: Charter,
    { record: bill, markerSignature }: SignedBill,
    holders: readonly string[],
): Promise<{ hash: string }> {
    const { mspId, from, to, version, signedBy } = bill;
    const marker = { ...markerOfBill(bill), signature: markerSignature };
    requireSigner(charter, bill, signedBy);
    requireSignedBill(charter, marker);
    const key = billKey(mspId, from, to);
    const policy = await billPolicy(ctx, charter, { mspId, from, to });
    const document = { mspId, from, to, id: BILL };
    if (version > 1) {
        await requirePolicy(ctx, key, policy);
        await paymentOf(ctx, charter, document);
    } else {
        await requireNoPayment(ctx, document);
    }
    await ctx.ledger.savePrivate(holders, key, encodeBytes(bill));
    if (version > 1) {
        await ctx.ledger.save(key, marker);
    } else {
        await ctx.ledger.create(key, marker, policy);
        await ctx.ledger.create(paymentKey(document), openPayment(document), policy);
    }
    ctx.emit({ type: 'BillIssued', mspId, from, to, version });
    return { hash: marker.hash };
}

function requireSigner(charter: Charter, record: SettlementRecord | BillRecord, signedBy: Signer): void {
    if (!isSigned(record, signerKey(charter, record.mspId, signedBy))) {
        refuse('SIGNATURE_INVALID', record.key);
    }
}

/**
 * The settlement that caller and openings make: the household's own word, or the grid operator's after the deadline. Refuses
 * MEMBER_UNKNOWN, FORBIDDEN, DAY_UNKNOWN, DEADLINE_OPEN, COMMITTEE_MISSING, KEY_POLICY_WRONG, SETTLEMENT_EXISTS and what `settlementDraft` refuses.
 */
export async function draftFor(
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
    if (known !== undefined) {
        requireReplaceable(known, signedBy, await poolVersion(ctx, charter, asked.day));
    }
    return settlementDraft(ctx, charter, asked, openings, { salt, signedBy, version: (known?.version ?? 0) + 1 });
}

/**
 * A provisional settlement may be replaced by its owner, a few times; one under an earlier statement of how the community stood to its schedule
 * by whoever may settle. Refuses SETTLEMENT_EXISTS.
 */
function requireReplaceable(known: SettlementMarker, signedBy: Signer, pool: number | undefined): void {
    if (known.pool !== pool) {
        return;
    }
    const { mspId, day, provisional, version } = known;
    if (!provisional || signedBy === 'operator' || version >= MOST_SETTLEMENTS) {
        refuse('SETTLEMENT_EXISTS', `${mspId} on ${day}, version ${version}`);
    }
}

/**
 * Of the newest statement, on a day that was agreed on ahead. On any other nobody states anything: a key that is there all the same was made by
 * others, and would make every settlement replaceable. Refuses DAY_UNKNOWN, COMMITTEE_MISSING, KEY_POLICY_WRONG.
 */
async function poolVersion(ctx: TransactionContext, charter: Charter, day: string): Promise<number | undefined> {
    const schedule = await scheduleOf(ctx, charter, day);
    return schedule?.status === 'converged' ? (await poolOf(ctx, charter, day))?.version : undefined;
}

/** Both signed by who stands for it; a provisional settlement may be replaced by its owner until the day is closed. */
export interface SignedSettlement {
    readonly record: SettlementRecord;
    /** Over the marker, for those who never see the record. */
    readonly markerSignature: string;
}

/** Refuses SIGNATURE_INVALID, DAY_CLOSED. */
export async function saveSettlement(
    ctx: TransactionContext,
    charter: Charter,
    { record, markerSignature }: SignedSettlement,
    holders: readonly string[],
): Promise<{ hash: string }> {
    const { day, mspId, version, provisional, signedBy } = record;
    const marker = { ...markerOfSettlement(record), signature: markerSignature };
    requireSigner(charter, record, signedBy);
    requireSignedMarker(charter, marker);
    await openTotals(ctx, charter, day);
    const view = await openedUnder(ctx, charter, day);
    const key = settlementKey(day, mspId);
    const policy = partiesPolicy(view, mspId, findDay(charter, day)?.first ?? refuse('DAY_UNKNOWN', day));
    if (version > 1) {
        await requirePolicy(ctx, key, policy);
    }
    await ctx.ledger.savePrivate(holders, key, encodeBytes(record));
    await (version === 1 ? ctx.ledger.create(key, marker, policy) : ctx.ledger.save(key, marker));
    ctx.emit({ type: 'DaySettled', day, mspId, version, provisional });
    return { hash: marker.hash };
}

/** The totals of a day that is not closed. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG, DAY_CLOSED. */
export async function openTotals(ctx: TransactionContext, charter: Charter, day: string): Promise<Totals> {
    const totals = await totalsOf(ctx, await openedUnder(ctx, charter, day), day);
    return totals.status === 'open' ? totals : refuse('DAY_CLOSED', day);
}
