import { billKey, billSumsKey, keyName } from '../../../api/keys';
import type { BillMarker, BillSums, BillSumsRecord, Charter } from '../../../api/records';
import { checkBillSums } from '../../../domain/billing/bill-sums';
import { BILL_LAYOUT } from '../../../domain/commitment/bill-layout';
import { elementFromHex } from '../../../domain/commitment/group';
import { isOpening } from '../../../domain/commitment/pedersen';
import { ALL_HOUSEHOLDS, Imbalance } from '../../../domain/postings';
import { compareStrings, minorUnits, nanos, total, type Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { isLargeEnough } from '../../../domain/settlement/public-day';
import { roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { lossesOf } from '../feeder/comparing';
import { isSigned, requirePolicy, signerKey } from '../guards';
import { openedUnder } from '../rounds';
import { billPolicy, daysOf } from './billed';
import { takingPart, totalsOf } from './closing';

interface Asked {
    readonly from: string;
    readonly to: string;
    readonly sums: BillSumsRecord;
}

export interface Published {
    readonly record: BillSums;
    readonly policy: Uint8Array;
}

/**
 * The sums over the bills of everybody who took part in a period's days. Refuses MALFORMED, BILLS_PUBLISHED, DAY_UNKNOWN,
 * COMMITTEE_MISSING, KEY_POLICY_WRONG, DAY_NOT_CLOSED, FEEDER_MISSING, BILL_MISSING, SIGNATURE_INVALID, DOCUMENT_PROVISIONAL, GROUP_TOO_SMALL,
 * COMMITMENT_MISMATCH, TOTALS_WRONG.
 */
export async function billSumsOf(ctx: TransactionContext, charter: Charter, asked: Asked): Promise<Published> {
    const { from, to, sums } = asked;
    const days = daysOf(asked);
    if ((await ctx.ledger.find(billSumsKey(from, to))) !== undefined) {
        refuse('BILLS_PUBLISHED', `from ${from} to ${to}`);
    }
    const { settled, members } = await closedPeriod(ctx, charter, days);
    const markers: BillMarker[] = [];
    for (const mspId of members) {
        markers.push(await finalBill(ctx, charter, { mspId, from, to }));
    }
    requireOpening(markers, sums);
    requireAddedUp(sums, settled, charter.rules.minorUnitNanos);
    const { first } = findDay(charter, from) ?? refuse('DAY_UNKNOWN', from);
    const view = await openedUnder(ctx, charter, from);
    return { record: { from, to, households: markers.length, given: sums }, policy: roundPolicy(view, from, first) };
}

/** What the households were posted on all days together, and who they were. */
async function closedPeriod(
    ctx: TransactionContext,
    charter: Charter,
    days: readonly string[],
): Promise<{ readonly settled: Nanos; readonly members: readonly string[] }> {
    const members = new Set<string>();
    let settled = 0n;
    for (const day of days) {
        const view = await openedUnder(ctx, charter, day);
        const { status, sums } = await totalsOf(ctx, view, day);
        if (status !== 'closed') {
            refuse('DAY_NOT_CLOSED', day);
        }
        settled += sums?.postings.find(({ account }) => account === ALL_HOUSEHOLDS)?.amountNanos ?? 0n;
        settled += await paidForLosses(ctx, charter, view, day);
        takingPart(charter, view, day).forEach((mspId) => members.add(mspId));
    }
    return { settled: nanos(settled), members: [...members].sort(compareStrings) };
}

/** By all households together. Refuses what `lossesOf` refuses. */
async function paidForLosses(ctx: TransactionContext, charter: Charter, view: Charter, day: string): Promise<Nanos> {
    const posted = await lossesOf(ctx, charter, view, day);
    return total([...posted].flatMap(([account, amount]) => (account.startsWith('household:') ? [amount] : [])));
}

/** Refuses BILL_MISSING, KEY_POLICY_WRONG, SIGNATURE_INVALID, DOCUMENT_PROVISIONAL. */
async function finalBill(
    ctx: TransactionContext,
    charter: Charter,
    period: { readonly mspId: string; readonly from: string; readonly to: string },
): Promise<BillMarker> {
    const { mspId, from, to } = period;
    const key = billKey(mspId, from, to);
    const marker = (await ctx.ledger.find(key)) ?? refuse('BILL_MISSING', keyName(key));
    if (marker.mspId !== mspId || marker.from !== from || marker.to !== to) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    await requirePolicy(ctx, key, await billPolicy(ctx, charter, period));
    requireSignedBill(charter, marker);
    return marker.provisional ? refuse('DOCUMENT_PROVISIONAL', keyName(key)) : marker;
}

/** Refuses SIGNATURE_INVALID. */
export function requireSignedBill(charter: Charter, marker: BillMarker): void {
    const { mspId, from, to, signedBy } = marker;
    if (!isSigned(marker, signerKey(charter, mspId, signedBy))) {
        refuse('SIGNATURE_INVALID', `the marker of ${keyName(billKey(mspId, from, to))}`);
    }
}

/** Refuses GROUP_TOO_SMALL, COMMITMENT_MISMATCH. */
function requireOpening(
    markers: readonly BillMarker[],
    { settledNanos, dueMinor, postings, blinding }: BillSumsRecord,
): void {
    if (!isLargeEnough(markers.length)) {
        refuse('GROUP_TOO_SMALL', `${markers.length} bills`);
    }
    const elements = markers.flatMap(({ commitment }) => elementFromHex(commitment.element) ?? []);
    const sums = new Map([
        ['settled', settledNanos],
        ['due', dueMinor],
        ...postings.map(({ account, amountNanos }): [string, bigint] => [`account/${account}`, amountNanos]),
    ]);
    const isOpened =
        elements.length === markers.length && isOpening(BILL_LAYOUT, elements, sums, BigInt(`0x${blinding}`));
    if (!isOpened) {
        refuse('COMMITMENT_MISMATCH', `${markers.length} bills`);
    }
}

/** Refuses TOTALS_WRONG. */
function requireAddedUp({ settledNanos, dueMinor, postings }: BillSumsRecord, totals: Nanos, minor: bigint): void {
    const sums = {
        settled: nanos(settledNanos),
        due: minorUnits(dueMinor),
        postings: postings.map(({ account, amountNanos }) => ({ account, amount: nanos(amountNanos) })),
    };
    try {
        checkBillSums(sums, totals, minor);
    } catch (error) {
        if (error instanceof Imbalance) {
            refuse('TOTALS_WRONG', error.message);
        }
        throw error;
    }
}
