import { netEnergy, wattHours, type NetEnergy, type WattHours } from '../quantity';

/** Energy that a storage system took in for a prosumer: as attested. */
export interface TakenIn {
    readonly slot: number;
    readonly prosumer: string;
    readonly storage: string;
    readonly energyWh: bigint;
}

/** Energy that a storage system gave out to a buyer: as confirmed. */
export interface GivenOut {
    readonly deliverySlot: number;
    readonly storage: string;
    readonly buyer: string;
    readonly energyWh: bigint;
}

/** What a member's meter saw in a slot under contracts. */
export interface ContractedEnergy {
    /** Positive was given (by the prosumer to the storage, by the storage to the buyer), negative was taken. */
    readonly contracted: NetEnergy;
    /** What was taken by who uses it, and bears the fees: a buyer. The storage system only passes on. */
    readonly received: WattHours;
}

export const NOT_CONTRACTED: ContractedEnergy = { contracted: netEnergy(0n), received: wattHours(0n) };

/** A member's energy under contracts, by slot. Over all members the contracted energy of a slot is zero. */
export function contractedEnergy(
    mspId: string,
    taken: readonly TakenIn[],
    given: readonly GivenOut[],
): ReadonlyMap<number, ContractedEnergy> {
    const bySlot = new Map<number, ContractedEnergy>();
    const add = (slot: number, energy: bigint, used = 0n): void => {
        const { contracted, received } = bySlot.get(slot) ?? NOT_CONTRACTED;
        bySlot.set(slot, { contracted: netEnergy(contracted + energy), received: wattHours(received + used) });
    };
    for (const { slot, prosumer, storage, energyWh } of taken) {
        if (prosumer === mspId) {
            add(slot, energyWh);
        }
        if (storage === mspId) {
            add(slot, -energyWh);
        }
    }
    for (const { deliverySlot, storage, buyer, energyWh } of given) {
        if (storage === mspId) {
            add(deliverySlot, energyWh);
        }
        if (buyer === mspId) {
            add(deliverySlot, -energyWh, energyWh);
        }
    }
    return bySlot;
}
