import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { credentials } from '@grpc/grpc-js';
import { GatewayError, type Contract } from '@hyperledger/fabric-gateway';
import { common, orderer, peer } from '@hyperledger/fabric-protos';

import { headerHash } from '../fabric/blocks';
import { signedEnvelope } from '../fabric/envelopes';
import { buildProposal } from '../fabric/proposals';
import type { SigningIdentity } from '../fabric/signing';
import { PeerNetwork } from '../testing/peer-network';
import { organisation } from '../topology/topology';
import { RemoteNodes } from './services/gateway/remote-nodes';

const { lifecycle } = peer;
let network: PeerNetwork;

beforeAll(async () => {
    network = await PeerNetwork.start(2, 24200, {
        executeTimeoutMs: 5_000,
        limits: { endorser: 50, deliver: 4, gateway: 3 },
    });
    await network.deploy();
}, 300_000);

afterAll(async () => {
    await network.stop();
});

const contractAs = (name: string, kind: 'agent' | 'admin' = 'agent'): Contract =>
    network.client('H1', 'H1', network.signer('H1', kind)).contract(name);

async function words(call: Promise<unknown>): Promise<string> {
    const error: unknown = await call.then(
        () => new Error('it succeeded'),
        (cause: unknown) => cause,
    );
    if (!(error instanceof GatewayError)) return String(error);
    return [error.message, ...error.details.map(({ message }) => message)].join('\n');
}

interface Encodable {
    serializeBinary(): Uint8Array;
}

const ask = (operation: string, args: Encodable, kind: 'agent' | 'admin' = 'admin'): Promise<Uint8Array> =>
    contractAs('_lifecycle', kind).evaluate(operation, {
        arguments: [args.serializeBinary()],
        endorsingOrganizations: ['H1MSP'],
    });

async function direct(operation: string, args: Encodable, client: SigningIdentity): Promise<peer.Response> {
    const { host, port } = organisation(network.topology, 'H1').peer;
    const files = network.layout.organisation(organisation(network.topology, 'H1'));
    const node = { address: `${host}:${port}`, mspId: '', roots: readFileSync(files.tlsCa.certificate, 'utf8') };
    const nodes = new RemoteNodes();
    const { signed } = buildProposal(
        { channelId: '', chaincode: '_lifecycle', args: [Buffer.from(operation), args.serializeBinary()] },
        client,
    );
    const answer = await nodes.processProposal(node, signed, new Date(Date.now() + 10_000)).finally(() => {
        nodes.close();
    });
    return answer.getResponse() ?? new peer.Response();
}

describe('_lifecycle', () => {
    const approval = (sequence: number, version = '1'): peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs => {
        const args = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
        args.setName('kv');
        args.setVersion(version);
        args.setSequence(sequence);
        return args;
    };

    test.each([
        { sequence: 0, says: 'currently defined sequence 1 is larger than requested sequence 0' },
        { sequence: 3, says: 'requested sequence 3 is larger than the next available sequence number 2' },
        {
            sequence: 1,
            says: 'attempted to redefine the current committed sequence (1) for namespace kv with different',
        },
    ])('refuses to approve sequence $sequence after sequence 1', async ({ sequence, says }) => {
        expect(await words(ask('ApproveChaincodeDefinitionForMyOrg', approval(sequence)))).toContain(
            `failed to invoke backing implementation of 'ApproveChaincodeDefinitionForMyOrg': ${says}`,
        );
    });

    test('refuses names and versions that are none', async () => {
        const named = approval(2);
        named.setName('no good');
        expect(await words(ask('ApproveChaincodeDefinitionForMyOrg', named))).toContain(
            "invalid chaincode name 'no good'",
        );
        expect(await words(ask('ApproveChaincodeDefinitionForMyOrg', approval(2, 'v 1')))).toContain(
            "invalid chaincode version 'v 1'",
        );
    });

    test('lets administrators alone approve and install', async () => {
        expect(await words(ask('ApproveChaincodeDefinitionForMyOrg', approval(2), 'agent'))).toContain(
            'Failed to authorize invocation due to failed ACL check: Failed verifying that proposal’s'.replace(
                '’',
                "'",
            ),
        );
        const response = await direct('InstallChaincode', new lifecycle.InstallChaincodeArgs(), network.signer('H1'));
        expect(response.getMessage()).toContain('This identity is not an admin');
        const stranger = await direct(
            'QueryInstalledChaincodes',
            new lifecycle.QueryInstalledChaincodesArgs(),
            network.signer('H2', 'admin'),
        ).catch((cause: unknown) => (cause as { details: string }).details);
        expect(stranger).toBe(
            'error validating proposal: access denied: channel [] creator org unknown, creator is malformed',
        );
    });

    test('refuses what is no package', async () => {
        const args = new lifecycle.InstallChaincodeArgs();
        args.setChaincodeInstallPackage(Buffer.from('nonsense'));
        const response = await direct('InstallChaincode', args, network.signer('H1', 'admin'));
        expect(response.getMessage()).toContain(
            "failed to invoke backing implementation of 'InstallChaincode': could not parse as a chaincode install package: error reading as gzip stream",
        );
    });

    test('names the packages that are installed and what runs from them', async () => {
        const response = await direct(
            'QueryInstalledChaincodes',
            new lifecycle.QueryInstalledChaincodesArgs(),
            network.signer('H1', 'admin'),
        );
        const installed = lifecycle.QueryInstalledChaincodesResult.deserializeBinary(
            response.getPayload_asU8(),
        ).getInstalledChaincodesList();
        const uses = installed.map((each) =>
            each
                .getReferencesMap()
                .get('community')
                ?.getChaincodesList()
                .map((use) => use.getName()),
        );
        expect(uses.flat().sort()).toEqual(['kv', 'other']);
    });

    test('tells who approved and who did not', async () => {
        const args = new lifecycle.CheckCommitReadinessArgs();
        args.setName('kv');
        args.setVersion('2');
        args.setSequence(2);
        const result = lifecycle.CheckCommitReadinessResult.deserializeBinary(await ask('CheckCommitReadiness', args));
        expect(result.getApprovalsMap().toObject()).toEqual([
            ['DSOMSP', false],
            ['H1MSP', false],
            ['H2MSP', false],
        ]);
        expect(result.getMismatchesMap().get('H2MSP')?.getItemsList()).toEqual(['ChaincodeParameters']);
        const query = new lifecycle.QueryChaincodeDefinitionArgs();
        query.setName('kv');
        const committed = lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(
            await ask('QueryChaincodeDefinition', query, 'agent'),
        );
        expect(committed.getSequence()).toBe(1);
        expect(committed.getApprovalsMap().get('H2MSP')).toBe(true);
    });

    test('does not commit what its organisation has not approved, and knows no chaincode that nobody committed', async () => {
        const args = new lifecycle.CommitChaincodeDefinitionArgs();
        args.setName('kv');
        args.setVersion('2');
        args.setSequence(2);
        expect(await words(ask('CommitChaincodeDefinition', args))).toContain(
            'chaincode definition not agreed to by this org (H1MSP)',
        );
        const query = new lifecycle.QueryChaincodeDefinitionArgs();
        query.setName('nobody');
        expect(await words(ask('QueryChaincodeDefinition', query))).toContain(
            'chaincode response 404, namespace nobody is not defined',
        );
    });

    test('runs a new version once it is approved and committed, and the old one until then', async () => {
        const admin = contractAs('_lifecycle', 'admin');
        const queried = new lifecycle.QueryApprovedChaincodeDefinitionArgs();
        queried.setName('other');
        const approved = lifecycle.QueryApprovedChaincodeDefinitionResult.deserializeBinary(
            await ask('QueryApprovedChaincodeDefinition', queried),
        );
        for (const id of ['H1', 'H2', 'DSO']) {
            const args = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
            args.setName('other');
            args.setVersion('2');
            args.setSequence(2);
            args.setValidationParameter(approved.getValidationParameter_asU8());
            args.setSource(approved.getSource());
            const own = network.client(id, id, network.signer(id, 'admin')).contract('_lifecycle');
            await own.submit('ApproveChaincodeDefinitionForMyOrg', {
                arguments: [args.serializeBinary()],
                endorsingOrganizations: [`${id}MSP`],
            });
        }
        await network.settled();
        await contractAs('other').submit('put', { arguments: ['v', '1'], endorsingOrganizations: ['H1MSP', 'DSOMSP'] });
        const commit = new lifecycle.CommitChaincodeDefinitionArgs();
        commit.setName('other');
        commit.setVersion('2');
        commit.setSequence(2);
        commit.setValidationParameter(approved.getValidationParameter_asU8());
        await admin.submit('CommitChaincodeDefinition', {
            arguments: [commit.serializeBinary()],
            endorsingOrganizations: ['H1MSP', 'H2MSP', 'DSOMSP'],
        });
        await network.settled();
        await contractAs('other').submit('put', { arguments: ['v', '2'], endorsingOrganizations: ['H1MSP', 'DSOMSP'] });
        expect(Buffer.from(await contractAs('other').evaluate('get', { arguments: ['v'] })).toString()).toBe('2');
    }, 300_000);
});

describe('qscc and cscc', () => {
    const qscc = (query: string, ...args: (string | Uint8Array)[]): Promise<Uint8Array> =>
        contractAs('qscc').evaluate(query, { arguments: ['community', ...args] });

    test('give the chain’s height, blocks by number and hash, and transactions by id', async () => {
        const info = common.BlockchainInfo.deserializeBinary(await qscc('GetChainInfo'));
        expect(info.getHeight()).toBe(network.peer('H1').height);
        const newest = common.Block.deserializeBinary(await qscc('GetBlockByNumber', '18446744073709551615'));
        expect(newest.getHeader()?.getNumber()).toBe(info.getHeight() - 1);
        const genesis = common.Block.deserializeBinary(await qscc('GetBlockByNumber', '0'));
        const hash = headerHash(genesis.getHeader() ?? new common.BlockHeader());
        const byHash = common.Block.deserializeBinary(await qscc('GetBlockByHash', hash));
        expect(byHash.getHeader()?.getNumber()).toBe(0);
        const kv = contractAs('kv');
        const proposal = kv.newProposal('put', { arguments: ['q', '1'], endorsingOrganizations: ['H1MSP', 'DSOMSP'] });
        const commit = await (await proposal.endorse()).submit();
        await commit.getStatus();
        const found = peer.ProcessedTransaction.deserializeBinary(
            await qscc('GetTransactionByID', commit.getTransactionId()),
        );
        expect(found.getValidationcode()).toBe(0);
        const block = common.Block.deserializeBinary(await qscc('GetBlockByTxID', commit.getTransactionId()));
        expect(block.getHeader()?.getNumber()).toBeGreaterThan(0);
    });

    test.each([
        { call: () => qscc('GetBlockByNumber', '999'), says: 'Failed to get block number 999' },
        { call: () => qscc('GetBlockByNumber', 'one'), says: 'Failed to parse block number with error' },
        { call: () => qscc('GetTransactionByID', 'none'), says: 'no such transaction ID [none] in index' },
        { call: () => qscc('GetBlockByNumber'), says: 'missing 3rd argument for GetBlockByNumber' },
        {
            call: () => qscc('Nothing', 'x'),
            says: 'access denied for [Nothing][community]: [Unmapped policy for qscc/Nothing]',
        },
        {
            call: () => contractAs('qscc').evaluate('GetChainInfo', { arguments: ['elsewhere'] }),
            says: 'Invalid chain ID, elsewhere',
        },
    ])('answer what makes no sense with “$says”', async ({ call, says }) => {
        expect(await words(call())).toContain(says);
    });

    test('give the channel’s configuration', async () => {
        const cscc = contractAs('cscc');
        const block = common.Block.deserializeBinary(
            await cscc.evaluate('GetConfigBlock', { arguments: ['community'] }),
        );
        expect(block.getHeader()?.getNumber()).toBe(0);
        const config = common.Config.deserializeBinary(
            await cscc.evaluate('GetChannelConfig', { arguments: ['community'] }),
        );
        expect(config.getChannelGroup()?.getGroupsMap().has('Application')).toBe(true);
        expect(await words(cscc.evaluate('GetConfigBlock', { arguments: ['elsewhere'] }))).toContain('access denied');
    });
});

describe('limits', () => {
    test('a chaincode that takes too long is given up, and its later requests are refused', async () => {
        expect(await words(contractAs('kv').evaluate('sleep', { arguments: ['30000'] }))).toMatch(
            /error in simulation: failed to execute transaction \w+: error sending: timeout expired while executing transaction/,
        );
        expect(Buffer.from(await contractAs('kv').evaluate('creator')).toString()).toBe('H1MSP');
    });

    test('more requests at a time than the gateway takes are refused in Fabric’s words', async () => {
        const kv = contractAs('kv');
        const calls = Array.from({ length: 6 }, () => kv.evaluate('sleep', { arguments: ['3000'] }));
        const outcomes = await Promise.allSettled(calls);
        const refusals = outcomes.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
        expect(refusals).toHaveLength(3);
        expect(refusals[0]).toContain('too many requests for /gateway.Gateway, exceeding concurrency limit (3)');
    });
});

describe('deliver', () => {
    function position(number: number): orderer.SeekPosition {
        const result = new orderer.SeekPosition();
        const specified = new orderer.SeekSpecified();
        specified.setNumber(number);
        result.setSpecified(specified);
        return result;
    }

    function seek(start: number, stop: number, client = network.signer('H1'), channel = 'community'): common.Envelope {
        const info = new orderer.SeekInfo();
        info.setStart(position(start));
        info.setStop(position(stop));
        info.setBehavior(orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY);
        return signedEnvelope(common.HeaderType.DELIVER_SEEK_INFO, channel, info.serializeBinary(), client);
    }

    async function answers(
        request: common.Envelope,
        method: 'deliver' | 'deliverFiltered' | 'deliverWithPrivateData' = 'deliver',
    ): Promise<peer.DeliverResponse[]> {
        const { host, port } = organisation(network.topology, 'H1').peer;
        const files = network.layout.organisation(organisation(network.topology, 'H1'));
        const secure = credentials.createSsl(readFileSync(files.tlsCa.certificate));
        const client = new peer.DeliverClient(`${host}:${port}`, secure, {
            'grpc.ssl_target_name_override': `peer0.${organisation(network.topology, 'H1').domain}`,
        });
        const stream = client[method]();
        const result: peer.DeliverResponse[] = [];
        stream.write(request);
        for await (const response of stream as AsyncIterable<peer.DeliverResponse>) {
            result.push(response);
            if (response.hasStatus()) break;
        }
        client.close();
        return result;
    }

    test.each([
        { what: 'blocks that are there', start: 0, stop: 1, blocks: 2, status: common.Status.SUCCESS },
        { what: 'blocks beyond the end', start: 999, stop: 1_000, blocks: 0, status: common.Status.NOT_FOUND },
        { what: 'a stop before the start', start: 2, stop: 1, blocks: 0, status: common.Status.BAD_REQUEST },
    ])('answers a request for $what', async ({ start, stop, blocks, status }) => {
        const responses = await answers(seek(start, stop));
        expect(responses.filter((each) => each.hasBlock())).toHaveLength(blocks);
        expect(responses.at(-1)?.getStatus()).toBe(status);
    });

    test('another channel is not found', async () => {
        const [response] = await answers(seek(0, 0, network.signer('H1'), 'elsewhere'));
        expect(response?.getStatus()).toBe(common.Status.NOT_FOUND);
    });

    test('private data go to members of the collection alone', async () => {
        const collection = '_implicit_org_H1MSP';
        await contractAs('kv').submit('putPrivate', {
            arguments: [collection, 'delivered'],
            transientData: { value: 'secret' },
            endorsingOrganizations: ['H1MSP', 'DSOMSP'],
        });
        const last = network.peer('H1').height - 1;
        const dataFor = async (id: string): Promise<number> => {
            const [response] = await answers(seek(last, last, network.signer(id)), 'deliverWithPrivateData');
            return response?.getBlockAndPrivateData()?.getPrivateDataMapMap().getLength() ?? -1;
        };
        expect(await dataFor('H1')).toBe(1);
        expect(await dataFor('H2')).toBe(0);
    });
});
