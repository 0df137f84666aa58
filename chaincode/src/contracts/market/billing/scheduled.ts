import { keyName, submissionKey } from '../../../api/keys';
import type {
    AgreedSchedule,
    Charter,
    PoolRecord,
    SettlementSlot,
    SubmissionMarker,
    SubmissionRecord,
} from '../../../api/records';
import { imbalanceOf, scheduledSlots } from '../../../api/scheduled-days';
import { claimHash } from '../../../api/schedules';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { nanosPerKwh, poolEnergy } from '../../../domain/schedule/exchange';
import { imbalancePrice, scheduledTrade } from '../../../domain/scheduled/scheduled-slot';
import type { ScheduledPublicDay } from '../../../domain/scheduled/scheduled-totals';
import type { LocalDay } from '../../../domain/slot';
import type { TransactionContext } from '../../transaction-context';
import { answerPolicy } from '../../../ledger/market-policies';
import { isSigned, memberOf, recordHash, requirePolicy } from '../guards';
import { openedUnder, pricesOfDay } from '../rounds';

/** What a slot's settlement takes from the schedule: the trade, and what deviations cost. */
export type AgreedSlot = Pick<SettlementSlot, 'boughtWh' | 'soldWh' | 'paidNanos' | 'earnedNanos' | 'imbalance'>;

/** What the channel has of a scheduled day, for one household. */
export interface AgreedDay {
    readonly local: LocalDay;
    readonly agreed: AgreedSchedule;
    readonly pool: PoolRecord;
    /** Of its newest answer in the run. */
    readonly answered: SubmissionMarker | undefined;
}

/** The marker that household, grid operator and a quorum have written together. Refuses KEY_POLICY_WRONG. */
export async function answerOf(
    ctx: TransactionContext,
    charter: Charter,
    { day, first }: LocalDay,
    mspId: string,
): Promise<SubmissionMarker | undefined> {
    const key = submissionKey(day, mspId);
    const found = await ctx.ledger.find(key);
    if (found !== undefined) {
        await requirePolicy(ctx, key, answerPolicy(await openedUnder(ctx, charter, day), mspId, first));
        if (found.mspId !== mspId || found.day !== day) {
            refuse('KEY_POLICY_WRONG', keyName(key));
        }
    }
    return found;
}

/**
 * What a household agreed to, slot by slot of the day. The schedule names the record that says it, which household and grid operator hold; who never
 * made one, or is a member only since then, has agreed to nothing and deviates by all that its meter shows. A quorum alone writes the schedule's key,
 * so what it names has to be what the household said last, or agreed to with these very prices. Refuses OPENING_UNKNOWN,
 * OPENING_MISSING, OPENING_MISMATCH, SIGNATURE_INVALID, AGREEMENT_WRONG.
 */
export function openedSchedule(
    charter: Charter,
    { local, agreed, pool, answered }: AgreedDay,
    mspId: string,
    scheduled: SubmissionRecord | null,
): AgreedSlot[] {
    const own = agreed.households.find((each) => each.mspId === mspId);
    const hash = own?.hash ?? null;
    const energies = energiesOf(charter, local.day, mspId, hash, scheduled);
    const isAgreed =
        scheduled?.claim === undefined
            ? hash === (answered?.hash ?? null)
            : scheduled.claim === claimHash({ day: local.day, prices: agreed.prices, gridWh: agreed.gridWh });
    if (!isAgreed) {
        refuse('AGREEMENT_WRONG', `the schedule of ${local.day} does not say what ${mspId} agreed to`);
    }
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
