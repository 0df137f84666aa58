import { describe, expect, test } from '@jest/globals';
import { goMarshalledEnvelope } from './go-envelope';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('an envelope that Fabric has read and written again', () => {
    const rows = [
        { what: 'payload and signature', before: '0a 01 61 12 01 62', after: '0a 01 61 12 01 62' },
        { what: 'a field that it does not know', before: '0a 01 61 12 01 62 18 01', after: '0a 01 61 12 01 62 18 01' },
        {
            what: 'unknown fields of all kinds, behind what it knows',
            before: '1d 01 02 03 04 0a 01 61 21 01 02 03 04 05 06 07 08 2a 02 63 63',
            after: '0a 01 61 1d 01 02 03 04 21 01 02 03 04 05 06 07 08 2a 02 63 63',
        },
        { what: 'the last of two payloads', before: '0a 01 61 0a 01 62', after: '0a 01 62' },
        { what: 'nothing for empty fields', before: '0a 00 12 00', after: '' },
        { what: 'the signature behind the payload', before: '12 01 62 0a 01 61', after: '0a 01 61 12 01 62' },
        { what: 'a length in as few bytes as it needs', before: '0a 81 00 61', after: '0a 01 61' },
        { what: 'a payload of the wrong kind as unknown', before: '08 05', after: '08 05' },
    ];
    test.each(rows)('has $what', ({ before, after }) => {
        expect(goMarshalledEnvelope(bytes(before))).toEqual(bytes(after));
    });

    test('has its length in two bytes where one is too few', () => {
        const whole = Buffer.concat([bytes('0a ac 02'), Buffer.alloc(300, 7)]);
        expect(goMarshalledEnvelope(whole)).toEqual(whole);
    });

    const unreadable = [
        { what: 'a field cut off', hex: '0a 05 61' },
        { what: 'half a number', hex: '18 ff' },
        { what: 'a number without end', hex: 'ff ff ff ff ff ff ff ff ff ff ff' },
        { what: 'field number zero', hex: '02 01 61' },
        { what: 'a group', hex: '1b 1c' },
    ];
    test.each(unreadable)('does not exist for $what', ({ hex }) => {
        expect(goMarshalledEnvelope(bytes(hex))).toBeUndefined();
    });
});
