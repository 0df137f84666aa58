import { halfEven, type PlainSlot } from './plain-bill';
import type { PlainPrices } from './plain-tariff';

// What a day that was scheduled costs, a second time and without the chaincode's code: scheduled energy at the schedule's price, whatever
// the meter shows; the difference at one imbalance price; no local fees.

/** What a household agreed to, and at which prices: by slot of the day. */
export interface OwnSchedule {
    /** As the schedule has it: positive is taken from the pool. */
    readonly energiesWh: readonly bigint[];
    /** Of its bus, in nanos for each kWh. */
    readonly pricesNanos: readonly bigint[];
    /** What deviations pay and earn, in micros for each kWh. */
    readonly imbalance: readonly bigint[];
}

export type Side = 'short' | 'long';

/** Which price holds in each slot: it follows from how the community as a whole stood to its schedule. */
export const plainImbalance = (
    sides: readonly Side[],
    { shortPrice, longPrice }: { readonly shortPrice: bigint; readonly longPrice: bigint },
): bigint[] => sides.map((side) => (side === 'short' ? shortPrice : longPrice));

/** Nanos as micros: the nearest, from the middle to the even one. */
export const plainPrice = (nanos: bigint): bigint => halfEven(nanos, 1000n);

type Scheduled = Omit<PlainSlot, 'slot' | 'netWh'>;

/** The slot of a household on a day that was scheduled. `tariff`: what the supplier alone would charge and pay. */
export function plainScheduledSlot(schedule: OwnSchedule, i: number, tariff: PlainPrices): Scheduled {
    const wh = schedule.energiesWh[i];
    const [price, imbalance] = [schedule.pricesNanos[i], schedule.imbalance[i]];
    if (wh === undefined || price === undefined || imbalance === undefined) {
        throw new Error(`the schedule has no slot ${i}`);
    }
    const taken = wh > 0n ? wh : 0n;
    const given = wh < 0n ? -wh : 0n;
    return {
        boughtWh: taken,
        soldWh: given,
        paidNanos: taken * plainPrice(price),
        earnedNanos: given * plainPrice(price),
        ...plainImbalanceOnly(imbalance, tariff),
    };
}

type ImbalanceOnly = PlainPrices & Pick<PlainSlot, 'tariff'>;

const plainImbalanceOnly = (imbalance: bigint, { retail, feedIn }: PlainPrices): ImbalanceOnly => ({
    retail: imbalance,
    feedIn: imbalance,
    gridFee: 0n,
    communityFee: 0n,
    tariff: { retail, feedIn },
});

/** The prices that a settled slot stands under: the tariffs, or the imbalance price where it was scheduled. */
export const plainPricesOfSlot = (
    { imbalance }: { readonly imbalance?: bigint | undefined },
    tariff: PlainPrices,
): ImbalanceOnly => (imbalance === undefined ? tariff : plainImbalanceOnly(imbalance, tariff));
