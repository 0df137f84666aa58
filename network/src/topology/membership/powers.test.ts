import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { smallCommunity } from '../small-community';
import { powersBelowAThird } from './powers';
import { readPowers } from './read-powers';

const topology = smallCommunity(4, { portBase: 23_070 });
const powersOf = (text: string): string =>
    readPowers(text, topology)
        .map(({ mspId, power }) => `${mspId}=${power}`)
        .join();

describe('powers as people write them', () => {
    test.each([
        { text: 'H1=32,H2=28', powers: 'H1MSP=32,H2MSP=28' },
        { text: '{"H1": 32, "H2": "28"}', powers: 'H1MSP=32,H2MSP=28' },
    ])('$text', ({ text, powers }) => {
        expect(powersOf(text)).toBe(powers);
    });

    test.each([
        { text: 'H1', why: 'write H1=32' },
        { text: 'H1=-1', why: 'write H1=32' },
        { text: 'H9=1', why: 'no organisation H9' },
        { text: 'H1=1,H1=2', why: 'named twice' },
        { text: '{"H1": 0.5}', why: 'H1' },
    ])('$text is none', ({ text, why }) => {
        expect(() => powersOf(text)).toThrow(why);
    });
});

describe('powers from weights', () => {
    test('are cut down below a third, for four or more, and by no more than it takes', () => {
        const weights = fc.array(fc.bigInt({ min: 0n, max: 12n }), { minLength: 4, maxLength: 7 });
        fc.assert(
            fc.property(weights, (list) => {
                const given = list.map((power, at) => ({ mspId: `H${at}`, power }));
                const positive = given.filter(({ power }) => power > 0n);
                const made = powersBelowAThird(given);
                expect(made.map(({ mspId }) => mspId)).toEqual(positive.map(({ mspId }) => mspId));
                if (positive.length < 4) {
                    expect(made).toEqual(positive);
                    return;
                }
                const total = made.reduce((sum, { power }) => sum + power, 0n);
                for (const { power } of made) expect(power * 3n).toBeLessThan(total);
                const cap = made.reduce((most, { power }) => (power > most ? power : most), 0n);
                for (const [at, { power }] of made.entries()) {
                    const weight = positive[at]?.power ?? 0n;
                    expect(power).toBe(weight < cap ? weight : cap);
                }
            }),
        );
    });
});
