import { describe, expect, it } from '@jest/globals';
import { slot, type Clock } from '@commonwatt/chaincode/domain/slot';
import { flawsOfGreenButton } from '../../testing/espi-rules';
import { openMeterStore } from '../meter-store';
import type { ExportedSlot, ReadingsExport } from './exported';
import { readGreenButton } from './green-button-in';
import { greenButtonXml } from './green-button-out';

/** Central European time around autumn 2025: clocks go back on 26 October at 01:00 UTC. */
const secondsOf = (text: string): number => Date.parse(text) / 1000;
const slotOf = (text: string): number => secondsOf(text) / 900;
const BERLIN: Clock = [
    { fromSlot: slot(0), offsetMinutes: 60 },
    { fromSlot: slot(slotOf('2025-03-30T01:00:00Z')), offsetMinutes: 120 },
    { fromSlot: slot(slotOf('2025-10-26T01:00:00Z')), offsetMinutes: 60 },
    { fromSlot: slot(slotOf('2026-03-29T01:00:00Z')), offsetMinutes: 120 },
];
const FIRST = slotOf('2025-10-25T22:00:00Z'); // Midnight, of a day of 25 hours.
const slots: ExportedSlot[] = Array.from({ length: 100 }, (_, i) => ({
    slot: FIRST + i,
    importWh: BigInt(i),
    exportWh: BigInt(100 - i),
    quality: i === 5 ? 'interpolated' : i === 6 ? 'estimated' : 'metered',
}));
const readings: ReadingsExport = { household: 'H1 <&> "Müller"', clock: BERLIN, slots };
const UPDATED = secondsOf('2025-10-27T00:00:00Z');

describe('an exported Green Button file', () => {
    const xml = greenButtonXml(readings, UPDATED);

    it('is valid by the rules of the published schema', () => {
        expect(flawsOfGreenButton(xml)).toEqual([]);
    });

    it.each([
        {
            what: 'an element in the wrong place',
            from: '<espi:dstOffset>',
            to: '<espi:tzOffset>0</espi:tzOffset><espi:dstOffset>',
        },
        { what: 'a missing element', from: /<espi:duration>\d+<\/espi:duration>/, to: '' },
        { what: 'a code that there is not', from: '<espi:flowDirection>1<', to: '<espi:flowDirection>6<' },
        { what: 'a fraction', from: '<espi:value>7<', to: '<espi:value>7.5<' },
        { what: 'an id that is none', from: /urn:uuid:\w/, to: 'urn:uuid:' },
        {
            what: 'a link to nothing',
            from: 'rel="related" href="ReadingType/1"',
            to: 'rel="related" href="ReadingType/9"',
        },
        { what: 'an element of its own', from: '<espi:uom>', to: '<espi:unit>Wh</espi:unit><espi:uom>' },
        { what: 'a time that is none', from: '2025-10-27T00:00:00Z', to: 'today' },
    ])('would not be with $what', ({ from, to }) => {
        const spoilt = xml.replace(from, to);
        expect(spoilt).not.toBe(xml);
        expect(flawsOfGreenButton(spoilt)).not.toEqual([]);
    });

    it('is the same bytes for the same readings, and others for others', () => {
        expect(greenButtonXml(readings, UPDATED)).toBe(xml);
        expect(greenButtonXml({ ...readings, slots: slots.slice(1) }, UPDATED)).not.toBe(xml);
    });

    it('tells the local clock by its rules', () => {
        expect(xml).toContain('<espi:tzOffset>3600</espi:tzOffset>');
        expect(xml).toContain('<espi:dstOffset>3600</espi:dstOffset>');
        // The last Sunday of March at two and of October at three.
        expect(xml).toContain('<espi:dstStartRule>3E0E2000</espi:dstStartRule>');
        expect(xml).toContain('<espi:dstEndRule>AE0E3000</espi:dstEndRule>');
        const still = greenButtonXml({ ...readings, clock: BERLIN.slice(0, 1) }, UPDATED);
        expect(still).toContain('<espi:dstStartRule>FFFFFFFF</espi:dstStartRule>');
        expect(still).toContain('<espi:dstOffset>0</espi:dstOffset>');
    });

    it('has a block for each day and each stretch without holes, and says which readings are not metered', () => {
        const holes = slots.filter((_, i) => i !== 50);
        const more = greenButtonXml(
            { ...readings, slots: [...holes, { ...slots[0], slot: FIRST + 100 } as ExportedSlot] },
            UPDATED,
        );
        expect(flawsOfGreenButton(more)).toEqual([]);
        expect(more.match(/<espi:IntervalBlock>/g)).toHaveLength(6);
        expect(more.match(/<espi:quality>9</g)).toHaveLength(2);
        expect(more.match(/<espi:quality>8</g)).toHaveLength(2);
    });

    it('is read again as it was, over the day on which clocks change', () => {
        const store = openMeterStore(':memory:');
        const found = readGreenButton('export.xml', xml, 'main');
        expect(found.notes).toEqual([]);
        expect(store.appendIntervals(found.intervals).contradicted).toEqual([]);
        const again = store.slotEnergies({ firstSlot: FIRST, slotCount: 100 });
        expect(again.map(({ importWh, exportWh }) => [importWh, exportWh])).toEqual(
            slots.map(({ importWh, exportWh }) => [importWh, exportWh]),
        );
        expect(store.appendIntervals(found.intervals)).toMatchObject({ added: 0, contradicted: [] });
        store.close();
    });
});

/** A file as a utility writes one: other prefixes, hours, tenths. */
const file = (type: string, values: readonly string[], before = ''): string =>
    `<?xml version="1.0"?>${before}<a:feed xmlns:a="http://www.w3.org/2005/Atom" xmlns="http://naesb.org/espi">
    <a:entry><a:link rel="self" href="/MeterReading/1"/><a:link rel="related" href="/MeterReading/1/IntervalBlock"/>
        <a:link rel="related" href="/ReadingType/7"/><a:content><MeterReading/></a:content></a:entry>
    <a:entry><a:link rel="self" href="/ReadingType/7"/><a:content><ReadingType>${type}</ReadingType></a:content></a:entry>
    <a:entry><a:link rel="self" href="/ReadingType/8"/><a:content><ReadingType><commodity>7</commodity><uom>42</uom></ReadingType></a:content></a:entry>
    <a:entry><a:link rel="up" href="/MeterReading/1/IntervalBlock"/><a:content><IntervalBlock>
        ${values.map((value, i) => `<IntervalReading><timePeriod><duration>3600</duration><start>${3600 * (i + 1000)}</start></timePeriod><value>${value}</value></IntervalReading>`).join('')}
    </IntervalBlock></a:content></a:entry></a:feed>`;
const DELTA = '<accumulationBehaviour>4</accumulationBehaviour><uom>72</uom>';
const energies = (text: string): string[] =>
    readGreenButton('u.xml', text, 'main').intervals.map(({ register, wh }) => `${register} ${wh.toString()}`);

describe("a utility's Green Button file", () => {
    it.each([
        { type: DELTA, values: ['5', '6'], found: ['import 5', 'import 6'] },
        { type: `${DELTA}<flowDirection>19</flowDirection>`, values: ['5'], found: ['export 5'] },
        { type: `${DELTA}<powerOfTenMultiplier>3</powerOfTenMultiplier>`, values: ['5'], found: ['import 5000'] },
        {
            type: `${DELTA}<powerOfTenMultiplier>-1</powerOfTenMultiplier>`,
            values: ['15', '15', '15'],
            found: ['import 1', 'import 2', 'import 1'],
        },
        {
            type: `${DELTA}<flowDirection>4</flowDirection>`,
            values: ['5', '-6'],
            found: ['import 5', 'import 0', 'export 0', 'export 6'],
        },
    ])('gives $found for $values of $type', ({ type, values, found }) => {
        expect(energies(file(type, values))).toEqual(found);
    });

    it('may hold totals instead of energies', () => {
        const { registers } = readGreenButton(
            'u.xml',
            file('<accumulationBehaviour>1</accumulationBehaviour><uom>72</uom>', ['500', '700']),
            'main',
        );
        expect(registers.map(({ at, wh }) => [at, wh])).toEqual([
            [3600 * 1001, 500n],
            [3600 * 1002, 700n],
        ]);
    });

    it.each([
        {
            what: 'gas',
            text: file('<commodity>7</commodity><uom>42</uom>', ['5']),
            why: /no energy of electricity in Wh; left out/,
        },
        { what: 'power', text: file('<uom>38</uom>', ['5']), why: /left out: readings of commodity 1, unit 38/ },
        { what: 'a value that is none', text: file(DELTA, ['5.5']), why: /value '5.5'/ },
        {
            what: 'a code that is none',
            text: file('<powerOfTenMultiplier>x</powerOfTenMultiplier>', ['5']),
            why: /left out/,
        },
        { what: 'no XML', text: 'hello', why: /not readable as XML|no Atom feed/ },
        { what: 'unfinished XML', text: file(DELTA, ['5']).slice(0, 400), why: /not readable as XML/ },
        { what: 'another document', text: '<html><body/></html>', why: /no Atom feed/ },
        { what: 'too deep a nest', text: `${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`, why: /not readable as XML/ },
    ])('is not used if it is $what', ({ text, why }) => {
        expect(() => readGreenButton('u.xml', text, 'main')).toThrow(why);
    });

    it('names what a block counts, or it is not used', () => {
        const unlinked = file(DELTA, ['5'])
            .replaceAll('/MeterReading/1/IntervalBlock', '/elsewhere')
            .replace('/elsewhere', '/x');
        expect(() => readGreenButton('u.xml', unlinked, 'main')).toThrow(/belongs to no reading type/);
    });

    const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    it.each([
        {
            what: 'an external entity',
            before: '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
            value: '&x;',
        },
        { what: 'a billion laughs', before: `<!DOCTYPE feed [<!ENTITY l0 "ha">${laughs}]>`, value: '&l9;' },
        { what: 'an external document type', before: '<!doctype feed SYSTEM "http://127.0.0.1/x.dtd">', value: '1' },
    ])('is refused with $what', ({ before, value }) => {
        expect(() => readGreenButton('u.xml', file(DELTA, [value], before), 'main')).toThrow(
            /declares a document type/,
        );
    });

    it('does not become what every object has', () => {
        const polluting = '<__proto__><polluted>1</polluted></__proto__></a:feed>';
        const odd = file(DELTA, ['5']).replace('</a:feed>', polluting);
        expect(() => energies(odd)).toThrow(/not readable as XML/);
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    });
});
