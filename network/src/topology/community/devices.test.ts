import { describe, expect, it, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../layout';
import { households } from '../topology';
import { CommunityFileError, parseCommunity, readCommunity } from './read';

const FILE = join(repositoryRoot, 'organizations', 'movable.yaml');
const TEXT = readFileSync(FILE, 'utf8');

describe('the community with devices that a schedule can move', () => {
    const homes = new Map(households(readCommunity(FILE)).map(({ id, home }) => [id, home]));

    it('has one of each kind', () => {
        expect(homes.get('H1')?.batteries).toEqual([
            {
                ...{ id: 'H1-battery', capacityWh: 10_000, chargeW: 5451, dischargeW: 5451 },
                chargePpm: 950_000,
                dischargePpm: 950_000,
            },
        ]);
        expect(homes.get('H2')?.movable?.vehicles).toEqual([
            { id: 'H2-car', energyWh: 9000, powerW: 11_000, from: 70, to: 96 },
        ]);
        expect(homes.get('H3')?.movable?.appliances).toEqual([
            { id: 'H3-washer', profileWh: [350, 500, 120, 90, 150], earliest: 28, latest: 72 },
        ]);
        expect(homes.get('H4')?.movable?.elasticLoads).toEqual([
            { id: 'H4-heat-pump', wantedW: 1600, noneAtMicrosPerKwh: 600_000, from: 24, to: 88 },
        ]);
        expect(homes.get('H5')?.movable?.fuelGenerators).toEqual([
            { id: 'H5-chp', powerW: 3000, firstMicrosPerKwh: 140_000, lastMicrosPerKwh: 280_000 },
        ]);
    });

    it('states a generator on fuel where it applies, but not as panels', () => {
        const home = homes.get('H5');
        expect(home?.generators).toContainEqual({ id: 'H5-chp', kind: 'chp', peakW: 3000 });
        expect(homes.get('H6')?.movable).toBeUndefined();
    });
});

describe('a device that is wrong is refused with file, line and path:', () => {
    const lineOf = (part: string): number => TEXT.split('\n').findIndex((line) => line.includes(part)) + 1;
    const of = (home: string, kind: string, device: string, what: string): string =>
        `c.yaml:${lineOf(device)}: homes.${home}.${kind}.0${what}`;
    const [car, washer] = [of('H2', 'vehicles', 'H2-car', ''), of('H3', 'appliances', 'H3-washer', '')];

    test.each([
        {
            what: 'a battery that loses more than half',
            change: [' chargeEfficiency: 0.95', ' chargeEfficiency: 0.4'],
            error: 'homes.H1.batteries.0.chargeEfficiency: is below a half',
        },
        {
            what: 'a battery that gains',
            change: ['dischargeEfficiency: 0.95', 'dischargeEfficiency: 1.05'],
            error: 'homes.H1.batteries.0.dischargeEfficiency: ',
        },
        {
            what: 'a car that cannot be charged in its time',
            change: ["from: '17:30'", "from: '23:30'"],
            error: `${car}.energyWh: at most 5500 Wh fit into its window`,
        },
        {
            what: 'a car whose connection is too weak',
            change: ['energyWh: 9000, powerW: 11000', 'energyWh: 120000, powerW: 100000'],
            error: `${car}.energyWh: at most 112112 Wh fit into its window`,
        },
        {
            what: 'a window over midnight',
            change: ["from: '17:30', to: '24:00'", "from: '22:00', to: '06:00'"],
            error: `${car}: ends before it begins`,
        },
        {
            what: 'a time that is no quarter of an hour',
            change: ["from: '17:30'", "from: '17:40'"],
            error: `${car}.from: is a quarter of an hour like 17:30`,
        },
        {
            what: 'a time that is a number',
            change: ["from: '17:30'", 'from: 17.5'],
            error: `${car}.from: `,
        },
        {
            what: 'an unknown property of a car',
            change: ['powerW: 11000', 'power: 11000'],
            error: 'homes.H2.vehicles.0',
        },
        {
            what: 'a start that is later than the latest',
            change: ["earliest: '07:00'", "earliest: '19:00'"],
            error: `${washer}: may begin latest before it may begin earliest`,
        },
        {
            what: 'a course that would end tomorrow',
            change: ["latest: '18:00'", "latest: '23:00'"],
            error: `${washer}.latest: its course would not end with the day`,
        },
        {
            what: 'a course that its connection does not carry',
            change: ['profileWh: [350, 500,', 'profileWh: [350, 5000,'],
            error: `${washer}.profileWh: 5000 Wh in a quarter of an hour are more than the connection's 11040 W`,
        },
        {
            what: 'an elastic load that takes nothing at any price',
            change: ['noneAtPerKwh: 0.60', 'noneAtPerKwh: 0'],
            error: 'homes.H4.elasticLoads.0.noneAtPerKwh: is not above 0',
        },
        {
            what: 'a generator that gets cheaper',
            change: ['lastPerKwh: 0.28', 'lastPerKwh: 0.14'],
            error: 'homes.H5.fuelGenerators.0.lastPerKwh: is not above what the first Wh costs',
        },
        {
            what: 'a generator without a meter',
            change: [', generation: 1SHG0007000285', ''],
            error: 'homes.H5.meters: a home with ',
        },
        { what: 'a device twice', change: ['H3-washer', 'H2-car'], error: 'homes.H3: device H2-car is there already' },
    ] as const)('$what', ({ change: [from, to], error }) => {
        expect(TEXT).toContain(from);
        const read = (): unknown => parseCommunity(TEXT.replace(from, to), 'c.yaml');
        expect(read).toThrow(CommunityFileError);
        expect(read).toThrow(error);
    });
});
