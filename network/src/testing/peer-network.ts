import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { credentials, Client as GrpcClient } from '@grpc/grpc-js';
import { connect, hash, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';

import { signingIdentity, type SigningIdentity } from '../fabric/signing';
import { startOrderingNode, type OrderingNode } from '../ordering/ordering-node';
import { Peer, type PeerOptions } from '../peer/peer';
import { deploy } from '../topology/deploy/deploy';
import { chaincodePackage } from '../topology/deploy/package';
import { writeGenesisBlock } from '../topology/genesis';
import { generateIdentities } from '../topology/identities/generate';
import { layout as layoutOf, type Layout } from '../topology/layout';
import { builderConfiguration } from '../topology/native/builder-config';
import { smallCommunity } from '../topology/small-community';
import { organisation, seats, type Topology } from '../topology/topology';

const LIMIT_MS = 120_000;

export interface TestClient {
    readonly gateway: Gateway;
    contract(chaincode: string): Contract;
}

/** Waits until the condition holds; throws with the description when it does not within the limit. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!(await holds())) {
        if (performance.now() > deadline) throw new Error(`${what}: not within ${LIMIT_MS / 1000} s`);
        await sleep(20);
    }
}

/** Households, the grid operator, their peers and an ordering service in this process; chaincode services in their own. */
export class PeerNetwork {
    readonly warnings: string[] = [];
    private readonly peers = new Map<string, Peer>();
    private readonly clients: { gateway: Gateway; connection: GrpcClient }[] = [];
    private readonly services = new Map<string, ChildProcess>();
    private ordering: OrderingNode | undefined;

    private constructor(
        readonly topology: Topology,
        readonly layout: Layout,
        private readonly peerOptions: Partial<PeerOptions>,
    ) {}

    /** Chaincodes `kv` (policy Market: the operator and a household) and `other` run the same code. */
    static async start(
        households: number,
        portBase: number,
        peerOptions: Partial<PeerOptions> = {},
    ): Promise<PeerNetwork> {
        const chaincode = (name: string): { name: string } & typeof CHAINCODE => ({ name, ...CHAINCODE });
        const topology = smallCommunity(households, { portBase, chaincodes: [chaincode('kv'), chaincode('other')] });
        const layout = layoutOf(mkdtempSync(join(tmpdir(), 'peers-')));
        await generateIdentities(topology, layout);
        writeGenesisBlock(topology, layout);
        const network = new PeerNetwork(topology, layout, peerOptions);
        try {
            await network.startOrdering();
            await Promise.all(topology.organisations.map(({ id }) => network.startPeer(id)));
            await Promise.all(topology.chaincodes.map(({ name }) => network.startChaincode(name)));
        } catch (cause) {
            await network.stop();
            throw cause;
        }
        return network;
    }

    async deploy(): Promise<void> {
        await deploy(this.topology, this.layout);
    }

    peer(id: string): Peer {
        const found = this.peers.get(id);
        if (!found) throw new Error(`the peer of ${id} is not running`);
        return found;
    }

    get genesis(): common.Block {
        return common.Block.deserializeBinary(readFileSync(this.layout.genesisBlock));
    }

    signer(id: string, kind: 'agent' | 'admin' | 'peer' = 'agent'): SigningIdentity {
        const { mspId } = organisation(this.topology, id);
        const files = this.layout.organisation(organisation(this.topology, id))[kind];
        return signingIdentity(mspId, readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8'));
    }

    async startPeer(id: string): Promise<void> {
        const member = organisation(this.topology, id);
        const { tls } = this.layout.organisation(member).peer;
        const options: PeerOptions = {
            identity: this.signer(id, 'peer'),
            host: member.peer.host,
            port: member.peer.port,
            certificate: {
                certificatePem: readFileSync(tls.certificate, 'utf8'),
                keyPem: readFileSync(tls.key, 'utf8'),
            },
            directory: this.layout.ledger(id),
            genesis: this.genesis,
            builder: { ...builderConfiguration(this.topology, this.layout, member) },
            log: {
                info: () => undefined,
                warn: (message) => {
                    this.warnings.push(`${id}: ${message}`);
                },
            },
            ...this.peerOptions,
        };
        this.peers.set(id, await Peer.start(options));
    }

    async stopPeer(id: string): Promise<void> {
        await this.peer(id).stop();
        this.peers.delete(id);
    }

    async startOrdering(): Promise<void> {
        this.ordering = await startOrderingNode({
            genesis: this.genesis,
            directory: this.layout.ordering,
            seats: seats(this.topology).map((seat) => {
                const { certificate, key, tls } = this.layout.organisation(seat).orderer;
                const { host, port, weight } = seat.orderingSeat;
                return {
                    host,
                    port,
                    weight: BigInt(weight),
                    identity: signingIdentity(seat.mspId, readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')),
                    tls: { certificate: readFileSync(tls.certificate), key: readFileSync(tls.key) },
                };
            }),
        });
    }

    async stopOrdering(): Promise<void> {
        await this.ordering?.stop();
        this.ordering = undefined;
    }

    async startChaincode(name: string): Promise<void> {
        const chaincode = this.topology.chaincodes.find((each) => each.name === name);
        if (!chaincode) throw new Error(`no chaincode ${name}`);
        const { packageId } = await chaincodePackage(chaincode, this.layout);
        const { serverKey, serverCertificate, root } = this.layout.chaincodeTls;
        const address = `${chaincode.service.host}:${chaincode.service.port}`;
        const script = join(__dirname, 'kv-chaincode.js');
        const service = spawn(
            process.execPath,
            ['--no-deprecation', script, packageId, address, serverKey, serverCertificate, root],
            {
                stdio: ['ignore', 'pipe', 'inherit'],
            },
        );
        this.services.set(name, service);
        await once(service.stdout, 'data');
    }

    async stopChaincode(name: string): Promise<void> {
        const service = this.services.get(name);
        this.services.delete(name);
        if (!service || service.exitCode !== null) return;
        service.kill('SIGKILL');
        await once(service, 'exit');
    }

    /** A client of an organisation at its own peer, or at another's. */
    client(id: string, at: string = id, signer: SigningIdentity = this.signer(id)): TestClient {
        const host = organisation(this.topology, at);
        const roots = readFileSync(this.layout.organisation(host).tlsCa.certificate);
        const connection = new GrpcClient(`${host.peer.host}:${host.peer.port}`, credentials.createSsl(roots), {
            'grpc.ssl_target_name_override': `peer0.${host.domain}`,
        });
        const gateway = connect({
            client: connection,
            identity: { mspId: signer.mspId, credentials: Buffer.from(signer.certificatePem) },
            hash: hash.none,
            signer: (message) => Promise.resolve(signer.sign(message)),
        });
        this.clients.push({ gateway, connection });
        const network = gateway.getNetwork(this.topology.channel);
        return { gateway, contract: (chaincode) => network.getContract(chaincode) };
    }

    /** All peers at the height of the highest, by then with the same state. */
    async settled(): Promise<void> {
        await until(
            'all peers at one height',
            () => new Set([...this.peers.values()].map((each) => each.height)).size === 1,
        );
    }

    async stop(): Promise<void> {
        for (const { gateway, connection } of this.clients) {
            gateway.close();
            connection.close();
        }
        await Promise.all([...this.peers.values()].map((each) => each.stop()));
        await this.stopOrdering();
        await Promise.all([...this.services.keys()].map((name) => this.stopChaincode(name)));
        rmSync(this.layout.home, { recursive: true, force: true });
    }
}

const CHAINCODE = {
    version: '1',
    policyReference: '/Channel/Application/Market',
    directory: 'network',
    start: [] as readonly string[],
};
