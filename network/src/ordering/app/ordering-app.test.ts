import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';
import {
    blockEnvelopes,
    blockSignatureSet,
    decodeBlock,
    encodeBlock,
    headerHash,
    setBlockSignatures,
    signHeader,
} from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import { signedEnvelope } from '../../fabric/envelopes';
import { OrderingCommunity } from '../testing/community';
import { headerOf } from './block-header';
import {
    fieldsSwapped,
    hashedMetadata,
    indexOutOfRange,
    metadata,
    outsider,
    tampered,
    wellFormed,
    withData,
    withForeignTxId,
    withoutEndorsedAction,
} from '../testing/wrong-envelopes';
import { FabricOrderingApp, type UnsignedBlock } from './ordering-app';

// Shared machines are slow at times.
jest.setTimeout(60_000);

let community: OrderingCommunity;
let genesis: common.Block;

beforeAll(async () => {
    community = await OrderingCommunity.create(4, 22000);
    genesis = community.genesis({ maxMessageCount: 3, preferredMaxBytes: 60_000, absoluteMaxBytes: 100_000 });
});

afterAll(() => {
    community.remove();
});

const seats = () => [
    { id: 'H1MSP', power: 2n, identity: community.orderer('H1').serialized },
    { id: 'H2MSP', power: 1n, identity: community.orderer('H2').serialized },
];

function opened(): { app: FabricOrderingApp; decided: UnsignedBlock[] } {
    const decided: UnsignedBlock[] = [];
    const app = new FabricOrderingApp(genesis, {
        held: () => seats().map(({ identity }) => identity),
        sink: (block) => {
            decided.push(block);
            return Promise.resolve();
        },
    });
    return { app, decided };
}

const bytesOf = (envelope: common.Envelope): Uint8Array => envelope.serializeBinary();
const transaction = (...options: Parameters<OrderingCommunity['transaction']>): Uint8Array =>
    bytesOf(community.transaction(...options));

async function decide(app: FabricOrderingApp, ...messages: Uint8Array[]): Promise<void> {
    const block = { height: app.info().height + 1, proposer: 'H1MSP', messages };
    expect(app.process(block)).toBeUndefined();
    app.finalize(block);
    await app.commit();
}

const envelopeOf = (type: 1 | 2 | 0): Uint8Array =>
    bytesOf(signedEnvelope(type, 'community', new Uint8Array(4), community.client('H1')));

describe('what may be ordered', () => {
    test.each([
        { what: 'a transaction', message: () => transaction() },
        {
            what: 'one that sets a well-formed key policy',
            message: () => transaction({ namespaces: [metadata(wellFormed())] }),
        },
        {
            what: 'one that takes a policy away',
            message: () => transaction({ namespaces: [metadata(new Uint8Array())] }),
        },
    ])('takes $what', ({ message }) => {
        expect(opened().app.check(message())).toEqual({ kind: 'new' });
    });

    test.each([
        { what: 'nothing', message: () => new Uint8Array(), status: 'BAD_REQUEST', why: 'empty' },
        {
            what: 'more bytes than the channel allows',
            message: () => transaction({ padding: 100_000 }),
            status: 'BAD_REQUEST',
            why: 'exceeds maximum',
        },
        {
            what: 'bytes that are no envelope',
            message: () => Buffer.from('ff00ff', 'hex'),
            status: 'BAD_REQUEST',
            why: '',
        },
        {
            what: 'bytes that a peer would encode otherwise',
            message: () => fieldsSwapped(community),
            status: 'BAD_REQUEST',
            why: 're-marshal',
        },
        {
            what: 'bytes behind the envelope',
            message: () => Buffer.concat([transaction(), Buffer.of(0x18, 1)]),
            status: 'BAD_REQUEST',
            why: 're-marshal',
        },
        {
            what: 'another channel',
            message: () => transaction({ channelId: 'other' }),
            status: 'NOT_FOUND',
            why: "channel 'other'",
        },
        {
            what: 'a configuration update',
            message: () => envelopeOf(2),
            status: 'BAD_REQUEST',
            why: 'UNSUPPORTED_TX_PAYLOAD',
        },
        { what: 'a configuration', message: () => envelopeOf(1), status: 'BAD_REQUEST', why: 'no transaction id' },
        { what: 'a message of another type', message: () => envelopeOf(0), status: 'BAD_REQUEST', why: 'type 0' },
        {
            what: 'a foreign transaction id',
            message: () => withForeignTxId(community),
            status: 'BAD_REQUEST',
            why: 'is not the hash',
        },
        {
            what: 'a tampered signature',
            message: () => tampered(community),
            status: 'FORBIDDEN',
            why: 'permission denied',
        },
        {
            what: 'a member of another authority that claims to be ours',
            message: async () => transaction({ by: await outsider() }),
            status: 'FORBIDDEN',
            why: 'permission denied',
        },
        {
            what: 'a transaction without an action',
            message: () => withData(community, new peer.Transaction().serializeBinary()),
            status: 'BAD_REQUEST',
            why: 'one action',
        },
        {
            what: 'an action that nobody endorsed, which would end every peer',
            message: () => withData(community, withoutEndorsedAction(community)),
            status: 'BAD_REQUEST',
            why: '',
        },
        {
            what: 'a proposal hash that is another',
            message: () => transaction({ proposalHash: new Uint8Array(32) }),
            status: 'BAD_REQUEST',
            why: 'INVALID_ENDORSER_TRANSACTION',
        },
        {
            what: 'a chaincode that was not asked for',
            message: () => transaction({ ran: 'governance' }),
            status: 'BAD_REQUEST',
            why: 'INVALID_CHAINCODE',
        },
        {
            what: 'key policies and writes of another chaincode',
            message: () =>
                transaction({
                    namespaces: [metadata(wellFormed()), { ...metadata(wellFormed()), name: 'governance' }],
                }),
            status: 'BAD_REQUEST',
            why: 'several chaincodes (governance, market)',
        },
        {
            what: 'key policies of a chaincode that was not invoked',
            message: () => transaction({ namespaces: [{ ...metadata(wellFormed()), name: 'governance' }] }),
            status: 'BAD_REQUEST',
            why: 'several chaincodes',
        },
        {
            what: 'a key policy that is none',
            message: () => transaction({ namespaces: [metadata(Buffer.from('junk'))] }),
            status: 'BAD_REQUEST',
            why: "key 'round' of market",
        },
        {
            what: 'a key policy with an identity out of range',
            message: () => transaction({ namespaces: [metadata(indexOutOfRange())] }),
            status: 'BAD_REQUEST',
            why: 'malformed endorsement policy',
        },
        {
            what: 'a private key policy that is none',
            message: () => transaction({ namespaces: [hashedMetadata(Buffer.from('junk'))] }),
            status: 'BAD_REQUEST',
            why: 'market/_implicit_org_H1MSP',
        },
    ])('refuses $what', async ({ message, status, why }) => {
        const bytes = await message();
        const { app } = opened();
        const verdict = app.check(bytes);
        expect(verdict).toMatchObject({ kind: 'refused', refusal: { status } });
        expect(verdict.kind === 'refused' ? verdict.refusal.why : '').toContain(why);
        expect(app.prepare([bytes])).toEqual({ considered: 1, dropped: [0] });
        expect(app.process({ height: 1, proposer: 'H1MSP', messages: [bytes] })).toContain('may not be ordered');
    });
});

describe('a private write', () => {
    const privately = (collection?: string) => transaction({ namespaces: [hashedMetadata(wellFormed(), collection)] });
    const defined = (collections: readonly string[], endorsers: readonly string[]) =>
        bytesOf(community.definition('market', collections, endorsers));

    test.each([
        { what: 'the implicit collection of an organisation', collection: '_implicit_org_H1MSP' },
        { what: 'a collection of the chaincode', collection: 'shared' },
    ])('to $what is taken once a block has the definition of the chaincode', async ({ collection }) => {
        const { app } = opened();
        const message = privately(collection);
        const definition = defined(['shared'], ['DSO', 'H1', 'H2']);
        expect(app.check(message)).toMatchObject({ kind: 'refused', refusal: { status: 'BAD_REQUEST' } });
        expect(app.check(definition)).toEqual({ kind: 'new' });
        expect(app.prepare([definition, message])).toEqual({ considered: 2, dropped: [1] });
        await decide(app, definition);
        expect(app.check(message)).toEqual({ kind: 'new' });
    });

    test.each([
        { what: 'that the chaincode has not got', collection: 'other', endorsers: ['DSO', 'H1', 'H2'] },
        { what: 'of a chaincode whose definition too few endorsed', collection: 'shared', endorsers: ['DSO', 'H1'] },
    ])('to a collection $what is refused', async ({ collection, endorsers }) => {
        const { app } = opened();
        await decide(app, defined(['shared'], endorsers));
        const verdict = app.check(privately(collection));
        expect(verdict.kind === 'refused' ? verdict.refusal.why : '').toContain(`collection market/${collection}`);
    });

    test('of the life cycle itself is taken: approvals come before definitions', () => {
        const approval = { ...hashedMetadata(wellFormed()), name: '_lifecycle' };
        const message = transaction({ chaincode: '_lifecycle', namespaces: [approval] });
        expect(opened().app.check(message)).toEqual({ kind: 'new' });
    });
});

test('a transaction that concerns several chaincodes is taken when all of them are defined', async () => {
    const { app } = opened();
    const writes = [{ key: 'a', isDelete: false, value: Buffer.from('1') }];
    const message = transaction({ namespaces: [{ writes }, { writes, name: 'governance' }] });
    for (const chaincode of ['market', 'governance']) {
        expect(app.check(message)).toMatchObject({ kind: 'refused', refusal: { status: 'BAD_REQUEST' } });
        await decide(app, bytesOf(community.definition(chaincode, [], ['DSO', 'H1', 'H2'])));
    }
    expect(app.check(message)).toEqual({ kind: 'new' });
});

describe('a transaction id', () => {
    test('is ordered once: its copies are known, while it waits and afterwards', async () => {
        const { app } = opened();
        const message = transaction();
        expect(app.check(message).kind).toBe('new');
        expect(app.check(Uint8Array.from(message)).kind).toBe('known');
        await decide(app, message);
        expect(app.check(Uint8Array.from(message)).kind).toBe('known');
        expect(app.prepare([Uint8Array.from(message)])).toEqual({ considered: 1, dropped: [0] });
    });

    test('is refused with other content', async () => {
        const { app } = opened();
        const nonce = randomBytes(24);
        const [first, second] = [transaction({ nonce }), transaction({ nonce })];
        expect(app.check(first).kind).toBe('new');
        expect(app.check(second)).toMatchObject({ kind: 'refused', refusal: { status: 'BAD_REQUEST' } });
        await decide(app, first);
        expect(app.check(second)).toMatchObject({ kind: 'refused' });
    });

    test('may not stand twice in a proposed block', () => {
        const { app } = opened();
        const message = transaction();
        expect(app.process({ height: 1, proposer: 'H1MSP', messages: [message, message] })).toContain('messages 1');
    });
});

describe('a proposal', () => {
    test('takes as many messages as a block may have', () => {
        const { app } = opened();
        const messages = Array.from({ length: 5 }, () => transaction());
        expect(app.prepare(messages)).toEqual({ considered: 3, dropped: [] });
        expect(app.process({ height: 1, proposer: 'H1MSP', messages })).toContain('more than a block takes');
    });

    test('takes no more bytes than preferred, but one message always', () => {
        const { app } = opened();
        const [small, large] = [transaction({ padding: 30_000 }), transaction({ padding: 70_000 })];
        expect(app.prepare([small, transaction({ padding: 40_000 })])).toEqual({ considered: 1, dropped: [] });
        expect(app.prepare([large, small])).toEqual({ considered: 1, dropped: [] });
    });

    test('leaves metadata of a key that it deletes to the next block: together they would end every peer', async () => {
        const { app } = opened();
        const deletion = transaction({
            namespaces: [{ writes: [{ key: 'round', isDelete: true, value: new Uint8Array() }] }],
        });
        const [other, policy] = [transaction(), transaction({ namespaces: [metadata(wellFormed())] })];
        expect(app.prepare([policy, deletion])).toEqual({ considered: 2, dropped: [] });
        expect(app.prepare([deletion, other, policy])).toEqual({ considered: 2, dropped: [] });
        await decide(app, deletion, other);
        await decide(app, policy);
    });

    test.each([
        { what: 'out of turn', block: { height: 2, proposer: 'H1MSP' }, why: 'height 2' },
        { what: 'of somebody without a seat', block: { height: 1, proposer: 'DSOMSP' }, why: 'no seat' },
    ])('$what is not voted for', ({ block, why }) => {
        expect(opened().app.process({ ...block, messages: [transaction()] })).toContain(why);
    });
});

describe('a decided block', () => {
    test('follows the one before it, holds the envelopes as they came, and names its producer', async () => {
        const { app, decided } = opened();
        const messages = [transaction(), transaction(), transaction()];
        await decide(app, ...messages.slice(0, 2));
        await decide(app, ...messages.slice(2));
        const [first, second] = decided.map(({ block }) => block);
        if (first === undefined || second === undefined) {
            throw new Error('two blocks were decided');
        }
        expect([first, second].map((block) => headerOf(block).getNumber())).toEqual([1, 2]);
        expect(headerOf(first).getPreviousHash_asU8()).toEqual(headerHash(headerOf(genesis)));
        expect(headerOf(second).getPreviousHash_asU8()).toEqual(headerHash(headerOf(first)));
        expect(blockEnvelopes(first)).toEqual(messages.slice(0, 2));
        const value = common.OrdererBlockMetadata.deserializeBinary(decided[1]?.value ?? new Uint8Array());
        const consenter = common.Metadata.deserializeBinary(value.getConsenterMetadata_asU8());
        expect(Buffer.from(consenter.getValue_asU8()).toString()).toBe('{"height":"2","producer":"H1MSP"}');
    });

    test('satisfies BlockValidation with the signatures of more than two thirds of the weight, and not without', async () => {
        const { app, decided } = opened();
        await decide(app, transaction());
        const policy = Bundle.fromConfigBlock(genesis).policies.get('/Channel/Orderer/BlockValidation');
        const accepted = (...signers: string[]): boolean => {
            const { block, value } = decided[0] ?? { block: new common.Block(), value: new Uint8Array() };
            const header = headerOf(block);
            setBlockSignatures(
                block,
                value,
                signers.map((id) => signHeader(header, value, community.orderer(id))),
            );
            return policy.evaluate(blockSignatureSet(decodeBlock(encodeBlock(block))));
        };
        // Weights 3, 3, 2, 2: at least 7 of 10.
        expect(accepted('H1', 'H2', 'H3', 'H4')).toBe(true);
        expect(accepted('H1', 'H2', 'H3')).toBe(true);
        expect(accepted('H1', 'H3', 'H4')).toBe(true);
        expect(accepted('H1', 'H2')).toBe(false);
        expect(accepted('H1', 'H1', 'H1', 'H2')).toBe(false);
    });

    test('is the same on every seat that is given the same messages', async () => {
        const messages = [transaction(), transaction()];
        const [one, other] = [opened(), opened()];
        await decide(one.app, ...messages);
        await decide(other.app, ...messages.map((each) => Uint8Array.from(each)));
        expect(one.decided.map(({ block }) => encodeBlock(block))).toEqual(
            other.decided.map(({ block }) => encodeBlock(block)),
        );
        expect(one.decided.map(({ value }) => value)).toEqual(other.decided.map(({ value }) => value));
    });
});
