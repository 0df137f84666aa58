import type { Order, RoundRules } from '../../domain/auction/order';

export interface Best {
    readonly welfare: bigint;
    readonly volume: bigint;
}

/** Orders that some price within the bounds suits. */
export function tradableOrders(orders: readonly Order[], { grid }: RoundRules): Order[] {
    return typeof grid === 'string'
        ? [...orders]
        : orders.filter(({ side, limit }) => (side === 'buy' ? limit >= grid.lowest : limit <= grid.highest));
}

/**
 * The greatest welfare of all allocations in whole watt-hours, and the greatest volume among those that reach it: every
 * allocation is tried. For small books only.
 */
export function bestByTryingAll(orders: readonly Order[]): Best {
    let best: Best = { welfare: 0n, volume: 0n };
    const attempt = (position: number, balance: bigint, welfare: bigint, volume: bigint): void => {
        const order = orders[position];
        if (order === undefined) {
            const better = welfare > best.welfare || (welfare === best.welfare && volume > best.volume);
            best = balance === 0n && better ? { welfare, volume } : best;
            return;
        }
        const sign = order.side === 'buy' ? 1n : -1n;
        for (let fill = 0n; fill <= order.energy; fill += 1n) {
            const bought = order.side === 'buy' ? fill : 0n;
            attempt(position + 1, balance + sign * fill, welfare + sign * fill * order.limit, volume + bought);
        }
    };
    attempt(0, 0n, 0n, 0n);
    return best;
}
