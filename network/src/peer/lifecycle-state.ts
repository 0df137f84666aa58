import { peer } from '@hyperledger/fabric-protos';

/** The system chaincode and namespace in which a channel's chaincode definitions live. */
export const LIFECYCLE_NAMESPACE = '_lifecycle';
export const NAMESPACES = 'namespaces';
export const CHAINCODE_SOURCES = 'chaincode-sources';
export const DEFINITION_TYPE = 'ChaincodeDefinition';
/** Fields of a definition in the order in which Fabric serialises them; names and order are part of the state. */
export const DEFINITION_FIELDS = ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections'] as const;
export type DefinitionField = (typeof DEFINITION_FIELDS)[number];

const IMPLICIT_PREFIX = '_implicit_org_';

/** A committed chaincode definition. */
export interface ChaincodeDefinition {
    readonly sequence: number;
    readonly version: string;
    readonly endorsementPlugin: string;
    readonly initRequired: boolean;
    readonly validationPlugin: string;
    /** Bytes of peer.ApplicationPolicy. */
    readonly validationParameter: Uint8Array;
    /** Explicit collections only. */
    readonly collections: readonly peer.StaticCollectionConfig[];
}

export function implicitCollectionName(mspId: string): string {
    return IMPLICIT_PREFIX + mspId;
}

/** The organisation whose implicit collection this is, undefined for explicit collections. */
export function mspIdOfImplicitCollection(collection: string): string | undefined {
    return collection.startsWith(IMPLICIT_PREFIX) ? collection.slice(IMPLICIT_PREFIX.length) : undefined;
}

/** `namespaces/metadata/<name>`: which kind of record a name is, and its fields. */
export function metadataKey(table: string, name: string): string {
    return `${table}/metadata/${name}`;
}

/** `namespaces/fields/<name>/<field>` */
export function fieldKey(table: string, name: string, field: string): string {
    return `${table}/fields/${name}/${field}`;
}

/** Thrown where the state of `_lifecycle` cannot be what Fabric wrote: a peer stops rather than guess. */
export class LifecycleStateError extends Error {
    override readonly name = 'LifecycleStateError';
}

function stateData(key: string, bytes: Uint8Array | undefined): peer.lifecycle.StateData {
    try {
        return peer.lifecycle.StateData.deserializeBinary(bytes ?? new Uint8Array());
    } catch (error) {
        throw new LifecycleStateError(`could not unmarshal state for key ${key}: ${String(error)}`);
    }
}

function bytesField(name: string, field: DefinitionField, bytes: Uint8Array | undefined): Uint8Array {
    const key = fieldKey(NAMESPACES, name, field);
    const data = stateData(key, bytes);
    const kind = data.getTypeCase();
    if (kind !== peer.lifecycle.StateData.TypeCase.BYTES && kind !== peer.lifecycle.StateData.TypeCase.TYPE_NOT_SET) {
        throw new LifecycleStateError(`expected key ${key} to encode a value of type []byte`);
    }
    return data.getBytes_asU8();
}

/** The datatype of a record; undefined when the name is free. */
export function decodeDatatype(name: string, metadata: Uint8Array | undefined): string | undefined {
    if (metadata === undefined) {
        return undefined;
    }
    try {
        return peer.lifecycle.StateMetadata.deserializeBinary(metadata).getDatatype();
    } catch (error) {
        throw new LifecycleStateError(`could not unmarshal metadata for ${NAMESPACES}/${name}: ${String(error)}`);
    }
}

export function decodeSequence(name: string, bytes: Uint8Array | undefined): number {
    const key = fieldKey(NAMESPACES, name, 'Sequence');
    const data = stateData(key, bytes);
    const kind = data.getTypeCase();
    if (kind !== peer.lifecycle.StateData.TypeCase.INT64 && kind !== peer.lifecycle.StateData.TypeCase.TYPE_NOT_SET) {
        throw new LifecycleStateError(`expected key ${key} to encode a value of type Int64`);
    }
    return data.getInt64();
}

/** The definition out of the values of its fields; throws LifecycleStateError when they do not make one. */
export function decodeDefinition(
    name: string,
    values: ReadonlyMap<DefinitionField, Uint8Array | undefined>,
): ChaincodeDefinition {
    const endorsement = peer.lifecycle.ChaincodeEndorsementInfo.deserializeBinary(
        bytesField(name, 'EndorsementInfo', values.get('EndorsementInfo')),
    );
    const validation = peer.lifecycle.ChaincodeValidationInfo.deserializeBinary(
        bytesField(name, 'ValidationInfo', values.get('ValidationInfo')),
    );
    const collections = peer.CollectionConfigPackage.deserializeBinary(
        bytesField(name, 'Collections', values.get('Collections')),
    );
    return {
        sequence: decodeSequence(name, values.get('Sequence')),
        version: endorsement.getVersion(),
        endorsementPlugin: endorsement.getEndorsementPlugin(),
        initRequired: endorsement.getInitRequired(),
        validationPlugin: validation.getValidationPlugin(),
        validationParameter: validation.getValidationParameter_asU8(),
        collections: collections
            .getConfigList()
            .map((config) => config.getStaticCollectionConfig())
            .filter((config) => config !== undefined),
    };
}

/** Reads keys of the `_lifecycle` namespace at once, or through a simulator that records the reads. */
export type LifecycleRead = (key: string) => Uint8Array | undefined;
export type LifecycleReadLater = (key: string) => Promise<Uint8Array | undefined>;

function assertChaincode(datatype: string): void {
    if (datatype !== DEFINITION_TYPE) {
        throw new LifecycleStateError(`not a chaincode type: ${datatype}`);
    }
}

/** The committed definition of a chaincode, undefined if there is none. */
export function readDefinition(name: string, read: LifecycleRead): ChaincodeDefinition | undefined {
    const datatype = decodeDatatype(name, read(metadataKey(NAMESPACES, name)));
    if (datatype === undefined) {
        return undefined;
    }
    assertChaincode(datatype);
    return decodeDefinition(
        name,
        new Map(DEFINITION_FIELDS.map((field) => [field, read(fieldKey(NAMESPACES, name, field))])),
    );
}

/** The same through reads that take time. */
export async function readDefinitionLater(
    name: string,
    read: LifecycleReadLater,
): Promise<ChaincodeDefinition | undefined> {
    const datatype = decodeDatatype(name, await read(metadataKey(NAMESPACES, name)));
    if (datatype === undefined) {
        return undefined;
    }
    assertChaincode(datatype);
    const values = new Map<DefinitionField, Uint8Array | undefined>();
    for (const field of DEFINITION_FIELDS) {
        values.set(field, await read(fieldKey(NAMESPACES, name, field)));
    }
    return decodeDefinition(name, values);
}
