import type { MarketPrices } from '../domain/market-prices';
import { microsPerKwh, nanos, netEnergy } from '../domain/quantity';
import { dayAheadOn } from '../domain/schedule/terms';
import type { ImbalancePrices } from '../domain/scheduled/scheduled-slot';
import type { ScheduledPublicDay } from '../domain/scheduled/scheduled-totals';
import type { AgreedSchedule, Charter, PoolRecord } from './records';

/** What the channel has of a scheduled day: what was agreed, how the community stood to it, and the day's tariffs by slot. */
export const scheduledSlots = (
    { gridWh, worthNanos }: AgreedSchedule,
    pool: PoolRecord,
    tariffs: readonly MarketPrices[],
): Pick<ScheduledPublicDay, 'slots' | 'worth' | 'imbalance'> => ({
    imbalance: imbalanceOf(pool),
    worth: nanos(worthNanos),
    slots: tariffs.map((tariff, i) => ({ net: netEnergy(gridWh[i] ?? 0n), side: pool.sides[i] ?? 'long', tariff })),
});

/** What deviations cost and earn on a scheduled day. */
export const imbalanceOf = ({
    shortPrice,
    longPrice,
}: Pick<PoolRecord, 'shortPrice' | 'longPrice'>): ImbalancePrices => ({
    shortPrice: microsPerKwh(shortPrice),
    longPrice: microsPerKwh(longPrice),
});

/** What deviations are to cost and earn on a day by governance; undefined where the community does not agree on days ahead. */
export function imbalanceOn({ dayAhead }: Pick<Charter, 'dayAhead'>, day: string): ImbalancePrices | undefined {
    const terms = dayAheadOn(dayAhead, day);
    return terms && imbalanceOf(terms);
}
