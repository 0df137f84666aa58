import { common } from '@hyperledger/fabric-protos';

import { METADATA, blockSignatureSet, dataHash, headerHash, isConfigBlock } from '../../fabric/blocks';
import { BoundedCache } from '../../fabric/bounded-cache';
import type { Bundle } from '../../fabric/channel-config';
import { goMarshalledEnvelope } from '../../fabric/encoding/go-envelope';
import { sameBytes } from '../../fabric/wire';
import { FormatError } from '../../fabric/errors';
import type { Policy } from '../../fabric/policy';
import { hex, sha256 } from '../ledger/store/keys';
import { BlockRefused } from './errors';

/** Where the chain stands that a block has to continue. */
export interface ChainTip {
    readonly height: number;
    readonly lastBlockHash: Uint8Array;
}

const METADATA_ENTRIES = 5;
const BLOCK_VALIDATION = '/Channel/Orderer/BlockValidation';

/** Blocks found well formed, by what they hold: peers of a process look once. */
const BLOCKS_KEPT = 200;
const wellFormed = new BoundedCache<string, true>(BLOCKS_KEPT);

function verifyHeader(header: common.BlockHeader, tip: ChainTip): void {
    const number = header.getNumber();
    if (number !== tip.height) {
        throw new BlockRefused(`expected block ${tip.height}, got block ${number}`);
    }
    if (tip.height > 0 && hex(header.getPreviousHash_asU8()) !== hex(tip.lastBlockHash)) {
        throw new BlockRefused(`block ${number} does not follow ours: its previous hash is another block's`);
    }
}

function assertWellFormed(bytes: Uint8Array, position: number): void {
    const envelope = decodeEnvelope(bytes, position);
    if (envelope.getPayload_asU8().length === 0) {
        throw new BlockRefused(`transaction ${position} has no payload`);
    }
    if (envelope.getSignature_asU8().length === 0) {
        throw new BlockRefused(`transaction ${position} has no signature`);
    }
    const again = goMarshalledEnvelope(bytes);
    if (again === undefined || !sameBytes(again, bytes)) {
        throw new BlockRefused(`transaction ${position} does not match its raw form`);
    }
}

function decodeEnvelope(bytes: Uint8Array, position: number): common.Envelope {
    try {
        return common.Envelope.deserializeBinary(bytes);
    } catch {
        throw new BlockRefused(`transaction ${position} is no envelope`);
    }
}

/** The data hash does not say where one envelope ends, so the lengths belong to the name. */
function verifyData(block: common.Block, header: common.BlockHeader): void {
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    if (envelopes.length === 0) {
        throw new BlockRefused(`block ${header.getNumber()} is empty`);
    }
    const hash = hex(dataHash(envelopes));
    if (hash !== hex(header.getDataHash_asU8())) {
        throw new BlockRefused(`the data of block ${header.getNumber()} do not have the hash its header says`);
    }
    wellFormed.remember(`${hash}:${envelopes.map(({ length }) => length).join(',')}`, () => {
        if (!isConfigBlock(block)) {
            envelopes.forEach(assertWellFormed);
        }
        return true;
    });
}

/** Verdicts by configuration, header and signatures: pure functions of the three, so all peers of a process share them. */
const signed = new WeakMap<Bundle, BoundedCache<string, boolean>>();

function isSigned(block: common.Block, header: common.BlockHeader, bundle: Bundle, policy: Policy): boolean {
    const known = signed.get(bundle) ?? new BoundedCache<string, boolean>(BLOCKS_KEPT);
    signed.set(bundle, known);
    const signatures = block.getMetadata()?.getMetadataList_asU8()[METADATA.SIGNATURES] ?? new Uint8Array();
    return known.remember(`${hex(headerHash(header))}:${hex(sha256(signatures))}`, () =>
        policy.evaluate(blockSignatureSet(block, bundle.consenters)),
    );
}

function verifySignatures(block: common.Block, header: common.BlockHeader, bundle: Bundle): void {
    const policy = bundle.policies.find(BLOCK_VALIDATION);
    if (policy === undefined) {
        throw new BlockRefused(`the channel has no policy ${BLOCK_VALIDATION}`);
    }
    if (!isSigned(block, header, bundle, policy)) {
        throw new BlockRefused(`block ${header.getNumber()} lacks signatures: ${BLOCK_VALIDATION} is not satisfied`);
    }
}

/**
 * Whether a block continues the chain, holds what its header says, and carries the signatures that the channel's BlockValidation
 * policy asks for. Throws BlockRefused.
 */
export function verifyBlock(block: common.Block, tip: ChainTip, bundle: Bundle): void {
    const header = block.getHeader();
    if (header === undefined) {
        throw new BlockRefused('a block without header');
    }
    verifyHeader(header, tip);
    if ((block.getMetadata()?.getMetadataList().length ?? 0) < METADATA_ENTRIES) {
        throw new BlockRefused(`block ${header.getNumber()} has too few metadata entries`);
    }
    try {
        verifyData(block, header);
        verifySignatures(block, header, bundle);
    } catch (error) {
        throw error instanceof FormatError ? new BlockRefused(error.message) : error;
    }
}
