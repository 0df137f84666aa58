import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as node from '@commonwatt/chaincode/domain/digest';
import * as pages from './digest';

const RUNS = { numRuns: 200, seed: 20_250_416 };
const part = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 40 }));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('hashing in the pages', () => {
    it('is the hashing of the chaincode', () => {
        fc.assert(
            fc.property(
                fc.uint8Array({ minLength: 1, maxLength: 70 }),
                fc.array(part, { maxLength: 4 }),
                (key, parts) => {
                    expect(pages.sha256Hex(...parts)).toBe(node.sha256Hex(...parts));
                    expect(hex(pages.hmacOverParts(key, ...parts))).toBe(hex(node.hmacOverParts(key, ...parts)));
                    expect(hex(pages.fromHex(pages.toHex(key)))).toBe(hex(key));
                },
            ),
            RUNS,
        );
    });

    it.each(['0', 'AB', 'zz'])('takes no other spelling of bytes: %s', (text) => {
        expect(() => pages.fromHex(text)).toThrow(TypeError);
        expect(() => node.fromHex(text)).toThrow(TypeError);
    });
});
