import type { MarketPrices } from '../market-prices';
import { cost, greatest, microsPerKwh, nanos, netEnergy, wattHours, type Nanos } from '../quantity';
import type { ImbalancePrices } from '../scheduled/scheduled-slot';
import { settleSlot, slotBalance } from '../settlement/settle';
import { slot as slotOf } from '../slot';

/** What a day can cost a household is bounded by its connection and by the prices that are allowed, and by nothing that it wants. */
export interface CoverTerms {
    /** What the connection carries, in watts. */
    readonly importLimitW: bigint;
    readonly exportLimitW: bigint;
    readonly prices: MarketPrices;
    /** The worst prices that a round can have, in micros per kWh. */
    readonly floor: bigint;
    readonly cap: bigint;
    /** Where the day may be scheduled: what deviations may cost then. The schedule's own prices lie within floor and cap, too. */
    readonly imbalance?: ImbalancePrices | undefined;
}

const SLOTS_PER_HOUR = 4n;

/**
 * The most that a slot can cost: money is linear in the energy bought, sold and metered and in the prices, save for the bend between
 * short and long (convex, as retail ≥ feed-in), so that the worst stands in a corner of what is possible. All corners are
 * settled by the rule that settles the market; never below zero. Of a day that may be scheduled it is the worse of both: there who is short pays the
 * price of a short pool at worst, who is long gets that of a long one, and nothing bears a fee.
 */
export function coverOfSlot({ imbalance, ...terms }: CoverTerms): Nanos {
    const traded = worstOfSlot(terms);
    if (imbalance === undefined) {
        return traded;
    }
    const { shortPrice, longPrice } = imbalance;
    const none = microsPerKwh(0n);
    const prices = { retail: shortPrice, feedIn: longPrice, gridFee: none, communityFee: none };
    return greatest(traded, worstOfSlot({ ...terms, prices }));
}

function worstOfSlot({ importLimitW, exportLimitW, prices, floor, cap }: Omit<CoverTerms, 'imbalance'>): Nanos {
    const [most, least] = [importLimitW / SLOTS_PER_HOUR, exportLimitW / SLOTS_PER_HOUR];
    let worst = 0n;
    for (const bought of [0n, most]) {
        for (const sold of [0n, least]) {
            for (const metered of [0n - most, least]) {
                const balance = slotBalance(
                    settleSlot({
                        slot: slotOf(0),
                        prices,
                        bought: wattHours(bought),
                        sold: wattHours(sold),
                        paid: cost(wattHours(bought), microsPerKwh(cap)),
                        earned: cost(wattHours(sold), microsPerKwh(floor)),
                        metered: netEnergy(metered),
                        estimated: false,
                    }),
                );
                worst = 0n - balance > worst ? 0n - balance : worst;
            }
        }
    }
    return nanos(worst);
}

const PERCENT = 100n;

/** So many slots' cover, with what governance adds for taxes and fixed fees, in percent of it; rounded up, to the safe side. */
export function coverOfDay(terms: CoverTerms, slots: number, percent: number): Nanos {
    return withPercent(nanos(coverOfSlot(terms) * BigInt(slots)), percent);
}

/** An amount times a percentage, rounded up. */
export function withPercent(amount: Nanos, percent: number): Nanos {
    return nanos((amount * BigInt(percent) + PERCENT - 1n) / PERCENT);
}

/** What is kept of a day's cover: what its settlement left the household owing, with the percentage; nothing where it earned. */
export const owedOf = (balance: Nanos, percent: number): Nanos =>
    balance < 0n ? withPercent(nanos(0n - balance), percent) : nanos(0n);
