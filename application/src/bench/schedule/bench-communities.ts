import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh, type NanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import type { GridSlot } from '@commonwatt/chaincode/domain/schedule/grid-agent';
import type { RunProblem } from '@commonwatt/chaincode/domain/schedule/run';
import { households, type Topology } from '@commonwatt/network/topology/topology';
import { differences, registersOf } from '../../data/meter-day';
import { readDay } from '../../data/read-directory';
import { sampleDay, sampleHomes } from '../../data/sample';
import { communityHome } from '../../schedule/community-home';
import type { Device, Home } from '../../schedule/models/home';
import { exchangeProblem } from './exchange-problem';

/** Tariffs of the demonstration: nanos/kWh. */
export const RETAIL = nanosPerKwh(300_000_000n);
export const FEED_IN = nanosPerKwh(80_000_000n);
/** Of the community's connection, Wh in a slot: 400 kW. */
const CONNECTION = 100_000n;

/** What is measured: a community's homes on a day, as they know their day. */
export interface BenchDay {
    readonly day: string;
    readonly homes: readonly Home[];
}

// Of the demonstration's data: capacity in Wh, power in W, for the first eight homes with a battery, then again.
const BATTERIES: readonly (readonly [number, number])[] = [
    [10_000, 5451],
    [4000, 4000],
    [6000, 6000],
    [12_000, 5055],
    [6000, 4160],
    [6000, 4816],
    [6000, 6000],
    [6000, 3738],
];
const EVERY = 5;
const WITH_BATTERY = 2;

/** Of five homes two have a battery (eight of twenty, as in the demonstration): that of the home with this place in the list, from 0. */
export function batteryOfHome(index: number): { readonly capacityWh: number; readonly powerW: number } | undefined {
    if (index % EVERY >= WITH_BATTERY) {
        return undefined;
    }
    const number = Math.floor(index / EVERY) * WITH_BATTERY + (index % EVERY);
    const [capacityWh, powerW] = BATTERIES[number % BATTERIES.length] ?? [0, 0];
    return { capacityWh, powerW };
}

/** A day of a generated community. */
export function generatedDay(count: number, day: string): BenchDay {
    const sites = sampleHomes(count);
    const data = sampleDay(sites, day);
    const homes = sites.map(({ home }, index): Home => {
        const registers = registersOf(data, home);
        const devices: Device[] = [
            { kind: 'load', device: 'load', energies: differences(registers.consumed) },
            { kind: 'pv', device: 'pv', available: differences(registers.produced) },
        ];
        const battery = batteryOfHome(index);
        if (battery !== undefined) {
            devices.push(deviceOf(battery));
        }
        return { home, importLimit: 4312n, exportLimit: 4312n, devices };
    });
    return { day, homes };
}

function deviceOf({ capacityWh, powerW }: NonNullable<ReturnType<typeof batteryOfHome>>): Device {
    const [capacity, energy] = [BigInt(capacityWh), BigInt(powerW) / 4n];
    return { kind: 'battery', device: 'battery', capacity, first: capacity / 2n, charge: energy, discharge: energy };
}

/** A day of the community's own meter data. */
export function realDay(topology: Topology, directory: string, day: string): BenchDay {
    const all = households(topology).flatMap(({ id, home }) => (home === undefined ? [] : [{ id, home }]));
    const sites = all.map(({ id, home }) => ({ home: id, consumes: home.consumes, generates: home.generates }));
    const data = readDay({ directory, day, homes: sites });
    const homes = all.map(({ id, home }) => {
        const { consumed, produced } = registersOf(data, id);
        return communityHome(id, home, { load: differences(consumed), pv: differences(produced) });
    });
    return { day, homes };
}

/** The grid in each slot of a day. */
export const gridOf = (slots: number): GridSlot[] =>
    Array.from({ length: slots }, () => ({
        retail: RETAIL,
        feedIn: FEED_IN,
        importLimit: CONNECTION,
        exportLimit: CONNECTION,
    }));

/** Nanos/kWh for each Wh of a slot's sum that is left over: ρ = this × N. */
const STEP = 40_000n;

/** When a run ends. */
export interface StopTerms {
    readonly iterations: number;
    readonly sumWh: number;
    readonly nanosPerKwh: number;
}

/** Nearer to the optimum than the demonstration's. */
export const FINE_TERMS: StopTerms = { iterations: 150, sumWh: 20, nanosPerKwh: 2_000_000 };

/** Those of the community's file. */
export function shippedTerms({ dayAhead }: Topology): StopTerms {
    if (dayAhead === undefined) {
        throw new Error('the community has no terms of days ahead');
    }
    return { iterations: dayAhead.iterations, ...dayAhead.tolerance };
}

/** A run with the measured parameters (docs/decisions): ρ follows the residuals, the network counts for as many as there are homes. */
export function problemOf({ homes }: BenchDay, slots: number, terms: StopTerms = FINE_TERMS): RunProblem {
    const initial = STEP * 2n * BigInt(homes.length);
    return exchangeProblem(homes, {
        rules: {
            slots,
            iterations: terms.iterations,
            primalTolerance: BigInt(terms.sumWh),
            dualTolerance: BigInt(terms.nanosPerKwh),
            overRelaxation: fraction(1n, 2n),
            penalty: { initial, least: initial / 4n, most: initial * 10n, adaptiveUntil: 60 },
        },
        networkWeight: 'households',
        floor: nanosPerKwh(-200_000_000n),
        cap: nanosPerKwh(500_000_000n),
        grid: gridOf(slots),
    });
}

/** Cold: the middle of both tariffs. */
export const middlePrices = (slots: number): NanosPerKwh[] =>
    Array<NanosPerKwh>(slots).fill(nanosPerKwh((RETAIL + FEED_IN) / 2n));

/** How many slots a home's data have. */
export const slotsOf = ({ homes }: BenchDay): number =>
    homes[0]?.devices.reduce((most, device) => {
        const list = device.kind === 'load' ? device.energies : device.kind === 'pv' ? device.available : [];
        return Math.max(most, list.length);
    }, 0) ?? 0;
