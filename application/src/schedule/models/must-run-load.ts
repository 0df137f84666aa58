import type { SlotDevice } from './slot-device';

/** Consumption that nothing moves: takes `energies` (Wh by slot, not negative) at every price. No cost of its own. */
export interface MustRunLoad {
    readonly kind: 'load';
    readonly device: string;
    readonly energies: readonly bigint[];
}

/** e(t) = energies(t), whatever the price. */
export function mustRunLoad({ device, energies }: MustRunLoad): SlotDevice {
    const fixed = energies.map(Number);
    return { device, taken: (slot) => fixed[slot] ?? 0, cost: () => 0 };
}
