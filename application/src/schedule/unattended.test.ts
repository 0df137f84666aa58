import { describe, expect, it } from '@jest/globals';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { households, type MovableDevices, type Topology } from '@commonwatt/network/topology/topology';
import { differences, fixedLoadOf, understated, type MeterDay } from '../data/meter-day';
import { communityHome, movableBy } from './community-home';
import { homeModel } from './models/home';
import { nanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import { unattendedWh, withUnattended } from './unattended';

const NONE: MovableDevices = { vehicles: [], appliances: [], elasticLoads: [], fuelGenerators: [] };
const CAR = { id: 'car', energyWh: 5000, powerW: 11_000, from: 72, to: 96 };
const WASHER = { id: 'washer', profileWh: [400, 100], earliest: 40, latest: 60 };
const PUMP = { id: 'pump', wantedW: 1600, noneAtMicrosPerKwh: 600_000, from: 40, to: 42 };
const ENGINE = { id: 'engine', powerW: 3000, firstMicrosPerKwh: 140_000, lastMicrosPerKwh: 280_000 };
const RETAIL = 300_000_000n;

const [first] = households(smallCommunity(1, { portBase: 1 }));
const place = (movable: Partial<MovableDevices>, importLimitW = 17_250) => {
    if (first?.home === undefined) {
        throw new Error('a small community has a home');
    }
    const { connection } = first.home;
    return { ...first.home, connection: { ...connection, importLimitW }, movable: { ...NONE, ...movable } };
};
const flat = (slots: number, energy: bigint): bigint[] => Array<bigint>(slots).fill(energy);
const home = (movable: Partial<MovableDevices>, { slots = 96, importLimitW = 17_250, load = 0n } = {}) =>
    communityHome('H1', place(movable, importLimitW), { load: flat(slots, load), pv: flat(slots, 0n) });
/** Slots in which something is taken, with how much. */
const taken = (energies: readonly bigint[]): [number, bigint][] =>
    energies.flatMap((energy, slot): [number, bigint][] => (energy === 0n ? [] : [[slot, energy]]));

describe('where nobody steers them', () => {
    it('a car charges as fast as it can from when it is plugged in', () => {
        expect(taken(unattendedWh(home({ vehicles: [CAR] }), 96, RETAIL))).toEqual([
            [72, 2750n],
            [73, 2250n],
        ]);
    });

    it('a car takes what the connection has left beside the load and what else runs', () => {
        const beside = { appliances: [{ ...WASHER, earliest: 72, latest: 72 }], vehicles: [CAR] };
        const weak = home(beside, { importLimitW: 11_000, load: 250n });
        expect(taken(unattendedWh(weak, 96, RETAIL))).toEqual([
            [72, 2500n],
            [73, 2500n],
            [74, 500n],
        ]);
    });

    it('an appliance begins at its earliest, an elastic load pays retail, a generator and a battery rest', () => {
        const course = unattendedWh(
            home({ appliances: [WASHER], elasticLoads: [PUMP], fuelGenerators: [ENGINE] }),
            96,
            RETAIL,
        );
        expect(taken(course)).toEqual([
            [40, 600n],
            [41, 300n],
        ]); // 400 + 200, 100 + 200: half of 400 Wh at half the price.
    });

    it.each([
        {
            slots: 92,
            at: [
                [68, 2750n],
                [69, 2250n],
            ],
        },
        {
            slots: 100,
            at: [
                [76, 2750n],
                [77, 2250n],
            ],
        },
    ])('the same local time is meant on a day of $slots slots', ({ slots, at }) => {
        expect(taken(unattendedWh(home({ vehicles: [CAR] }, { slots }), slots, RETAIL))).toEqual(at);
    });

    it('a car gets what fits where the clock leaves out an hour of its window', () => {
        const early = { ...CAR, energyWh: 11_000, powerW: 2000, from: 4, to: 26 };
        const sum = (slots: number): bigint =>
            unattendedWh(home({ vehicles: [early] }, { slots }), slots, RETAIL).reduce((a, b) => a + b, 0n);
        expect([sum(96), sum(92)]).toEqual([11_000n, 9_000n]);
    });
});

describe('a home of the community', () => {
    it('can be moved by what stands in it', () => {
        expect(movableBy(place({}))).toEqual({ takes: false, gives: false });
        expect(movableBy(place({ vehicles: [CAR] }))).toEqual({ takes: true, gives: false });
        expect(movableBy(place({ fuelGenerators: [ENGINE] }))).toEqual({ takes: false, gives: true });
    });

    it('charges, washes, gives way and generates when prices say so', async () => {
        const all = { vehicles: [CAR], appliances: [WASHER], elasticLoads: [PUMP], fuelGenerators: [ENGINE] };
        const given = home(all);
        const prices = Array.from({ length: 96 }, (_, slot) => nanosPerKwh(slot === 50 || slot === 90 ? 0n : RETAIL));
        const { plans } = await homeModel(given, 96).step({
            prices,
            penalty: 1n,
            reference: Array<number>(96).fill(0),
        });
        const plan = (device: string): [number, bigint][] =>
            taken(plans.find((each) => each.device === device)?.energies ?? []);
        expect(plan('car').find(([slot]) => slot === 90)).toEqual([90, 2750n]);
        expect(plan('washer')).toEqual([
            [50, 400n],
            [51, 100n],
        ]);
        expect(plan('pump')).toEqual([
            [40, 200n],
            [41, 200n],
        ]);
        expect(plan('engine')).toContainEqual([0, -750n]); // It costs 0.28 at most, and 0.30 is paid.
        expect(plan('engine').map(([slot]) => slot)).not.toContain(50);
    });

    it('keeps what its batteries lose', () => {
        const battery = {
            id: 'b',
            capacityWh: 1000,
            chargeW: 400,
            dischargeW: 400,
            chargePpm: 950_000,
            dischargePpm: 960_000,
        };
        const { devices } = communityHome('H1', { ...place({}), batteries: [battery] }, { load: [0n], pv: [0n] });
        expect(devices.find(({ kind }) => kind === 'battery')).toMatchObject({
            chargeEfficiency: { numerator: 19n, denominator: 20n },
            dischargeEfficiency: { numerator: 24n, denominator: 25n },
        });
    });
});

describe("a day of the community's data", () => {
    const topology: Topology = smallCommunity(1, { portBase: 1 });
    const withCar: Topology = {
        ...topology,
        organisations: topology.organisations.map((each) =>
            each.home === undefined ? each : { ...each, home: place({ vehicles: [CAR] }) },
        ),
    };
    const consumed = Array.from({ length: 97 }, (_, end) => BigInt(100 * end));
    const day: MeterDay = {
        ...{ day: '2025-04-16', source: 'a test', zone: 'UTC', clock: [], firstSlot: 0, slotCount: 96 },
        homes: [{ home: 'H1', consumed, produced: consumed.map(() => 0n) }],
    };

    it('has on its meters what cars take, and knows what is load', () => {
        const [registers] = withUnattended(withCar, day).homes;
        expect(registers && differences(registers.consumed).slice(71, 75)).toEqual([100n, 2850n, 2350n, 100n]);
        expect(registers && fixedLoadOf(registers)).toEqual(flat(96, 100n));
    });

    it('stays as it is where there is none', () => {
        expect(withUnattended(topology, day)).toEqual(day);
    });

    it('is understated in both', () => {
        const [registers] = understated(withUnattended(withCar, day), ['H1']).homes;
        expect(registers && fixedLoadOf(registers)).toEqual(flat(96, 50n));
    });
});
