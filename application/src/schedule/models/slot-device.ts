/**
 * A device whose slots do not know of each other. It answers the home's own price m (nanos/kWh: what one more Wh in this slot is worth
 * behind the meter) with the energy that it takes from the home, Wh, negative where it gives:
 *
 *     taken(slot, m) = argmin cost_slot(e) + m·e
 *
 * which never grows with m, because costs are convex. Where a price leaves it indifferent, the answers just below and just above that
 * price are the ends of what it would take.
 */
export interface SlotDevice {
    readonly device: string;
    taken(slot: number, price: number): number;
    /** Its own cost of an energy within its limits, in nanos/kWh × Wh (10⁻¹² of the currency); what energy costs is not in it. */
    cost(slot: number, energy: number): number;
}

export const between = (least: number, most: number, value: number): number =>
    value < least ? least : value > most ? most : value;
