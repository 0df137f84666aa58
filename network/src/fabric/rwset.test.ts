import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { FormatError } from './errors';
import {
    compareKeys,
    decodePvtRwSet,
    decodeRwSet,
    encodePrivateCollection,
    encodePvtRwSet,
    encodeRwSet,
    type NamespaceRwSet,
    type PrivateCollectionRwSet,
    type TxRwSet,
    type Write,
} from './rwset';
import { FABRIC_PRIVATE_RWSET, FABRIC_RWSET } from './testing/fabric-vectors';
import { sha256 } from './wire';

const NONE = new Uint8Array();
const text = (value: string): Uint8Array => Buffer.from(value);
const digest = (value: string): Uint8Array => sha256(text(value));
const write = (key: string, value: string): Write => ({ key, isDelete: value === '', value: text(value) });
const entry = (name: string, value: string) => ({ name, value: text(value) });

const OPERATOR: PrivateCollectionRwSet = {
    name: '_implicit_org_DSOMSP',
    reads: [],
    writes: [write('k2', 'secret')],
    metadataWrites: [],
};
const HOUSEHOLD: PrivateCollectionRwSet = {
    name: '_implicit_org_H1MSP',
    reads: [],
    writes: [write('k4', ''), write('k2', 'secret'), write('k3', '')],
    metadataWrites: [{ key: 'k2', entries: [] }],
};

function market(): NamespaceRwSet {
    return {
        name: 'market',
        reads: [
            { key: 'b', version: { block: 3, tx: 1 } },
            { key: 'a' },
            { key: '\u{1F600}', version: { block: 1, tx: 0 } },
            { key: '\uFFFD', version: { block: 0, tx: 0 } },
        ],
        writes: [write('z', 'value'), write('\0c\0d\0', '')],
        rangeQueries: [],
        metadataWrites: [
            { key: 'z', entries: [entry('VALIDATION_PARAMETER', 'p'), entry('A', 'q')] },
            { key: 'y', entries: [] },
        ],
        collections: [
            {
                name: HOUSEHOLD.name,
                hashedReads: [{ keyHash: digest('k1') }, { keyHash: digest('k2'), version: { block: 9, tx: 2 } }],
                hashedWrites: [
                    { keyHash: digest('k2'), isDelete: false, valueHash: digest('secret'), isPurge: false },
                    { keyHash: digest('k3'), isDelete: true, valueHash: NONE, isPurge: false },
                    { keyHash: digest('k4'), isDelete: true, valueHash: NONE, isPurge: true },
                ],
                hashedMetadataWrites: [{ keyHash: digest('k2'), entries: [entry('VALIDATION_PARAMETER', 'p')] }],
                pvtRwSetHash: sha256(encodePrivateCollection(HOUSEHOLD)),
            },
            {
                name: OPERATOR.name,
                hashedReads: [],
                hashedWrites: [{ keyHash: digest('k2'), isDelete: false, valueHash: digest('secret'), isPurge: false }],
                hashedMetadataWrites: [],
                pvtRwSetHash: sha256(encodePrivateCollection(OPERATOR)),
            },
        ],
    };
}

const LIFECYCLE: NamespaceRwSet = {
    name: '_lifecycle',
    reads: [{ key: 'namespaces/fields/market/Sequence', version: { block: 2, tx: 0 } }],
    writes: [],
    rangeQueries: [],
    metadataWrites: [],
    collections: [],
};

describe('read-write sets', () => {
    test('public bytes are Fabric’s, in whatever order things were noted', () => {
        const bytes = encodeRwSet({ namespaces: [market(), LIFECYCLE] });
        expect(Buffer.from(bytes).toString('base64')).toBe(FABRIC_RWSET.toString('base64'));
    });

    test('private bytes are Fabric’s', () => {
        const bytes = encodePvtRwSet({ namespaces: [{ name: 'market', collections: [HOUSEHOLD, OPERATOR] }] });
        expect(Buffer.from(bytes).toString('base64')).toBe(FABRIC_PRIVATE_RWSET.toString('base64'));
    });

    test('decoding Fabric’s bytes and encoding them again gives the same bytes', () => {
        expect(Buffer.compare(encodeRwSet(decodeRwSet(FABRIC_RWSET)), FABRIC_RWSET)).toBe(0);
        expect(Buffer.compare(encodePvtRwSet(decodePvtRwSet(FABRIC_PRIVATE_RWSET)), FABRIC_PRIVATE_RWSET)).toBe(0);
    });

    test('decoded sets say what was read and written', () => {
        const [lifecycle, decoded] = decodeRwSet(FABRIC_RWSET).namespaces;
        expect(lifecycle?.name).toBe('_lifecycle');
        expect(decoded?.reads.map(({ key }) => key)).toEqual(['a', 'b', '\uFFFD', '\u{1F600}']);
        expect(decoded?.reads[0]).toEqual({ key: 'a' });
        expect(decoded?.reads[2]).toEqual({ key: '\uFFFD', version: { block: 0, tx: 0 } });
        expect(decoded?.collections.map(({ name }) => name)).toEqual([OPERATOR.name, HOUSEHOLD.name]);
        expect(decoded?.collections[1]?.hashedWrites[2]?.isPurge).toBe(true);
    });

    test('range queries keep their order, and those that saw nothing say nothing', () => {
        const reads = [{ key: 'k', version: { block: 1, tx: 0 } }];
        const rangeQueries = [
            { startKey: 'm', endKey: 'n', itrExhausted: true, reads: [] },
            { startKey: 'a', endKey: 'k', itrExhausted: false, reads },
            {
                startKey: 'a',
                endKey: 'z',
                itrExhausted: true,
                reads: [],
                merkle: { maxDegree: 50, maxLevel: 1, maxLevelHashes: [digest('h')] },
            },
        ];
        const set: TxRwSet = { namespaces: [{ ...LIFECYCLE, reads: [], rangeQueries }] };
        const bytes = encodeRwSet(set);
        expect(Buffer.from(bytes).toString('hex')).toContain('0a016d12016e1801');
        expect(decodeRwSet(bytes).namespaces[0]?.rangeQueries.map(({ startKey, endKey }) => startKey + endKey)).toEqual(
            ['mn', 'ak', 'az'],
        );
        expect(decodeRwSet(bytes).namespaces[0]?.rangeQueries[1]).toEqual(rangeQueries[1]);
        expect(decodeRwSet(bytes).namespaces[0]?.rangeQueries[2]?.merkle?.maxDegree).toBe(50);
    });

    test.each([
        ['no message', Uint8Array.of(0xff)],
        ['a namespace that is no message', Uint8Array.of(0x12, 0x04, 0x12, 0x02, 0xff, 0xff)],
    ])('%s is refused', (_name, bytes) => {
        expect(() => decodeRwSet(bytes)).toThrow(FormatError);
    });

    test('keys are in the order of their UTF-8 bytes', () => {
        const unit = fc.constantFrom('a', 'b', '\0', 'é', '\uD7FF', '\uE000', '\uFFFD', '\u{10000}', '\u{10FFFF}');
        const key = fc.array(unit, { maxLength: 4 }).map((units) => units.join(''));
        fc.assert(
            fc.property(key, key, (a, b) => {
                expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
            }),
            { seed: 7, numRuns: 500 },
        );
    });
});
