import type { Battery } from '@commonwatt/network/topology/topology';
import { differences, registerOf, type HomeRegisters } from '../data/meter-day';

const SLOTS_PER_HOUR = 4n;
const MILLION = 1_000_000n;
const PERCENT = 100n;

/** What a battery does in a slot, Wh at its terminals: positive is given, negative taken. */
export type BatteryPlan = readonly bigint[];

/**
 * What the home's batteries do on a day that is traded in rounds: they take what the panels bring beyond the home's need, and give to the home what it
 * lacks, each slot by itself. Of `reservePercent` of their capacity nothing is given; the day begins with that much in them. Never is more taken than
 * there is surplus, nor more given than there is need, so that what is left to trade never changes its side.
 */
export function batteryPlan(
    expectedWh: readonly bigint[],
    batteries: readonly Battery[],
    reservePercent: number,
): bigint[] {
    const stores = batteries.map((battery) => new Charge(battery, reservePercent));
    return expectedWh.map((netWh) => {
        let left = netWh;
        for (const store of stores) {
            left = left > 0n ? left - store.take(left) : left + store.give(-left);
        }
        return left - netWh;
    });
}

/** What the meter of a replayed day shows where the batteries did as planned. */
export function withBatteries(registers: HomeRegisters, plan: BatteryPlan): HomeRegisters {
    const changed = (register: readonly bigint[], more: (planned: bigint) => bigint): bigint[] =>
        registerOf(
            register[0] ?? 0n,
            differences(register).map((energy, slot) => energy + more(plan[slot] ?? 0n)),
        );
    return {
        ...registers,
        consumed: changed(registers.consumed, (planned) => (planned < 0n ? -planned : 0n)),
        produced: changed(registers.produced, (planned) => (planned > 0n ? planned : 0n)),
    };
}

/** What is in one battery. What it loses on the way in and out is rounded against the home. */
class Charge {
    readonly #battery: Battery;
    readonly #reserve: bigint;
    #level: bigint;

    constructor(battery: Battery, reservePercent: number) {
        this.#battery = battery;
        this.#reserve = ceil(BigInt(battery.capacityWh) * BigInt(reservePercent), PERCENT);
        this.#level = this.#reserve;
    }

    /** Returns what it takes of the surplus. */
    take(surplus: bigint): bigint {
        const { capacityWh, chargeW, chargePpm = 1_000_000 } = this.#battery;
        const room = ((BigInt(capacityWh) - this.#level) * MILLION) / BigInt(chargePpm);
        const taken = least(surplus, BigInt(chargeW) / SLOTS_PER_HOUR, room);
        this.#level += (taken * BigInt(chargePpm)) / MILLION;
        return taken;
    }

    /** Returns what it gives of the need. */
    give(need: bigint): bigint {
        const { dischargeW, dischargePpm = 1_000_000 } = this.#battery;
        const there = ((this.#level - this.#reserve) * BigInt(dischargePpm)) / MILLION;
        const given = least(need, BigInt(dischargeW) / SLOTS_PER_HOUR, there);
        this.#level -= ceil(given * MILLION, BigInt(dischargePpm));
        return given;
    }
}

const ceil = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
const least = (...values: readonly bigint[]): bigint => values.reduce((so, value) => (value < so ? value : so));
