import { orderName } from '../../../api/keys';
import type { Charter, RoundRecord } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { sha256Hex } from '../../../domain/digest';
import type { TransactionContext } from '../../transaction-context';
import { lawfulMarker, orderMarkersOf } from '../markers';
import { MOST_ORDERS_OF_MEMBER } from './order-rules';

/**
 * The round with the orders that count from now on. A marker that stands under another key than it names, or under another policy than
 * its committee's, or that its member did not sign, is nobody's word; neither is one that was revealed before the gate.
 */
export async function closedRound(ctx: TransactionContext, charter: Charter, round: RoundRecord): Promise<RoundRecord> {
    const closed: { order: string; hash: string }[] = [];
    const dropped: NonNullable<RoundRecord['dropped']> = [];
    const counts = new Map<string, number>();
    for (const found of await orderMarkersOf(ctx, round.slot)) {
        const order = orderName(found.mspId, found.id);
        const marker = await lawfulMarker(ctx, charter, round, found);
        if (marker?.cancelled === true) {
            continue;
        }
        const isSealed = marker !== undefined && marker.holders === undefined;
        const count = (counts.get(found.mspId) ?? 0) + (isSealed ? 1 : 0);
        counts.set(found.mspId, count);
        if (isSealed && count <= MOST_ORDERS_OF_MEMBER) {
            closed.push({ order, hash: marker.hash });
        } else {
            dropped.push({ order, reason: 'FORGED' });
        }
    }
    const ordersHash = sha256Hex(encodeBytes(closed));
    return { ...round, status: 'closed', closed, dropped, ordersHash, closedAt: ctx.now };
}
