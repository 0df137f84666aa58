import { peer } from '@hyperledger/fabric-protos';

import { sameBytes, sha256 } from '../../../fabric/wire';
import { DEFINITION_FIELDS, DEFINITION_TYPE, fieldKey, metadataKey, type DefinitionField } from '../../lifecycle-state';
import { endorsementInfo, validationInfo, type ProposedDefinition } from './definition';

const { lifecycle } = peer;

export const PARAMETERS_TYPE = 'ChaincodeParameters';
export const LOCAL_PACKAGE_TYPE = 'ChaincodeLocalPackage';

/** What `_lifecycle` stores under one name: a list of named fields, each under a key of its own, and which kind it is. */
export interface LifecycleRecord {
    readonly datatype: string;
    /** In Fabric's order, which is part of what organisations compare by hash. */
    readonly fields: readonly { readonly name: string; readonly data: Uint8Array }[];
}

/** A part of the ledger that records are read from. */
export interface ReadableRecords {
    get(key: string): Promise<Uint8Array | undefined>;
}

export interface WritableRecords extends ReadableRecords {
    put(key: string, value: Uint8Array): void;
    delete(key: string): void;
}

/** Another organisation's part of the ledger: hashes only. */
export interface HashedRecords {
    readonly mspId: string;
    hash(key: string): Promise<Uint8Array | undefined>;
}

function stateData(fill: (data: peer.lifecycle.StateData) => void): Uint8Array {
    const data = new lifecycle.StateData();
    fill(data);
    return data.serializeBinary();
}

function bytesData(bytes: Uint8Array): Uint8Array {
    return stateData((data) => {
        data.setBytes(bytes);
    });
}

function definitionField(definition: ProposedDefinition, field: DefinitionField): Uint8Array {
    switch (field) {
        case 'Sequence':
            return stateData((data) => {
                data.setInt64(definition.sequence);
            });
        case 'EndorsementInfo':
            return bytesData(endorsementInfo(definition));
        case 'ValidationInfo':
            return bytesData(validationInfo(definition));
        case 'Collections':
            return bytesData(definition.collections);
    }
}

/** What is written to the channel when a definition is committed. */
export function definitionRecord(definition: ProposedDefinition): LifecycleRecord {
    const fields = DEFINITION_FIELDS.map((name) => ({ name, data: definitionField(definition, name) }));
    return { datatype: DEFINITION_TYPE, fields };
}

/** What an organisation writes into its own collection when it approves. */
export function parametersRecord(definition: ProposedDefinition): LifecycleRecord {
    const { fields } = definitionRecord(definition);
    return { datatype: PARAMETERS_TYPE, fields: fields.filter(({ name }) => name !== 'Sequence') };
}

export function localPackageRecord(packageId: string): LifecycleRecord {
    const data = stateData((state) => {
        state.setString(packageId);
    });
    return { datatype: LOCAL_PACKAGE_TYPE, fields: [{ name: 'PackageID', data }] };
}

function metadataOf(record: LifecycleRecord): Uint8Array {
    const metadata = new lifecycle.StateMetadata();
    metadata.setDatatype(record.datatype);
    metadata.setFieldsList(record.fields.map(({ name }) => name));
    return metadata.serializeBinary();
}

export async function readMetadata(
    table: string,
    name: string,
    state: ReadableRecords,
): Promise<peer.lifecycle.StateMetadata | undefined> {
    const bytes = await state.get(metadataKey(table, name));
    return bytes && lifecycle.StateMetadata.deserializeBinary(bytes);
}

/** Keys and values of the fields that are stored now. */
async function storedFields(
    table: string,
    name: string,
    metadata: peer.lifecycle.StateMetadata,
    state: ReadableRecords,
): Promise<Map<string, Uint8Array>> {
    const stored = new Map<string, Uint8Array>();
    for (const field of metadata.getFieldsList()) {
        const key = fieldKey(table, name, field);
        stored.set(key, (await state.get(key)) ?? new Uint8Array());
    }
    return stored;
}

/** Writes what differs from what is there, and nothing else: the write set names only what changed. */
export async function writeRecord(
    table: string,
    name: string,
    record: LifecycleRecord,
    state: WritableRecords,
): Promise<void> {
    const metadata = (await readMetadata(table, name, state)) ?? new lifecycle.StateMetadata();
    const existing = await storedFields(table, name, metadata, state);
    for (const field of record.fields) {
        const key = fieldKey(table, name, field.name);
        const before = existing.get(key);
        if (!before || !sameBytes(before, field.data)) state.put(key, field.data);
        existing.delete(key);
    }
    const isSameKind =
        metadata.getDatatype() === record.datatype && metadata.getFieldsList().length === record.fields.length;
    if (existing.size > 0 || !isSameKind) state.put(metadataKey(table, name), metadataOf(record));
    for (const key of existing.keys()) state.delete(key);
}

/** Names of the fields in which the hashes of a stored record differ from this one; its type's name if it is not there at all. */
export async function mismatches(
    table: string,
    name: string,
    record: LifecycleRecord,
    stored: HashedRecords,
): Promise<readonly string[]> {
    const metadataHash = await stored.hash(metadataKey(table, name));
    const hashes = new Map<string, Uint8Array | undefined>();
    for (const field of record.fields) hashes.set(field.name, await stored.hash(fieldKey(table, name, field.name)));
    if (!metadataHash || !sameBytes(metadataHash, sha256(metadataOf(record)))) return [record.datatype];
    return record.fields
        .filter(({ name: field, data }) => !sameBytes(hashes.get(field) ?? new Uint8Array(), sha256(data)))
        .map(({ name: field }) => field);
}
