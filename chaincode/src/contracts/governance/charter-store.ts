import { charterKey } from '../../api/keys';
import type { Charter, Recorded } from '../../api/records';
import { dayOf, slotAt } from '../../domain/slot';
import { clockOf } from '../clock';
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

/**
 * Rules that change under a day that has begun would change what was agreed. Demonstration communities may. A day that is open
 * but has not begun keeps the policies it was opened under (ledger/charter-view). Refuses EFFECT_TOO_EARLY.
 */
export function requireLaterDay(charter: Charter, fromDay: string, now: number): void {
    const { day: today } = dayOf(slotAt(now), clockOf(charter));
    if (!charter.rules.replayAllowed && fromDay <= today) {
        refuse('EFFECT_TOO_EARLY', `from ${fromDay}, today is ${today}`);
    }
}

/** What a change of members or committees is recorded with: the version that `saveChanged` will write. */
export const recordedNow = ({ version }: Charter, now: number): Recorded => ({
    version: version + 1,
    slot: slotAt(now),
});

/** Save the charter as its next version, which is the answer of every change. */
export async function saveChanged(ctx: TransactionContext, charter: Charter): Promise<{ version: number }> {
    const version = charter.version + 1;
    await ctx.ledger.save(charterKey, { ...charter, version });
    return { version };
}
