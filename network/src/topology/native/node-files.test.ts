import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { generateIdentities } from '../identities/generate';
import { layout as layoutOf, type Layout } from '../layout';
import { withNetwork } from '../network-kind';
import { processEndpoints } from '../processes/plans';
import { smallCommunity } from '../small-community';
import { organisation, seats } from '../topology';
import { builderConfiguration } from './builder-config';
import { writeCoreYaml, writeOrdererYaml } from './node-files';
import { peerEnvironment } from './peer-env';

const topology = withNetwork(smallCommunity(3, { portBase: 29_000 }), { kind: 'native', embedded: ['DSO', 'H1'] });
const H2 = organisation(topology, 'H2');
let layout: Layout;

beforeAll(async () => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), "node's files-")));
    await generateIdentities(topology, layout);
});

afterAll(() => {
    rmSync(layout.home, { recursive: true });
});

const settings = (directory: string, name: string): unknown => parse(readFileSync(join(directory, name), 'utf8'));

describe('the core.yaml of a Fabric peer', () => {
    test('names the organisation, its keys and its addresses', () => {
        const { peer } = layout.organisation(H2);
        expect(settings(writeCoreYaml(H2, layout, '/builder'), 'core.yaml')).toMatchObject({
            peer: {
                id: 'peer0.h2.small.example',
                localMspId: 'H2MSP',
                listenAddress: '127.0.0.1:29022',
                chaincodeListenAddress: '127.0.0.1:29322',
                mspConfigPath: peer.msp,
                fileSystemPath: layout.ledger('H2'),
                tls: { enabled: true, cert: { file: peer.tls.certificate }, key: { file: peer.tls.key } },
            },
            operations: { listenAddress: '127.0.0.1:29422' },
            chaincode: { externalBuilders: [{ path: '/builder' }] },
        });
    });

    // What each of these prevents is said in network/fabric/core.yaml and in docs/guides/fabric-peers.md.
    test('keeps one member from harming another, and finds other peers', () => {
        expect(settings(writeCoreYaml(H2, layout, '/builder'), 'core.yaml')).toMatchObject({
            peer: {
                authentication: { timewindow: '30s' },
                handlers: {
                    authFilters: [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }, { name: 'TimeWindowCheck' }],
                },
                gossip: {
                    externalEndpoint: '127.0.0.1:29022',
                    useLeaderElection: false,
                    orgLeader: true,
                    pvtData: { pullRetryThreshold: '0s', skipPullingInvalidTransactionsDuringCommit: true },
                    state: { enabled: false },
                },
                deliveryclient: { reConnectBackoffThreshold: '2s', blockGossipEnabled: false, policy: 'cluster' },
            },
            vm: { endpoint: '' },
            chaincode: { keepalive: 0 },
        });
    });
});

test('the orderer.yaml of a seat joins channels by participation over mutual TLS', () => {
    const [seat] = seats(topology);
    expect(seat && settings(writeOrdererYaml(seat, layout), 'orderer.yaml')).toMatchObject({
        General: { ListenPort: 29_000, LocalMSPID: 'H1MSP', BootstrapMethod: 'none', TLS: { Enabled: true } },
        Admin: { ListenAddress: '127.0.0.1:29500', TLS: { Enabled: true, ClientAuthRequired: true } },
        ChannelParticipation: { Enabled: true },
    });
});

describe('services of chaincodes', () => {
    test('are shared by embedded peers; an organisation with a Fabric peer has its own, with keys of its own', () => {
        const of = (id: string) => builderConfiguration(topology, layout, organisation(topology, id));
        expect(of('H1').chaincode).toEqual({ governance: '127.0.0.1:29010', market: '127.0.0.1:29011' });
        expect(of('DSO')).toEqual(of('H1'));
        expect(of('H2').chaincode).toEqual({ governance: '127.0.0.1:29122', market: '127.0.0.1:29222' });
        expect(new Set([of('H1'), of('H2'), of('H3')].map(({ client_key: key }) => key)).size).toBe(3);
    });

    test('and nodes have ports that nobody else has', () => {
        const ports = [...processEndpoints(topology).values()].flat();
        expect([...processEndpoints(topology).keys()]).toEqual([
            'ordering',
            'peers',
            'peer-H2',
            'peer-H3',
            'chaincode-governance',
            'chaincode-market',
            'chaincode-governance-H2',
            'chaincode-market-H2',
            'chaincode-governance-H3',
            'chaincode-market-H3',
        ]);
        expect(new Set(ports).size).toBe(ports.length);
        const large = withNetwork(smallCommunity(50, { portBase: 7050 }), { kind: 'native', ordering: 'raft' });
        const all = [...processEndpoints(large).values()].flat();
        expect(new Set(all).size).toBe(all.length);
    });
});

test('the environment of the peer command survives any name of a folder, and disturbs no peer that runs', () => {
    const before = readFileSync(join(writeCoreYaml(H2, layout, '/builder'), 'core.yaml'), 'utf8');
    const text = peerEnvironment(topology, layout, H2, 'agent');
    expect(text).toContain("export CORE_PEER_ADDRESS='127.0.0.1:29022'");
    expect(text).toContain(`export CORE_PEER_MSPCONFIGPATH='${layout.home.replace("'", "'\\''")}`);
    expect(text).toContain("/users/Agent@h2.small.example/msp'");
    // Its own seat is its orderer.
    expect(text).toContain("export ORDERER_ADDRESS='127.0.0.1:29001'");
    expect(readFileSync(join(layout.fabricConfiguration('peer-H2'), 'core.yaml'), 'utf8')).toBe(before);
});
