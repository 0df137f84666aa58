import { gridBounds, type MarketPrices } from '../../domain/market-prices';
import {
    cost,
    fraction,
    microsPerKwh,
    netEnergy,
    wattHours,
    type MicrosPerKwh,
    type WattHours,
} from '../../domain/quantity';
import { slot, type LocalDay } from '../../domain/slot';
import type { Clearing, Order, Side } from '../../domain/auction/order';
import { publishedSums } from '../../domain/auction/small-numbers';
import { clear } from '../../domain/auction/uniform-price';
import type { DayToClose, RoundResult } from '../../domain/settlement/close-day';
import type { BilledDay } from '../../domain/billing/lines';
import type { DaySettlement, SlotPosition } from '../../domain/settlement/position';
import { settleDay } from '../../domain/settlement/settle';
import { saltOf } from './book';

/** The demonstration's prices: hundredths of the currency, as micros. */
export const DEMONSTRATION: MarketPrices = {
    retail: microsPerKwh(300_000n),
    feedIn: microsPerKwh(80_000n),
    gridFee: microsPerKwh(40_000n),
    communityFee: microsPerKwh(30_000n),
};

/** Energy traded at one price, in watt-hours and micros per kWh. */
export function tradedAt(
    price: bigint,
    bought: bigint,
    sold = 0n,
): Pick<SlotPosition, 'bought' | 'sold' | 'paid' | 'earned'> {
    const at = microsPerKwh(price);
    const [into, out] = [wattHours(bought), wattHours(sold)];
    return { bought: into, sold: out, paid: cost(into, at), earned: cost(out, at) };
}

/** What a household metered in a slot, and what it had ordered before: positive sells, negative buys. */
export interface HomeSlot {
    readonly metered: bigint;
    readonly ordered: bigint;
    readonly limit: bigint;
}

/** Homes by name, each with the same number of slots. */
export type Homes = Readonly<Record<string, readonly HomeSlot[]>>;

/** A market day played without a ledger: a round for each slot, then everybody's settlement. A home's zone may have its own fee. */
export function played(
    homes: Homes,
    prices: MarketPrices,
    k = fraction(1n, 2n),
    gridFees: Readonly<Record<string, MicrosPerKwh>> = {},
): DayToClose {
    const count = Math.max(...Object.values(homes).map((slots) => slots.length));
    const day: LocalDay = { day: '2014-10-03', first: slot(1_569_212), count };
    const clearings = Array.from({ length: count }, (_, i) =>
        clear(ordersOf(homes, i), { k, grid: gridBounds(prices) ?? 'shut' }),
    );
    const settlements = Object.entries(homes).map(([mspId, slots]) => {
        const positions = slots.map(({ metered, ordered }, i): SlotPosition => {
            const clearing = clearings[i] as Clearing;
            const fill = fillOf(mspId, clearing);
            return {
                slot: slot(day.first + i),
                prices: { ...prices, gridFee: gridFees[mspId] ?? prices.gridFee },
                ...tradedAt(clearing.price ?? 0n, ordered < 0n ? fill : 0n, ordered < 0n ? 0n : fill),
                metered: netEnergy(metered),
                estimated: false,
            };
        });
        return settleDay(day, mspId, positions);
    });
    const rounds = clearings.map((clearing, i): RoundResult => {
        const { volumeWh: volume, surplusNanos: surplus } = publishedSums(clearing);
        return { slot: slot(day.first + i), status: 'cleared', price: clearing.price, volume, surplus };
    });
    return { day, households: Object.keys(homes), rounds, settlements };
}

function ordersOf(homes: Homes, i: number): Order[] {
    return Object.entries(homes).flatMap(([member, slots]) => {
        const { ordered, limit } = slots[i] ?? { ordered: 0n, limit: 0n };
        const id = `${member}/${i}`;
        const energy = wattHours(ordered < 0n ? -ordered : ordered);
        const side: Side = ordered < 0n ? 'buy' : 'sell';
        return ordered === 0n ? [] : [{ id, member, side, energy, limit: microsPerKwh(limit), salt: saltOf(id) }];
    });
}

/** Orders have the home's name before a slash; a home has one order in a slot at most. */
function fillOf(mspId: string, { outcomes }: Clearing): WattHours {
    return outcomes.find(({ order }) => order.startsWith(`${mspId}/`))?.fill ?? wattHours(0n);
}

/** A settled day of terms without charges and tax, unless they are said. */
export const billed = (settlement: DaySettlement, change: Partial<BilledDay> = {}): BilledDay => ({
    settlement,
    charges: [],
    vat: undefined,
    meters: 1,
    ...change,
});
