import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { credentials } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';

import { buildProposal, transactionEnvelope, type ProposalRequest } from '../fabric/proposals';
import { signingIdentity, type SigningIdentity } from '../fabric/signing';
import { PeerNetwork } from '../testing/peer-network';
import { Authority } from '../topology/identities/authority';
import { organisation, seats } from '../topology/topology';
import { RemoteNodes } from './services/gateway/remote-nodes';

const HOUR_MS = 3_600_000;
let network: PeerNetwork;

beforeAll(async () => {
    network = await PeerNetwork.start(2, 24100);
    await network.deploy();
}, 300_000);

afterAll(async () => {
    await network.stop();
});

const PUT: ProposalRequest = {
    channelId: 'community',
    chaincode: 'kv',
    args: ['put', 'a', '1'].map((each) => Buffer.from(each)),
};

/** The peer's answer to a proposal sent to it directly, or the words with which it turned it away. */
async function propose(signed: peer.SignedProposal, id = 'H1'): Promise<peer.ProposalResponse | string> {
    const { host, port } = organisation(network.topology, id).peer;
    const roots = readFileSync(
        network.layout.organisation(organisation(network.topology, id)).tlsCa.certificate,
        'utf8',
    );
    const nodes = new RemoteNodes();
    try {
        const node = { address: `${host}:${port}`, mspId: '', roots };
        return await nodes.processProposal(node, signed, new Date(Date.now() + 10_000));
    } catch (cause) {
        return (cause as { details: string }).details;
    } finally {
        nodes.close();
    }
}

async function refused(request: Partial<ProposalRequest>, client = network.signer('H1')): Promise<string> {
    const answer = await propose(buildProposal({ ...PUT, ...request }, client).signed);
    return typeof answer === 'string'
        ? answer
        : `${answer.getResponse()?.getStatus() ?? 0} ${answer.getResponse()?.getMessage() ?? ''}`;
}

/** A member of H1 whose certificate another authority issued, or one that was valid until yesterday. */
async function member(kind: 'stranger' | 'expired'): Promise<SigningIdentity> {
    const home = organisation(network.topology, 'H1');
    const { ca } = network.layout.organisation(home);
    const authority =
        kind === 'stranger'
            ? await Authority.create({ commonName: `ca.${home.domain}`, organisation: home.domain })
            : await Authority.load({
                  certificatePem: readFileSync(ca.certificate, 'utf8'),
                  privateKeyPem: readFileSync(ca.key, 'utf8'),
              });
    const expired = { notBefore: new Date(Date.now() - 2 * HOUR_MS), notAfter: new Date(Date.now() - HOUR_MS) };
    const { certificatePem, privateKeyPem } = await authority.issue({
        commonName: `Somebody@${home.domain}`,
        unit: 'client',
        usage: 'identity',
        ...(kind === 'expired' && { validity: expired }),
    });
    return signingIdentity(home.mspId, certificatePem, privateKeyPem);
}

describe('a peer turns away, with Fabric’s words,', () => {
    test('an identity that no organisation of the channel issued', async () => {
        expect(await refused({}, await member('stranger'))).toBe(
            'error validating proposal: access denied: channel [community] creator org unknown, creator is malformed',
        );
    });

    test('a certificate that has expired', async () => {
        expect(await refused({}, await member('expired'))).toBe('proposal client identity expired');
    });

    test.each([
        { what: 'in the past', shift: -31_000 },
        { what: 'in the future', shift: 31_000 },
    ])('a proposal stamped too far $what', async ({ shift }) => {
        expect(await refused({ timestamp: new Date(Date.now() + shift) })).toMatch(
            /^request unauthorized due to incorrect timestamp .*Z, peer time .*Z, peer.authentication.timewindow 30s$/,
        );
    });

    test('a proposal whose bytes were changed after it was signed', async () => {
        const { signed } = buildProposal(PUT, network.signer('H1'));
        const bytes = Buffer.from(signed.getProposalBytes_asU8());
        bytes[bytes.lastIndexOf('put')] = 'b'.charCodeAt(0);
        signed.setProposalBytes(bytes);
        expect(await propose(signed)).toBe(
            'error validating proposal: access denied: channel [community] creator org [H1MSP]',
        );
    });

    test('a transaction id that is not made of nonce and creator', async () => {
        const own = buildProposal(PUT, network.signer('H1'));
        const proposal = peer.Proposal.deserializeBinary(own.signed.getProposalBytes_asU8());
        const other = buildProposal(PUT, network.signer('H2'));
        const header = Buffer.from(proposal.getHeader_asU8());
        header.write(other.txId, header.indexOf(own.txId));
        proposal.setHeader(header);
        const signed = new peer.SignedProposal();
        signed.setProposalBytes(proposal.serializeBinary());
        signed.setSignature(network.signer('H1').sign(proposal.serializeBinary()));
        expect(await propose(signed)).toBe(
            `error validating proposal: incorrectly computed txid '${other.txId}' -- expected '${own.txId}'`,
        );
    });

    test('another channel', async () => {
        expect(await refused({ channelId: 'elsewhere' })).toBe("500 channel 'elsewhere' not found");
    });

    test('what is no proposal', async () => {
        const signed = new peer.SignedProposal();
        signed.setProposalBytes(Buffer.from('nonsense'));
        expect(await propose(signed)).toMatch(/^failed parsing proposal/);
    });

    test('a proposal that was committed before', async () => {
        const client = network.signer('H1');
        const made = buildProposal(PUT, client);
        const responses = [await propose(made.signed, 'H1'), await propose(made.signed, 'DSO')].filter(
            (each) => typeof each !== 'string',
        );
        expect(responses).toHaveLength(2);
        const envelope = transactionEnvelope(made.proposal, responses, client);
        const [seat] = seats(network.topology);
        if (!seat) throw new Error('no ordering seat');
        const roots = readFileSync(network.layout.organisation(seat).tlsCa.certificate, 'utf8');
        const nodes = new RemoteNodes();
        const address = `${seat.orderingSeat.host}:${seat.orderingSeat.port}`;
        const answer = await nodes.broadcast({ address, mspId: '', roots }, envelope, new Date(Date.now() + 10_000));
        nodes.close();
        expect(answer.getStatus()).toBe(200);
        await network
            .client('H1')
            .contract('kv')
            .submit('put', { arguments: ['b', '1'], endorsingOrganizations: ['H1MSP', 'DSOMSP'] });
        await network.settled();
        expect(await propose(made.signed)).toMatch(
            new RegExp(`^duplicate transaction found \\[${made.txId}\\]. Creator \\[[0-9a-f]+\\]$`),
        );
    });
});

describe('clients are told', () => {
    test('that a peer’s certificate does not lead to the roots they trust', async () => {
        const { host, port } = organisation(network.topology, 'H1').peer;
        const wrong = readFileSync(network.layout.organisation(organisation(network.topology, 'H2')).tlsCa.certificate);
        const client = new peer.EndorserClient(`${host}:${port}`, credentials.createSsl(wrong), {
            'grpc.ssl_target_name_override': `peer0.${organisation(network.topology, 'H1').domain}`,
        });
        const failure = await new Promise<string>((resolve) => {
            const { signed } = buildProposal(PUT, network.signer('H1'));
            client.processProposal(signed, { deadline: Date.now() + 3_000 }, (cause) => {
                resolve(cause?.details ?? 'no error');
            });
        });
        client.close();
        expect(failure).toMatch(/certificate|No connection established/);
    });

    test('which organisation is down', async () => {
        const operator = organisation(network.topology, 'DSO').peer;
        await network.stopPeer('DSO');
        const call = network
            .client('H1')
            .contract('kv')
            .submit('put', { arguments: ['x', '1'], endorsingOrganizations: ['H1MSP', 'DSOMSP'] });
        const error: unknown = await call.catch((cause: unknown) => cause);
        if (!(error instanceof GatewayError)) throw new Error('it succeeded');
        expect(error.details).toEqual([
            {
                address: `${operator.host}:${operator.port}`,
                mspId: 'DSOMSP',
                message: expect.stringMatching(
                    /rpc error: code = Unavailable desc = .*(ECONNREFUSED|established)/,
                ) as unknown,
            },
        ]);
        await network.startPeer('DSO');
        await network
            .client('H1')
            .contract('kv')
            .submit('put', { arguments: ['x', '1'], endorsingOrganizations: ['H1MSP', 'DSOMSP'] });
    });

    test('that a stranger may not ask for the fate of a transaction', async () => {
        const stranger = network.client('H1', 'H1', await member('stranger'));
        const request = stranger.gateway.getNetwork('community').getChaincodeEvents('kv');
        await expect(
            request.then(async (events) => {
                for await (const event of events) return event;
                return undefined;
            }),
        ).rejects.toThrow(/PERMISSION_DENIED|Failed evaluating policy/);
    });
});

describe('a network that is interrupted', () => {
    const both = ['H1MSP', 'DSOMSP'];
    const put = (value: string): Promise<Uint8Array> =>
        network
            .client('H1')
            .contract('kv')
            .submit('put', { arguments: ['again', value], endorsingOrganizations: both });

    test('goes on after a chaincode service was killed and started again', async () => {
        await put('1');
        await network.stopChaincode('kv');
        await expect(put('2')).rejects.toThrow(GatewayError);
        await network.startChaincode('kv');
        await put('3');
    }, 300_000);

    test('goes on after the ordering service was stopped and started again', async () => {
        await network.stopOrdering();
        await expect(put('4')).rejects.toThrow(GatewayError);
        await network.startOrdering();
        await put('5');
        await network.settled();
    }, 300_000);

    test('a peer that was away catches up and agrees with the others', async () => {
        await network.stopPeer('H2');
        await put('6');
        await put('7');
        await network.startPeer('H2');
        await network.settled();
        const [one, other] = await Promise.all([network.peer('H1').digest(), network.peer('H2').digest()]);
        expect({ ...one, mspId: '' }).toEqual({ ...other, mspId: '' });
    }, 300_000);
});
