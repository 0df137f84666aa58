/** Wire types of protobuf whose values have a length of their own. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
const LONGEST_VARINT = 10;
const PAYLOAD = 1;
const SIGNATURE = 2;

interface Field {
    readonly number: number;
    readonly isBytes: boolean;
    /** From tag to end. */
    readonly raw: Uint8Array;
    /** Of a field of bytes. */
    readonly value: Uint8Array;
}

/**
 * An envelope as Fabric's peers write it again after they have read it: payload, signature, then what they do not know, as it stood.
 * Undefined where they cannot read it (and for groups, which nobody has written for ten years).
 */
export function goMarshalledEnvelope(bytes: Uint8Array): Uint8Array | undefined {
    const known = new Map<number, Uint8Array>();
    const unknown: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
        const field = fieldAt(bytes, at);
        if (field === undefined) return undefined;
        at += field.raw.length;
        if (field.isBytes && (field.number === PAYLOAD || field.number === SIGNATURE)) {
            known.set(field.number, field.value);
        } else {
            unknown.push(field.raw);
        }
    }
    const written = [PAYLOAD, SIGNATURE].flatMap((number) => bytesField(number, known.get(number)));
    return Buffer.concat([...written, ...unknown]);
}

function bytesField(number: number, value: Uint8Array | undefined): readonly Uint8Array[] {
    if (value === undefined || value.length === 0) return [];
    const head = [number * 8 + LENGTH_DELIMITED];
    for (let rest = value.length; ; rest = Math.floor(rest / 128)) {
        if (rest < 128) return [Uint8Array.from([...head, rest]), value];
        head.push((rest % 128) + 128);
    }
}

function fieldAt(bytes: Uint8Array, start: number): Field | undefined {
    const tag = varintAt(bytes, start);
    if (tag === undefined) return undefined;
    const number = Math.floor(tag.value / 8);
    const end = endOfValue(bytes, tag.end, tag.value % 8);
    if (number === 0 || end === undefined || end.end > bytes.length) return undefined;
    return {
        number,
        isBytes: tag.value % 8 === LENGTH_DELIMITED,
        raw: bytes.subarray(start, end.end),
        value: bytes.subarray(end.from, end.end),
    };
}

function endOfValue(bytes: Uint8Array, from: number, wireType: number): { from: number; end: number } | undefined {
    switch (wireType) {
        case VARINT: {
            const value = varintAt(bytes, from);
            return value && { from, end: value.end };
        }
        case FIXED_64:
            return { from, end: from + 8 };
        case FIXED_32:
            return { from, end: from + 4 };
        case LENGTH_DELIMITED: {
            const length = varintAt(bytes, from);
            return length && { from: length.end, end: length.end + length.value };
        }
        default:
            return undefined;
    }
}

function varintAt(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
    let value = 0;
    for (let index = 0; index < LONGEST_VARINT; index += 1) {
        const byte = bytes[start + index];
        if (byte === undefined) return undefined;
        value += (byte % 128) * 128 ** index;
        if (byte < 128) return { value, end: start + index + 1 };
    }
    return undefined;
}
