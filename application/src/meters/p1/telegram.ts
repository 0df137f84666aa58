import { registerWh } from '../energy-quantity';
import type { RegisterName } from '../register-reading';

/** What one telegram of a P1 port says of electricity. */
export interface Telegram {
    /** Unix seconds by the meter's clock; meters of DSMR 2 and 3 do not tell. */
    readonly at: number | undefined;
    /** Sum of the tariffs' registers, each in Wh. */
    readonly importWh: bigint;
    /** Undefined where the meter has no such register. */
    readonly exportWh: bigint | undefined;
    /** The meter's own number, as it sends it. */
    readonly equipment: string | undefined;
    /** Whether it bore a checksum, and the right one: meters of DSMR 2 and 3 send none. */
    readonly isChecked: boolean;
}

export type TelegramFlaw =
    | 'the checksum is wrong'
    | 'the checksum is missing, though its meter sends one'
    | 'a line is no line of a telegram'
    | 'it has no register of energy'
    | 'a register is no number of kWh'
    | 'its time is none';

/** OBIS codes: a medium-channel, and what is measured. */
const REGISTERS: readonly (readonly [RegisterName, RegExp, string])[] = [
    ['import', /^1-0:1\.8\.[1-9]$/, '1-0:1.8.0'],
    ['export', /^1-0:2\.8\.[1-9]$/, '1-0:2.8.0'],
];
const TIME = '0-0:1.0.0';
/** Since DSMR 4 (in Belgium: eMUCs) meters tell a version, a time and a checksum; before, none of them. */
const VERSIONS = ['1-3:0.2.8', '0-0:96.1.4'];
const EQUIPMENT = ['0-0:96.1.1', '0-0:42.0.0'];
const OBJECT = /^(\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3})((?:\([^()]*\))+)$/;
/** Values that go on in a line of their own: gas in DSMR 2 and 3, the log of failures in some meters of DSMR 5. */
const CONTINUED = /^(?:\([^()]*\))+$/;

/**
 * Reads a whole telegram, from its `/` to the end of the line with `!`.
 *
 * The checksum is CRC-16 (x¹⁶+x¹⁵+x²+1, least significant bit first, starting at 0) of all from `/` to `!`, four hexadecimal digits.
 * Where it is missing only a telegram is taken that has neither version nor time, as meters have sent them that know no checksum.
 */
export function readTelegram(bytes: Uint8Array): Telegram | TelegramFlaw {
    const text = Buffer.from(bytes).toString('latin1');
    const end = text.lastIndexOf('!');
    const sum = text.slice(end + 1).trim();
    const { objects, hasOther } = objectsOf(text.slice(0, end));
    if (sum !== '' && Number.parseInt(sum, 16) !== crc16(bytes.subarray(0, end + 1))) {
        return 'the checksum is wrong';
    }
    // Some meters send lines that the standard does not know: with a checksum they are as the meter sent them.
    if (sum === '' && hasOther) {
        return 'a line is no line of a telegram';
    }
    if (sum === '' && [...VERSIONS, TIME].some((code) => objects.has(code))) {
        return 'the checksum is missing, though its meter sends one';
    }
    return valuesOf(objects, sum !== '');
}

function valuesOf(objects: ReadonlyMap<string, string>, isChecked: boolean): Telegram | TelegramFlaw {
    const [imported, exported] = REGISTERS.map((register) => totalOf(objects, register));
    if (imported === 'none') {
        return 'it has no register of energy';
    }
    if (imported === undefined || exported === undefined) {
        return 'a register is no number of kWh';
    }
    const shown = objects.get(TIME);
    const at = shown === undefined ? undefined : momentOf(shown);
    if (shown !== undefined && at === undefined) {
        return 'its time is none';
    }
    const equipment = EQUIPMENT.map((code) => objects.get(code)).find((value) => value !== undefined && value !== '()');
    return { at, importWh: imported, exportWh: exported === 'none' ? undefined : exported, equipment, isChecked };
}

/** The first of each code, and whether there are lines of another form. The first line names the meter's make. */
function objectsOf(text: string): { readonly objects: ReadonlyMap<string, string>; readonly hasOther: boolean } {
    const objects = new Map<string, string>();
    let hasOther = false;
    for (const line of text.split(/\r?\n/).slice(1)) {
        const match = OBJECT.exec(line);
        const [, code, values] = match ?? [];
        if (code !== undefined && values !== undefined) {
            objects.set(code, objects.get(code) ?? values);
        } else {
            hasOther ||= line !== '' && !CONTINUED.test(line);
        }
    }
    return { objects, hasOther };
}

/** The sum of the tariffs' registers, or the one total; 'none' where there is no register, undefined where one shows no number. */
function totalOf(
    objects: ReadonlyMap<string, string>,
    [, tariff, total]: (typeof REGISTERS)[number],
): bigint | 'none' | undefined {
    const tariffs = [...objects].filter(([code]) => tariff.test(code)).map(([, value]) => value);
    const shown = tariffs.length > 0 ? tariffs : [objects.get(total)].filter((value) => value !== undefined);
    let sum = 0n;
    for (const value of shown) {
        const match = /^\((\d{1,9}(?:\.\d{1,6})?)\*(k?Wh)\)$/i.exec(value);
        const wh = registerWh(match?.[1] ?? '', match?.[2]?.toLowerCase() === 'wh' ? 'Wh' : 'kWh');
        if (wh === undefined) {
            return undefined;
        }
        sum += wh;
    }
    return shown.length === 0 ? 'none' : sum;
}

/**
 * `(250416120000S)`: local time of the Netherlands, Belgium, Luxembourg and Sweden, which is UTC+1, with S where summer's hour is added and W where
 * it is not. So the hour that strikes twice in autumn is told apart.
 */
function momentOf(shown: string): number | undefined {
    const match = /^\((\d{12})([SW])\)$/.exec(shown);
    if (match === null) {
        return undefined;
    }
    const [, digits = '', season] = match;
    const text = `20${digits}`.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6');
    const local = Date.parse(`${text}Z`);
    // A day that the month has not got would be taken for one of the next.
    const isOne = !Number.isNaN(local) && new Date(local).toISOString().startsWith(text);
    return isOne ? local / 1000 - (season === 'S' ? 2 : 1) * 3600 : undefined;
}

export function crc16(bytes: Uint8Array): number {
    let sum = 0;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit += 1) {
            sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0xa001 : sum >>> 1;
        }
    }
    return sum;
}
