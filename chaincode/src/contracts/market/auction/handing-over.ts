import { orderKey, orderName } from '../../../api/keys';
import type { Charter, OrderRecord, RoundRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { refuse } from '../../../domain/refusals';
import { charterAt } from '../../../ledger/charter-view';
import { findDay, findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { memberOf, recordHash, requireDeadline, requireSeat } from '../guards';
import { requireRoundPolicy, roundOf } from '../rounds';
import { isRecordOf } from './order-rules';

/**
 * A silent member's orders that a seat holds, for the grid operator to settle its day with the committee. Refuses MEMBER_UNKNOWN,
 * DAY_UNKNOWN, DEADLINE_OPEN, ROUND_UNKNOWN, COMMITTEE_MISSING, FORBIDDEN, KEY_POLICY_WRONG, OPENING_UNKNOWN, OPENING_MISMATCH.
 */
export async function handedOver(
    ctx: TransactionContext,
    charter: Charter,
    { day, mspId }: ArgsOf<'auction:handOver'>,
    openings: readonly OrderRecord[],
): Promise<readonly OrderRecord[]> {
    memberOf(charter, mspId);
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    requireDeadline(local.first + local.count - 1, charter.rules.readingDeadlineSlots, ctx.now);
    const rounds = new Map<number, RoundRecord>();
    const given = new Set<string>();
    for (const opening of openings) {
        const { slot, id } = opening;
        const round = rounds.get(slot) ?? (await seatedRound(ctx, charter, slot));
        rounds.set(slot, round);
        const place = `${orderName(mspId, id)} in slot ${slot}`;
        if (given.has(place) || findDayOf(charter, slot)?.day !== day) {
            refuse('OPENING_UNKNOWN', place);
        }
        given.add(place);
        requireCounted(round, mspId, opening);
    }
    return openings;
}

/** Refuses OPENING_UNKNOWN, OPENING_MISMATCH. */
function requireCounted({ slot, closed = [] }: RoundRecord, mspId: string, opening: OrderRecord): void {
    const name = orderName(mspId, opening.id);
    const counted = closed.find(({ order }) => order === name);
    if (counted === undefined) {
        refuse('OPENING_UNKNOWN', `${name} in slot ${slot}`);
    }
    if (recordHash(opening) !== counted.hash || !isRecordOf(opening, mspId, slot, opening.id)) {
        refuse('OPENING_MISMATCH', `${name} in slot ${slot}`);
    }
}

async function seatedRound(ctx: TransactionContext, charter: Charter, slot: number): Promise<RoundRecord> {
    const round = await roundOf(ctx, charter, slot);
    requireSeat(charterAt(charter, round.charterVersion), slot, ctx.caller);
    await requireRoundPolicy(ctx, charter, round);
    return round;
}

/** Each under its own key, in the collection of the grid operator. */
export async function keepOrders(
    ctx: TransactionContext,
    operator: string,
    orders: readonly OrderRecord[],
): Promise<void> {
    for (const order of orders) {
        const { slot, mspId, id } = order;
        await ctx.ledger.savePrivate([operator], orderKey(slot, mspId, id), encodeBytes(order));
    }
}
