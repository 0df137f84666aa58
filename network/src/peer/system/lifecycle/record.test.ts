import { describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';

import { sha256 } from '../../../fabric/wire';
import { decodeDefinition, fieldKey, metadataKey, NAMESPACES } from '../../lifecycle-state';
import { asProposed, difference, type ProposedDefinition } from './definition';
import {
    definitionRecord,
    localPackageRecord,
    mismatches,
    parametersRecord,
    writeRecord,
    type WritableRecords,
} from './record';

const DEFINITION: ProposedDefinition = {
    sequence: 1,
    version: '1.0',
    endorsementPlugin: 'escc',
    initRequired: false,
    validationPlugin: 'vscc',
    validationParameter: Buffer.from('policy'),
    collections: new Uint8Array(),
};

class Records implements WritableRecords {
    readonly state = new Map<string, Uint8Array>();
    readonly log: string[] = [];

    get(key: string): Promise<Uint8Array | undefined> {
        return Promise.resolve(this.state.get(key));
    }

    put(key: string, value: Uint8Array): void {
        this.state.set(key, value);
        this.log.push(`put ${key}`);
    }

    delete(key: string): void {
        this.state.delete(key);
        this.log.push(`delete ${key}`);
    }
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

describe('a definition is stored as Fabric stores it', () => {
    test('each field under a key of its own, metadata beside them', async () => {
        const records = new Records();
        await writeRecord(NAMESPACES, 'kv', definitionRecord(DEFINITION), records);
        expect([...records.state.keys()].sort()).toEqual([
            'namespaces/fields/kv/Collections',
            'namespaces/fields/kv/EndorsementInfo',
            'namespaces/fields/kv/Sequence',
            'namespaces/fields/kv/ValidationInfo',
            'namespaces/metadata/kv',
        ]);
        const metadata = peer.lifecycle.StateMetadata.deserializeBinary(
            records.state.get('namespaces/metadata/kv') ?? new Uint8Array(),
        );
        expect(metadata.toObject()).toEqual({
            datatype: 'ChaincodeDefinition',
            fieldsList: ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections'],
        });
    });

    test('with these bytes', async () => {
        const records = new Records();
        await writeRecord(NAMESPACES, 'kv', definitionRecord(DEFINITION), records);
        expect(hex(records.state.get('namespaces/fields/kv/Sequence'))).toBe('0801');
        expect(hex(records.state.get('namespaces/fields/kv/Collections'))).toBe('1200');
        expect(hex(records.state.get('namespaces/fields/kv/EndorsementInfo'))).toBe(
            `120b${hex(Buffer.from('\n\u00031.0\u001a\u0004escc'))}`,
        );
    });

    test('and read back as it was', () => {
        const { fields } = definitionRecord(DEFINITION);
        const values = new Map(fields.map(({ name, data }) => [name, data] as const));
        const read = asProposed(decodeDefinition('kv', values as Parameters<typeof decodeDefinition>[1]));
        expect(difference(read, DEFINITION)).toBeUndefined();
    });
});

describe('what is written again', () => {
    test('is only what changed', async () => {
        const records = new Records();
        await writeRecord(NAMESPACES, 'kv', definitionRecord(DEFINITION), records);
        records.log.length = 0;
        await writeRecord(NAMESPACES, 'kv', definitionRecord({ ...DEFINITION, sequence: 2 }), records);
        expect(records.log).toEqual(['put namespaces/fields/kv/Sequence']);
    });

    test('leaves nothing of another kind of record behind', async () => {
        const records = new Records();
        await writeRecord(NAMESPACES, 'kv', definitionRecord(DEFINITION), records);
        records.log.length = 0;
        await writeRecord(NAMESPACES, 'kv', localPackageRecord('kv:1'), records);
        expect(records.log).toEqual([
            'put namespaces/fields/kv/PackageID',
            'put namespaces/metadata/kv',
            'delete namespaces/fields/kv/Sequence',
            'delete namespaces/fields/kv/EndorsementInfo',
            'delete namespaces/fields/kv/ValidationInfo',
            'delete namespaces/fields/kv/Collections',
        ]);
    });
});

describe('an approval is compared by its hashes', () => {
    const approved = async (
        definition: ProposedDefinition,
    ): Promise<(key: string) => Promise<Uint8Array | undefined>> => {
        const records = new Records();
        await writeRecord(NAMESPACES, 'kv#1', parametersRecord(definition), records);
        return (key) => {
            const value = records.state.get(key);
            return Promise.resolve(value && sha256(value));
        };
    };
    const found = async (definition: ProposedDefinition): Promise<readonly string[]> => {
        const hash = await approved(definition);
        return mismatches(NAMESPACES, 'kv#1', parametersRecord(DEFINITION), { mspId: 'H1MSP', hash });
    };

    test('none differs where the same was approved, whatever its sequence', async () => {
        expect(await found({ ...DEFINITION, sequence: 9 })).toEqual([]);
    });

    test.each<{ change: Partial<ProposedDefinition>; field: string }>([
        { change: { version: '2' }, field: 'EndorsementInfo' },
        { change: { initRequired: true }, field: 'EndorsementInfo' },
        { change: { validationParameter: Buffer.from('other') }, field: 'ValidationInfo' },
        { change: { collections: Buffer.from([10, 0]) }, field: 'Collections' },
    ])('$field differs', async ({ change, field }) => {
        expect(await found({ ...DEFINITION, ...change })).toEqual([field]);
    });

    test('all of it differs where nothing was approved', async () => {
        const hash = (): Promise<undefined> => Promise.resolve(undefined);
        expect(await mismatches(NAMESPACES, 'kv#1', parametersRecord(DEFINITION), { mspId: 'H1MSP', hash })).toEqual([
            'ChaincodeParameters',
        ]);
    });
});

test.each<{ change: Partial<ProposedDefinition>; says: string }>([
    { change: { version: '2' }, says: "expected Version '1.0' does not match passed Version '2'" },
    {
        change: { endorsementPlugin: 'x' },
        says: "expected EndorsementPlugin 'escc' does not match passed EndorsementPlugin 'x'",
    },
    { change: { initRequired: true }, says: "expected InitRequired 'false' does not match passed InitRequired 'true'" },
    {
        change: { validationPlugin: 'x' },
        says: "expected ValidationPlugin 'vscc' does not match passed ValidationPlugin 'x'",
    },
    {
        change: { validationParameter: Buffer.from('p') },
        says: "expected ValidationParameter '706f6c696379' does not match passed ValidationParameter '70'",
    },
    { change: { collections: Buffer.from([10, 0]) }, says: 'Collections do not match' },
])('two definitions differ: $says', ({ change, says }) => {
    expect(difference(DEFINITION, { ...DEFINITION, ...change })).toBe(says);
});

test('keys are Fabric’s', () => {
    expect(fieldKey('chaincode-sources', 'kv#1', 'PackageID')).toBe('chaincode-sources/fields/kv#1/PackageID');
    expect(metadataKey('namespaces', 'kv#1')).toBe('namespaces/metadata/kv#1');
});
