import type { Topology } from '@commonwatt/network/topology/topology';
import { differences, type HomeRegisters, type MeterDay } from '../data/meter-day';
import { communityHome } from './community-home';
import { courseFrom } from './models/deferrable-load';
import type { ElasticLoad } from './models/elastic-load';
import type { Device, Home } from './models/home';

/**
 * What a home's movable devices take where nobody steers them, Wh by slot: a car charges as fast as plug and connection let it from the moment
 * it is plugged in, an appliance begins at its earliest, an elastic load knows no price but the supplier's. Batteries and generators on fuel rest.
 * `retail` in nanos/kWh.
 */
export function unattendedWh({ importLimit, devices }: Home, slots: number, retail: bigint): bigint[] {
    const known = Array.from({ length: slots }, (_, slot) =>
        devices.reduce((sum, each) => sum + (each.kind === 'load' ? (each.energies[slot] ?? 0n) : 0n), 0n),
    );
    const taken = known.map(() => 0n);
    const add = (course: readonly bigint[]): void => {
        course.forEach((energy, slot) => {
            taken[slot] = (taken[slot] ?? 0n) + energy;
        });
    };
    const fixed = devices.filter(({ kind }) => kind !== 'shapeable');
    fixed.forEach((device) => {
        add(courseOf(device, slots, retail));
    });
    // Cars last: a charger takes what the connection has left beside everything else.
    for (const device of devices) {
        if (device.kind === 'shapeable') {
            let left = device.energy;
            add(
                taken.map((energy, slot) => {
                    const room = importLimit - (known[slot] ?? 0n) - energy;
                    const isThere = slot >= device.from && slot < device.to;
                    const now = isThere ? least(left, least(device.power, room > 0n ? room : 0n)) : 0n;
                    left -= now;
                    return now;
                }),
            );
        }
    }
    return taken;
}

function courseOf(device: Device, slots: number, retail: bigint): readonly bigint[] {
    switch (device.kind) {
        case 'deferrable':
            return courseFrom(device, device.earliest, slots);
        case 'elastic':
            return device.wanted.map((_, slot) => atPrice(device, slot, retail));
        default:
            return [];
    }
}

function atPrice({ wanted, slope, most }: ElasticLoad, slot: number, price: bigint): bigint {
    const energy = (wanted[slot] ?? 0n) - price / slope;
    return energy < 0n ? 0n : least(energy, most);
}

const NANOS_PER_MICRO = 1000n;

/** A day of the community's data, which know load and panels, with what its movable devices take where nobody steers them. */
export function withUnattended({ organisations, community }: Topology, day: MeterDay): MeterDay {
    const retail = BigInt(community.market.retailMicrosPerKwh) * NANOS_PER_MICRO;
    const places = new Map(organisations.map(({ id, home }) => [id, home]));
    const homes = day.homes.map((registers): HomeRegisters => {
        const place = places.get(registers.home);
        if (place?.movable === undefined) {
            return registers;
        }
        const energies = differences(registers.consumed);
        const home = communityHome(registers.home, place, { load: energies, pv: differences(registers.produced) });
        const taken = unattendedWh(home, day.slotCount, retail);
        let more = 0n;
        const consumed = registers.consumed.map((shown, end) => shown + (more += taken[end - 1] ?? 0n));
        return { ...registers, consumed, unattendedWh: taken };
    });
    return { ...day, homes };
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
