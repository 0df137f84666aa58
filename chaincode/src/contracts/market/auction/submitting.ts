import { keyName, orderKey, orderName } from '../../../api/keys';
import type { Charter, OrderMarker, RoundRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { refuse } from '../../../domain/refusals';
import { charterAt } from '../../../ledger/charter-view';
import { committeePolicy } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { requireCovered } from '../accounts/covering';
import { activeMember, gateOf } from '../guards';
import { isCommitted, lawfulMarker, orderMarkersOf } from '../markers';
import { requireNotScheduled } from '../schedule/schedule-of-day';
import { isReplay, roundOf, termsOf } from '../rounds';
import { requireRoomInRound } from './order-rules';

type Commitment = ArgsOf<'auction:submitOrders'>['orders'][number];

/** The marker of a sealed order, and who may write it once it is there. */
export interface Sealed {
    /** The day of its round. */
    readonly day: string;
    readonly marker: OrderMarker;
    readonly policy: Uint8Array;
}

/**
 * A commitment of the caller's, as it enters the book of its round. `earlier` are those of the same transaction. Refuses
 * MEMBER_NOT_ACTIVE, SIGNATURE_INVALID, ROUND_UNKNOWN, ROUND_NOT_OPEN, TERMS_MISSING, GATE_CLOSED, DAY_SCHEDULED, NOT_COVERED, ORDER_EXISTS,
 * TOO_MANY_ORDERS, COMMITTEE_MISSING.
 */
export async function sealedOrder(
    ctx: TransactionContext,
    charter: Charter,
    { slot, id, hash, signature }: Commitment,
    earlier: readonly Sealed[],
): Promise<Sealed> {
    const mspId = ctx.caller;
    const member = activeMember(charter, mspId, slot);
    const marker: OrderMarker = { hash, version: 1, mspId, slot, id, signature };
    if (!isCommitted(marker, member.ownerKey)) {
        refuse('SIGNATURE_INVALID', `order ${id}`);
    }
    const round = await openRound(ctx, charter, slot);
    if (earlier.every(({ day }) => day !== round.day)) {
        await requireNotScheduled(ctx, charter, round.day);
        await requireCovered(ctx, charter, round.day, mspId);
    }
    const own = earlier.map((each) => each.marker).filter((each) => each.slot === slot);
    requireRoomInRound([...(await orderMarkersOf(ctx, slot, mspId)), ...own], orderName(mspId, id));
    return { day: round.day, marker, policy: committeePolicy(charterAt(charter, round.charterVersion), slot) };
}

/**
 * The marker of an order that may be taken back now. Refuses ROUND_UNKNOWN, ROUND_NOT_OPEN, TERMS_MISSING, GATE_CLOSED, ORDER_UNKNOWN,
 * KEY_POLICY_WRONG, ORDER_CANCELLED.
 */
export async function cancellable(
    ctx: TransactionContext,
    charter: Charter,
    slot: number,
    id: string,
): Promise<OrderMarker> {
    const mspId = ctx.caller;
    const round = await openRound(ctx, charter, slot);
    const key = orderKey(slot, mspId, id);
    const found = await ctx.ledger.find(key);
    if (found === undefined) {
        refuse('ORDER_UNKNOWN', orderName(mspId, id));
    }
    const marker = await lawfulMarker(ctx, charter, round, { mspId, id, marker: found });
    if (marker === undefined) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    return marker.cancelled === true ? refuse('ORDER_CANCELLED', orderName(mspId, id)) : marker;
}

/**
 * The round of the slot, if it takes orders now. Nothing relies on its policy yet: an order in a round that others made is
 * closed and cleared by nobody.
 */
async function openRound(ctx: TransactionContext, charter: Charter, slot: number): Promise<RoundRecord> {
    const round = await roundOf(ctx, charter, slot);
    if (round.status !== 'open') {
        refuse('ROUND_NOT_OPEN', `slot ${slot} is ${round.status}`);
    }
    const { gateSlots } = termsOf(charter, round.day);
    if (!isReplay(charter, round) && ctx.now >= gateOf(slot, gateSlots)) {
        refuse('GATE_CLOSED', `slot ${slot}, ${gateSlots} slots before it begins`);
    }
    return round;
}
