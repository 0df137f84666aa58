import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { Refusal, REFUSALS, parseRefusal, type RefusalCode } from './refusals';
import { keyName, orderKey, readingKey } from './keys';
import { holds } from '../testing/property';
import { count, day, decode, encode, integer, natural, note, small, version } from './wire';

const takes = (schema: z.ZodType, text: string): boolean => schema.safeParse(text).success;

describe('numbers on the wire', () => {
    it.each([
        '01',
        '1e3',
        '-0',
        '+1',
        ' 1',
        '1 ',
        '1.0',
        '0x1',
        '',
        '-',
        '18446744073709551616',
        '9223372036854775808',
        '-9223372036854775809',
    ])('are never %j', (text) => {
        for (const schema of [integer, natural, count, small, version]) {
            expect(takes(schema, text)).toBe(false);
        }
    });

    it('reach from -2^63 to 2^63 - 1', () => {
        expect(
            [(-(2n ** 63n)).toString(), (2n ** 63n - 1n).toString(), '0'].map((text) => integer.parse(text)),
        ).toEqual([-(2n ** 63n), 2n ** 63n - 1n, 0n]);
    });

    it('are strings, not JSON numbers', () => {
        expect(integer.safeParse(1).success).toBe(false);
    });

    it('come back as they were', () => {
        const schema = z.strictObject({ a: integer, b: z.array(count), c: z.string().optional() });
        const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
        holds(
            fc.property(int64, fc.array(fc.nat(0xffff_ffff)), fc.option(fc.string(), { nil: undefined }), (a, b, c) => {
                expect(decode(schema, encode({ a, b, c }))).toEqual(c === undefined ? { a, b } : { a, b, c });
            }),
        );
    });

    it('are encoded in one way, whatever the order of members', () => {
        expect(encode({ b: 1, a: [2n, { d: true, c: null }], e: undefined })).toBe(
            '{"a":["2",{"c":null,"d":true}],"b":"1"}',
        );
        expect(() => encode({ a: 0.5 })).toThrow(TypeError);
    });
});

describe('days and keys', () => {
    it.each(['2014-13-01', '2014-1-01', '2014-10-32', 'today', '2014-10-03T00:00'])('%s is no day', (text) => {
        expect(takes(day, text)).toBe(false);
    });

    it('have names of fixed width', () => {
        expect(keyName(orderKey(1_567_200, 'H1MSP', 'o1'))).toBe('order/0001567200/H1MSP/o1');
        expect(keyName(readingKey('H1MSP', '2014-10-03', 7))).toBe('reading/H1MSP/2014-10-03/0000000007');
    });
});

describe('refusals', () => {
    it.each(Object.keys(REFUSALS) as RefusalCode[])('%s comes back through a peer', (code) => {
        const message = `10 ABORTED: failed to endorse: chaincode response 500, ${new Refusal(code, 'slot 7').message}`;
        expect(parseRefusal(message)).toMatchObject({ code, detail: 'slot 7' });
    });

    it('are not seen where there is none', () => {
        expect(parseRefusal('[SOMETHING_ELSE] happened')).toBeUndefined();
        expect(parseRefusal('connection refused')).toBeUndefined();
    });
});

describe('notes', () => {
    it.each(['', '\u001b[2J', 'two\nlines', 'x'.repeat(201)])('are never %j', (text) => {
        expect(note.safeParse(text).success).toBe(false);
    });

    it('are text in any script', () => {
        expect(note.parse('il contatore è rotto – Zähler kaputt 计')).toBeDefined();
    });
});
