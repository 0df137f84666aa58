import { beforeEach, describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { newBlock, signaturesValue } from '../../fabric/blocks';
import { concat } from '../../fabric/wire';
import { headerOf } from '../app/block-header';
import { headerBytes } from '../../fabric/blocks';
import { LONGEST_RANGE, SignatureExchange, type DecidedHeader, type Effects, type Signatory } from './exchange';
import { decodeClusterMessage, encodeClusterMessage, type SignedHeader } from './messages';

/** A signature is the name of who signs and what: as good as one for who looks at nothing else. */
const nameOf = (mspId: string): Uint8Array => Buffer.from(mspId);
const signatureOf = (mspId: string, message: Uint8Array): Uint8Array =>
    concat(nameOf(`${mspId}:`), Buffer.from(message).subarray(-32));

const signatories: readonly Signatory[] = [
    ['H1', 3n] as const,
    ['H2', 3n] as const,
    ['H3', 2n] as const,
    ['H4', 2n] as const,
].map(([mspId, power]) => ({
    mspId,
    power,
    identity: nameOf(mspId),
    verify: (message, signature) => Buffer.from(signature).equals(signatureOf(mspId, message)),
}));

const value = signaturesValue(0);

function header(number: number, data = 'a'): common.BlockHeader {
    return headerOf(newBlock(number, new Uint8Array(32), [Buffer.from(data)]));
}

function signature(mspId: string, over: common.BlockHeader): common.MetadataSignature {
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(nameOf(mspId));
    const made = new common.MetadataSignature();
    made.setSignatureHeader(signatureHeader.serializeBinary());
    made.setSignature(signatureOf(mspId, concat(value, signatureHeader.serializeBinary(), headerBytes(over))));
    return made;
}

const from = (mspId: string, number: number, data?: string): SignedHeader => ({
    kind: 'signed',
    header: header(number, data),
    value,
    signatures: [signature(mspId, header(number, data))],
});

const decided = (number: number, own = true): DecidedHeader => ({
    header: header(number),
    value,
    signatories,
    ...(own ? { own: signature('H1', header(number)) } : {}),
});

const sealed = ({ sealed: blocks }: Effects): string[] =>
    blocks.map(({ number, signatures }) => {
        const names = signatures.map((each) => Buffer.from(each.getSignature_asU8()).toString().split(':')[0] ?? '');
        return `${number} ${names.join(' ')}`;
    });
const codes = ({ complaints }: Effects): string[] => complaints.map(({ code, mspId }) => `${code} ${mspId}`);

let exchange: SignatureExchange;

beforeEach(() => {
    exchange = new SignatureExchange('H1', 1);
});

describe('the exchange of signatures', () => {
    test('seals a block with more than two thirds of the power, in the order of the seats', () => {
        const first = exchange.decided(decided(1), 0);
        expect(first.sends.map(({ to }) => to)).toEqual(['H2', 'H3', 'H4']);
        expect(sealed(first)).toEqual([]);
        expect(sealed(exchange.received('H4', from('H4', 1), 0))).toEqual([]);
        expect(sealed(exchange.received('H2', from('H2', 1), 0))).toEqual(['1 H1 H2 H4']);
        expect(exchange.received('H3', from('H3', 1), 0)).toMatchObject({ sealed: [], complaints: [] });
    });

    test('seals in order, whoever is faster', () => {
        exchange.decided(decided(1), 0);
        exchange.decided(decided(2), 0);
        for (const id of ['H2', 'H3', 'H4']) expect(sealed(exchange.received(id, from(id, 2), 0))).toEqual([]);
        exchange.received('H2', from('H2', 1), 0);
        expect(sealed(exchange.received('H3', from('H3', 1), 0))).toEqual(['1 H1 H2 H3', '2 H1 H2 H3 H4']);
        expect(exchange.pending).toBe(0);
    });

    test('keeps what comes before its own decision, for so many blocks, the last of each seat', () => {
        exchange.received('H2', from('H2', 1, 'another'), 0);
        exchange.received('H2', from('H2', 1), 0);
        exchange.received('H3', from('H3', 1), 0);
        exchange.received('H3', from('H3', 1_000_000), 0);
        expect(sealed(exchange.decided(decided(1), 0))).toEqual(['1 H1 H2 H3']);
    });

    test('takes the signatures of others from whoever passes them on', () => {
        exchange.decided(decided(1, false), 0);
        const passed = { ...from('H1', 1), signatures: ['H1', 'H2', 'H4'].map((id) => signature(id, header(1))) };
        expect(sealed(exchange.received('H3', passed, 0))).toEqual(['1 H1 H2 H4']);
    });

    test.each([
        { what: 'another header', message: () => from('H2', 1, 'another'), code: 'WRONG_HEADER H2' },
        {
            what: 'another value beside the header',
            message: () => ({ ...from('H2', 1), value: signaturesValue(1) }),
            code: 'WRONG_HEADER H2',
        },
        {
            what: 'a signature of another header with this one',
            message: () => ({ ...from('H2', 1), signatures: [signature('H2', header(1, 'another'))] }),
            code: 'WRONG_SIGNATURE H2',
        },
        {
            what: 'a signature of nobody',
            message: () => ({ ...from('H2', 1), signatures: [signature('DSO', header(1))] }),
            code: 'NOT_A_SEAT H2',
        },
        {
            what: 'a signature that cannot be read',
            message: () => {
                const broken = signature('H2', header(1));
                broken.setSignatureHeader(Buffer.from('ff', 'hex'));
                return { ...from('H2', 1), signatures: [broken] };
            },
            code: 'UNREADABLE H2',
        },
        {
            what: 'too many signatures',
            message: () => ({
                ...from('H2', 1),
                signatures: Array.from({ length: 17 }, () => signature('H2', header(1))),
            }),
            code: 'UNREADABLE H2',
        },
    ])('does not count $what, and names who sent it', ({ message, code }) => {
        exchange.decided(decided(1), 0);
        exchange.received('H3', from('H3', 1), 0);
        const effects = exchange.received('H2', message(), 0);
        expect(codes(effects)).toContain(code);
        expect(sealed(effects)).toEqual([]);
        expect(sealed(exchange.received('H2', from('H2', 1), 0))).toEqual(['1 H1 H2 H3']);
    });

    test('counts one seat once, however often it signs', () => {
        exchange.decided(decided(1), 0);
        for (let times = 0; times < 5; times += 1)
            expect(sealed(exchange.received('H2', from('H2', 1), 0))).toEqual([]);
    });

    test('asks one seat after the other for what does not come, in ranges', () => {
        for (let number = 1; number <= LONGEST_RANGE + 5; number += 1) exchange.decided(decided(number), 0);
        expect(exchange.tick(100).sends).toEqual([]);
        const ask = { kind: 'ask', from: 1, to: LONGEST_RANGE };
        expect(exchange.tick(1_000).sends).toEqual([{ to: 'H2', message: ask }]);
        expect(exchange.tick(1_100).sends).toEqual([]);
        expect(exchange.tick(2_000).sends).toEqual([{ to: 'H3', message: ask }]);
        let asked: Effects['sends'] = [];
        for (let number = 1; number <= LONGEST_RANGE; number += 1) {
            const all = { ...from('H2', number), signatures: ['H2', 'H3'].map((id) => signature(id, header(number))) };
            asked = exchange.received('H3', all, 2_000).sends;
        }
        expect(asked).toEqual([{ to: 'H4', message: { kind: 'ask', from: LONGEST_RANGE + 1, to: LONGEST_RANGE + 5 } }]);
    });

    test('answers what it is asked for, bounded', () => {
        for (let number = 1; number <= 3; number += 1) exchange.decided(decided(number), 0);
        const range = (first: number, to: number) =>
            exchange.received('H2', { kind: 'ask', from: first, to }, 0).answers;
        expect(range(1, 1_000_000)).toEqual([{ to: 'H2', range: { kind: 'ask', from: 1, to: 3 } }]);
        expect(range(4, 9)).toEqual([]);
        expect(exchange.known(2)?.signatures).toHaveLength(1);
        expect(exchange.known(4)).toBeUndefined();
    });

    test('names who has not signed for long, once, and again after it had come back', () => {
        exchange.decided(decided(1), 0);
        exchange.received('H2', from('H2', 1), 0);
        exchange.received('H3', from('H3', 1), 0);
        expect(codes(exchange.tick(9_000))).toEqual([]);
        expect(codes(exchange.tick(10_001))).toEqual(['SIGNATURES_WITHHELD H4']);
        expect(codes(exchange.tick(20_000))).toEqual([]);
        exchange.received('H4', from('H4', 1), 20_000);
        exchange.tick(20_001);
        exchange.decided(decided(2), 20_001);
        for (const id of ['H2', 'H3']) exchange.received(id, from(id, 2), 20_001);
        expect(codes(exchange.tick(31_000))).toEqual(['SIGNATURES_WITHHELD H4']);
    });
});

describe('messages between seats', () => {
    test("are what Fabric's orderers send each other, and come back as they were", () => {
        for (const message of [from('H2', 7), { kind: 'ask', from: 3, to: 9 } as const]) {
            const bytes = encodeClusterMessage('community', message);
            const again = encodeClusterMessage('community', decodeClusterMessage('community', bytes));
            expect(again.equals(bytes)).toBe(true);
        }
    });

    test.each([
        { what: 'of another channel', bytes: () => encodeClusterMessage('other', from('H2', 7)) },
        { what: 'of nothing', bytes: () => Buffer.alloc(0) },
        { what: 'of bytes', bytes: () => Buffer.from('ffff', 'hex') },
    ])('$what are not read', ({ bytes }) => {
        expect(() => decodeClusterMessage('community', bytes())).toThrow();
    });
});
