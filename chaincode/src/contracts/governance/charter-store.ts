import { charterKey } from '../../api/keys';
import type { Charter } from '../../api/records';
import { dayFrom, daysSinceEpoch } from '../../domain/calendar';
import { activeMembers } from '../../domain/community/roster';
import { dayOf, slotAt } from '../../domain/slot';
import { termsOn } from '../../domain/tariff/terms';
import { clockOf, findDay } from '../clock';
import { refuse } from '../../domain/refusals';
import type { TransactionContext } from '../transaction-context';

/** The charter from this chaincode's own state. Refuses NOT_ESTABLISHED. */
export async function ownCharter(ctx: TransactionContext): Promise<Charter> {
    return (await ctx.ledger.find(charterKey)) ?? refuse('NOT_ESTABLISHED', 'community:establish comes first');
}

/**
 * What governs the community is changed by its operator's proposal. The peers of a majority endorse it: they check the rules,
 * as chaincode does, and do not vote. Refuses FORBIDDEN.
 */
export function requireOperator({ roles }: Charter, caller: string): void {
    if (caller !== roles.operator) {
        refuse('FORBIDDEN', `${caller} is not the operator, ${roles.operator ?? 'nobody is'}`);
    }
}

/** Rules that change under a day that has begun would change what was agreed. Demonstration communities may. */
export function requireLaterDay(charter: Charter, fromDay: string, now: number): void {
    const { day: today } = dayOf(slotAt(now), clockOf(charter));
    if (!charter.rules.replayAllowed && fromDay <= today) {
        refuse('EFFECT_TOO_EARLY', `from ${fromDay}, today is ${today}`);
    }
}

/**
 * A change of members or committee must not reach a day that may be open already: its keys stand under the policies of those
 * who were members and committee when it was opened, and would be under wrong ones for ever. Refuses EFFECT_TOO_EARLY.
 */
export function requireUnopenedDays(charter: Charter, fromDay: string, now: number): void {
    requireLaterDay(charter, fromDay, now);
    if (charter.rules.replayAllowed) {
        return;
    }
    const today = daysSinceEpoch(dayOf(slotAt(now), clockOf(charter)).day);
    for (let ahead = 1; ahead <= charter.rules.openAheadDays; ahead += 1) {
        const day = dayFrom(today + ahead);
        if (day >= fromDay && mayBeOpen(charter, day)) {
            refuse('EFFECT_TOO_EARLY', `from ${fromDay}, and ${day} may be open already`);
        }
    }
}

function mayBeOpen(charter: Charter, day: string): boolean {
    const first = findDay(charter, day)?.first;
    return (
        first !== undefined &&
        termsOn(charter.terms, day) !== undefined &&
        charter.committees.some(({ fromSlot }) => fromSlot <= first) &&
        activeMembers(charter.members, day).length > 0
    );
}

/** Save the charter as its next version, which is the answer of every change. */
export async function saveChanged(ctx: TransactionContext, charter: Charter): Promise<{ version: number }> {
    const version = charter.version + 1;
    await ctx.ledger.save(charterKey, { ...charter, version });
    return { version };
}
