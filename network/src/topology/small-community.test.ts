import { describe, expect, test } from '@jest/globals';
import { smallCommunity } from './small-community';
import { gridOperator, households, organisation, seats } from './topology';

describe('a small community', () => {
    test('has the grid operator first and the homes in order, each with MSP, domain and port', () => {
        const topology = smallCommunity(2, { portBase: 21000 });
        expect(topology.organisations.map(({ id, mspId, domain, peer }) => [id, mspId, domain, peer.port])).toEqual([
            ['DSO', 'DSOMSP', 'dso.small.example', 21020],
            ['H1', 'H1MSP', 'h1.small.example', 21021],
            ['H2', 'H2MSP', 'h2.small.example', 21022],
        ]);
        expect(topology.homes).toEqual(['H1', 'H2']);
        expect(gridOperator(topology).roles).toEqual(['dso', 'operator', 'supplier']);
        expect(households(topology).every(({ home }) => home !== undefined)).toBe(true);
    });

    test.each([
        { homes: 1, seated: ['H1', 'DSO'], weights: [1, 1] },
        { homes: 3, seated: ['H1', 'H2', 'H3', 'DSO'], weights: [3, 3, 2, 2] },
        { homes: 50, seated: ['H1', 'H2', 'H3', 'H4'], weights: [3, 3, 2, 2] },
    ])('of $homes homes gives seats to $seated', ({ homes, seated, weights }) => {
        const seatsOf = seats(smallCommunity(homes, { portBase: 21000 }));
        expect(seatsOf.map(({ id }) => id)).toEqual(seated);
        expect(seatsOf.map(({ orderingSeat }) => orderingSeat.weight)).toEqual(weights);
        expect(seatsOf.map(({ orderingSeat }) => orderingSeat.consenterId)).toEqual(
            seated.map((_, index) => index + 1),
        );
    });

    test('of any size gives every node a port of its own and every home its own connection and meters', () => {
        const topology = smallCommunity(50, { portBase: 21000 });
        const ports = [
            ...topology.organisations.map(({ peer }) => peer.port),
            ...seats(topology).map(({ orderingSeat }) => orderingSeat.port),
            ...topology.chaincodes.map(({ service }) => service.port),
        ];
        expect(new Set(ports).size).toBe(ports.length);
        const homes = households(topology).flatMap(({ home }) => (home === undefined ? [] : [home]));
        expect(new Set(homes.map(({ connection }) => connection.id)).size).toBe(50);
        expect(new Set(homes.flatMap(({ meters }) => [meters.connection, meters.generation])).size).toBe(100);
        expect(new Set(homes.map(({ connection }) => JSON.stringify(connection.point))).size).toBe(50);
    });

    test('crosses every buy limit with every sell limit', () => {
        const limits = households(smallCommunity(50, { portBase: 21000 })).flatMap(
            ({ home }) => home?.preferences ?? [],
        );
        expect(Math.min(...limits.map((each) => each.buyLimitMicrosPerKwh))).toBeGreaterThanOrEqual(
            Math.max(...limits.map((each) => each.sellLimitMicrosPerKwh)),
        );
    });

    test.each([0, 101, 1.5])('of %d homes is refused', (homes) => {
        expect(() => smallCommunity(homes, { portBase: 21000 })).toThrow('1 to 100 households');
    });

    test('names who there is when somebody is asked for who is not', () => {
        expect(() => organisation(smallCommunity(1, { portBase: 21000 }), 'H9')).toThrow(
            'no organisation H9; there are DSO, H1',
        );
    });
});
