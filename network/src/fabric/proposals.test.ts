import { X509Certificate, createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';
import {
    EnvelopeError,
    assertCanonicalEnvelope,
    parseEnvelope,
    reMarshalsToSameBytes,
    signedEnvelope,
    transactionId,
} from './envelopes';
import { FormatError } from './errors';
import {
    buildProposal,
    endorsedResponse,
    parseSignedProposal,
    proposalHash,
    responseMessage,
    transactionEnvelope,
    transactionPayload,
    type Simulated,
} from './proposals';
import { encodeRwSet } from './rwset';
import { verifySignature, type SigningIdentity } from './signing';
import { TestAuthority } from './testing/certificates';

const NONCE = Buffer.alloc(24, 7);
const STAMP = new Date('2026-03-01T12:00:00.250Z');
const RESULTS = encodeRwSet({
    namespaces: [
        {
            name: 'market',
            reads: [{ key: 'a' }],
            writes: [{ key: 'b', isDelete: false, value: Buffer.from('1') }],
            rangeQueries: [],
            metadataWrites: [],
            collections: [],
        },
    ],
});
let client: SigningIdentity;
let endorsers: SigningIdentity[];

beforeAll(async () => {
    const authority = await TestAuthority.create('ca');
    client = await authority.signer('H1MSP', 'client', { units: ['client'] });
    endorsers = [
        await authority.signer('H1MSP', 'peer0', { units: ['peer'] }),
        await authority.signer('H1MSP', 'peer1', { units: ['peer'] }),
    ];
});

const proposed = () =>
    buildProposal(
        {
            channelId: 'community',
            chaincode: 'market',
            args: [Buffer.from('auction:submitOrder'), Buffer.from('{}')],
            transient: new Map([
                ['order', Buffer.from('secret')],
                ['other', Buffer.from([0xff, 0x00])],
            ]),
            nonce: NONCE,
            timestamp: STAMP,
        },
        client,
    );

const simulated = (hash: Uint8Array): Simulated => ({
    proposalHash: hash,
    response: { status: 200, message: '', payload: Buffer.from('done') },
    results: RESULTS,
    events: new Uint8Array(),
    chaincode: { name: 'market', version: '1' },
});

const responses = (): peer.ProposalResponse[] => {
    const { hash } = parseSignedProposal(proposed().signed);
    return endorsers.map((endorser) => endorsedResponse(simulated(hash), endorser));
};
const envelopeBytes = (): Uint8Array => transactionEnvelope(proposed().proposal, responses(), client).serializeBinary();

describe('proposals', () => {
    test('say what was asked, by whom and when', () => {
        const { signed, txId } = proposed();
        const parsed = parseSignedProposal(signed);
        const creatorDigest = createHash('sha256').update(NONCE).update(client.serialized).digest('hex');
        expect(txId).toBe(creatorDigest);
        expect(parsed).toMatchObject({
            type: common.HeaderType.ENDORSER_TRANSACTION,
            channelId: 'community',
            txId: creatorDigest,
            timestamp: STAMP,
            epoch: 0,
            chaincode: { name: 'market', version: '' },
            isInit: false,
        });
        expect(parsed.args.map((arg) => Buffer.from(arg).toString())).toEqual(['auction:submitOrder', '{}']);
        expect(Buffer.from(parsed.transient.get('order') ?? []).toString()).toBe('secret');
        expect(Buffer.from(parsed.transient.get('other') ?? []).toString('hex')).toBe('ff00');
        expect(Buffer.compare(parsed.creator, client.serialized)).toBe(0);
        expect(Buffer.compare(parsed.nonce, NONCE)).toBe(0);
    });

    test('the hash covers headers and input, not the transient data', () => {
        const { proposal, signed } = proposed();
        const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
        const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
        payload.clearTransientmapMap();
        const expected = createHash('sha256')
            .update(header.getChannelHeader_asU8())
            .update(header.getSignatureHeader_asU8())
            .update(payload.serializeBinary())
            .digest('hex');
        expect(Buffer.from(parseSignedProposal(signed).hash).toString('hex')).toBe(expected);
        const recomputed = proposalHash(
            header.getChannelHeader_asU8(),
            header.getSignatureHeader_asU8(),
            proposal.getPayload_asU8(),
        );
        expect(Buffer.from(recomputed).toString('hex')).toBe(expected);
    });

    test.each([
        [
            'no proposal',
            (signed: peer.SignedProposal) => {
                signed.setProposalBytes(Uint8Array.of(0xff));
            },
        ],
        [
            'an empty one',
            (signed: peer.SignedProposal) => {
                signed.setProposalBytes(new Uint8Array());
            },
        ],
    ])('%s is refused', (_name, change) => {
        const { signed } = proposed();
        change(signed);
        expect(() => parseSignedProposal(signed)).toThrow(FormatError);
    });
});

describe('responses', () => {
    test('are signed over payload and endorser', () => {
        for (const [index, response] of responses().entries()) {
            const payload = response.getPayload_asU8();
            const parsed = peer.ProposalResponsePayload.deserializeBinary(payload);
            const action = peer.ChaincodeAction.deserializeBinary(parsed.getExtension_asU8());
            const endorsement = response.getEndorsement() ?? new peer.Endorsement();
            const endorser = endorsement.getEndorser_asU8();
            const signedBytes = Buffer.concat([payload, endorser]);
            const key = new X509Certificate(endorsers[index]?.certificatePem ?? '').publicKey;
            expect(action.getResponse()?.getStatus()).toBe(200);
            expect(action.getChaincodeId()?.getName()).toBe('market');
            expect(verifySignature(key, signedBytes, endorsement.getSignature_asU8())).toBe(true);
            expect(response.getVersion()).toBe(1);
        }
    });

    test('of two endorsers have the same payload', () => {
        const [one, two] = responses();
        expect(Buffer.compare(one?.getPayload_asU8() ?? NONCE, two?.getPayload_asU8() ?? RESULTS)).toBe(0);
    });

    test.each([
        ['none', () => [], 'at least one'],
        [
            'one that differs',
            () => {
                const all = responses();
                all[1]?.setPayload(NONCE);
                return all;
            },
            'do not match',
        ],
        [
            'a refusal',
            () => {
                const all = responses();
                all[1]?.setResponse(responseMessage({ status: 500, message: 'no', payload: new Uint8Array() }));
                return all;
            },
            'error code 500, msg no',
        ],
        [
            'one that is not endorsed',
            () => {
                const all = responses().slice(0, 1);
                all[0]?.setEndorsement(undefined);
                return all;
            },
            'no endorsements',
        ],
    ])('%s make no transaction', (_name, of, why) => {
        expect(() => transactionPayload(proposed().proposal, of())).toThrow(why);
    });
});

describe('transactions', () => {
    test('carry everything but the transient data', () => {
        const bytes = envelopeBytes();
        const parsed = parseEnvelope(bytes);
        const transaction = parsed.transaction();
        expect(parsed).toMatchObject({ type: 3, channelId: 'community', txId: proposed().txId, timestamp: STAMP });
        expect(parsed.txId).toBe(transactionId(parsed.nonce, parsed.creator));
        expect(Buffer.from(bytes).includes('secret')).toBe(false);
        expect(transaction.invokedChaincode).toBe('market');
        expect(transaction.chaincodeId).toEqual({ name: 'market', version: '1' });
        expect(transaction.args).toHaveLength(2);
        expect(Buffer.compare(transaction.proposalHash, transaction.expectedProposalHash)).toBe(0);
        expect(Buffer.compare(transaction.actionSignatureHeader, parsed.signatureHeader)).toBe(0);
        expect(transaction.endorsements).toHaveLength(2);
        expect(transaction.rwSet.namespaces[0]?.writes[0]?.key).toBe('b');
        expect(transaction.rwSet).toBe(transaction.rwSet);
        expect(transaction.response?.getStatus()).toBe(200);
        expect(transaction.events).toHaveLength(0);
    });

    test('are parsed once for all peers of a process', () => {
        const bytes = envelopeBytes();
        expect(parseEnvelope(Buffer.from(bytes))).toBe(parseEnvelope(bytes));
    });

    test('an endorser counts once', () => {
        const twice = [...responses(), ...responses()];
        const parsed = parseEnvelope(transactionEnvelope(proposed().proposal, twice, client).serializeBinary());
        expect(parsed.transaction().endorsements).toHaveLength(2);
    });

    test('what is wrong inside the endorsed payload shows when it is asked for', () => {
        const all = responses();
        const payload = new peer.ProposalResponsePayload();
        payload.setProposalHash(NONCE);
        for (const response of all) response.setPayload(payload.serializeBinary());
        const transaction = parseEnvelope(
            transactionEnvelope(proposed().proposal, all, client).serializeBinary(),
        ).transaction();
        expect(Buffer.compare(transaction.proposalHash, NONCE)).toBe(0);
        expect(() => transaction.results).toThrow(FormatError);
        expect(() => transaction.chaincodeId).toThrow(FormatError);
    });

    test('two actions are no transaction', () => {
        const transaction = new peer.Transaction();
        transaction.setActionsList([new peer.TransactionAction(), new peer.TransactionAction()]);
        const envelope = signedEnvelope(3, 'community', transaction.serializeBinary(), client);
        const parsed = parseEnvelope(envelope.serializeBinary());
        expect(() => parsed.transaction()).toThrow('only one action');
    });
});

describe('envelopes', () => {
    const change = (edit: (payload: common.Payload) => void): Uint8Array => {
        const envelope = common.Envelope.deserializeBinary(envelopeBytes());
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        edit(payload);
        envelope.setPayload(payload.serializeBinary());
        return envelope.serializeBinary();
    };
    const channelHeader = (edit: (header: common.ChannelHeader) => void): Uint8Array =>
        change((payload) => {
            const header = common.ChannelHeader.deserializeBinary(
                payload.getHeader()?.getChannelHeader_asU8() ?? NONCE,
            );
            edit(header);
            payload.getHeader()?.setChannelHeader(header.serializeBinary());
        });

    test.each([
        ['envelope', Uint8Array.of(0xff)],
        ['payload', Uint8Array.of(0x0a, 0x01, 0xff)],
        ['header', Uint8Array.of(0x0a, 0x02, 0x12, 0x00)],
    ])('an unreadable %s is told from the others', (part, bytes) => {
        let caught: unknown;
        try {
            parseEnvelope(bytes);
        } catch (error) {
            caught = error;
        }
        expect(caught).toBeInstanceOf(EnvelopeError);
        expect((caught as EnvelopeError).part).toBe(part);
    });

    test('a channel id that is no UTF-8 is refused', () => {
        const bytes = channelHeader((header) => {
            header.setChannelId('\uFFFD');
        });
        expect(() => parseEnvelope(bytes)).toThrow('no UTF-8');
    });

    test('are canonical as we make them', () => {
        const bytes = envelopeBytes();
        expect(reMarshalsToSameBytes(bytes)).toBe(true);
        expect(() => {
            assertCanonicalEnvelope(bytes);
        }).not.toThrow();
    });

    test.each([
        ['an unknown field', (bytes: Uint8Array) => Buffer.concat([bytes, Uint8Array.of(0x50, 0x01)])],
        ['a field given twice', (bytes: Uint8Array) => Buffer.concat([bytes, Uint8Array.of(0x12, 0x01, 0x00)])],
        [
            'a length that is not minimal',
            (bytes: Uint8Array) => Buffer.concat([Uint8Array.of(0x0a, 0x81, 0x00, 0x01), bytes]),
        ],
        ['half of it', (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
        ['nothing', () => new Uint8Array()],
        ['no signature', () => Uint8Array.of(0x0a, 0x01, 0x01)],
    ])('%s does not come out as the same bytes', (_name, spoil) => {
        expect(reMarshalsToSameBytes(spoil(envelopeBytes()))).toBe(false);
    });

    test.each([
        [
            'payload',
            () =>
                change((payload) => {
                    payload.setData(Buffer.concat([payload.getData_asU8(), Uint8Array.of(0x50, 1)]));
                }),
        ],
        [
            'channel header',
            () =>
                change((payload) =>
                    payload
                        .getHeader()
                        ?.setChannelHeader(
                            Buffer.concat([
                                payload.getHeader()?.getChannelHeader_asU8() ?? NONCE,
                                Uint8Array.of(0x08, 0x03),
                            ]),
                        ),
                ),
        ],
    ])('deep inside, too: %s', (_name, bytes) => {
        expect(reMarshalsToSameBytes(bytes())).toBe(true);
        expect(() => {
            assertCanonicalEnvelope(bytes());
        }).toThrow(FormatError);
    });

    test.each([
        ['no data', () => new Uint8Array()],
        ['no action', () => new peer.Transaction().serializeBinary()],
        ['an empty action', () => transactionOf(new peer.TransactionAction())],
        [
            'no endorsed action',
            () => {
                const action = new peer.TransactionAction();
                action.setPayload(new peer.ChaincodeActionPayload().serializeBinary());
                return transactionOf(action);
            },
        ],
        [
            'an endorsed action of nothing',
            () => {
                const payload = new peer.ChaincodeActionPayload();
                payload.setChaincodeProposalPayload(NONCE.subarray(0, 0));
                payload.setAction(new peer.ChaincodeEndorsedAction());
                const action = new peer.TransactionAction();
                action.setPayload(payload.serializeBinary());
                return transactionOf(action);
            },
        ],
    ])('a transaction with %s is refused, canonical as it may be', (_name, data) => {
        const bytes = change((payload) => {
            payload.setData(data());
        });
        expect(() => {
            assertCanonicalEnvelope(bytes);
        }).toThrow(FormatError);
    });
});

function transactionOf(action: peer.TransactionAction): Uint8Array {
    const transaction = new peer.Transaction();
    transaction.addActions(action);
    return transaction.serializeBinary();
}
