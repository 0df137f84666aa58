import { XMLParser } from 'fast-xml-parser';

/**
 * The rules of the published schemas (NAESB REQ.21 ESPI 3.3 and 4.0, `espi.xsd`; Atom, RFC 4287) for what a Green Button file of energy holds:
 * which elements, in which order, how often, of which type. Retyped from the schema, for tests alone.
 */
interface Element {
    readonly name: string;
    readonly type: string;
    readonly isRequired?: boolean;
    readonly isRepeated?: boolean;
}

const optional = (name: string, type: string): Element => ({ name, type });
const required = (name: string, type: string): Element => ({ name, type, isRequired: true });

/** Sequences of complex types; `Object` and `IdentifiedObject` may have an extension or a batch item before, which we never write. */
const SEQUENCES: Readonly<Record<string, readonly Element[]>> = {
    UsagePoint: [
        optional('roleFlags', 'HexBinary16'),
        optional('ServiceCategory', 'ServiceCategory'),
        optional('status', 'UInt8'),
    ],
    ServiceCategory: [required('kind', 'UInt16')],
    LocalTimeParameters: [
        required('dstEndRule', 'HexBinary32'),
        required('dstOffset', 'TimeType'),
        required('dstStartRule', 'HexBinary32'),
        required('tzOffset', 'TimeType'),
    ],
    MeterReading: [],
    ReadingType: [
        optional('accumulationBehaviour', 'AccumulationKind'),
        optional('commodity', 'CommodityKind'),
        optional('consumptionTier', 'Int16'),
        optional('currency', 'UInt16'),
        optional('dataQualifier', 'DataQualifierKind'),
        optional('defaultQuality', 'QualityOfReading'),
        optional('flowDirection', 'FlowDirectionKind'),
        optional('intervalLength', 'UInt32'),
        optional('kind', 'MeasurementKind'),
        optional('phase', 'UInt16'),
        optional('powerOfTenMultiplier', 'UnitMultiplierKind'),
        optional('timeAttribute', 'TimePeriodOfInterest'),
        optional('tou', 'Int16'),
        optional('uom', 'UnitSymbolKind'),
    ],
    IntervalBlock: [
        optional('interval', 'DateTimeInterval'),
        { name: 'IntervalReading', type: 'IntervalReading', isRepeated: true },
    ],
    IntervalReading: [
        optional('cost', 'Int48'),
        { name: 'ReadingQuality', type: 'ReadingQuality', isRepeated: true },
        optional('timePeriod', 'DateTimeInterval'),
        optional('value', 'Int48'),
    ],
    ReadingQuality: [required('quality', 'QualityOfReading')],
    DateTimeInterval: [required('duration', 'UInt32'), required('start', 'TimeType')],
};

const whole =
    (least: bigint, most: bigint) =>
    (text: string): boolean =>
        /^-?\d{1,19}$/.test(text) && BigInt(text) >= least && BigInt(text) <= most;
const oneOf =
    (...codes: readonly number[]) =>
    (text: string): boolean =>
        codes.map(String).includes(text);

/** Of the enumerations those codes that concern energy; the schema has many more for other things. */
const SIMPLE: Readonly<Record<string, (text: string) => boolean>> = {
    UInt8: whole(0n, 255n),
    UInt16: whole(0n, 65_535n),
    UInt32: whole(0n, 4_294_967_295n),
    Int16: whole(-32_768n, 32_767n),
    Int48: whole(-140_737_488_355_328n, 140_737_488_355_328n),
    TimeType: whole(-(2n ** 63n), 2n ** 63n - 1n),
    HexBinary16: (text) => /^[0-9A-F]{4}$/.test(text),
    HexBinary32: (text) => /^[0-9A-F]{8}$/.test(text),
    AccumulationKind: oneOf(0, 1, 2, 3, 4, 6, 9, 10, 12, 13, 14),
    CommodityKind: oneOf(0, 1, 2, 3),
    DataQualifierKind: oneOf(0, 2, 4, 5, 7, 8, 9, 11, 12, 16, 17, 23, 24, 25, 26),
    FlowDirectionKind: oneOf(0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21),
    MeasurementKind: oneOf(0, 2, 8, 12, 37),
    QualityOfReading: oneOf(0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19),
    TimePeriodOfInterest: oneOf(0, 8, 11, 13, 22, 24, 32),
    UnitMultiplierKind: oneOf(-12, -9, -6, -3, -2, -1, 0, 1, 2, 3, 6, 9, 12),
    UnitSymbolKind: oneOf(0, 38, 72, 169),
};

/** An element as it stands in the file. */
interface Read {
    readonly name: string;
    readonly text: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly children: readonly Read[];
}

/** What of the rules a file breaks: nothing where it is valid. */
export function flawsOfGreenButton(xml: string): string[] {
    const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, parseTagValue: false });
    const roots = read(parser.parse(xml, true));
    const [feed] = roots.filter(({ name }) => name !== '?xml');
    if (feed?.name !== 'feed' || feed.attributes['xmlns'] !== 'http://www.w3.org/2005/Atom') {
        return ['the root is no Atom feed'];
    }
    const isNamed = feed.attributes['xmlns:espi'] === 'http://naesb.org/espi';
    const entries = feed.children.filter(({ name }) => name === 'entry');
    return [
        ...(isNamed ? [] : ['the prefix espi is not that of the schema']),
        ...atomFlaws(feed, 'feed'),
        ...entries.flatMap((entry, index) => entryFlaws(entry, `entry ${index + 1}`)),
        ...linkFlaws(entries),
    ];
}

function read(parsed: unknown): Read[] {
    return (parsed as Record<string, unknown>[]).flatMap((node) => {
        const attributes = Object.entries((node[':@'] ?? {}) as Record<string, string>).map(
            ([name, value]): [string, string] => [name.replace('@_', ''), value],
        );
        return Object.entries(node)
            .filter(([name]) => name !== ':@' && name !== '#text')
            .map(([name, inner]) => {
                const parts = inner as Record<string, unknown>[];
                const text = parts.map((part) => (typeof part['#text'] === 'string' ? part['#text'] : '')).join('');
                return { name, text, attributes: Object.fromEntries(attributes), children: read(parts) };
            });
    });
}

/** RFC 4287, 4.1: exactly one id, title and updated; at most one published; the ids are URNs of UUIDs (ESPI, UUIDType). */
function atomFlaws({ children }: Read, where: string): string[] {
    const count = (name: string): number => children.filter((each) => each.name === name).length;
    const textOf = (name: string): string => children.find((each) => each.name === name)?.text ?? '';
    const isTime = (text: string): boolean => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text);
    return [
        ...['id', 'title', 'updated']
            .filter((name) => count(name) !== 1)
            .map((name) => `${where}: ${count(name)} × ${name}`),
        ...(count('published') > 1 ? [`${where}: published more than once`] : []),
        ...(isTime(textOf('updated')) ? [] : [`${where}: updated is no time`]),
        ...(/^urn:uuid:[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}$/.test(textOf('id'))
            ? []
            : [`${where}: id is no UUID`]),
    ];
}

function entryFlaws(entry: Read, where: string): string[] {
    const content = entry.children.filter(({ name }) => name === 'content');
    const resources = content.flatMap(({ children }) => children);
    const single = content.length === 1 && resources.length === 1;
    const known = ['id', 'link', 'title', 'content', 'published', 'updated'];
    return [
        ...atomFlaws(entry, where),
        ...entry.children.filter(({ name }) => !known.includes(name)).map(({ name }) => `${where}: ${name}`),
        ...(single ? [] : [`${where}: ${content.length} contents with ${resources.length} resources`]),
        ...resources.flatMap((resource) => complexFlaws(resource, resource.name.replace('espi:', ''), where)),
    ];
}

function complexFlaws(element: Read, type: string, path: string): string[] {
    const where = `${path}/${element.name}`;
    const sequence = SEQUENCES[type];
    if (!element.name.startsWith('espi:') || sequence === undefined) {
        return [`${where}: no element of the schema here`];
    }
    const places = element.children.map(({ name }) => sequence.findIndex((each) => `espi:${each.name}` === name));
    const flaws = element.children.flatMap((inner, index) => {
        const [place, before] = [places[index] ?? -1, places[index - 1] ?? -1];
        const rule = sequence[place];
        const isInOrder = place > before || (place === before && rule?.isRepeated === true);
        return rule !== undefined && isInOrder
            ? valueFlaws(inner, rule.type, where)
            : [`${where}: ${inner.name} does not stand here`];
    });
    const missing = sequence.filter(
        ({ name, isRequired }) => isRequired === true && !element.children.some((each) => each.name === `espi:${name}`),
    );
    return [...flaws, ...missing.map(({ name }) => `${where}: ${name} is missing`)];
}

function valueFlaws(element: Read, type: string, path: string): string[] {
    const isValue = SIMPLE[type];
    if (isValue === undefined) {
        return complexFlaws(element, type, path);
    }
    return isValue(element.text) && element.children.length === 0
        ? []
        : [`${path}/${element.name}: '${element.text}' is no ${type}`];
}

/** ESPI's own rules for links: every entry has one self and one up; what a meter reading relates to is in the file. */
function linkFlaws(entries: readonly Read[]): string[] {
    const hrefs = (entry: Read, rel: string): string[] =>
        entry.children
            .filter(({ name, attributes }) => name === 'link' && attributes['rel'] === rel)
            .map(({ attributes }) => attributes['href'] ?? '');
    const known = new Set(entries.flatMap((entry) => [...hrefs(entry, 'self'), ...hrefs(entry, 'up')]));
    const selves = entries.flatMap((entry) => hrefs(entry, 'self'));
    return [
        ...entries.flatMap((entry, index) =>
            ['self', 'up']
                .filter((rel) => hrefs(entry, rel).length !== 1)
                .map((rel) => `entry ${index + 1}: no one ${rel}`),
        ),
        ...(new Set(selves).size === selves.length ? [] : ['two entries have the same link to themselves']),
        ...entries
            .flatMap((entry) => hrefs(entry, 'related'))
            .filter((href) => !known.has(href))
            .map((href) => `nothing is at ${href}`),
    ];
}
