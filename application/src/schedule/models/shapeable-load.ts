import { fraction } from '@commonwatt/chaincode/domain/quantity';
import type { Store } from './store';

/**
 * Consumption of which only the sum counts, as of a car that stands at its plug: Σ e = energy over the slots `from` … `to` − 1,
 * 0 ≤ e ≤ power, nothing outside. It is a store that is empty at first, full at the end, and gives nothing back.
 */
export interface ShapeableLoad {
    readonly kind: 'shapeable';
    readonly device: string;
    /** At the meter, Wh: losses of the charger are in it. */
    readonly energy: bigint;
    /** Most in a slot, Wh. */
    readonly power: bigint;
    readonly from: number;
    readonly to: number;
}

const LOSSLESS = fraction(1n, 1n);

export function shapeableLoad({ device, energy, power, from, to }: ShapeableLoad, slots: number): Store {
    return {
        device,
        capacity: energy,
        first: 0n,
        last: energy,
        charge: Array.from({ length: slots }, (_, slot) => (slot >= from && slot < to ? power : 0n)),
        discharge: Array<bigint>(slots).fill(0n),
        chargeEfficiency: LOSSLESS,
        dischargeEfficiency: LOSSLESS,
    };
}
