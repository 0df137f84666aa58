import { keyName, orderKey } from '../../api/keys';
import type { Member, OrderRecord, Terms } from '../../api/records';
import { refuse } from '../../domain/refusals';

const SLOTS_PER_HOUR = 4n;

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

/** Refuses ORDER_ZERO, ORDER_ABOVE_LIMIT, PRICE_OUTSIDE_LIMITS; the details name the rule and not what was ordered. */
export function requireWithinLimits(order: OrderRecord, member: Member, terms: Terms): void {
    if (order.energyWh === 0n) {
        refuse('ORDER_ZERO', order.id);
    }
    const limit = order.side === 'buy' ? member.importLimitW : member.exportLimitW;
    if (order.energyWh * SLOTS_PER_HOUR > limit) {
        refuse('ORDER_ABOVE_LIMIT', `${order.id}: the connection carries ${limit.toString()} W that way`);
    }
    if (order.limit < terms.floor || order.limit > terms.cap) {
        refuse(
            'PRICE_OUTSIDE_LIMITS',
            `${order.id}: from ${terms.floor.toString()} to ${terms.cap.toString()} micros per kWh`,
        );
    }
}
