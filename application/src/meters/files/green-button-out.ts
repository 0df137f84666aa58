import { createHash } from 'node:crypto';
import XMLBuilder from 'fast-xml-builder';
import { dayOf, slot as slotNumber, slotStart, SECONDS_PER_SLOT } from '@commonwatt/chaincode/domain/slot';
import { daylightRules } from './daylight-rules';
import { ESPI } from './espi';
import type { ExportedSlot, Quality, ReadingsExport } from './exported';

type Xml = Readonly<Record<string, unknown>>;

interface Flow {
    readonly number: number;
    readonly name: string;
    readonly direction: number;
    readonly wh: (slot: ExportedSlot) => bigint;
}

const FLOWS: readonly Flow[] = [
    { number: 1, name: 'From the grid', direction: ESPI.flow.forward, wh: ({ importWh }) => importWh },
    { number: 2, name: 'To the grid', direction: ESPI.flow.reverse, wh: ({ exportWh }) => exportWh },
];
const QUALITY: Readonly<Record<Quality, number>> = {
    metered: ESPI.quality.valid,
    interpolated: ESPI.quality.interpolated,
    estimated: ESPI.quality.estimated,
};
const POINT = 'RetailCustomer/1/UsagePoint/1';

/**
 * A household's energy by quarter hours as a Green Button file: an Atom feed of ESPI resources, one usage point with a meter reading for each
 * direction, a block for each local day. The same readings give the same bytes. @param updatedAt unix seconds
 */
export function greenButtonXml(readings: ReadingsExport, updatedAt: number): string {
    const builder = new XMLBuilder({ format: true, ignoreAttributes: false, suppressEmptyNode: true });
    const updated = new Date(updatedAt * 1000).toISOString().replace('.000Z', 'Z');
    const entry = entryOf(readings, updated);
    const feed = {
        '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
        feed: {
            '@_xmlns': ESPI.atom,
            '@_xmlns:espi': ESPI.namespace,
            id: uuid(readings, 'feed'),
            title: `Energy of ${readings.household}`,
            updated,
            link: { '@_rel': 'self', '@_href': 'Batch/1' },
            entry: [
                entry('Usage point', POINT, { 'espi:UsagePoint': USAGE_POINT }, [
                    `${POINT}/MeterReading`,
                    'LocalTimeParameters/1',
                ]),
                entry('Local time', 'LocalTimeParameters/1', { 'espi:LocalTimeParameters': localTime(readings) }),
                ...FLOWS.flatMap((flow) => flowEntries(readings, flow, entry)),
            ],
        },
    };
    return builder.build(feed);
}

const USAGE_POINT: Xml = { 'espi:ServiceCategory': { 'espi:kind': ESPI.electricity } };

type Entry = (title: string, path: string, content: Xml, related?: readonly string[]) => Xml;

const entryOf =
    (readings: ReadingsExport, updated: string): Entry =>
    (title, path, content, related = []) => ({
        id: uuid(readings, path),
        link: [
            { '@_rel': 'self', '@_href': path },
            { '@_rel': 'up', '@_href': path.slice(0, path.lastIndexOf('/')) },
            ...related.map((href) => ({ '@_rel': 'related', '@_href': href })),
        ],
        title,
        content,
        published: updated,
        updated,
    });

function localTime({ clock, slots }: ReadingsExport): Xml {
    const rules = daylightRules(clock, slots.at(-1)?.slot ?? 0);
    return {
        'espi:dstEndRule': rules.endRule,
        'espi:dstOffset': rules.dstOffset,
        'espi:dstStartRule': rules.startRule,
        'espi:tzOffset': rules.tzOffset,
    };
}

function flowEntries(readings: ReadingsExport, flow: Flow, entry: Entry): Xml[] {
    const [meter, type] = [`${POINT}/MeterReading/${flow.number}`, `ReadingType/${flow.number}`];
    return [
        entry(flow.name, meter, { 'espi:MeterReading': '' }, [type, `${meter}/IntervalBlock`]),
        entry(flow.name, type, { 'espi:ReadingType': readingType(flow) }),
        ...blocksOf(readings).map((slots, index) =>
            entry(flow.name, `${meter}/IntervalBlock/${index + 1}`, { 'espi:IntervalBlock': block(slots, flow) }),
        ),
    ];
}

/** The schema gives its elements an order: alphabetical but for what came later. */
const readingType = ({ direction }: Flow): Xml => ({
    'espi:accumulationBehaviour': ESPI.accumulation.deltaData,
    'espi:commodity': ESPI.commodity.electricitySecondary,
    'espi:dataQualifier': ESPI.normal,
    'espi:defaultQuality': ESPI.quality.valid,
    'espi:flowDirection': direction,
    'espi:intervalLength': SECONDS_PER_SLOT,
    'espi:kind': ESPI.energy,
    'espi:phase': 0,
    'espi:powerOfTenMultiplier': 0,
    'espi:timeAttribute': 0,
    'espi:uom': ESPI.uom.wh,
});

/** By local days, and again where slots are missing: a block is an interval without holes. */
function blocksOf({ clock, slots }: ReadingsExport): ExportedSlot[][] {
    const blocks: ExportedSlot[][] = [];
    for (const each of slots) {
        const before = blocks.at(-1)?.at(-1);
        const day = dayOf(slotNumber(each.slot), clock).day;
        const goesOn = before?.slot === each.slot - 1 && dayOf(slotNumber(before.slot), clock).day === day;
        if (goesOn) {
            blocks.at(-1)?.push(each);
        } else {
            blocks.push([each]);
        }
    }
    return blocks;
}

const block = (slots: readonly ExportedSlot[], { wh }: Flow): Xml => ({
    'espi:interval': period(slots[0]?.slot ?? 0, slots.length),
    'espi:IntervalReading': slots.map((each) => ({
        ...(each.quality === 'metered' ? {} : { 'espi:ReadingQuality': { 'espi:quality': QUALITY[each.quality] } }),
        'espi:timePeriod': period(each.slot, 1),
        'espi:value': wh(each).toString(),
    })),
});

const period = (slot: number, slots: number): Xml => ({
    'espi:duration': slots * SECONDS_PER_SLOT,
    'espi:start': slotStart(slotNumber(slot)),
});

/** A name made of what it names, so that the same file exported again has the same names (as version 5 of RFC 9562, with SHA-256: version 8). */
function uuid({ household, slots }: ReadingsExport, path: string): string {
    const range = [slots[0]?.slot ?? 0, slots.at(-1)?.slot ?? 0];
    const bytes = createHash('sha256')
        .update(JSON.stringify(['green-button', household, range, path]))
        .digest();
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.subarray(0, 16).toString('hex');
    return `urn:uuid:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
}
