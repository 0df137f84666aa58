import { dividedRoundedDown, total, wattHours, type WattHours } from '../quantity';

const MILLION = 1_000_000n;
const SLOTS_PER_HOUR = 4n;

/** What a storage system can do, as governance has it: energy in Wh, power in W at its meter, efficiencies in parts per million. */
export interface StorageLimits {
    readonly capacityWh: bigint;
    readonly chargeW: bigint;
    readonly dischargeW: bigint;
    readonly chargePpm: bigint;
    readonly dischargePpm: bigint;
}

/** Energy at the storage system's meter in a slot: taken in for a prosumer, or given out to a buyer. */
export interface StorageFlow {
    readonly slot: number;
    readonly energy: WattHours;
}

/**
 * What can be given out again of energy that was taken in, both at the meter. Rounded down: losses are borne by whoever owns the
 * energy, so of a stored kWh less than a kWh can be sold.
 */
export function releasable(taken: WattHours, { chargePpm, dischargePpm }: StorageLimits): WattHours {
    return wattHours(dividedRoundedDown(taken * chargePpm * dischargePpm, MILLION * MILLION));
}

/** What lies in the storage so that so much can be given out of it: the loss of giving out on top, rounded up. */
export function heldFor(given: WattHours, { dischargePpm }: StorageLimits): WattHours {
    return wattHours(-dividedRoundedDown(-(given * MILLION), dischargePpm));
}

/**
 * What can still be given out at the end of a slot: taken in, less losses, less given out until then.
 *
 * Throws a RangeError where more was given out than there was: whoever books flows rules that out.
 */
export function stateOfCharge(
    taken: readonly StorageFlow[],
    given: readonly StorageFlow[],
    until: number,
    limits: StorageLimits,
): WattHours {
    const before = (flows: readonly StorageFlow[]): StorageFlow[] => flows.filter(({ slot }) => slot <= until);
    const into = total(before(taken).map(({ energy }) => releasable(energy, limits)));
    return wattHours(into - total(before(given).map(({ energy }) => energy)));
}

export type StorageFlaw = { readonly code: 'STORAGE_POWER' | 'STORAGE_FULL'; readonly detail: string };

/**
 * Why the storage cannot have taken this in, or undefined if it can: its power in the slot, and its capacity at the end of that
 * and of every later slot in which something was taken in. `given` is what certainly left it; what is only promised has not.
 */
export function takingFlaw(
    flow: StorageFlow,
    taken: readonly StorageFlow[],
    given: readonly StorageFlow[],
    limits: StorageLimits,
): StorageFlaw | undefined {
    const all = [...taken, flow];
    const power = powerFlaw(flow.slot, all, limits.chargeW);
    if (power !== undefined) {
        return power;
    }
    for (const slot of new Set(all.map((each) => each.slot))) {
        const held = heldFor(stateOfCharge(all, given, slot, limits), limits);
        if (slot >= flow.slot && held > limits.capacityWh) {
            return {
                code: 'STORAGE_FULL',
                detail: `${held.toString()} Wh in slot ${slot}, it holds ${limits.capacityWh.toString()}`,
            };
        }
    }
    return undefined;
}

/** Why the storage cannot promise to give this out beside what it has promised, or undefined if it can: its power in the slot. */
export function givingFlaw(
    flow: StorageFlow,
    promised: readonly StorageFlow[],
    { dischargeW }: StorageLimits,
): StorageFlaw | undefined {
    return powerFlaw(flow.slot, [...promised, flow], dischargeW);
}

function powerFlaw(slot: number, flows: readonly StorageFlow[], limitW: bigint): StorageFlaw | undefined {
    const energy = total(flows.filter((each) => each.slot === slot).map((each) => each.energy));
    return energy * SLOTS_PER_HOUR <= limitW
        ? undefined
        : {
              code: 'STORAGE_POWER',
              detail: `${energy.toString()} Wh in slot ${slot}, its power is ${limitW.toString()} W`,
          };
}
