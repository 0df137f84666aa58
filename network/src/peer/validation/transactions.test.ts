import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';

import { buildProposal, endorsedResponse, parseSignedProposal, transactionEnvelope } from '../../fabric/proposals';
import { encodeRwSet } from '../../fabric/rwset';
import { signingIdentity } from '../../fabric/signing';
import type { SigningIdentity } from '../../fabric/signing';
import { ChannelUnderTest } from '../../testing/channel-under-test';
import { rwset } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import type { TransactionSketch } from '../../testing/test-community';
import { Authority } from '../../topology/identities/authority';
import { organisation } from '../../topology/topology';
import { CODE } from './codes';
import type { Code } from './codes';

let community: TestCommunity;
let channel: ChannelUnderTest;

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    channel = await ChannelUnderTest.open(community);
});

afterEach(async () => {
    await channel.channel.close();
});

const sketch = (changes: Partial<TransactionSketch> = {}): TransactionSketch => ({
    chaincode: 'market',
    rwset: rwset({ market: { writes: { a: '1' } } }),
    endorsers: ['DSO', 'H1'],
    client: 'H1',
    ...changes,
});

interface Parts {
    readonly payload: common.Payload;
    readonly header: common.Header;
    readonly channelHeader: common.ChannelHeader;
    readonly signatureHeader: common.SignatureHeader;
}

/** The transaction with something changed before its client signs it. */
function changed(change: (parts: Parts) => void, made = sketch()): Uint8Array {
    const envelope = common.Envelope.deserializeBinary(community.transaction(made).envelope);
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = payload.getHeader() ?? new common.Header();
    const parts = {
        payload,
        header,
        channelHeader: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
        signatureHeader: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()),
    };
    change(parts);
    header.setChannelHeader(parts.channelHeader.serializeBinary());
    header.setSignatureHeader(parts.signatureHeader.serializeBinary());
    payload.setHeader(header);
    return signed(payload.serializeBinary());
}

function signed(payload: Uint8Array, client: SigningIdentity = community.signer('H1', 'agent')): Uint8Array {
    const envelope = new common.Envelope();
    envelope.setPayload(payload);
    envelope.setSignature(client.sign(payload));
    return envelope.serializeBinary();
}

/** The transaction with something changed in what endorsers signed (not the proposal's hash, unless that is the change). */
function endorsed(change: (action: peer.ChaincodeAction, response: peer.ProposalResponsePayload) => void): Uint8Array {
    return changed(({ payload }) => {
        const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
        const [action = new peer.TransactionAction()] = transaction.getActionsList();
        const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
        const inner = actionPayload.getAction() ?? new peer.ChaincodeEndorsedAction();
        const response = peer.ProposalResponsePayload.deserializeBinary(inner.getProposalResponsePayload_asU8());
        const chaincodeAction = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
        change(chaincodeAction, response);
        if (response.getExtension_asU8().length > 2) {
            response.setExtension$(chaincodeAction.serializeBinary());
        }
        inner.setProposalResponsePayload(response.serializeBinary());
        action.setPayload(actionPayload.serializeBinary());
        payload.setData(transaction.serializeBinary());
    });
}

const event = (chaincode: string): Uint8Array => {
    const message = new peer.ChaincodeEvent();
    message.setChaincodeId(chaincode);
    message.setEventName('traded');
    return message.serializeBinary();
};

const made = (changes: Partial<TransactionSketch> = {}): Uint8Array => community.transaction(sketch(changes)).envelope;

describe('a transaction', () => {
    const rows: { what: string; envelope: () => Uint8Array; code: Code }[] = [
        { what: 'as it should be', envelope: () => made(), code: CODE.VALID },
        { what: 'whose payload is none', envelope: () => signed(Buffer.from([0xff])), code: CODE.BAD_PAYLOAD },
        {
            what: 'without header',
            envelope: () => signed(Buffer.from([0x12, 0x01, 0x61])),
            code: CODE.BAD_COMMON_HEADER,
        },
        {
            what: 'of an unknown type',
            envelope: () =>
                changed(({ channelHeader }) => {
                    channelHeader.setType(7);
                }),
            code: CODE.BAD_COMMON_HEADER,
        },
        {
            what: 'of another epoch',
            envelope: () =>
                changed(({ channelHeader }) => {
                    channelHeader.setEpoch(1);
                }),
            code: CODE.BAD_COMMON_HEADER,
        },
        {
            what: 'without nonce',
            envelope: () =>
                changed(({ signatureHeader }) => {
                    signatureHeader.setNonce('');
                }),
            code: CODE.BAD_COMMON_HEADER,
        },
        {
            what: 'of another channel',
            envelope: () =>
                changed(({ channelHeader }) => {
                    channelHeader.setChannelId('other');
                }),
            code: CODE.BAD_CREATOR_SIGNATURE,
        },
        {
            what: 'signed by somebody else than it says',
            envelope: () =>
                made({ client: 'H2' }).map((byte, index, all) => (index === all.length - 1 ? byte ^ 1 : byte)),
            code: CODE.BAD_CREATOR_SIGNATURE,
        },
        {
            what: 'of an unknown identity',
            envelope: () =>
                changed(({ signatureHeader }) => {
                    signatureHeader.setCreator(Buffer.from('nobody'));
                }),
            code: CODE.BAD_CREATOR_SIGNATURE,
        },
        {
            what: 'that is a configuration update',
            envelope: () =>
                changed(({ channelHeader }) => {
                    channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
                }),
            code: CODE.UNSUPPORTED_TX_PAYLOAD,
        },
        {
            what: 'with an id of its own choice',
            envelope: () =>
                changed(({ channelHeader }) => {
                    channelHeader.setTxId('mine');
                }),
            code: CODE.BAD_PROPOSAL_TXID,
        },
        {
            what: 'that holds no transaction',
            envelope: () =>
                changed(({ payload }) => {
                    payload.setData(Buffer.from([0xff]));
                }),
            code: CODE.INVALID_ENDORSER_TRANSACTION,
        },
        {
            what: 'with two actions',
            envelope: () =>
                changed(({ payload }) => {
                    const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
                    transaction.setActionsList([...transaction.getActionsList(), ...transaction.getActionsList()]);
                    payload.setData(transaction.serializeBinary());
                }),
            code: CODE.INVALID_ENDORSER_TRANSACTION,
        },
        {
            what: 'endorsed for another proposal',
            envelope: () =>
                endorsed((_, response) => {
                    response.setProposalHash(Buffer.alloc(32));
                }),
            code: CODE.INVALID_ENDORSER_TRANSACTION,
        },
        {
            what: 'that names no chaincode',
            envelope: () =>
                changed(({ channelHeader, payload }) => {
                    channelHeader.setExtension$('');
                    rehash(payload, channelHeader);
                }),
            code: CODE.INVALID_OTHER_REASON,
        },
        {
            what: 'without results of a chaincode',
            envelope: () =>
                endorsed((_, response) => {
                    response.setExtension$('');
                }),
            code: CODE.BAD_RESPONSE_PAYLOAD,
        },
        {
            what: 'whose read-write set is none',
            envelope: () =>
                endorsed((action) => {
                    action.setResults(Buffer.from([0x12, 0xff]));
                }),
            code: CODE.BAD_RWSET,
        },
        {
            what: 'that ran another chaincode than was asked for',
            envelope: () => made({ ranChaincode: 'other' }),
            code: CODE.INVALID_CHAINCODE,
        },
        {
            what: 'that does not say which version ran',
            envelope: () => made({ version: '' }),
            code: CODE.INVALID_CHAINCODE,
        },
        {
            what: 'of a chaincode that is not defined',
            envelope: () => made({ chaincode: 'nowhere', rwset: rwset({ nowhere: { writes: { a: '1' } } }) }),
            code: CODE.INVALID_CHAINCODE,
        },
        {
            what: 'with an event of another chaincode',
            envelope: () => made({ event: event('other') }),
            code: CODE.INVALID_OTHER_REASON,
        },
        { what: 'with an event', envelope: () => made({ event: event('market') }), code: CODE.VALID },
        {
            what: 'that writes to one namespace twice',
            envelope: () => {
                const { namespaces } = sketch().rwset;
                return endorsed((action) => {
                    const once = encodeRwSet({ namespaces });
                    action.setResults(Buffer.concat([once, once]));
                });
            },
            code: CODE.ILLEGAL_WRITESET,
        },
        {
            what: 'that writes to the channel configuration',
            envelope: () => made({ rwset: rwset({ '': { writes: { CHANNEL_CONFIG_ENV_BYTES: 'x' } } }) }),
            code: CODE.INVALID_CHAINCODE,
        },
        {
            what: 'that writes to a system chaincode',
            envelope: () => made({ rwset: rwset({ lscc: { writes: { market: 'x' } } }) }),
            code: CODE.INVALID_CHAINCODE,
        },
        {
            what: 'that changes a chaincode definition with the endorsements of two of four',
            envelope: () => made({ rwset: rwset({ _lifecycle: { writes: { x: 'y' } } }), endorsers: ['DSO', 'H1'] }),
            code: CODE.ENDORSEMENT_POLICY_FAILURE,
        },
        {
            what: 'endorsed by the grid operator alone',
            envelope: () => made({ endorsers: ['DSO'] }),
            code: CODE.ENDORSEMENT_POLICY_FAILURE,
        },
        {
            what: 'without endorsement that writes nothing',
            envelope: () => made({ endorsers: ['H2'], rwset: rwset({ market: { reads: { a: undefined } } }) }),
            code: CODE.ENDORSEMENT_POLICY_FAILURE,
        },
        {
            what: 'changed after it was endorsed',
            envelope: () =>
                endorsed((action) => {
                    action.setResults(encodeRwSet(rwset({ market: { writes: { a: '1000' } } })));
                }),
            code: CODE.ENDORSEMENT_POLICY_FAILURE,
        },
    ];
    test.each(rows)('$what gets its code', async ({ envelope, code }) => {
        const before = await channel.channel.ledger.stateDigest();
        expect(await channel.commit(envelope())).toEqual([code]);
        const isSame = (await channel.channel.ledger.stateDigest()) === before;
        expect(isSame).toBe(code !== CODE.VALID);
    });

    test('with a chaincode event is announced with it, unless it is invalid', async () => {
        const events: unknown[] = [];
        channel.channel.ledger.onCommit(({ transactions }) => {
            events.push(...transactions.map(({ chaincodeEvent }) => chaincodeEvent?.eventName));
        });
        await channel.commit(made({ event: event('market') }), made({ event: event('market'), endorsers: ['H1'] }));
        expect(events).toEqual(['traded', undefined]);
    });
});

function hashOf(...parts: readonly Uint8Array[]): Buffer {
    return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** Makes the endorsed proposal hash fit a changed header. */
function rehash(payload: common.Payload, channelHeader: common.ChannelHeader): void {
    const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
    const [action = new peer.TransactionAction()] = transaction.getActionsList();
    const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
    const inner = actionPayload.getAction() ?? new peer.ChaincodeEndorsedAction();
    const response = peer.ProposalResponsePayload.deserializeBinary(inner.getProposalResponsePayload_asU8());
    response.setProposalHash(
        hashOf(
            channelHeader.serializeBinary(),
            action.getHeader_asU8(),
            actionPayload.getChaincodeProposalPayload_asU8(),
        ),
    );
    inner.setProposalResponsePayload(response.serializeBinary());
    action.setPayload(actionPayload.serializeBinary());
    payload.setData(transaction.serializeBinary());
}

describe('a transaction id', () => {
    test('counts once within a block: the first one that is valid', async () => {
        const refused = made({ endorsers: ['H1'], nonce: Buffer.alloc(24, 1) });
        const first = made({ nonce: Buffer.alloc(24, 1) });
        const second = made({ nonce: Buffer.alloc(24, 1), rwset: rwset({ market: { writes: { b: '2' } } }) });
        expect(await channel.commit(refused, first, second)).toEqual([
            CODE.ENDORSEMENT_POLICY_FAILURE,
            CODE.VALID,
            CODE.DUPLICATE_TXID,
        ]);
        expect([await channel.value('a'), await channel.value('b')]).toEqual(['1', undefined]);
    });

    test('that any committed block holds is used up, even by an invalid transaction', async () => {
        const invalid = made({ endorsers: ['H1'], nonce: Buffer.alloc(24, 2) });
        const valid = made({ nonce: Buffer.alloc(24, 2) });
        expect(await channel.commit(invalid)).toEqual([CODE.ENDORSEMENT_POLICY_FAILURE]);
        expect(await channel.commit(valid)).toEqual([CODE.DUPLICATE_TXID]);
        await channel.reopen();
        expect(await channel.commit(valid)).toEqual([CODE.DUPLICATE_TXID]);
        const { txId } = community.transaction(sketch({ nonce: Buffer.alloc(24, 2) }));
        expect(await channel.channel.ledger.transactionByTxId(txId)).toMatchObject({
            code: CODE.ENDORSEMENT_POLICY_FAILURE,
            blockNumber: 2,
        });
    });
});

test('a certificate that has expired is for endorsers and orderers to refuse: in a block it counts', async () => {
    const { domain, mspId } = organisation(community.topology, 'H1');
    const { ca } = community.layout.organisation({ domain });
    const authority = await Authority.load({
        certificatePem: readFileSync(ca.certificate, 'utf8'),
        privateKeyPem: readFileSync(ca.key, 'utf8'),
    });
    const hour = 3_600_000;
    const { certificatePem, privateKeyPem } = await authority.issue({
        commonName: 'late',
        unit: 'client',
        usage: 'identity',
        validity: { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() - hour / 2) },
    });
    const client = signingIdentity(mspId, certificatePem, privateKeyPem);
    const { proposal, signed: request } = buildProposal(
        { channelId: community.topology.channel, chaincode: 'market', args: [Buffer.from('late')] },
        client,
    );
    const simulated = {
        proposalHash: parseSignedProposal(request).hash,
        response: { status: 200, message: '', payload: new Uint8Array() },
        results: encodeRwSet(sketch().rwset),
        events: new Uint8Array(),
        chaincode: { name: 'market', version: '1.0' },
    };
    const responses = ['DSO', 'H1'].map((id) => endorsedResponse(simulated, community.signer(id, 'peer')));
    expect(await channel.commit(transactionEnvelope(proposal, responses, client).serializeBinary())).toEqual([
        CODE.VALID,
    ]);
});
