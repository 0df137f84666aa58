import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { credentials } from '@grpc/grpc-js';
import { connect, hash, signers, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../testing/peer-network';
import { connectionProfile } from './connection-profile';
import { deploy } from './deploy/deploy';
import { layout as layoutOf, type Layout } from './layout';
import { peerDigests } from './peer-digests';
import { withNetwork } from './network-kind';
import { AlreadyUp, networkStatus, startNetwork, stopNetwork } from './processes/network';
import { isRunning } from './processes/process-identity';
import { recordedProcesses, type ProcessRecord } from './processes/supervisor';
import { smallCommunity } from './small-community';
import type { Topology } from './topology';

const START_LIMIT_MS = 300_000;

/** The smallest chaincode: what is put can be got. Served by fabric-shim as it is. */
const CHAINCODE = `
const shim = require(${JSON.stringify(require.resolve('fabric-shim'))});
const fs = require('fs');
const env = process.env;
class Notes {
    async Init() { return shim.success(); }
    async Invoke(stub) {
        const { fcn, params } = stub.getFunctionAndParameters();
        if (fcn === 'put') { await stub.putState(params[0], Buffer.from(params[1])); return shim.success(); }
        return shim.success(await stub.getState(params[0]));
    }
}
process.on('SIGTERM', () => process.exit(0));
shim.server(new Notes(), {
    ccid: env.CHAINCODE_ID,
    address: env.CHAINCODE_SERVER_ADDRESS,
    tlsProps: {
        key: fs.readFileSync(env.CHAINCODE_TLS_KEY_FILE),
        cert: fs.readFileSync(env.CHAINCODE_TLS_CERT_FILE),
        clientCACerts: fs.readFileSync(env.CHAINCODE_TLS_CLIENT_CACERT_FILE),
    },
}).start();
`;

let home: string;
let layout: Layout;
let topology: Topology;

beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'network-'));
    layout = layoutOf(home);
    const directory = join(home, 'code');
    mkdirSync(join(directory, 'dist'), { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{}');
    writeFileSync(join(directory, 'dist', 'start.js'), CHAINCODE);
    topology = smallCommunity(3, {
        portBase: 21200,
        chaincodes: (['Governance', 'Market'] as const).map((policy) => ({
            name: policy.toLowerCase(),
            version: '1',
            policyReference: `/Channel/Application/${policy}`,
            directory,
            start: ['dist/start.js'],
        })),
    });
});

afterAll(async () => {
    await stopNetwork(layout);
    rmSync(home, { recursive: true });
});

async function withContract<T>(
    organisation: string,
    chaincode: string,
    use: (contract: Contract) => Promise<T>,
): Promise<T> {
    const profile = connectionProfile(topology, layout, organisation);
    const client = new peer.EndorserClient(
        profile.peerEndpoint,
        credentials.createSsl(Buffer.from(profile.tlsRootPem)),
        { 'grpc.ssl_target_name_override': profile.peerName },
    );
    const gateway: Gateway = connect({
        client,
        identity: { mspId: profile.mspId, credentials: readFileSync(profile.certPath) },
        signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(profile.keyPath))),
        hash: hash.sha256,
    });
    try {
        return await use(gateway.getNetwork(profile.channel).getContract(chaincode));
    } finally {
        gateway.close();
        client.close();
    }
}

const get = (organisation: string, key: string): Promise<string> =>
    withContract(organisation, 'market', async (contract) =>
        Buffer.from(await contract.evaluateTransaction('get', key)).toString(),
    );

const put = (key: string, value: string): Promise<unknown> =>
    withContract('H1', 'market', (contract) =>
        contract.submit('put', { arguments: [key, value], endorsingOrganizations: ['DSOMSP', 'H1MSP'] }),
    );

/** As a power cut does. */
async function kill(records: readonly ProcessRecord[]): Promise<void> {
    for (const { pid } of records) {
        process.kill(pid, 'SIGKILL');
    }
    while (records.some(isRunning)) {
        await sleep(5);
    }
}

describe('a network', () => {
    test(
        'comes up, deploys, and serves an unmodified client',
        async () => {
            const status = await startNetwork(topology, layout);
            expect(status.state).toBe('up');
            const deployed = await deploy(topology, layout);
            expect(deployed.map(({ name, sequence, changed }) => ({ name, sequence, changed }))).toEqual([
                { name: 'governance', sequence: 1, changed: true },
                { name: 'market', sequence: 1, changed: true },
            ]);
            await put('greeting', 'hello');
            expect(await get('H1', 'greeting')).toBe('hello');
        },
        START_LIMIT_MS,
    );

    test('is up: a second start says so and disturbs nothing', async () => {
        const before = recordedProcesses(layout);
        await expect(startNetwork(topology, layout)).rejects.toThrow(AlreadyUp);
        expect(recordedProcesses(layout)).toEqual(before);
    });

    test('is not disturbed by a start of another kind of network, or of another community, in its home', async () => {
        const before = recordedProcesses(layout);
        for (const other of [
            withNetwork(topology, { kind: 'native' }),
            smallCommunity(2, { portBase: 21200, chaincodes: topology.chaincodes }),
        ]) {
            await expect(startNetwork(other, layout)).rejects.toThrow('was made for another community or kind');
        }
        expect(recordedProcesses(layout)).toEqual(before);
        expect(before.every(isRunning)).toBe(true);
    });

    test('deployed again changes nothing', async () => {
        const again = await deploy(topology, layout);
        expect(again.map(({ sequence, changed }) => ({ sequence, changed }))).toEqual([
            { sequence: 1, changed: false },
            { sequence: 1, changed: false },
        ]);
    });

    test('has peers that agree', async () => {
        await until(
            'all peers at one height',
            async () => new Set((await peerDigests(topology, layout)).map(({ height }) => height)).size === 1,
        );
        const digests = await peerDigests(topology, layout);
        expect(digests.map(({ org }) => org)).toEqual(['DSO', 'H1', 'H2', 'H3']);
        const [first] = digests;
        for (const { height, blockHash, codesDigest, stateDigest } of digests) {
            expect({ height, blockHash, codesDigest, stateDigest }).toEqual({
                height: first?.height,
                blockHash: first?.blockHash,
                codesDigest: first?.codesDigest,
                stateDigest: first?.stateDigest,
            });
        }
    });

    test(
        'killed as a whole and started again has lost nothing',
        async () => {
            await kill(recordedProcesses(layout));
            await startNetwork(topology, layout);
            expect(await get('H1', 'greeting')).toBe('hello');
            await put('greeting', 'hello again');
            expect(await get('H1', 'greeting')).toBe('hello again');
        },
        START_LIMIT_MS,
    );

    test(
        'of which one process died is partly up, and a start makes it whole',
        async () => {
            await kill(recordedProcesses(layout).filter(({ name }) => name === 'peers'));
            expect((await networkStatus(topology, layout)).state).not.toBe('up');
            await startNetwork(topology, layout);
            expect(await get('H1', 'greeting')).toBe('hello again');
        },
        START_LIMIT_MS,
    );

    test(
        'stopped and kept leaves ledgers; stopped for good leaves nothing of its own',
        async () => {
            await stopNetwork(layout, { keep: true });
            expect((await networkStatus(topology, layout)).state).toBe('down');
            expect(existsSync(layout.genesisBlock)).toBe(true);
            await stopNetwork(layout);
            expect(existsSync(layout.var)).toBe(false);
            expect(existsSync(layout.peerOrganizations)).toBe(false);
        },
        START_LIMIT_MS,
    );

    test('does not start where a port is taken, and says which', async () => {
        const server = createServer().listen(21222, '127.0.0.1');
        await once(server, 'listening');
        try {
            await expect(startNetwork(topology, layout)).rejects.toThrow(
                'taken by another program: 127.0.0.1:21222 (for peers)',
            );
            expect(recordedProcesses(layout)).toEqual([]);
        } finally {
            server.close();
        }
    });

    test(
        'started twice at once is started once',
        async () => {
            const starts = await Promise.allSettled([startNetwork(topology, layout), startNetwork(topology, layout)]);
            expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
            expect(starts.find((each) => each.status === 'rejected')?.reason).toBeInstanceOf(AlreadyUp);
            await stopNetwork(layout);
        },
        START_LIMIT_MS,
    );

    test(
        'interrupted while it starts is torn down',
        async () => {
            const interruption = new AbortController();
            const start = startNetwork(topology, layout, {
                signal: interruption.signal,
                onProgress: (step) => {
                    if (step.startsWith('starting')) {
                        interruption.abort(new Error('interrupted by SIGINT'));
                    }
                },
            });
            await expect(start).rejects.toThrow(/ is not ready: interrupted by SIGINT/);
            expect(recordedProcesses(layout)).toEqual([]);
        },
        START_LIMIT_MS,
    );

    test(
        'of which one process fails is torn down, and the error says what that process said',
        async () => {
            writeFileSync(join(home, 'code', 'dist', 'start.js'), `throw new Error('the chaincode is broken')`);
            await expect(startNetwork(topology, layout)).rejects.toThrow(
                /^chaincode-(governance|market) ended while starting: [^]*the chaincode is broken/,
            );
            expect(recordedProcesses(layout)).toEqual([]);
            expect((await networkStatus(topology, layout)).state).toBe('down');
        },
        START_LIMIT_MS,
    );
});
