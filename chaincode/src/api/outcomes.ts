import { unmaskOutcome } from '../domain/auction/mask';
import type { Outcome } from '../domain/auction/order';
import { nanos, wattHours } from '../domain/quantity';
import { keyName, orderName, roundKey } from './keys';
import type { OrderRecord, RoundRecord } from './records';

const NOTHING = { fill: wattHours(0n), amount: nanos(0n) };

/** The mask of one order in one clearing: the same for who masks and who reads. */
export function maskContext(
    round: Pick<RoundRecord, 'day' | 'slot'>,
    { mspId, id, salt }: Pick<OrderRecord, 'mspId' | 'id' | 'salt'>,
    attempt: string,
): { salt: string; round: string; order: string; attempt: string } {
    return { salt, round: keyName(roundKey(round.day, round.slot)), order: orderName(mspId, id), attempt };
}

/**
 * How an order ended, for whoever knows the order. Undefined while the round is neither cleared nor void, where the order is
 * not among those that were closed, or where the mask does not open with the order's salt.
 */
export function outcomeOf(round: RoundRecord, order: OrderRecord): Outcome | undefined {
    const name = orderName(order.mspId, order.id);
    if (round.status === 'void') {
        return { order: name, ...NOTHING, reason: 'VOID' };
    }
    const dropped = round.dropped?.find((each) => each.order === name);
    if (dropped !== undefined) {
        return { order: name, ...NOTHING, reason: dropped.reason };
    }
    const masked = round.outcomes?.find((each) => each.order === name)?.masked;
    return masked === undefined || round.attempt === undefined
        ? undefined
        : unmaskOutcome(maskContext(round, order, round.attempt), masked);
}
