import { keyName, orderKey, orderName } from '../../../api/keys';
import type { Member, OrderRecord, Terms } from '../../../api/records';
import { refuse } from '../../../domain/refusals';

const SLOTS_PER_HOUR = 4n;
/** Enough for a stepped curve; without a limit one member could make a round too large to be cleared. */
export const MOST_ORDERS_OF_MEMBER = 16;

/** Whether the record says of itself what the transaction says of it. */
export function isRecordOf(order: OrderRecord, mspId: string, slot: number, id: string): boolean {
    return (
        order.key === keyName(orderKey(slot, mspId, id)) &&
        order.mspId === mspId &&
        order.slot === slot &&
        order.id === id &&
        order.version === 1
    );
}

/** `own` are the member's orders in the round. Refuses ORDER_EXISTS, TOO_MANY_ORDERS. */
export function requireRoomInRound(
    own: readonly { readonly mspId: string; readonly id: string }[],
    name: string,
): void {
    if (own.some(({ mspId, id }) => orderName(mspId, id) === name)) {
        refuse('ORDER_EXISTS', name);
    }
    if (own.length >= MOST_ORDERS_OF_MEMBER) {
        refuse('TOO_MANY_ORDERS', `${name} would be one more than ${MOST_ORDERS_OF_MEMBER}`);
    }
}

/** Refuses ORDER_ZERO, ORDER_ABOVE_LIMIT, PRICE_OUTSIDE_LIMITS; the details name the rule and not what was ordered. */
export function requireWithinLimits(order: OrderRecord, member: Member, terms: Terms): void {
    if (order.energyWh === 0n) {
        refuse('ORDER_ZERO', order.id);
    }
    const limit = order.side === 'buy' ? member.importLimitW : member.exportLimitW;
    if (order.energyWh * SLOTS_PER_HOUR > limit) {
        refuse('ORDER_ABOVE_LIMIT', `${order.id}: the connection carries ${limit.toString()} W that way`);
    }
    if (order.limit !== null && (order.limit < terms.floor || order.limit > terms.cap)) {
        refuse(
            'PRICE_OUTSIDE_LIMITS',
            `${order.id}: from ${terms.floor.toString()} to ${terms.cap.toString()} micros per kWh`,
        );
    }
}
