import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh, type NanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import type { GridSlot } from '@commonwatt/chaincode/domain/schedule/grid-agent';
import { ROOT } from '@commonwatt/chaincode/domain/schedule/lin-dist-flow';
import type { RunProblem } from '@commonwatt/chaincode/domain/schedule/run';
import { households, type Topology } from '@commonwatt/network/topology/topology';
import { differences, registersOf } from '../../data/meter-day';
import { readDay } from '../../data/read-directory';
import { sampleDay, sampleHomes } from '../../data/sample';
import { communityHome } from '../../schedule/community-home';
import type { Device, Home } from '../../schedule/models/home';

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
const BATTERIES: readonly (readonly [bigint, bigint])[] = [
    [10_000n, 5451n],
    [4000n, 4000n],
    [6000n, 6000n],
    [12_000n, 5055n],
    [6000n, 4160n],
    [6000n, 4816n],
    [6000n, 6000n],
    [6000n, 3738n],
];
const EVERY = 5;
const WITH_BATTERY = 2;

/** A day of a generated community: of five homes two have a battery (eight of twenty, as in the demonstration). */
export function generatedDay(count: number, day: string): BenchDay {
    const sites = sampleHomes(count);
    const data = sampleDay(sites, day);
    const homes = sites.map(({ home }, index): Home => {
        const registers = registersOf(data, home);
        const devices: Device[] = [
            { kind: 'load', device: 'load', energies: differences(registers.consumed) },
            { kind: 'pv', device: 'pv', available: differences(registers.produced) },
        ];
        if (index % EVERY < WITH_BATTERY) {
            devices.push(batteryOf(Math.floor(index / EVERY) * WITH_BATTERY + (index % EVERY)));
        }
        return { home, importLimit: 4312n, exportLimit: 4312n, devices };
    });
    return { day, homes };
}

function batteryOf(number: number): Device {
    const [capacity, power] = BATTERIES[number % BATTERIES.length] ?? [0n, 0n];
    return {
        kind: 'battery',
        device: 'battery',
        capacity,
        first: capacity / 2n,
        charge: power / 4n,
        discharge: power / 4n,
    };
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

/** A run with the measured parameters (docs/decisions): ρ follows the residuals, the network counts for as many as there are homes. */
export function problemOf({ homes }: BenchDay, slots: number): RunProblem {
    const initial = STEP * 2n * BigInt(homes.length);
    return {
        rules: {
            slots,
            iterations: 150,
            primalTolerance: 20n,
            dualTolerance: 2_000_000n,
            overRelaxation: fraction(1n, 2n),
            penalty: { initial, least: initial / 4n, most: initial * 10n, adaptiveUntil: 60 },
        },
        networkWeight: 'households',
        floor: nanosPerKwh(-200_000_000n),
        cap: nanosPerKwh(500_000_000n),
        buses: [ROOT],
        households: homes.map(({ home, importLimit, exportLimit }) => ({
            mspId: home,
            bus: ROOT,
            importLimit,
            exportLimit,
        })),
        grid: gridOf(slots),
    };
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
