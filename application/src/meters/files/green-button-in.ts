import { XMLParser } from 'fast-xml-parser';
import { InputError } from '../../data/input-error';
import type { IntervalReading, RegisterName, RegisterReading } from '../register-reading';
import type { FileReadings } from './csv-in';
import { ESPI } from './espi';

/** Three years of quarter hours in both directions are about 60 MB as utilities write them. */
export const MOST_FILE_BYTES = 64 * 1024 * 1024;
const MOST_DEPTH = 24;
const LISTS = new Set(['entry', 'link', 'IntervalBlock', 'IntervalReading', 'ReadingQuality', 'content']);

/** Elements as the parser gives them: text, or objects by their names without prefix. */
type Node = Readonly<Record<string, unknown>>;

interface Kind {
    readonly flow: number;
    readonly isTotal: boolean;
    /** Wh = value · 10^exponent. */
    readonly exponent: number;
}

interface Value {
    readonly fromAt: number;
    readonly toAt: number;
    readonly value: bigint;
}

/**
 * Energies and totals of electricity out of a Green Button file. Times in it are seconds of UTC, whatever its local time parameters say. Neither
 * entities nor document types are read: no file can make us fetch or multiply anything.
 */
export function readGreenButton(file: string, text: string, meterId: string): FileReadings {
    const entries = entriesOf(file, text);
    const notes = new Set<string>();
    const [registers, intervals]: [RegisterReading[], IntervalReading[]] = [[], []];
    for (const [type, blocks] of blocksByType(file, entries)) {
        const kind = kindOf(type, notes);
        if (kind !== undefined) {
            const values = blocks.flatMap((block) => valuesOf(file, block, notes));
            const made = readingsOf(values, kind, { meterId, source: file });
            registers.push(...made.registers);
            intervals.push(...made.intervals);
        }
    }
    if (registers.length + intervals.length === 0) {
        throw new InputError({ file }, ['it has no energy of electricity in Wh', ...notes].join('; '));
    }
    return { registers, intervals, notes: [...notes] };
}

function entriesOf(file: string, text: string): Node[] {
    if (Buffer.byteLength(text) > MOST_FILE_BYTES) {
        throw new InputError({ file }, `it has more than ${MOST_FILE_BYTES} bytes; import it in parts`);
    }
    if (/<!DOCTYPE/i.test(text)) {
        throw new InputError({ file }, 'it declares a document type, which no Green Button file needs');
    }
    const parser = new XMLParser({
        ignoreAttributes: false,
        removeNSPrefix: true,
        parseTagValue: false,
        processEntities: false,
        maxNestedTags: MOST_DEPTH,
        isArray: (name) => LISTS.has(name),
    });
    try {
        const feed = child(parser.parse(text, true), 'feed');
        const entries = children(feed, 'entry');
        if (entries.length > 0) {
            return entries;
        }
    } catch (error) {
        throw new InputError(
            { file },
            `not readable as XML: ${error instanceof Error ? error.message : String(error)}`,
        );
    }
    throw new InputError({ file }, 'it is no Atom feed with entries, as Green Button files are');
}

const child = (node: unknown, name: string): Node => {
    const found = typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? (node as Node)[name] : {};
    const single: unknown = Array.isArray(found) ? found[0] : found;
    return typeof single === 'object' && single !== null ? (single as Node) : {};
};
const children = (node: Node, name: string): Node[] => {
    const found = Object.hasOwn(node, name) ? node[name] : [];
    return Array.isArray(found) ? found.filter((each): each is Node => typeof each === 'object' && each !== null) : [];
};
const has = (node: Node, name: string): boolean => Object.hasOwn(child(node, 'content'), name);
const textOf = (node: Node, name: string): string => {
    const found: unknown = Object.hasOwn(node, name) ? node[name] : '';
    return typeof found === 'string' ? found.trim() : '';
};
const hrefs = (entry: Node, rel: string): string[] =>
    children(entry, 'link')
        .filter((link) => link['@_rel'] === rel)
        .map((link) => textOf(link, '@_href'));

/** Blocks with the reading type that their meter reading names; the file's only one where the links do not say. */
function blocksByType(file: string, entries: readonly Node[]): Map<Node, Node[]> {
    const types = entries.filter((entry) => has(entry, 'ReadingType'));
    const meters = entries.filter((entry) => has(entry, 'MeterReading'));
    const byType = new Map<Node, Node[]>();
    for (const entry of entries.filter((each) => has(each, 'IntervalBlock'))) {
        const up = [...hrefs(entry, 'up'), ...hrefs(entry, 'self')];
        const meter = meters.find((each) => hrefs(each, 'related').some((href) => up.includes(href)));
        const linked = types.find((type) =>
            hrefs(type, 'self').some((href) => meter !== undefined && hrefs(meter, 'related').includes(href)),
        );
        const type = linked ?? (types.length === 1 ? types[0] : undefined);
        if (type === undefined) {
            throw new InputError({ file }, 'an interval block belongs to no reading type: nobody knows what it counts');
        }
        byType.set(type, [...(byType.get(type) ?? []), ...children(child(entry, 'content'), 'IntervalBlock')]);
    }
    return byType;
}

const WARES: readonly number[] = [0, ESPI.commodity.electricitySecondary, ESPI.commodity.electricityPrimary];
const TOTALS: readonly number[] = [ESPI.accumulation.bulkQuantity, ESPI.accumulation.cumulative];
const ENERGIES: readonly number[] = [0, ESPI.accumulation.deltaData];
const FLOWS: readonly number[] = [ESPI.flow.none, ESPI.flow.forward, ESPI.flow.reverse];
const MOST_EXPONENT = 9;

/** Undefined where it is not energy of electricity, which is noted. What a file does not say is taken as utilities mean it. */
function kindOf(entry: Node, notes: Set<string>): Kind | undefined {
    const type = child(child(entry, 'content'), 'ReadingType');
    const code = (name: string, otherwise: number): number => Number(textOf(type, name) || otherwise);
    const [unit, ware] = [code('uom', ESPI.uom.wh), code('commodity', ESPI.commodity.electricitySecondary)];
    const behaviour = code('accumulationBehaviour', ESPI.accumulation.deltaData);
    const [flow, exponent] = [code('flowDirection', ESPI.flow.forward), code('powerOfTenMultiplier', 0)];
    const isTotal = TOTALS.includes(behaviour);
    // The net of two totals may fall: it is no register.
    const isKnownFlow = FLOWS.includes(flow) || (flow === ESPI.flow.net && !isTotal);
    const isEnergy = WARES.includes(ware) && unit === ESPI.uom.wh && (isTotal || ENERGIES.includes(behaviour));
    if (!isEnergy || !isKnownFlow || !(Math.abs(exponent) <= MOST_EXPONENT)) {
        const what = `commodity ${ware}, unit ${unit}, direction ${flow}, accumulation ${behaviour}`;
        notes.add(`left out: readings of ${what}`);
        return undefined;
    }
    return { flow, isTotal, exponent };
}

function valuesOf(file: string, block: Node, notes: Set<string>): Value[] {
    return children(block, 'IntervalReading').flatMap((reading) => {
        const period = child(reading, 'timePeriod');
        const [start, duration, value] = [
            textOf(period, 'start'),
            textOf(period, 'duration'),
            textOf(reading, 'value'),
        ];
        if (![start, duration].every((text) => /^\d{1,12}$/.test(text)) || !/^-?\d{1,15}$/.test(value)) {
            throw new InputError(
                { file },
                `an interval reading is none: start '${start}', duration '${duration}', value '${value}'`,
            );
        }
        if (
            children(reading, 'ReadingQuality').some(
                (each) => textOf(each, 'quality') === String(ESPI.quality.projected),
            )
        ) {
            notes.add('left out: readings that are forecasts');
            return [];
        }
        return [{ fromAt: Number(start), toAt: Number(start) + Number(duration), value: BigInt(value) }];
    });
}

function readingsOf(
    values: readonly Value[],
    { flow, isTotal, exponent }: Kind,
    made: { readonly meterId: string; readonly source: string },
): Omit<FileReadings, 'notes'> {
    const sorted = [...values].sort((one, other) => one.fromAt - other.fromAt);
    const register: RegisterName = flow === ESPI.flow.reverse ? 'export' : 'import';
    if (isTotal) {
        const registers = sorted.map(({ toAt, value }) => ({
            ...made,
            register,
            at: toAt,
            wh: scaled(value, exponent),
        }));
        return { registers, intervals: [] };
    }
    const sides: readonly (readonly [RegisterName, (value: bigint) => bigint])[] =
        flow === ESPI.flow.net
            ? [
                  ['import', (value) => (value > 0n ? value : 0n)],
                  ['export', (value) => (value < 0n ? -value : 0n)],
              ]
            : [[register, (value) => value]];
    const intervals = sides.flatMap(([side, part]) => {
        let risen = 0n;
        return sorted.map(({ fromAt, toAt, value }) => {
            const before = scaled(risen, exponent);
            risen += part(value);
            // The sum is rounded and not the parts, so that fractions of a watt-hour are not lost.
            return { ...made, register: side, fromAt, toAt, wh: scaled(risen, exponent) - before };
        });
    });
    return { registers: [], intervals };
}

const scaled = (value: bigint, exponent: number): bigint =>
    exponent >= 0 ? value * 10n ** BigInt(exponent) : value / 10n ** BigInt(-exponent);
