import { poolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import { battery, type Battery } from './battery';
import { courseFrom, startsOf, type DeferrableLoad } from './deferrable-load';
import { elasticLoad, type ElasticLoad } from './elastic-load';
import { generator, type Generator } from './generator';
import type { DevicePlan, HouseholdModel, StepInput, StepResult } from './household-model';
import { mustRunLoad, type MustRunLoad } from './must-run-load';
import { shapeableLoad, type ShapeableLoad } from './shapeable-load';
import { between, type SlotDevice } from './slot-device';
import { solar, type Solar } from './solar';
import { checkStore, type Store } from './store';
import { storePlan } from './store-plan';
import { wholeParts, wholePlan } from './whole-plan';

export type Device = MustRunLoad | Solar | ElasticLoad | Generator | Battery | ShapeableLoad | DeferrableLoad;

/** A home with all that stands in it: plain data, from which its own step and the community's central optimum are both computed. */
export interface Home {
    readonly home: string;
    /** What its connection carries from and to the grid, Wh in a slot. */
    readonly importLimit: bigint;
    readonly exportLimit: bigint;
    readonly devices: readonly Device[];
}

/** Most rounds in which several stores of a home give way to each other, and the change of a slot below which they are at rest, Wh. */
const ROUNDS = 100;
const AT_REST = 0.01;
/** As in the search for a store's price. */
const FAR = 1e13;
const NARROW = 1e-3;

/** A home that answers prices. @throws RangeError where a device cannot do what is asked of it at all. */
export function homeModel(home: Home, slots: number): HouseholdModel {
    const model = new HomeModel(home, slots);
    return { slots, step: (input) => Promise.resolve(input).then((given) => model.step(given)) };
}

/** What the stores take in each slot, and what is best for the other devices then. */
interface Solution {
    readonly objective: number;
    /** By slot device, then by slot. */
    readonly taken: readonly (readonly number[])[];
    readonly stored: readonly (readonly bigint[])[];
    readonly starts: readonly number[];
}

class HomeModel {
    private readonly slotDevices: readonly SlotDevice[];
    private readonly stores: readonly Store[];
    private readonly deferrable: readonly DeferrableLoad[];
    private readonly importLimit: number;
    private readonly exportLimit: number;
    /** Where its deferrable loads began in the last step. */
    private starts: readonly number[];

    constructor(
        private readonly home: Home,
        private readonly slots: number,
    ) {
        const { devices } = home;
        this.slotDevices = devices.flatMap((device) => slotDevice(device) ?? []);
        this.stores = devices.flatMap((device) => storeOf(device, slots) ?? []);
        this.deferrable = devices.filter((device) => device.kind === 'deferrable');
        this.stores.forEach(checkStore);
        this.starts = this.deferrable.map((device) => startsOf(device, slots)[0] ?? 0);
        this.importLimit = Number(home.importLimit);
        this.exportLimit = Number(home.exportLimit);
    }

    step(input: StepInput): StepResult {
        const best = this.bestStarts(input);
        this.starts = best.starts;
        return this.rounded(best);
    }

    /** Each deferrable load in turn tries every start, until none finds a better one: with one of them the best there is. */
    private bestStarts(input: StepInput): Solution {
        let best = this.attempted(input, this.starts);
        for (let isBetter = true; isBetter;) {
            isBetter = false;
            for (const [index, device] of this.deferrable.entries()) {
                for (const start of startsOf(device, this.slots)) {
                    const starts = best.starts.map((each, i) => (i === index ? start : each));
                    const other = start === best.starts[index] ? best : this.attempted(input, starts);
                    if (other.objective < best.objective) {
                        best = other;
                        isBetter = true;
                    }
                }
            }
        }
        // Says in which slot, where no start is possible.
        return best.objective === Infinity ? this.solve(input, best.starts) : best;
    }

    /** At times the connection carries no more: another start is better than these. */
    private attempted(input: StepInput, starts: readonly number[]): Solution {
        try {
            return this.solve(input, starts);
        } catch (error) {
            if (this.deferrable.length === 0 || !(error instanceof RangeError)) {
                throw error;
            }
            return { objective: Infinity, taken: [], stored: [], starts };
        }
    }

    private solve(input: StepInput, starts: readonly number[]): Solution {
        const slot = new Slots(input, this.slotDevices, this.fixed(starts), this);
        const stored = this.storedOver(slot);
        const taken = this.slotDevices.map(() => Array<number>(this.slots).fill(0));
        let objective = 0;
        for (let t = 0; t < this.slots; t += 1) {
            const inStores = stored.reduce((sum, plan) => sum + Number(plan[t]), 0);
            const answer = slot.balanced(t, inStores, this.home.home);
            answer.taken.forEach((energy, i) => {
                (taken[i] ?? [])[t] = energy;
            });
            objective += answer.cost;
        }
        return { objective, taken, stored, starts };
    }

    /** What moves for no price: the deferrable loads where they begin. */
    private fixed(starts: readonly number[]): number[] {
        const courses = this.deferrable.map((device, i) => courseFrom(device, starts[i] ?? 0, this.slots));
        return Array.from({ length: this.slots }, (_, t) => courses.reduce((sum, own) => sum + Number(own[t]), 0));
    }

    /**
     * The plans of the stores, whole. One store: its best plan. Several: each in turn gets its best plan beside the others' until none
     * moves (block coordinate descent: the cost that couples them is convex and smooth, so it ends in the common optimum: Bertsekas,
     * "Nonlinear Programming", 2.7).
     */
    private storedOver(slot: Slots): bigint[][] {
        const plans = this.stores.map(() => Array<number>(this.slots).fill(0));
        for (let round = 0, moved = Infinity; moved > AT_REST && round < ROUNDS; round += 1) {
            moved = 0;
            for (const [index, store] of this.stores.entries()) {
                const others = sumOf(
                    plans.filter((_, i) => i !== index),
                    this.slots,
                );
                const next = storePlan(store, (t, price) => slot.wish(t, price) - (others[t] ?? 0));
                const before = plans[index] ?? [];
                moved = next.reduce((most, energy, t) => Math.max(most, Math.abs(energy - (before[t] ?? 0))), moved);
                plans[index] = next;
            }
            moved = this.stores.length > 1 ? moved : 0;
        }
        return this.wholePlans(slot, plans);
    }

    /** In whole Wh, each beside what the connection carries for it with the others as they are. */
    private wholePlans(slot: Slots, plans: readonly (readonly number[])[]): bigint[][] {
        const all = plans.map((plan) => [...plan]);
        return this.stores.map((store, index) => {
            const others = sumOf(
                all.filter((_, i) => i !== index),
                this.slots,
            );
            const whole = wholePlan(store, plans[index] ?? [], (t) => ({
                least: slot.wish(t, -FAR) - (others[t] ?? 0),
                most: slot.wish(t, FAR) - (others[t] ?? 0),
            }));
            all[index] = whole.map(Number);
            return whole;
        });
    }

    private rounded({ taken, stored, starts }: Solution): StepResult {
        const bySlot = Array.from({ length: this.slots }, (_, t) => wholeParts(taken.map((own) => own[t] ?? 0)));
        const plans = new Map<string, readonly bigint[]>([
            ...this.slotDevices.map(({ device }, i) => [device, bySlot.map((parts) => parts[i] ?? 0n)] as const),
            ...this.stores.map(({ device }, i) => [device, stored[i] ?? []] as const),
            ...this.deferrable.map((each, i) => [each.device, courseFrom(each, starts[i] ?? 0, this.slots)] as const),
        ]);
        const inOrder = this.home.devices.map(({ device }): DevicePlan => ({
            device,
            energies: plans.get(device) ?? [],
        }));
        const energies = Array.from({ length: this.slots }, (_, t) =>
            poolEnergy(inOrder.reduce((sum, plan) => sum + (plan.energies[t] ?? 0n), 0n)),
        );
        return { energies, plans: inOrder };
    }

    /** What the connection lets through of what the home would take, Wh. */
    carried(energy: number): number {
        return between(-this.exportLimit, this.importLimit, energy);
    }
}

/** The slots of one step: what is best in each at the home's own price m, with the pool taking x = z + (m − λ)/ρ. */
class Slots {
    private readonly prices: number[];
    private readonly penalty: number;

    constructor(
        private readonly input: StepInput,
        private readonly devices: readonly SlotDevice[],
        private readonly fixed: readonly number[],
        private readonly connection: { carried(energy: number): number },
    ) {
        this.prices = input.prices.map(Number);
        this.penalty = Number(input.penalty);
    }

    /** What is left for stores at a price: what comes through the connection less what the devices take. */
    wish(t: number, price: number): number {
        let left = this.fromPool(t, price) - (this.fixed[t] ?? 0);
        for (const device of this.devices) {
            left -= device.taken(t, price);
        }
        return left;
    }

    /** The devices' energies where stores take `stored`, and what the slot costs: own costs + λ·x + ρ/2·(x − z)². */
    balanced(t: number, stored: number, home: string): { readonly taken: number[]; readonly cost: number } {
        let [low, high] = [-FAR, FAR];
        if (this.wish(t, high) < stored || this.wish(t, low) > stored) {
            throw new RangeError(`the connection of ${home} does not carry what must run in slot ${t}`);
        }
        while (high - low > NARROW) {
            const middle = (low + high) / 2;
            if (this.wish(t, middle) < stored) {
                low = middle;
            } else {
                high = middle;
            }
        }
        const [from, to] = [this.wish(t, low), this.wish(t, high)];
        const share = to > from ? (stored - from) / (to - from) : 0;
        const taken = this.devices.map((device) => {
            const below = device.taken(t, low);
            return below + share * (device.taken(t, high) - below);
        });
        const x = taken.reduce((sum, energy) => sum + energy, stored + (this.fixed[t] ?? 0));
        const own = this.devices.reduce((sum, device, i) => sum + device.cost(t, taken[i] ?? 0), 0);
        const moved = x - (this.input.reference[t] ?? 0);
        return { taken, cost: own + (this.prices[t] ?? 0) * x + (this.penalty / 2) * moved ** 2 };
    }

    private fromPool(t: number, price: number): number {
        const wanted = (this.input.reference[t] ?? 0) + (price - (this.prices[t] ?? 0)) / this.penalty;
        return this.connection.carried(wanted);
    }
}

function slotDevice(device: Device): SlotDevice | undefined {
    switch (device.kind) {
        case 'load':
            return mustRunLoad(device);
        case 'pv':
            return solar(device);
        case 'elastic':
            return elasticLoad(device);
        case 'generator':
            return generator(device);
        case 'battery':
        case 'shapeable':
        case 'deferrable':
            return undefined;
    }
}

/** A device as a store, where it is one. */
export function storeOf(device: Device, slots: number): Store | undefined {
    switch (device.kind) {
        case 'battery':
            return battery(device, slots);
        case 'shapeable':
            return shapeableLoad(device, slots);
        default:
            return undefined;
    }
}

const sumOf = (plans: readonly (readonly number[])[], slots: number): number[] =>
    Array.from({ length: slots }, (_, t) => plans.reduce((sum, plan) => sum + (plan[t] ?? 0), 0));
