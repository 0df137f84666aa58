import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { TAG, element, unsignedInteger } from './encoding/der';
import { FormatError } from './errors';
import type { SignedData } from './policy';
import { serializeIdentity, type SigningIdentity } from './signing';
import { concat, decode, sha256 } from './wire';

/** Positions in a block's metadata. */
export const METADATA = { SIGNATURES: 0, LAST_CONFIG: 1, TRANSACTIONS_FILTER: 2, ORDERER: 3, COMMIT_HASH: 4 } as const;
const METADATA_ENTRIES = 5;
const NONCE_BYTES = 24;

/** An orderer as the configuration lists it, as far as signatures that name it by number are concerned. */
export interface NumberedOrderer {
    readonly id: number;
    readonly mspId: string;
    readonly identityPem: string;
}

/** DER of (number, previous hash, data hash): what is hashed and signed. */
export function headerBytes(header: common.BlockHeader): Uint8Array {
    return element(
        TAG.SEQUENCE,
        unsignedInteger(BigInt(header.getNumber())),
        element(TAG.OCTET_STRING, header.getPreviousHash_asU8()),
        element(TAG.OCTET_STRING, header.getDataHash_asU8()),
    );
}

export function headerHash(header: common.BlockHeader): Uint8Array {
    return sha256(headerBytes(header));
}

/** SHA-256 over the envelopes, one after the other. */
export function dataHash(envelopes: readonly Uint8Array[]): Uint8Array {
    return sha256(concat(...envelopes));
}

/** A block with its hashes and five empty metadata entries. */
export function newBlock(number: number, previousHash: Uint8Array, envelopes: readonly Uint8Array[]): common.Block {
    const header = new common.BlockHeader();
    header.setNumber(number);
    header.setPreviousHash(previousHash);
    header.setDataHash(dataHash(envelopes));
    const data = new common.BlockData();
    data.setDataList([...envelopes]);
    const block = new common.Block();
    block.setHeader(header);
    block.setData(data);
    block.setMetadata(emptyMetadata());
    return block;
}

function emptyMetadata(): common.BlockMetadata {
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList(Array.from({ length: METADATA_ENTRIES }, () => new Uint8Array()));
    return metadata;
}

export function encodeBlock(block: common.Block): Uint8Array {
    return block.serializeBinary();
}

/** Throws FormatError, also for a block without header or data. */
export function decodeBlock(bytes: Uint8Array): common.Block {
    const block = decode(common.Block, bytes, 'block');
    blockHeader(block);
    blockEnvelopes(block);
    return block;
}

/** Throws FormatError where there is none. */
export function blockHeader(block: common.Block): common.BlockHeader {
    const header = block.getHeader();
    if (header === undefined) throw new FormatError('block has no header');
    return header;
}

/** Throws FormatError where there is no data. */
export function blockEnvelopes(block: common.Block): readonly Uint8Array[] {
    const data = block.getData();
    if (data === undefined) throw new FormatError('block has no data');
    return data.getDataList_asU8();
}

function metadataEntry(block: common.Block, slot: number): Uint8Array {
    return block.getMetadata()?.getMetadataList_asU8()[slot] ?? new Uint8Array();
}

function setMetadataEntry(block: common.Block, slot: number, value: Uint8Array): void {
    const metadata = block.getMetadata() ?? new common.BlockMetadata();
    const entries = metadata.getMetadataList_asU8().slice();
    while (entries.length < METADATA_ENTRIES) entries.push(new Uint8Array());
    entries[slot] = value;
    metadata.setMetadataList(entries);
    block.setMetadata(metadata);
}

function lastConfig(index: number): common.LastConfig {
    const message = new common.LastConfig();
    message.setIndex(index);
    return message;
}

/** The value all orderers of a block sign: bytes of OrdererBlockMetadata with the last configuration's number. */
export function signaturesValue(
    lastConfigNumber: number,
    consenterMetadata: Uint8Array = new Uint8Array(),
): Uint8Array {
    const value = new common.OrdererBlockMetadata();
    value.setLastConfig(lastConfig(lastConfigNumber));
    value.setConsenterMetadata(consenterMetadata);
    return value.serializeBinary();
}

/** One orderer's signature over value ‖ signature header ‖ header. */
export function signHeader(
    header: common.BlockHeader,
    value: Uint8Array,
    identity: SigningIdentity,
): common.MetadataSignature {
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(identity.serialized);
    signatureHeader.setNonce(randomBytes(NONCE_BYTES));
    const headerOfSignature = signatureHeader.serializeBinary();
    const signature = new common.MetadataSignature();
    signature.setSignatureHeader(headerOfSignature);
    signature.setSignature(identity.sign(concat(value, headerOfSignature, headerBytes(header))));
    return signature;
}

/** Puts value and signatures into the block's metadata, and the last configuration index where older readers look for it. */
export function setBlockSignatures(
    block: common.Block,
    value: Uint8Array,
    signatures: readonly common.MetadataSignature[],
): void {
    const metadata = new common.Metadata();
    metadata.setValue(value);
    metadata.setSignaturesList([...signatures]);
    setMetadataEntry(block, METADATA.SIGNATURES, metadata.serializeBinary());

    const index = decode(common.OrdererBlockMetadata, value, 'OrdererBlockMetadata').getLastConfig()?.getIndex() ?? 0;
    const older = new common.Metadata();
    older.setValue(lastConfig(index).serializeBinary());
    setMetadataEntry(block, METADATA.LAST_CONFIG, older.serializeBinary());
}

function signaturesMetadata(block: common.Block): common.Metadata {
    return decode(common.Metadata, metadataEntry(block, METADATA.SIGNATURES), 'signatures in block metadata');
}

/** What all orderers of the block signed besides its header: bytes of OrdererBlockMetadata. Throws FormatError. */
export function blockSignaturesValue(block: common.Block): Uint8Array {
    return signaturesMetadata(block).getValue_asU8();
}

/** The orderers' signatures as they stand in the block. Throws FormatError. */
export function blockSignatures(block: common.Block): readonly common.MetadataSignature[] {
    return signaturesMetadata(block).getSignaturesList();
}

/**
 * What `BlockValidation` is evaluated on. A signature without signature header names its orderer by number; one that is not among
 * the given orderers is left out. Throws FormatError.
 */
export function blockSignatureSet(
    block: common.Block,
    orderers: readonly NumberedOrderer[] = [],
): readonly SignedData[] {
    const metadata = signaturesMetadata(block);
    const value = metadata.getValue_asU8();
    const header = headerBytes(blockHeader(block));
    return metadata.getSignaturesList().flatMap((signature) => {
        const signer = signerOf(signature, orderers);
        if (signer === undefined) return [];
        const data = concat(value, signer.header, header);
        return [{ identity: signer.identity, data, signature: signature.getSignature_asU8() }];
    });
}

function signerOf(
    signature: common.MetadataSignature,
    orderers: readonly NumberedOrderer[],
): { identity: Uint8Array; header: Uint8Array } | undefined {
    const signatureHeader = signature.getSignatureHeader_asU8();
    const identifierHeader = signature.getIdentifierHeader_asU8();
    if (signatureHeader.length > 0 || identifierHeader.length === 0) {
        const creator = decode(common.SignatureHeader, signatureHeader, 'signature header').getCreator_asU8();
        return { identity: creator, header: signatureHeader };
    }
    const id = decode(common.IdentifierHeader, identifierHeader, 'identifier header').getIdentifier();
    const orderer = orderers.find((candidate) => candidate.id === id);
    if (orderer === undefined) return undefined;
    return { identity: serializeIdentity(orderer.mspId, orderer.identityPem), header: identifierHeader };
}

/** Validation codes, one per transaction; undefined before a peer has committed the block. */
export function validationFlags(block: common.Block): Uint8Array | undefined {
    const flags = metadataEntry(block, METADATA.TRANSACTIONS_FILTER);
    return flags.length === 0 ? undefined : flags;
}

export function setValidationFlags(block: common.Block, flags: Uint8Array): void {
    setMetadataEntry(block, METADATA.TRANSACTIONS_FILTER, flags);
}

/** The peers' running hash over what they committed, wrapped as Fabric keeps it. */
export function setCommitHash(block: common.Block, hash: Uint8Array): void {
    const metadata = new common.Metadata();
    metadata.setValue(hash);
    setMetadataEntry(block, METADATA.COMMIT_HASH, metadata.serializeBinary());
}

/** True if the block's one envelope is a configuration. */
export function isConfigBlock(block: common.Block): boolean {
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    const [envelope] = envelopes;
    if (envelope === undefined || envelopes.length !== 1) return false;
    try {
        const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
        const header = payload.getHeader();
        if (header === undefined) return false;
        const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
        return channelHeader.getType() === common.HeaderType.CONFIG;
    } catch {
        return false;
    }
}

/** Number of the configuration block in force when this block was made; throws FormatError where the metadata do not say. */
export function lastConfigIndex(block: common.Block): number {
    const value = blockSignaturesValue(block);
    if (value.length > 0) {
        const index = decode(common.OrdererBlockMetadata, value, 'OrdererBlockMetadata').getLastConfig()?.getIndex();
        if (index === undefined) throw new FormatError('block metadata do not name the last configuration');
        return index;
    }
    const older = decode(
        common.Metadata,
        metadataEntry(block, METADATA.LAST_CONFIG),
        'last configuration',
    ).getValue_asU8();
    return decode(common.LastConfig, older, 'LastConfig').getIndex();
}
