import { Client as GrpcClient } from '@grpc/grpc-js';
import { connect, hash, signers, type Contract, type Network } from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindingOf, clientCredentials } from '../topology/client-tls';
import { connectionProfile } from '../topology/connection-profile';
import { layout as layoutOf, type Layout } from '../topology/layout';
import { withNetwork } from '../topology/network-kind';
import { stopNetwork } from '../topology/processes/network';
import { smallCommunity } from '../topology/small-community';
import type { NetworkKind, Topology } from '../topology/topology';
import { until } from './peer-network';

/** Runs the kv chaincode as the supervisor starts chaincodes: from its environment. */
const START = `
const { CHAINCODE_ID, CHAINCODE_SERVER_ADDRESS, CHAINCODE_TLS_KEY_FILE, CHAINCODE_TLS_CERT_FILE, CHAINCODE_TLS_CLIENT_CACERT_FILE } = process.env;
process.argv = [process.argv[0], process.argv[1], CHAINCODE_ID, CHAINCODE_SERVER_ADDRESS, CHAINCODE_TLS_KEY_FILE, CHAINCODE_TLS_CERT_FILE, CHAINCODE_TLS_CLIENT_CACERT_FILE];
process.once('SIGTERM', () => process.exit(0));
require(${JSON.stringify(join(__dirname, 'kv-chaincode.js'))});
`;

/** A community of a few homes with the kv chaincode, in a folder of its own; its nodes are processes, of whatever kind. */
export class KvHome {
    readonly layout: Layout;
    /** Replaced when members join or leave. */
    topology: Topology;
    /** The newest block in which something is that was submitted here. */
    private newest = -1;

    constructor(households: number, portBase: number, network: Partial<NetworkKind> = {}) {
        this.layout = layoutOf(join(tmpdir(), `kv-home-${randomUUID()}`));
        const directory = this.code;
        const policyReference = '/Channel/Application/Market';
        const kv = { name: 'kv', version: '1', policyReference, directory, start: ['dist/start.js'] };
        this.topology = withNetwork(smallCommunity(households, { portBase, chaincodes: [kv] }), network);
    }

    private get code(): string {
        return join(this.layout.home, 'code');
    }

    /** Writes the chaincode. Not done before, so that tests that are skipped leave no folder. */
    prepare(): void {
        mkdirSync(join(this.code, 'dist'), { recursive: true });
        writeFileSync(join(this.code, 'package.json'), '{}');
        writeFileSync(join(this.code, 'dist', 'start.js'), START);
    }

    /** An unmodified client of an organisation, through the gateway that its connection profile names. */
    async as<T>(id: string, use: (contract: Contract, network: Network) => Promise<T>): Promise<T> {
        const profile = connectionProfile(this.topology, this.layout, id);
        const secure = clientCredentials(Buffer.from(profile.tlsRootPem), profile.tlsClient);
        const binding = bindingOf(profile.tlsClient);
        const client = new GrpcClient(profile.peerEndpoint, secure, {
            'grpc.ssl_target_name_override': profile.peerName,
        });
        const gateway = connect({
            client,
            identity: { mspId: profile.mspId, credentials: readFileSync(profile.certPath) },
            signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(profile.keyPath))),
            hash: hash.sha256,
            ...(binding && { tlsClientCertificateHash: binding }),
        });
        try {
            const network = gateway.getNetwork(profile.channel);
            return await use(network.getContract('kv'), network);
        } finally {
            gateway.close();
            client.close();
        }
    }

    /** Endorsed by the grid operator and the organisation itself. */
    submit(id: string, fcn: string, args: readonly string[], transient?: Record<string, string>): Promise<string> {
        return this.as(id, async (contract) => {
            const commit = await contract.submitAsync(fcn, {
                arguments: [...args],
                endorsingOrganizations: ['DSOMSP', `${id}MSP`],
                ...(transient && { transientData: transient }),
            });
            const { successful, code, blockNumber } = await commit.getStatus();
            if (!successful) throw new Error(`the transaction was committed as invalid, with code ${code}`);
            this.newest = Math.max(this.newest, Number(blockNumber));
            return Buffer.from(commit.getResult()).toString();
        });
    }

    /**
     * At the organisation's own peer, whosever gateway it goes through, once that peer has what was submitted here, through whichever member.
     */
    query(id: string, fcn: string, ...args: readonly string[]): Promise<string> {
        return this.as(id, async (contract, network) => {
            await until(`the peer of ${id} has block ${this.newest}`, async () => {
                const asked = { arguments: [this.topology.channel], endorsingOrganizations: [`${id}MSP`] };
                const information = await network.getContract('qscc').evaluate('GetChainInfo', asked);
                return common.BlockchainInfo.deserializeBinary(information).getHeight() > this.newest;
            });
            const answer = await contract.evaluate(fcn, { arguments: [...args], endorsingOrganizations: [`${id}MSP`] });
            return Buffer.from(answer).toString();
        });
    }

    async remove(): Promise<void> {
        await stopNetwork(this.layout);
        rmSync(this.layout.home, { recursive: true, force: true });
    }
}
