import { coverPercentOf, keptOfCover } from '../../../api/accounts';
import { coverKey, keyName, roundKey } from '../../../api/keys';
import { imbalanceOn } from '../../../api/scheduled-days';
import type { Charter, Cover, Member, SettlementRecord } from '../../../api/records';
import { coverOfDay } from '../../../domain/accounts/cover';
import { nanos, type Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import type { LocalDay } from '../../../domain/slot';
import { worstPrices } from '../../../domain/tariff/bands';
import { bothPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { openedSettlements, totalsOf } from '../billing/closing';
import { activeMember, hasPolicy, requirePolicy } from '../guards';
import { settlementMarkerOf } from '../markers';
import { openedUnder, termsOf } from '../rounds';

/** What covers a member's day. Refuses DAY_UNKNOWN, MEMBER_NOT_ACTIVE, TERMS_MISSING. */
export function coverAmount(charter: Charter, mspId: string, day: string): Nanos {
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const { importLimitW, exportLimitW }: Member = activeMember(charter, mspId, local.first);
    const terms = termsOf(charter, day);
    const { floor, cap } = terms;
    const imbalance = imbalanceOn(charter, day);
    const bounds = { importLimitW, exportLimitW, prices: worstPrices(terms), floor, cap, imbalance };
    return coverOfDay(bounds, local.count, coverPercentOf(charter));
}

/** A key that others made first is nobody's cover: refused rather than written over. Refuses KEY_POLICY_WRONG. */
export async function coverOf(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    mspId: string,
): Promise<Cover | undefined> {
    const key = coverKey(day, mspId);
    const cover = await ctx.ledger.find(key);
    if (cover !== undefined) {
        await requirePolicy(ctx, key, bothPolicy(charter, mspId));
        if (cover.day !== day || cover.mspId !== mspId) {
            refuse('KEY_POLICY_WRONG', keyName(key));
        }
    }
    return cover;
}

/** What is still covered of these days. Refuses KEY_POLICY_WRONG. */
export async function heldCovers(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    days: readonly string[],
): Promise<Cover[]> {
    const covers: Cover[] = [];
    for (const day of days) {
        const cover = await coverOf(ctx, charter, day, mspId);
        covers.push(...(cover?.status === 'held' ? [cover] : []));
    }
    return covers;
}

/** Whether a member may trade on the day: where the rules ask for cover, it has to be held. */
export async function isCovered(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    mspId: string,
): Promise<boolean> {
    if (charter.rules.coverRequired !== true) {
        return true;
    }
    const key = coverKey(day, mspId);
    const cover = await ctx.ledger.find(key);
    const isHeld = cover?.day === day && cover.mspId === mspId && cover.status === 'held';
    return isHeld && (await hasPolicy(ctx, key, bothPolicy(charter, mspId)));
}

/** Where the rules ask for cover, nobody trades without. Refuses NOT_COVERED. */
export async function requireCovered(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    mspId: string,
): Promise<void> {
    if (!(await isCovered(ctx, charter, day, mspId))) {
        refuse('NOT_COVERED', `${mspId} on ${day}; accounts:reserveDay covers it`);
    }
}

/**
 * What is kept of a day's cover: what its settlement says that the household owes, with the governed percentage for what bills add;
 * nothing of a day that nobody has opened. Refuses DAY_NOT_CLOSED, SETTLEMENT_MISSING, and what opening a settlement refuses.
 */
export async function owedOfDay(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    local: LocalDay,
    settlement: SettlementRecord | null,
): Promise<Nanos> {
    const { day, first } = local;
    if ((await ctx.ledger.find(roundKey(day, first))) === undefined) {
        return nanos(0n);
    }
    const view = await openedUnder(ctx, charter, day);
    if ((await totalsOf(ctx, view, day)).status !== 'closed') {
        refuse('DAY_NOT_CLOSED', day);
    }
    const marker = (await settlementMarkerOf(ctx, day, mspId)) ?? refuse('SETTLEMENT_MISSING', `${mspId} on ${day}`);
    const given = settlement === null ? [] : [settlement];
    const opened = await openedSettlements(ctx, { charter, view }, first, [marker], given);
    return keptOfCover(charter, mspId, opened[0] ?? null);
}
