import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import {
    METADATA,
    blockEnvelopes,
    blockHeader,
    blockSignatureSet,
    blockSignaturesValue,
    dataHash,
    decodeBlock,
    encodeBlock,
    headerBytes,
    headerHash,
    isConfigBlock,
    lastConfigIndex,
    newBlock,
    setBlockSignatures,
    setCommitHash,
    setValidationFlags,
    signHeader,
    signaturesValue,
    validationFlags,
} from './blocks';
import { FormatError } from './errors';
import { Msp, MspManager } from './msp';
import { compileSignaturePolicy, parsePolicy, signaturePolicyEnvelope } from './policy';
import type { SigningIdentity } from './signing';
import { TestAuthority, mspConfig } from './testing/certificates';
import { FABRIC_HEADERS } from './testing/fabric-vectors';
import { sha256 } from './wire';

const PREVIOUS = sha256(Buffer.from('previous'));
const ENVELOPES = [Buffer.from('one'), Buffer.from('two')];
const two = new Map<string, SigningIdentity>();
let msps: MspManager;

beforeAll(async () => {
    const all: Msp[] = [];
    for (const mspId of ['A', 'B']) {
        const authority = await TestAuthority.create(mspId);
        all.push(new Msp(mspConfig(mspId, { roots: [authority.pem] })));
        two.set(mspId, await authority.signer(mspId, 'orderer0', { units: ['orderer'] }));
    }
    msps = new MspManager(all);
});

const orderer = (mspId: string): SigningIdentity => {
    const found = two.get(mspId);
    if (found === undefined) throw new Error(mspId);
    return found;
};

describe('block headers', () => {
    test.each(FABRIC_HEADERS.map(({ number, hex }, position) => ({ number, hex, position })))(
        'of number $number are Fabric’s bytes',
        ({ number, hex, position }) => {
            const header = new common.BlockHeader();
            header.setNumber(number);
            header.setPreviousHash(position === 0 ? new Uint8Array() : sha256(Uint8Array.of(position)));
            header.setDataHash(sha256(Uint8Array.of(position, position)));
            expect(Buffer.from(headerBytes(header)).toString('hex')).toBe(hex);
            expect(Buffer.from(headerHash(header)).toString('hex')).toBe(
                createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex'),
            );
        },
    );
});

describe('blocks', () => {
    test('a new block has its hashes and empty metadata, and survives encoding', () => {
        const block = newBlock(7, PREVIOUS, ENVELOPES);
        const header = blockHeader(block);
        expect(Buffer.compare(header.getDataHash_asU8(), sha256(Buffer.from('onetwo')))).toBe(0);
        expect(Buffer.compare(dataHash(ENVELOPES), sha256(Buffer.from('onetwo')))).toBe(0);
        expect(block.getMetadata()?.getMetadataList()).toHaveLength(5);
        expect(validationFlags(block)).toBeUndefined();
        const again = decodeBlock(encodeBlock(block));
        expect(again.toObject()).toEqual(block.toObject());
        expect(blockEnvelopes(again).map((envelope) => Buffer.from(envelope).toString())).toEqual(['one', 'two']);
    });

    test('flags and commit hash have their places', () => {
        const block = newBlock(7, PREVIOUS, ENVELOPES);
        setValidationFlags(block, Uint8Array.of(0, 11));
        setCommitHash(block, PREVIOUS);
        expect(validationFlags(decodeBlock(encodeBlock(block)))).toEqual(Uint8Array.of(0, 11));
        const entry = block.getMetadata()?.getMetadataList_asU8()[METADATA.COMMIT_HASH] ?? new Uint8Array();
        expect(Buffer.from(entry).toString('hex')).toBe(`0a20${Buffer.from(PREVIOUS).toString('hex')}`);
    });

    test.each([
        ['nothing', () => new Uint8Array()],
        ['no message', () => Uint8Array.of(0xff)],
        [
            'no data',
            () => {
                const block = newBlock(1, PREVIOUS, []);
                block.setData(undefined);
                return encodeBlock(block);
            },
        ],
    ])('%s is no block', (_name, bytes) => {
        expect(() => decodeBlock(bytes())).toThrow(FormatError);
    });

    test('is a configuration block only with one envelope of that type', () => {
        const envelopeOf = (type: number): Uint8Array => {
            const channelHeader = new common.ChannelHeader();
            channelHeader.setType(type);
            const header = new common.Header();
            header.setChannelHeader(channelHeader.serializeBinary());
            const payload = new common.Payload();
            payload.setHeader(header);
            const envelope = new common.Envelope();
            envelope.setPayload(payload.serializeBinary());
            return envelope.serializeBinary();
        };
        expect(isConfigBlock(newBlock(1, PREVIOUS, [envelopeOf(1)]))).toBe(true);
        expect(isConfigBlock(newBlock(1, PREVIOUS, [envelopeOf(3)]))).toBe(false);
        expect(isConfigBlock(newBlock(1, PREVIOUS, [envelopeOf(1), envelopeOf(1)]))).toBe(false);
        expect(isConfigBlock(newBlock(1, PREVIOUS, [Uint8Array.of(0xff)]))).toBe(false);
        expect(isConfigBlock(newBlock(1, PREVIOUS, []))).toBe(false);
        expect(isConfigBlock(new common.Block())).toBe(false);
    });
});

describe('block signatures', () => {
    const policy = () => {
        const bytes = signaturePolicyEnvelope(parsePolicy("AND('A.orderer', 'B.orderer')")).serializeBinary();
        return compileSignaturePolicy(bytes, msps);
    };
    const signed = (...by: readonly string[]): common.Block => {
        const block = newBlock(7, PREVIOUS, ENVELOPES);
        const value = signaturesValue(3, Buffer.from('producer'));
        setBlockSignatures(
            block,
            value,
            by.map((mspId) => signHeader(blockHeader(block), value, orderer(mspId))),
        );
        return decodeBlock(encodeBlock(block));
    };

    test('satisfy the policy over header and value', () => {
        expect(policy().evaluate(blockSignatureSet(signed('A', 'B')))).toBe(true);
        expect(policy().evaluate(blockSignatureSet(signed('A', 'A')))).toBe(false);
        expect(policy().evaluate(blockSignatureSet(signed('A')))).toBe(false);
        expect(blockSignatureSet(newBlock(7, PREVIOUS, ENVELOPES))).toEqual([]);
    });

    test.each([
        ['number', (block: common.Block) => block.getHeader()?.setNumber(8)],
        ['previous hash', (block: common.Block) => block.getHeader()?.setPreviousHash(Uint8Array.of(1))],
        ['data hash', (block: common.Block) => block.getHeader()?.setDataHash(Uint8Array.of(1))],
    ])('do not cover another %s', (_name, change) => {
        const block = signed('A', 'B');
        change(block);
        expect(policy().evaluate(blockSignatureSet(block))).toBe(false);
    });

    test('say which configuration was in force, and what else was signed', () => {
        const block = signed('A');
        const value = common.OrdererBlockMetadata.deserializeBinary(blockSignaturesValue(block));
        expect(lastConfigIndex(block)).toBe(3);
        expect(Buffer.from(value.getConsenterMetadata_asU8()).toString()).toBe('producer');
        expect(
            Buffer.from(block.getMetadata()?.getMetadataList_asU8()[METADATA.LAST_CONFIG] ?? []).toString('hex'),
        ).toBe('0a020803');
    });

    test('the last configuration is found in older blocks too', () => {
        const block = signed('A');
        const entries = block.getMetadata()?.getMetadataList_asU8() ?? [];
        entries[METADATA.SIGNATURES] = new Uint8Array();
        block.getMetadata()?.setMetadataList(entries);
        expect(lastConfigIndex(block)).toBe(3);
    });

    test('may name the orderer by its number in the configuration', () => {
        const block = newBlock(7, PREVIOUS, ENVELOPES);
        const value = signaturesValue(3);
        const identifier = new common.IdentifierHeader();
        identifier.setIdentifier(5);
        const headerOfSignature = identifier.serializeBinary();
        const signature = new common.MetadataSignature();
        signature.setIdentifierHeader(headerOfSignature);
        signature.setSignature(
            orderer('A').sign(Buffer.concat([value, headerOfSignature, headerBytes(blockHeader(block))])),
        );
        setBlockSignatures(block, value, [signature, signHeader(blockHeader(block), value, orderer('B'))]);
        const mapping = [{ id: 5, mspId: 'A', identityPem: orderer('A').certificatePem }];
        expect(policy().evaluate(blockSignatureSet(block, mapping))).toBe(true);
        expect(blockSignatureSet(block, [])).toHaveLength(1);
    });
});
