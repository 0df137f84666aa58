import { keyName, roundKey } from '../../api/keys';
import type { Charter, RoundRecord, Terms } from '../../api/records';
import { refuse } from '../../domain/refusals';
import type { MarketPrices } from '../../domain/market-prices';
import { slotsOf, type LocalDay } from '../../domain/slot';
import { pricesAt } from '../../domain/tariff/bands';
import { termsOn } from '../../domain/tariff/terms';
import { charterAt, requireLawfulVersion } from '../../ledger/charter-view';
import { roundPolicy } from '../../ledger/market-policies';
import { clockOf, findDay, findDayOf } from '../clock';
import type { TransactionContext } from '../transaction-context';
import { memberOf, requirePolicy } from './guards';

/** The round of a slot. Refuses ROUND_UNKNOWN. */
export async function roundOf(ctx: TransactionContext, charter: Charter, slot: number): Promise<RoundRecord> {
    const day = findDayOf(charter, slot)?.day;
    const round = day === undefined ? undefined : await ctx.ledger.find(roundKey(day, slot));
    if (round === undefined || round.slot !== slot || round.day !== day) {
        refuse('ROUND_UNKNOWN', `slot ${slot}`);
    }
    return round;
}

/** Refuses KEY_POLICY_WRONG where others than committee and community could have written the round. */
export async function requireRoundPolicy(ctx: TransactionContext, charter: Charter, round: RoundRecord): Promise<void> {
    const { day, slot, charterVersion } = round;
    requireLawfulVersion(charter, findDayOf(charter, slot)?.first ?? slot, charterVersion);
    await requirePolicy(ctx, roundKey(day, slot), roundPolicy(charterAt(charter, charterVersion), day, slot));
}

/**
 * Governance as it stood when the day was opened. A round says so, because others than the grid operator must agree to change
 * one. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG.
 */
export async function openedUnder(ctx: TransactionContext, charter: Charter, day: string): Promise<Charter> {
    return charterAt(charter, (await firstRound(ctx, charter, day)).charterVersion);
}

/** The round that a day begins with: the day's rounds say when it was opened. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG. */
export async function firstRound(ctx: TransactionContext, charter: Charter, day: string): Promise<RoundRecord> {
    const { first } = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const round = (await ctx.ledger.find(roundKey(day, first))) ?? refuse('DAY_UNKNOWN', day);
    if (round.day !== day || round.slot !== first) {
        refuse('KEY_POLICY_WRONG', keyName(roundKey(day, first)));
    }
    await requireRoundPolicy(ctx, charter, round);
    return round;
}

/** What a round says of itself counts only where the rules allow it: whoever made its key could have written it. */
export const isReplay = ({ rules }: Charter, { replay }: RoundRecord): boolean => rules.replayAllowed && replay;

/** Cleared and void are final: no transition leads out of them. */
export const isFinal = ({ status }: RoundRecord): boolean => status === 'cleared' || status === 'void';

/** What applies in each slot of the day: for a household in its zone of the grid. Refuses TERMS_MISSING, MEMBER_UNKNOWN. */
export function pricesOfDay(charter: Charter, local: LocalDay, mspId?: string): MarketPrices[] {
    const terms = termsOf(charter, local.day);
    const clock = clockOf(charter);
    const zone = mspId === undefined ? undefined : memberOf(charter, mspId).zone;
    return slotsOf(local).map((slot) => pricesAt(terms, clock, local, slot, zone));
}

export function termsOf(charter: Charter, day: string): Terms {
    return termsOn(charter.terms, day) ?? refuse('TERMS_MISSING', day);
}
