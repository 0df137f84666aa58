import { allocate, nanos, type Nanos, type WattHours } from '../quantity';
import type { TieBreak } from '../auction/book';
import type { Order } from '../auction/order';

/**
 * What sellers earn together, shared in proportion to what each sold, to the nano; odd nanos by largest remainder, then by rank. Negative
 * where prices are: then it is a cost that is shared the same way.
 */
export function sharedRevenue(
    revenue: Nanos,
    sellers: readonly Order[],
    sold: readonly WattHours[],
    before: TieBreak,
): Nanos[] {
    if (sold.every((energy) => energy === 0n)) {
        return sellers.map(() => nanos(0n));
    }
    const ranked = (one: number, other: number): number => before(sellers[one] as Order, sellers[other] as Order);
    return revenue >= 0n
        ? allocate(revenue, sold, ranked)
        : allocate(nanos(0n - revenue), sold, ranked).map((share) => nanos(0n - share));
}
