import { describe, expect, test } from '@jest/globals';
import type { Seat } from '../engine';
import { engineAddress, powerUpdates, SeatDirectory } from './seats';

const seat = (id: number, power: number): Seat => ({
    id: `seat${id}`,
    power: BigInt(power),
    engineKey: new Uint8Array(32).fill(id),
});
const said = (before: Seat[], after: Seat[]): string[] =>
    powerUpdates(before, after).map(({ engineKey, power }) => `${engineKey[0] ?? 0}:${power}`);

describe('seats and the engine', () => {
    test('an address is the first 20 bytes of the SHA-256 of a key', () => {
        // As CometBFT 0.38.26 wrote it into a key file of its own.
        const key = Buffer.from('RfoJ2hlR/86CSFM/bA7//+4XBuFcSz/GARYN7GAV47A=', 'base64');
        expect(engineAddress(key)).toBe('c23f6601ff2a8c6615f0eeca96f12735cbef22e8');
    });

    test.each([
        { what: 'nothing', before: [seat(1, 3), seat(2, 1)], after: [seat(2, 1), seat(1, 3)], updates: [] },
        { what: 'a power', before: [seat(1, 3), seat(2, 1)], after: [seat(1, 2), seat(2, 1)], updates: ['1:2'] },
        { what: 'a newcomer', before: [seat(1, 3)], after: [seat(1, 3), seat(2, 5)], updates: ['2:5'] },
        { what: 'one who leaves', before: [seat(1, 3), seat(2, 5)], after: [seat(1, 4)], updates: ['1:4', '2:0'] },
    ])('the engine is told of $what', ({ before, after, updates }) => {
        expect(said(before, after)).toEqual(updates);
    });

    test('who gave up a seat is still known by the address', () => {
        const directory = new SeatDirectory();
        directory.add([seat(1, 3), seat(2, 5)]);
        directory.add([seat(1, 3)]);
        const address = Buffer.from(engineAddress(new Uint8Array(32).fill(2)), 'hex');
        expect(directory.at(address)).toBe('seat2');
        expect(directory.at(new Uint8Array(20))).toBeUndefined();
    });

    test('a seat without an engine key has no place here', () => {
        expect(() => {
            new SeatDirectory().add([{ id: 'H1MSP', power: 1n }]);
        }).toThrow('H1MSP has no engine key');
    });
});
