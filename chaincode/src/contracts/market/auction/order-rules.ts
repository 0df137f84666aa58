import { keyName, orderKey, orderName } from '../../../api/keys';
import type { Member, OrderRecord } from '../../../api/records';
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

/**
 * Whether the member's connection carries the order within the slot, together with those of its orders on that side that came before:
 * several orders are one connection, and the cover of a day counts on it. What is carried is added to `carried`.
 */
export function isCarried(
    carried: Map<string, bigint>,
    { mspId, side, energyWh }: OrderRecord,
    { importLimitW, exportLimitW }: Member,
): boolean {
    const name = `${mspId} ${side}`;
    const together = (carried.get(name) ?? 0n) + energyWh;
    const fits = together * SLOTS_PER_HOUR <= (side === 'buy' ? importLimitW : exportLimitW);
    if (fits) {
        carried.set(name, together);
    }
    return fits;
}
