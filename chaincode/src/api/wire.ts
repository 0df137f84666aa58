import { z } from 'zod';
import { canonicalJson } from '../domain/canonical';

/** What one argument may measure, in UTF-16 units. */
export const MAX_ARGUMENT = 64 * 1024;
/** What one transient field may measure, in bytes: a day's settlements of 50 homes fit. */
export const MAX_TRANSIENT = 16 * 1024 * 1024;

const DECIMAL = /^(0|-?[1-9]\d{0,18})$/;
const INT64 = 2n ** 63n;

/** A whole number on the wire: a decimal string without sign `+`, leading zeros, exponent or `-0`, within 64 bits. */
const decimal = z.string().regex(DECIMAL, 'must be a decimal integer');

/** Any whole number within 64 bits. */
export const integer = decimal
    .transform((text) => BigInt(text))
    .refine((n) => n >= -INT64 && n < INT64, 'must fit into 64 bits');
export const natural = integer.refine((n) => n >= 0n, 'must not be negative');
export const positive = integer.refine((n) => n > 0n, 'must be positive');

/** Money, or a sum over many quantities of 64 bits: more bits than one of them needs, and still a limit. */
export const sum = z
    .string()
    .regex(/^(0|-?[1-9]\d{0,37})$/, 'must be a decimal integer')
    .transform((text) => BigInt(text));
export const naturalSum = sum.refine((n) => n >= 0n, 'must not be negative');

/** A share, in whole numbers. */
export const fraction = z
    .strictObject({ numerator: natural, denominator: positive })
    .refine(({ numerator, denominator }) => numerator <= denominator, 'must lie between 0 and 1');

/** A count small enough to be a number in code. It is a decimal string on the wire like every other integer. */
export const count = decimal
    .transform((text) => Number(text))
    .refine((n) => n >= 0 && n <= 0xffff_ffff, 'out of range');
/** A number with a sign that is small enough to be a number in code. */
export const small = decimal.transform((text) => Number(text)).refine((n) => Math.abs(n) <= 1_000_000, 'out of range');
/** A slot: ⌊unix seconds / 900⌋. */
export const slot = count;
export const version = count.refine((n) => n >= 1 && n <= 1_000_000, 'versions count from 1');

export const mspId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, 'not an MSP id');
/** Ids that clients make: part of ledger keys, so a narrow alphabet. */
export const recordId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/, 'not an id');
/** A local day as in ISO 8601; whether the community's clock knows it is for the rules to say. */
export const day = z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'not a day');
/** Free text that people read, on terminals too: without control characters. Never used in a rule. */
export const note = z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u, 'has control characters');
export const hash = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex');
export const salt = z.string().regex(/^[0-9a-f]{64}$/, 'not 32 bytes in hex');
/** An element of ristretto255, 32 bytes in hex. */
export const groupElement = z.string().regex(/^[0-9a-f]{64}$/, 'not 32 bytes in hex');
/** A number below the order of ristretto255, 32 bytes in hex, the most significant first. */
export const scalar = z.string().regex(/^[0-9a-f]{64}$/, 'not 32 bytes in hex');
const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, 'not base64');
/** SubjectPublicKeyInfo of a P-256 key. */
export const publicKey = base64.max(200);
/** ECDSA P-256 over SHA-256, DER. */
export const signature = base64.max(120);

/** Types of the wire after decoding: bigints, and numbers where they are small. */
export type Decoded<S extends z.ZodType> = z.output<S>;

/**
 * The canonical JSON of a decoded value: sorted keys, every integer (bigint or number) as a decimal string, undefined members
 * left out. Equal values have equal bytes on every peer and client, and `decode(schema, encode(x))` is x again.
 *
 * @throws TypeError for a number that is no safe integer.
 */
export function encode(value: unknown): string {
    return canonicalJson(numbersAsText(value));
}

function numbersAsText(value: unknown): unknown {
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
        return BigInt(value);
    }
    if (Array.isArray(value)) {
        return value.map(numbersAsText);
    }
    if (value !== null && typeof value === 'object') {
        return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, numbersAsText(member)]));
    }
    return value;
}

/** Bytes that are hashed, signed and stored. */
export function encodeBytes(value: unknown): Uint8Array {
    return new TextEncoder().encode(encode(value));
}

/** Text of a response or record back into what its schema describes. @throws Error when it is not that. */
export function decode<S extends z.ZodType>(schema: S, text: string): Decoded<S> {
    return schema.parse(JSON.parse(text));
}
