import { orderName } from '@commonwatt/chaincode/api/keys';
import type { OrderMarker, RoundRecord } from '@commonwatt/chaincode/api/records';

/**
 * Where none of a committee's seats holds all orders of a closed round that are opened: the one that lacks the fewest, the first in turn among equals. Who
 * holds what is public, so that all owners come to the same seat without a word. Undefined where one holds all.
 */
export function seatInNeed(
    { closed = [], slot }: Pick<RoundRecord, 'closed' | 'slot'>,
    seats: readonly string[],
    markers: readonly Pick<OrderMarker, 'mspId' | 'id' | 'holders'>[],
): string | undefined {
    const counted = new Set(closed.map(({ order }) => order));
    const held = markers.filter(({ mspId, id, holders }) => holders !== undefined && counted.has(orderName(mspId, id)));
    const turn = slot % Math.max(1, seats.length);
    const [best] = [...seats.slice(turn), ...seats.slice(0, turn)]
        .map((seat) => ({ seat, lacks: held.filter(({ holders = [] }) => !holders.includes(seat)).length }))
        .toSorted((a, b) => a.lacks - b.lacks);
    return best === undefined || best.lacks === 0 ? undefined : best.seat;
}
