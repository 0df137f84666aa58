import { microsPerKwh, netEnergy, type MicrosPerKwh } from '../../domain/quantity';
import { nanosPerKwh, poolEnergy } from '../../domain/schedule/exchange';
import type { DaySettlement, SlotPosition } from '../../domain/settlement/position';
import { settleDay } from '../../domain/settlement/settle';
import type { ScheduledDayToClose } from '../../domain/scheduled/close-scheduled-day';
import {
    imbalanceOnly,
    imbalancePrice,
    poolSide,
    scheduledTrade,
    scheduledWorth,
    settledPrice,
    type ImbalancePrices,
} from '../../domain/scheduled/scheduled-slot';
import type { ScheduledSlot } from '../../domain/scheduled/scheduled-totals';
import { slot, type LocalDay } from '../../domain/slot';

/** What a household agreed to, from the pool, and what its meter saw, towards the grid: slot by slot. */
export type ScheduledHome = readonly { readonly agreed: bigint; readonly metered: bigint }[];

export interface ScheduledHomes {
    readonly homes: Readonly<Record<string, ScheduledHome>>;
    /** nanos/kWh, by slot; of a household whose bus has others, its own. */
    readonly prices: readonly bigint[];
    readonly local?: Readonly<Record<string, readonly bigint[]>>;
    readonly tariff: ScheduledSlot['tariff'];
    readonly imbalance: ImbalancePrices;
}

/** The worked settlement of the problem E2: a generator, two loads, imports at the tariff of 0.30; imbalance 0.35. */
export const STL_1: ScheduledHomes = {
    homes: {
        load1: [{ agreed: 4000n, metered: -4000n }],
        load2: [{ agreed: 4000n, metered: -4300n }],
        gen: [{ agreed: -6250n, metered: 6000n }],
    },
    prices: [300_000_000n],
    tariff: { retail: microsPerKwh(300_000n), feedIn: microsPerKwh(100_000n) },
    imbalance: { shortPrice: microsPerKwh(350_000n), longPrice: microsPerKwh(50_000n) },
};

/** A scheduled day played without a ledger: everybody is settled at the prices of how the community stood to its schedule. */
export function scheduledDay({ homes, prices, local = {}, tariff, imbalance }: ScheduledHomes): ScheduledDayToClose {
    const day: LocalDay = { day: '2014-10-03', first: slot(1_569_212), count: prices.length };
    const slots = prices.map((_, i): ScheduledSlot => {
        const sum = (of: (home: ScheduledHome[number]) => bigint): bigint =>
            Object.values(homes).reduce((so, home) => so + of(home[i] ?? { agreed: 0n, metered: 0n }), 0n);
        const scheduled = netEnergy(-sum(({ agreed }) => agreed));
        return {
            net: scheduled,
            side: poolSide(netEnergy(sum(({ metered }) => metered)), scheduled),
            tariff,
        };
    });
    const pricesOf = (mspId: string): readonly bigint[] => local[mspId] ?? prices;
    const settlements = Object.entries(homes).map(([mspId, home]): DaySettlement => {
        const positions = home.map(({ agreed, metered }, i): SlotPosition => ({
            slot: slot(day.first + i),
            prices: imbalanceOnly(imbalancePrice(slots[i]?.side ?? 'long', imbalance)),
            ...scheduledTrade(poolEnergy(agreed), nanosPerKwh(pricesOf(mspId)[i] ?? 0n)),
            metered: netEnergy(metered),
            estimated: false,
            scheduled: true,
        }));
        return settleDay(day, mspId, positions);
    });
    const settled = (all: readonly bigint[]): MicrosPerKwh[] => all.map((price) => settledPrice(nanosPerKwh(price)));
    return {
        day,
        imbalance,
        worth: scheduledWorth(
            Object.entries(homes).flatMap(([name, home]) =>
                home.map(({ agreed }, i) => ({
                    price: nanosPerKwh(pricesOf(name)[i] ?? 0n),
                    taken: poolEnergy(agreed),
                })),
            ),
        ),
        slots,
        settlements,
        prices: new Map(Object.keys(homes).map((mspId) => [mspId, settled(pricesOf(mspId))])),
    };
}
