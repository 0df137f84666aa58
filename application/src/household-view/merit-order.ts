import type { OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { orderName } from '@commonwatt/chaincode/api/keys';
import type { z } from 'zod';
import type { curveStep, meritOrder } from '../server/schemas/market';

export type MeritOrderView = z.output<typeof meritOrder>;
type Step = z.output<typeof curveStep>;

/** As for volumes: sums over fewer parties would tell of single ones. */
const LEAST_PARTIES = 3;

/**
 * Demand and supply of a round by limit. `opened` is what lies at the household's own peer: all orders where it had a seat that was asked to
 * clear, else its own. Others' orders are shown as sums over all of one limit, without names, and only where at least three parties stand on
 * each side; otherwise the household sees its own orders alone.
 */
export function meritOrderOf(
    round: RoundRecord,
    opened: readonly OrderRecord[],
    own: readonly OrderRecord[],
    mspId: string,
): MeritOrderView {
    const dropped = new Set((round.dropped ?? []).map(({ order }) => order));
    const counted = new Set((round.closed ?? []).map(({ order }) => order).filter((order) => !dropped.has(order)));
    const all = new Map([...opened, ...own].map((order) => [orderName(order.mspId, order.id), order]));
    const known = [...all].filter(([name]) => counted.has(name)).map(([, order]) => order);
    const isWhole = round.status === 'cleared' && known.length === counted.size;
    const parties = (side: OrderRecord['side']): number =>
        new Set(known.filter((order) => order.side === side).map((order) => order.mspId)).size;
    const isShown = isWhole && parties('buy') >= LEAST_PARTIES && parties('sell') >= LEAST_PARTIES;
    const shown = isShown ? known : own.filter(({ slot }) => slot === round.slot);
    return {
        knows: isShown ? 'whole' : 'own',
        bids: stepsOf(shown, 'buy', mspId),
        asks: stepsOf(shown, 'sell', mspId),
    };
}

/** Best first; an order at any price is before all others. */
function stepsOf(orders: readonly OrderRecord[], side: OrderRecord['side'], mspId: string): Step[] {
    const steps = new Map<bigint | null, Step>();
    for (const order of orders.filter((each) => each.side === side)) {
        const known = steps.get(order.limit) ?? { limit: order.limit, energyWh: 0n, ownWh: 0n };
        const ownWh = order.mspId === mspId ? order.energyWh : 0n;
        steps.set(order.limit, {
            limit: order.limit,
            energyWh: known.energyWh + order.energyWh,
            ownWh: known.ownWh + ownWh,
        });
    }
    const direction = side === 'buy' ? -1 : 1;
    return [...steps.values()].sort((a, b) => {
        if (a.limit === null || b.limit === null) {
            return a.limit === null ? -1 : 1;
        }
        return (a.limit < b.limit ? -1 : 1) * direction;
    });
}
