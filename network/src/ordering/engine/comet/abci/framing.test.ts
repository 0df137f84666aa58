import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameReader, framed, FramingError } from './framing';

describe('frames of socket ABCI', () => {
    test.each([
        { length: 0, head: '00' },
        { length: 1, head: '01' },
        { length: 127, head: '7f' },
        { length: 128, head: '8001' },
        { length: 16_384, head: '808001' },
    ])('a body of $length bytes is headed by $head', ({ length, head }) => {
        const frame = framed(Buffer.alloc(length, 7));
        expect(frame.subarray(0, frame.length - length).toString('hex')).toBe(head);
    });

    test('come out as they went in, however the bytes are cut', () => {
        const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
        const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });
        fc.assert(
            fc.property(bodies, sizes, (sent, cuts) => {
                const stream = Buffer.concat(sent.map(framed));
                const reader = new FrameReader();
                const got: Buffer[] = [];
                for (let at = 0, turn = 0; at < stream.length; turn += 1) {
                    const size = cuts[turn % cuts.length] ?? 1;
                    got.push(...reader.push(stream.subarray(at, at + size)));
                    at += size;
                }
                expect(got.map((body) => body.toString('hex'))).toEqual(
                    sent.map((body) => Buffer.from(body).toString('hex')),
                );
            }),
        );
    });

    test.each([
        { what: 'one longer than the limit', bytes: [0x81, 0x01], why: 'longer than 128' },
        { what: 'a length without end', bytes: [0x80, 0x80, 0x80, 0x80, 0x80], why: 'without end' },
    ])('refuses $what before its body is there', ({ bytes, why }) => {
        const reader = new FrameReader(128);
        expect(() => reader.push(Buffer.from(bytes))).toThrow(FramingError);
        expect(() => new FrameReader(128).push(Buffer.from(bytes))).toThrow(why);
    });
});
