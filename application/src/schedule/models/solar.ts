import type { SlotDevice } from './slot-device';

/** Panels: give up to `available` (Wh by slot, not negative) for nothing, and may be curtailed. */
export interface Solar {
    readonly kind: 'pv';
    readonly device: string;
    readonly available: readonly bigint[];
}

/** −available(t) ≤ e(t) ≤ 0 at no cost: all of it while energy is worth anything, none of it below zero. */
export function solar({ device, available }: Solar): SlotDevice {
    const given = available.map((energy) => -Number(energy));
    return { device, taken: (slot, price) => (price >= 0 ? (given[slot] ?? 0) : 0), cost: () => 0 };
}
