import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../layout';
import { households, seats, type Point } from '../topology';
import { CommunityFileError, parseCommunity, readCommunity } from './read';

const FILE = join(repositoryRoot, 'organizations', 'community.yaml');
const TEXT = readFileSync(FILE, 'utf8');

describe('the community of the demonstration', () => {
    const topology = readCommunity(FILE);
    const homes = households(topology).flatMap(({ id, home }) => (home === undefined ? [] : [{ id, ...home }]));

    test('has the homes of the demonstration data in order, and the grid operator', () => {
        expect(topology.homes).toEqual(Array.from({ length: 20 }, (_, index) => `H${index + 1}`));
        expect(topology.organisations).toHaveLength(21);
        expect(homes.filter(({ generates }) => !generates).map(({ id }) => id)).toEqual(['H6', 'H7', 'H8', 'H15']);
        expect(homes.filter(({ consumes }) => !consumes).map(({ id }) => id)).toEqual(['H9', 'H19']);
        expect(homes.filter(({ batteries }) => batteries.length > 0).map(({ id }) => id)).toEqual([
            ...['H1', 'H2', 'H3', 'H4', 'H10', 'H14', 'H16', 'H20'],
        ]);
    });

    test('every connection point lies in the area', () => {
        for (const { id, connection } of homes) {
            expect({ id, inside: liesInside(connection.point, topology.community.area) }).toEqual({ id, inside: true });
        }
    });

    test('every pair of limits crosses, at a price that is better than the grid for both sides', () => {
        const { retailMicrosPerKwh, feedInMicrosPerKwh, gridFeeMicrosPerKwh, communityFeeMicrosPerKwh } =
            topology.community.market;
        const buys = homes.map(({ preferences }) => preferences.buyLimitMicrosPerKwh);
        const sells = homes.map(({ preferences }) => preferences.sellLimitMicrosPerKwh);
        expect(Math.min(...buys)).toBeGreaterThan(Math.max(...sells));
        expect(Math.min(...sells)).toBeGreaterThan(feedInMicrosPerKwh);
        expect(Math.max(...buys)).toBeLessThan(retailMicrosPerKwh - gridFeeMicrosPerKwh - communityFeeMicrosPerKwh);
        expect(new Set(buys).size).toBeGreaterThan(10);
        expect(new Set(sells).size).toBeGreaterThan(8);
    });

    test('says what its wires are expected to lose, and who pays', () => {
        const losses = { constantWh: 20, lossPpm: 15_000, tolerancePpm: 10_000, payer: 'grid' };
        expect(topology.community.market.losses).toEqual(losses);
    });

    test('says on which terms a day may be agreed on ahead', () => {
        expect(topology.dayAhead).toMatchObject({
            mode: 'schedule',
            tolerance: { sumWh: 80, nanosPerKwh: 5_000_000 },
            shortMicrosPerKwh: 350_000,
        });
    });

    test('no seat has a third of the weight, so that no household stops the ordering', () => {
        const weights = seats(topology).map(({ orderingSeat }) => orderingSeat.weight);
        const sum = weights.reduce((one, other) => one + other, 0);
        expect(weights).toHaveLength(4);
        expect(Math.max(...weights) * 3).toBeLessThan(sum);
    });

    test('listens on a port of its own for every node', () => {
        const ports = [
            ...topology.organisations.map(({ peer }) => peer.port),
            ...seats(topology).map(({ orderingSeat }) => orderingSeat.port),
            ...topology.chaincodes.map(({ service }) => service.port),
        ];
        expect(new Set(ports).size).toBe(21 + 4 + 2);
    });
});

describe('a community file that is wrong is refused with file, line and path', () => {
    const lineOf = (part: string): number => TEXT.split('\n').findIndex((line) => line.includes(part)) + 1;
    const cases = [
        {
            what: 'a text for a number',
            change: ['retailPerKwh: 0.3', 'retailPerKwh: thirty'],
            error: `c.yaml:${lineOf('retailPerKwh')}: market.retailPerKwh: `,
        },
        {
            what: 'a seventh decimal',
            change: ['gridFeePerKwh: 0.04', 'gridFeePerKwh: 0.0400001'],
            error: `c.yaml:${lineOf('gridFeePerKwh')}: market.gridFeePerKwh: has more than six decimals`,
        },
        {
            what: 'an unknown name',
            change: ['  feeder: Sonnenhang 3', '  feeder: Sonnenhang 3\n  feder: 4'],
            error: `c.yaml:${lineOf('name: Sonnenhang')}: community: `,
        },
        {
            what: 'a missing value',
            change: ['meters: { connection: 1SHN0007000137, ', 'meters: { '],
            error: `c.yaml:${lineOf('1SHN0007000137')}: homes.H1.meters.connection: `,
        },
        {
            what: 'a home twice',
            change: ['  H2:', '  H1:'],
            error: `c.yaml:${lineOf('  H2:')}: Map keys must be unique`,
        },
        {
            what: 'a meter twice',
            change: ['1SHG0007000174', '1SHN0007000137'],
            error: `c.yaml:${lineOf('1SHG0007000174')}: homes.H2.meters.generation: meter 1SHN0007000137 is there already`,
        },
        {
            what: 'PV without a generation meter',
            change: [', generation: 1SHG0007000137', ''],
            error: `c.yaml:${lineOf('1SHN0007000137')}: homes.H1.meters: a home with PV needs a generation meter`,
        },
        {
            what: 'a seat of nobody',
            change: ['orderingSeats: { H1: 3', 'orderingSeats: { H99: 3'],
            error: `c.yaml:${lineOf('orderingSeats')}: network.orderingSeats.H99: no such organisation`,
        },
        {
            what: 'a limit above the cap',
            change: ['buyLimitPerKwh: 0.21', 'buyLimitPerKwh: 0.51'],
            error: `c.yaml:${lineOf('buyLimitPerKwh: 0.21')}: homes.H1.preferences.buyLimitPerKwh: is outside floor and cap`,
        },
        {
            what: 'NaN',
            change: ['capPerKwh: 0.5', 'capPerKwh: .nan'],
            error: `c.yaml:${lineOf('capPerKwh')}: market.capPerKwh: `,
        },
        {
            what: 'a storage system of nobody',
            change: ['  home: H19', '  home: H99'],
            error: `c.yaml:${lineOf('  home: H19')}: storage.home: no such home`,
        },
        {
            what: 'a penalty above its most',
            change: ['penalty: { initial: 40000,', 'penalty: { initial: 2000000,'],
            error: `c.yaml:${lineOf('penalty: {')}: dayAhead.penalty: lies not between least and most`,
        },
        {
            what: 'a line that nothing feeds, a bus that is fed twice, a home at no bus',
            change: [
                '  shortPricePerKwh: 0.35',
                `  feeder:
    rootVolt: 400
    leastVolt: 360
    mostVolt: 440
    transformerW: 100000
    lines:
      - { bus: a, from: root, resistanceMilliohm: 10, reactanceMilliohm: 3, limitW: 50000 }
      - { bus: a, from: lost, resistanceMilliohm: 10, reactanceMilliohm: 3, limitW: 50000 }
    homes: { H1: nowhere, H99: a }
  shortPricePerKwh: 0.35`,
            ],
            error: ['lines.1: a is fed twice', 'lines.1: no line before it feeds lost', 'homes.H99: no such home']
                .map((problem) => `dayAhead.feeder.${problem}`)
                .concat('dayAhead.feeder.homes.H1: no line feeds nowhere'),
        },
        { what: 'an empty file', change: [TEXT, ''], error: 'c.yaml:1: ' },
    ] as const;

    test.each(cases)('$what', ({ change: [from, to], error }) => {
        expect(TEXT).toContain(from);
        const read = (): unknown => parseCommunity(TEXT.replace(from, to), 'c.yaml');
        expect(read).toThrow(CommunityFileError);
        for (const each of [error].flat()) {
            expect(read).toThrow(each);
        }
    });
});

/** Whether a ray to the east crosses the polygon's border an odd number of times. */
function liesInside(point: Point, polygon: readonly Point[]): boolean {
    return (
        polygon.filter((corner, index) => {
            const next = polygon[(index + 1) % polygon.length] ?? corner;
            const crosses = corner.latitude > point.latitude !== next.latitude > point.latitude;
            const share = (point.latitude - corner.latitude) / (next.latitude - corner.latitude);
            return crosses && point.longitude < corner.longitude + share * (next.longitude - corner.longitude);
        }).length %
            2 ===
        1
    );
}
