import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../testing/property';
import { canonicalJson } from './canonical';
import { fromHex, sha256Hex } from './digest';

describe('canonicalJson', () => {
    it.each([
        { value: { b: 1n, a: 'x' }, json: '{"a":"x","b":"1"}', why: 'sorts keys and writes bigints as text' },
        {
            value: { b: 1, '10': 2, '9': 3 },
            json: '{"10":2,"9":3,"b":1}',
            why: 'sorts keys that look like numbers as text',
        },
        { value: { ä: 1, z: 2, Z: 3 }, json: '{"Z":3,"z":2,"ä":1}', why: 'sorts by code unit' },
        { value: [true, null, 'a"b\n'], json: '[true,null,"a\\"b\\n"]', why: 'keeps lists as they are' },
        { value: { a: undefined, b: {} }, json: '{"b":{}}', why: 'leaves out what is undefined' },
    ])('$why', ({ value, json }) => {
        expect(canonicalJson(value)).toBe(json);
    });

    it.each([
        0.5,
        NaN,
        Infinity,
        -0,
        2 ** 53,
        undefined,
        () => 1,
        [undefined],
        { a: Symbol('x') },
        new Uint8Array(1),
        new Map(),
    ])('has no form for %p', (value) => {
        expect(() => canonicalJson(value)).toThrow(TypeError);
    });

    it('is JSON that reads back as what was written, whatever the order of keys', () => {
        const json = fc.jsonValue().filter((value) => !/\d\.\d|e[+-]?\d|-0/.test(JSON.stringify(value)));
        const safe = json.filter((value) => {
            try {
                canonicalJson(value);
                return true;
            } catch {
                return false; // Numbers past 2^53.
            }
        });
        holds(
            fc.property(safe, (value) => {
                const text = canonicalJson(value);
                expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
                expect(canonicalJson(JSON.parse(text))).toBe(text);
            }),
        );
    });

    it('gives the commitment of the worked vector', () => {
        const salt = fromHex(Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0')).join(''));
        const json = canonicalJson({
            side: 'B',
            qty: 3000,
            price: 28,
            bidder: 'Org1MSP::x509::alice',
            auction: '2026-06-01T10:00Z/PT15M',
        });
        expect(sha256Hex(salt, json)).toBe('b97a6866d4a11da8a599ccca3326e64b1f805eeaa3c4bca2b18f63f98a207d6a');
    });
});
