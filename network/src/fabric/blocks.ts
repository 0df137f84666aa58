import type { common } from '@hyperledger/fabric-protos';
import type { SignedData } from './policy';
import type { SigningIdentity } from './signing';
import type { Consenter } from './channel-config';

/** Positions in a block's metadata. */
export const METADATA = { SIGNATURES: 0, LAST_CONFIG: 1, TRANSACTIONS_FILTER: 2, ORDERER: 3, COMMIT_HASH: 4 } as const;

/** DER of (number, previous hash, data hash): what is hashed and signed. */
export function headerBytes(_header: common.BlockHeader): Uint8Array {
    throw new Error('not yet');
}

export function headerHash(_header: common.BlockHeader): Uint8Array {
    throw new Error('not yet');
}

/** SHA-256 over the envelopes, one after the other. */
export function dataHash(_envelopes: readonly Uint8Array[]): Uint8Array {
    throw new Error('not yet');
}

/** A block with its hashes and five empty metadata entries. */
export function newBlock(_number: number, _previousHash: Uint8Array, _envelopes: readonly Uint8Array[]): common.Block {
    throw new Error('not yet');
}

export function encodeBlock(_block: common.Block): Uint8Array {
    throw new Error('not yet');
}

/** Throws FormatError. */
export function decodeBlock(_bytes: Uint8Array): common.Block {
    throw new Error('not yet');
}

export function blockEnvelopes(_block: common.Block): readonly Uint8Array[] {
    throw new Error('not yet');
}

/** The value all orderers of a block sign: bytes of OrdererBlockMetadata with the last configuration's number. */
export function signaturesValue(_lastConfigIndex: number, _consenterMetadata?: Uint8Array): Uint8Array {
    throw new Error('not yet');
}

/** One orderer's signature over value ‖ signature header ‖ header. */
export function signHeader(
    _header: common.BlockHeader,
    _value: Uint8Array,
    _identity: SigningIdentity,
): common.MetadataSignature {
    throw new Error('not yet');
}

/** Puts value and signatures into the block's metadata, and the last configuration index where older readers look for it. */
export function setBlockSignatures(
    _block: common.Block,
    _value: Uint8Array,
    _signatures: readonly common.MetadataSignature[],
): void {
    throw new Error('not yet');
}

/** What `BlockValidation` is evaluated on. Identifier headers are resolved through the consenters. Throws FormatError. */
export function blockSignatureSet(_block: common.Block, _consenters?: readonly Consenter[]): readonly SignedData[] {
    throw new Error('not yet');
}

/** Validation codes, one per transaction; undefined before a peer has committed the block. */
export function validationFlags(_block: common.Block): Uint8Array | undefined {
    throw new Error('not yet');
}

export function setValidationFlags(_block: common.Block, _flags: Uint8Array): void {
    throw new Error('not yet');
}

export function setCommitHash(_block: common.Block, _hash: Uint8Array): void {
    throw new Error('not yet');
}

export function isConfigBlock(_block: common.Block): boolean {
    throw new Error('not yet');
}

/** Number of the configuration block in force when this block was made; throws FormatError where the metadata do not say. */
export function lastConfigIndex(_block: common.Block): number {
    throw new Error('not yet');
}
