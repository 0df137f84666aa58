import { keyName, submissionKey } from '../../../api/keys';
import type { AgreedSchedule, Charter, PoolRecord, SettlementSlot, SubmissionRecord } from '../../../api/records';
import { imbalanceOf, scheduledSlots } from '../../../api/scheduled-days';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { nanosPerKwh, poolEnergy } from '../../../domain/schedule/exchange';
import { imbalancePrice, scheduledTrade } from '../../../domain/scheduled/scheduled-slot';
import type { ScheduledPublicDay } from '../../../domain/scheduled/scheduled-totals';
import type { LocalDay } from '../../../domain/slot';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash } from '../guards';
import { pricesOfDay } from '../rounds';

/** What a slot's settlement takes from the schedule: the trade, and what deviations cost. */
export type AgreedSlot = Pick<SettlementSlot, 'boughtWh' | 'soldWh' | 'paidNanos' | 'earnedNanos' | 'imbalance'>;

/**
 * What a household agreed to, slot by slot of the day. The schedule names the record that says it, which household and grid operator hold; who never
 * made one, or is a member only since then, has agreed to nothing and deviates by all that its meter shows. Refuses OPENING_UNKNOWN,
 * OPENING_MISSING, OPENING_MISMATCH, SIGNATURE_INVALID.
 */
export function openedSchedule(
    charter: Charter,
    { local, agreed, pool }: { readonly local: LocalDay; readonly agreed: AgreedSchedule; readonly pool: PoolRecord },
    mspId: string,
    scheduled: SubmissionRecord | null,
): AgreedSlot[] {
    const own = agreed.households.find((each) => each.mspId === mspId);
    const energies = energiesOf(charter, local.day, mspId, own?.hash ?? null, scheduled);
    const bus = agreed.prices.find((each) => each.bus === own?.bus);
    const imbalance = imbalanceOf(pool);
    return Array.from({ length: local.count }, (_, i): AgreedSlot => {
        const price = nanosPerKwh(bus?.pricesNanos[i] ?? 0n);
        const { bought, sold, paid, earned } = scheduledTrade(poolEnergy(energies?.[i] ?? 0n), price);
        return {
            boughtWh: bought,
            soldWh: sold,
            paidNanos: paid,
            earnedNanos: earned,
            imbalance: imbalancePrice(pool.sides[i] ?? 'long', imbalance),
        };
    });
}

function energiesOf(
    charter: Charter,
    day: string,
    mspId: string,
    hash: string | null,
    scheduled: SubmissionRecord | null,
): readonly bigint[] | undefined {
    const name = keyName(submissionKey(day, mspId));
    if (hash === null) {
        return scheduled === null ? undefined : refuse('OPENING_UNKNOWN', scheduled.key);
    }
    const record = scheduled ?? refuse('OPENING_MISSING', name);
    if (recordHash(record) !== hash || record.key !== name) {
        refuse('OPENING_MISMATCH', name);
    }
    return isSigned(record, memberOf(charter, mspId).ownerKey) ? record.energiesWh : refuse('SIGNATURE_INVALID', name);
}

/**
 * A certificate leaves agreements with grid operator and seats alone: the household's own peer gets it when the household settles, for whatever looks
 * for it later. Answers of iterations are with both already.
 */
export async function keepAgreement(
    ctx: TransactionContext,
    holders: readonly string[],
    scheduled: SubmissionRecord | null,
): Promise<void> {
    if (scheduled?.claim !== undefined) {
        const { day, mspId } = scheduled;
        await ctx.ledger.savePrivate(holders, submissionKey(day, mspId), encodeBytes(scheduled));
    }
}

/** What the channel has of a scheduled day, for its closing. Refuses TERMS_MISSING. */
export const scheduledOn = (
    charter: Charter,
    local: LocalDay,
    agreed: AgreedSchedule,
    pool: PoolRecord,
): Pick<ScheduledPublicDay, 'slots' | 'worth' | 'imbalance'> =>
    scheduledSlots(agreed, pool, pricesOfDay(charter, local));
