import { between } from './slot-device';
import type { Store } from './store';

const UNLIMITED = { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER };
const DUST = 1e-6;

/**
 * A store's plan in whole Wh that keeps every limit exactly, nearest to `plan` (Wh at the home's side, over the reals): it follows the
 * plan's level, each step the whole number that comes nearest to it and is within power and capacity. Levels are counted exactly, in
 * fractions of a Wh. The plan over the reals has kept `reserve` from the bounds, and a level is missed by no more than half a Wh of energy
 * (at most 1 Wh of level with efficiencies from 1/2), so that the level after the last slot is reached too. `carried`: what the home's connection
 * leaves for the store in a slot.
 */
export function wholePlan(
    store: Store,
    plan: readonly number[],
    carried: (slot: number) => { readonly least: number; readonly most: number } = () => UNLIMITED,
): bigint[] {
    const { chargeEfficiency: up, dischargeEfficiency: down } = store;
    // A level in units of 1/unit Wh is whole after every step: taken · ηc + given / ηd with ηc = a/b, ηd = c/d, unit = b·c.
    const unit = up.denominator * down.numerator;
    const [taking, giving] = [up.numerator * down.numerator, down.denominator * up.denominator];
    const [charging, discharging] = [Number(taking) / Number(unit), Number(giving) / Number(unit)];
    let level = store.first * unit;
    let wanted = Number(store.first);
    return plan.map((energy, slot) => {
        wanted += energy > 0 ? energy * charging : energy * discharging;
        const missing = wanted - Number(level) / Number(unit);
        const nearest = Math.round(missing > 0 ? missing / charging : missing / discharging);
        const connection = carried(slot);
        const most = least(store.charge[slot] ?? 0n, (store.capacity * unit - level) / taking);
        const fewest = 0n - least(store.discharge[slot] ?? 0n, level / giving);
        // A bound of the connection is whole but for the dust of floating point.
        const wished = BigInt(between(Math.ceil(connection.least - DUST), Math.floor(connection.most + DUST), nearest));
        const chosen = wished > most ? most : wished < fewest ? fewest : wished;
        level += chosen > 0n ? chosen * taking : chosen * giving;
        return chosen;
    });
}

/** The level after each slot, in Wh rounded down; undefined where the plan breaks a limit of power, capacity or of the last level. */
export function levelsOf(store: Store, plan: readonly bigint[]): bigint[] | undefined {
    const { chargeEfficiency: up, dischargeEfficiency: down } = store;
    const unit = up.denominator * down.numerator;
    const [taking, giving] = [up.numerator * down.numerator, down.denominator * up.denominator];
    let level = store.first * unit;
    const levels: bigint[] = [];
    for (const [slot, energy] of plan.entries()) {
        level += energy > 0n ? energy * taking : energy * giving;
        const isWithin =
            energy <= (store.charge[slot] ?? 0n) &&
            0n - energy <= (store.discharge[slot] ?? 0n) &&
            level >= 0n &&
            level <= store.capacity * unit;
        if (!isWithin) {
            return undefined;
        }
        levels.push(level / unit);
    }
    return level >= store.last * unit ? levels : undefined;
}

/** Parts of a sum over the reals as whole numbers that add up to the rounded sum, none further than 1 from its part, none beyond a whole bound. */
export function wholeParts(parts: readonly number[]): bigint[] {
    let [sum, rounded] = [0, 0];
    return parts.map((part) => {
        sum += part;
        const next = Math.round(sum);
        const share = next - rounded;
        rounded = next;
        return BigInt(share);
    });
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
