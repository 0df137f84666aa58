import { roundKey, settlementKey } from '../../../api/keys';
import type { Charter } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { SECONDS_PER_SLOT, slot as slotOf, slotEnd } from '../../../domain/slot';
import { partiesPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { hasPolicy, isSigned, signerKey } from '../guards';
import { openedUnder } from '../rounds';

/** Nobody's energy of a day changes once it is settled. Refuses SETTLEMENT_EXISTS. */
export async function requireUnsettled(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    mspIds: readonly string[],
): Promise<void> {
    for (const mspId of new Set(mspIds)) {
        if (await isSettled(ctx, charter, day, mspId)) {
            refuse('SETTLEMENT_EXISTS', `${mspId} on ${day}`);
        }
    }
}

/**
 * Whether a member has settled the day: under its parties' policy, signed by itself, or by the grid operator once the deadline has passed. Others
 * could have made the key as well, and would stop attestations and deliveries of a third by it.
 */
async function isSettled(ctx: TransactionContext, charter: Charter, day: string, mspId: string): Promise<boolean> {
    const key = settlementKey(day, mspId);
    const marker = await ctx.ledger.findReadable(key);
    const local = findDay(charter, day);
    if (marker?.day !== day || marker.mspId !== mspId || local === undefined || charter.members[mspId] === undefined) {
        return false;
    }
    const { readingDeadlineSlots } = charter.rules;
    const deadline = slotEnd(slotOf(local.first + local.count - 1)) + readingDeadlineSlots * SECONDS_PER_SLOT;
    const isInTime = marker.signedBy === 'owner' || ctx.now >= deadline;
    if (!isInTime || !isSigned(marker, signerKey(charter, mspId, marker.signedBy))) {
        return false;
    }
    const isOpened = (await ctx.ledger.find(roundKey(day, local.first))) !== undefined;
    return isOpened && hasPolicy(ctx, key, partiesPolicy(await openedUnder(ctx, charter, day), mspId, local.first));
}
