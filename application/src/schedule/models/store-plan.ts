import { between } from './slot-device';
import { gained, ratio, reserve, type Store } from './store';

/** What the home would have its store take in a slot at the home's own price, Wh at the home's side: never falls with the price. */
export type Wish = (slot: number, price: number) => number;

// Prices are searched up to here (nanos/kWh: 10,000 of the currency) and to this width: with any penalty above 1 the energies are then exact to 10⁻³ Wh.
const FAR = 1e13;
const NARROW = 1e-3;

/** Two prices just below and just above the one that is looked for, and the levels to which each leads. */
interface Bracket {
    readonly below: Course;
    readonly above: Course;
}
interface Course {
    readonly price: number;
    /** After each slot; the first entry is before the first slot. */
    readonly levels: Float64Array;
}

/**
 * The store's best plan over the reals: min Σ ψₜ(eₜ) within its limits, where `wish(t, m)` inverts ψₜ' (Wh at the home's side, by slot).
 *
 * By the value μ of what is stored (the multiplier of the level): in a slot the store takes what the home wishes at μ·ηc, or gives what
 * it wishes at μ/ηd. Following the day at one μ and holding the level within its bounds gives the highest level that is worth μ, which
 * grows with μ; so the level after the last slot fixes the last μ, and going back in time it stays the same as long as no bound was
 * touched. This is dynamic programming on the inverse of the value function's slope (the principle of the taut string: Davies and Kovac,
 * "Local extremes, runs, strings and multiresolution", 2001), and exact where energy is worth something. Where it is worth less than
 * nothing and losses would pay, the problem is not convex (a lossy battery would burn energy by charging and discharging at once): it then
 * keeps still in that slot.
 */
export function storePlan(store: Store, wish: Wish): number[] {
    const slots = store.charge.length;
    const rules = new Rules(store, wish);
    const plan = Array<number>(slots).fill(0);
    let level = rules.lastLevel();
    let bracket: Bracket | undefined;
    for (let slot = slots - 1; slot >= 0; slot -= 1) {
        bracket = bracket !== undefined && rules.isBetween(bracket, slot, level) ? bracket : rules.search(slot, level);
        const { below, above } = bracket;
        const [low, high] = [rules.energy(slot, below.price), rules.energy(slot, above.price)];
        const [from, to] = [rules.after(below, slot), rules.after(above, slot)];
        const share = to > from ? between(0, 1, (level - from) / (to - from)) : 0;
        const change = rules.gain(low) + share * (rules.gain(high) - rules.gain(low));
        const before = slot === 0 ? Number(store.first) : rules.held(slot, level - change);
        plan[slot] = rules.energyFor(level - before);
        level = before;
    }
    return plan;
}

class Rules {
    private readonly charging: number;
    private readonly discharging: number;
    private readonly least: number;
    private readonly most: number;
    private readonly charge: number[];
    private readonly discharge: number[];

    constructor(
        private readonly store: Store,
        private readonly wish: Wish,
    ) {
        this.charging = ratio(store.chargeEfficiency);
        this.discharging = ratio(store.dischargeEfficiency);
        this.least = reserve(store);
        this.most = Number(store.capacity) - this.least;
        this.charge = store.charge.map(Number);
        this.discharge = store.discharge.map(Number);
    }

    gain(energy: number): number {
        return gained(energy, this.charging, this.discharging);
    }

    energyFor(gain: number): number {
        return gain > 0 ? gain / this.charging : gain * this.discharging;
    }

    /** The level within its bounds after `slots` slots. */
    held(slots: number, level: number): number {
        const isLast = slots === this.charge.length;
        const least = isLast ? Math.min(Number(this.store.last) + this.least, this.most) : this.least;
        return between(least, this.most, level);
    }

    /** What it takes in a slot where a stored Wh is worth `price`. */
    energy(slot: number, price: number): number {
        const taken = Math.min(this.charge[slot] ?? 0, this.wish(slot, price * this.charging));
        const given = Math.max(-(this.discharge[slot] ?? 0), this.wish(slot, price / this.discharging));
        if (taken > 0) {
            return given < 0 ? 0 : taken;
        }
        return Math.min(0, given);
    }

    /** The level after a slot on a course, before it is held within its bounds. */
    after({ price, levels }: Course, slot: number): number {
        return (levels[slot] ?? 0) + this.gain(this.energy(slot, price));
    }

    /** The level to end with: what is left where nothing stored is worth anything after the day. */
    lastLevel(): number {
        const slots = this.charge.length;
        return this.held(slots, this.after(this.follow(slots - 1, 0), slots - 1));
    }

    isBetween({ below, above }: Bracket, slot: number, level: number): boolean {
        return this.after(below, slot) <= level && level <= this.after(above, slot);
    }

    search(slot: number, level: number): Bracket {
        let [low, high] = [-FAR, FAR];
        while (high - low > NARROW) {
            const middle = (low + high) / 2;
            if (this.after(this.follow(slot, middle), slot) < level) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return { below: this.follow(slot, low), above: this.follow(slot, high) };
    }

    /** The levels of the first `slots` slots at one price. */
    private follow(slots: number, price: number): Course {
        const levels = new Float64Array(slots + 1);
        levels[0] = Number(this.store.first);
        for (let slot = 0; slot < slots; slot += 1) {
            const level = (levels[slot] ?? 0) + this.gain(this.energy(slot, price));
            levels[slot + 1] = level < this.least ? this.least : level > this.most ? this.most : level;
        }
        return { price, levels };
    }
}
