import { ledger } from '@hyperledger/fabric-protos';

import type { MetadataEntry, Version } from '../../../fabric/rwset';

/** A key's value as it is stored. Metadata are the bytes that Fabric stores: a KVMetadataWrite with the entries alone. */
export interface StoredEntry {
    readonly value: Uint8Array;
    readonly version: Version;
    readonly metadata: Uint8Array | undefined;
}

/** Block (6 bytes), transaction (4), length of the metadata (4), metadata, value. */
const HEADER = 14;
const NONE: ReadonlyMap<string, Uint8Array> = new Map();
export const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

export function encodeEntry(entry: StoredEntry): Buffer {
    const metadataLength = entry.metadata?.length ?? 0;
    const bytes = Buffer.allocUnsafe(HEADER + metadataLength + entry.value.length);
    bytes.writeUIntBE(entry.version.block, 0, 6);
    bytes.writeUInt32BE(entry.version.tx, 6);
    bytes.writeUInt32BE(metadataLength, 10);
    if (entry.metadata !== undefined) {
        bytes.set(entry.metadata, HEADER);
    }
    bytes.set(entry.value, HEADER + metadataLength);
    return bytes;
}

export function decodeVersion(bytes: Buffer): Version {
    return { block: bytes.readUIntBE(0, 6), tx: bytes.readUInt32BE(6) };
}

export function decodeEntry(bytes: Buffer): StoredEntry {
    const metadataEnd = HEADER + bytes.readUInt32BE(10);
    return {
        version: decodeVersion(bytes),
        metadata: metadataEnd === HEADER ? undefined : bytes.subarray(HEADER, metadataEnd),
        value: bytes.subarray(metadataEnd),
    };
}

export function encodeMetadata(entries: readonly MetadataEntry[]): Uint8Array | undefined {
    if (entries.length === 0) {
        return undefined;
    }
    const write = new ledger.rwset.kvrwset.KVMetadataWrite();
    write.setEntriesList(
        entries.map(({ name, value }) => {
            const entry = new ledger.rwset.kvrwset.KVMetadataEntry();
            entry.setName(name);
            entry.setValue(value);
            return entry;
        }),
    );
    return write.serializeBinary();
}

export function decodeMetadata(bytes: Uint8Array | undefined): ReadonlyMap<string, Uint8Array> {
    if (bytes === undefined) {
        return NONE;
    }
    const write = ledger.rwset.kvrwset.KVMetadataWrite.deserializeBinary(bytes);
    return new Map(write.getEntriesList().map((entry) => [entry.getName(), entry.getValue_asU8()]));
}

export function sameVersion(one: Version | undefined, other: Version | undefined): boolean {
    return one === undefined || other === undefined ? one === other : one.block === other.block && one.tx === other.tx;
}

/** As Fabric writes a height in its messages. */
export function versionText(version: Version | undefined): string {
    return version === undefined ? '<nil>' : `{BlockNum: ${version.block}, TxNum: ${version.tx}}`;
}
