import type { Fraction } from '@commonwatt/chaincode/domain/quantity';

/** A device that ties slots together through a level: a battery, or a load that must have had its energy by the end of a window. */
export interface Store {
    readonly device: string;
    /** Level before the first slot, Wh. */
    readonly first: bigint;
    /** Least level after the last slot; the most is `capacity`. */
    readonly last: bigint;
    readonly capacity: bigint;
    /** Most that it takes from, and gives to, the home in each slot, Wh at the home's side. */
    readonly charge: readonly bigint[];
    readonly discharge: readonly bigint[];
    /** Level gained for each Wh taken, and Wh given for each Wh of level; from 1/2 to 1. */
    readonly chargeEfficiency: Fraction;
    readonly dischargeEfficiency: Fraction;
}

export const ratio = ({ numerator, denominator }: Fraction): number => Number(numerator) / Number(denominator);

/** @throws RangeError where no plan keeps the limits, or efficiencies are below 1/2 (see `wholePlan`). */
export function checkStore(store: Store): void {
    const { device, first, last, capacity, charge, discharge } = store;
    const efficiencies = [ratio(store.chargeEfficiency), ratio(store.dischargeEfficiency)];
    const isWrong =
        first < 0n ||
        first > capacity ||
        last > capacity ||
        [...charge, ...discharge].some((limit) => limit < 0n) ||
        efficiencies.some((each) => each < 0.5 || each > 1) ||
        highestLast(store) < last;
    if (isWrong) {
        throw new RangeError(`${device} cannot hold what is asked of it`);
    }
}

/** The level after the last slot where it takes all it can, whole Wh. */
function highestLast({ first, capacity, charge, chargeEfficiency: { numerator, denominator } }: Store): bigint {
    const full = charge.reduce((sum, most) => sum + most * numerator, first * denominator) / denominator;
    return full < capacity ? full : capacity;
}

/** Where rounding a plan moves the level by part of a Wh, the plan over the reals keeps this far from every bound, Wh. */
export function reserve({ chargeEfficiency, dischargeEfficiency }: Store): number {
    return ratio(chargeEfficiency) === 1 && ratio(dischargeEfficiency) === 1 ? 0 : 1;
}

/** What an energy at the home's side does to the level. */
export const gained = (energy: number, charging: number, discharging: number): number =>
    energy > 0 ? energy * charging : energy / discharging;
