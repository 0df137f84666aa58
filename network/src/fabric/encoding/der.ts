import { FormatError } from '../errors';

/** The few pieces of DER (X.690) that signatures, block headers and certificates need byte for byte. */
export const TAG = { INTEGER: 0x02, BIT_STRING: 0x03, OCTET_STRING: 0x04, SEQUENCE: 0x30 } as const;

export interface Element {
    readonly tag: number;
    readonly content: Uint8Array;
    /** The element with its tag and length. */
    readonly raw: Uint8Array;
    /** What follows the element. */
    readonly rest: Uint8Array;
}

const TWO_BYTES = 2;
const LONG_FORM = 0x80;

function longLength(bytes: Uint8Array, count: number): number {
    if (count === 0 || count > 4 || bytes.length < TWO_BYTES + count) throw new FormatError('bad DER length');
    let length = 0;
    for (const byte of bytes.subarray(TWO_BYTES, TWO_BYTES + count)) length = length * 256 + byte;
    if (length < LONG_FORM || bytes[TWO_BYTES] === 0) throw new FormatError('DER length is not minimal');
    return length;
}

/** The first element of the bytes. Throws FormatError where lengths are not minimal or run over the end. */
export function readElement(bytes: Uint8Array): Element {
    const [tag, first] = bytes;
    if (tag === undefined || first === undefined) throw new FormatError('DER ends too early');
    const lengthBytes = first < LONG_FORM ? 0 : first - LONG_FORM;
    const length = first < LONG_FORM ? first : longLength(bytes, lengthBytes);
    const start = TWO_BYTES + lengthBytes;
    const end = start + length;
    if (end > bytes.length) throw new FormatError('DER ends too early');
    return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(0, end), rest: bytes.subarray(end) };
}

export function readTagged(bytes: Uint8Array, tag: number): Element {
    const element = readElement(bytes);
    if (element.tag !== tag) throw new FormatError(`DER tag ${element.tag} where ${tag} is wanted`);
    return element;
}

/** Content of an INTEGER as a number. Throws FormatError when it is not minimal. */
export function integerValue(content: Uint8Array): bigint {
    const [first, second] = content;
    if (first === undefined) throw new FormatError('empty DER integer');
    const redundant =
        (first === 0 && second !== undefined && second < LONG_FORM) || (first === 0xff && (second ?? 0) >= LONG_FORM);
    if (redundant) throw new FormatError('DER integer is not minimal');
    const magnitude = BigInt(`0x${Buffer.from(content).toString('hex')}`);
    return first < LONG_FORM ? magnitude : magnitude - (1n << BigInt(8 * content.length));
}

export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
    const length = contents.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([Uint8Array.of(tag), encodedLength(length), ...contents]);
}

function encodedLength(length: number): Uint8Array {
    if (length < LONG_FORM) return Uint8Array.of(length);
    const bytes = bigEndian(BigInt(length));
    return Uint8Array.of(LONG_FORM + bytes.length, ...bytes);
}

/** INTEGER of a number that is not negative. */
export function unsignedInteger(value: bigint): Uint8Array {
    const bytes = bigEndian(value);
    return (bytes[0] ?? 0) < LONG_FORM ? element(TAG.INTEGER, bytes) : element(TAG.INTEGER, Uint8Array.of(0), bytes);
}

function bigEndian(value: bigint): Uint8Array {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}
