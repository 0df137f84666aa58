import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvHome } from '../../testing/kv-home';
import { until } from '../../testing/peer-network';
import { deploy } from '../deploy/deploy';
import { peerDigests } from '../peer-digests';
import { AlreadyUp, networkStatus, startNetwork, stopNetwork } from '../processes/network';
import { isRunning } from '../processes/process-identity';
import { recordedProcesses } from '../processes/supervisor';
import type { NetworkKind } from '../topology';
import { hasFabric } from './binaries';

const LIMIT_MS = 300_000;

interface Case {
    readonly kind: string;
    readonly network: Partial<NetworkKind>;
    /** A process that is killed. */
    readonly victim: string;
}

const CASES: readonly Case[] = [
    { kind: "Fabric's peers, our ordering", network: { kind: 'native' }, victim: 'peer-H1' },
    { kind: "Fabric's peers and orderers", network: { kind: 'native', ordering: 'raft' }, victim: 'orderer-H1' },
    { kind: 'a mixed channel', network: { kind: 'native', embedded: ['DSO', 'H1'] }, victim: 'peer-H3' },
];

describe.each(CASES)('$kind', ({ network, victim }) => {
    const here = hasFabric(process.env, { orderer: network.ordering === 'raft' }) ? test : test.skip;
    const home = new KvHome(3, 29_000, network);
    const { topology, layout } = home;

    beforeAll(() => {
        home.prepare();
    });
    afterAll(() => home.remove(), LIMIT_MS);

    async function allAgree(): Promise<void> {
        await until('all peers hold the same', async () => {
            const digests = await peerDigests(topology, layout);
            expect(digests.map(({ org }) => org)).toEqual(['DSO', 'H1', 'H2', 'H3']);
            return new Set(digests.map((digest) => JSON.stringify({ ...digest, org: undefined }))).size === 1;
        });
    }

    here(
        'comes up and deploys',
        async () => {
            expect((await startNetwork(topology, layout)).state).toBe('up');
            const [deployed] = await deploy(topology, layout);
            expect(deployed).toMatchObject({ name: 'kv', sequence: 1, changed: true });
            expect(await deploy(topology, layout)).toMatchObject([{ sequence: 1, changed: false }]);
            await expect(startNetwork(topology, layout)).rejects.toThrow(AlreadyUp);
        },
        LIMIT_MS,
    );

    here('serves unmodified clients of all members, whose peers then agree', async () => {
        for (const id of ['H1', 'H2', 'H3']) {
            await home.submit(id, 'put', ['greeting', `of ${id}`]);
            await home.submit(id, 'putPrivate', [`_implicit_org_${id}MSP`, 'secret'], { value: `of ${id}` });
        }
        await allAgree();
        for (const id of ['H1', 'H2', 'H3']) {
            expect(await home.query(id, 'get', 'greeting')).toBe('of H3');
            expect(await home.query(id, 'getPrivate', `_implicit_org_${id}MSP`, 'secret')).toBe(`of ${id}`);
        }
    });

    here(
        'of which one process was killed is partly up, and a start makes it whole',
        async () => {
            const record = recordedProcesses(layout).find(({ name }) => name === victim);
            expect(record).toBeDefined();
            process.kill(record?.pid ?? 0, 'SIGKILL');
            while (record && isRunning(record)) await sleep(20);
            expect((await networkStatus(topology, layout)).state).toBe('partly up');
            await startNetwork(topology, layout);
            await until('a client is served', () =>
                home.submit('H3', 'put', ['greeting', 'again']).then(
                    () => true,
                    () => false,
                ),
            );
            await allAgree();
            expect(await home.query('H2', 'getPrivate', '_implicit_org_H2MSP', 'secret')).toBe('of H2');
        },
        LIMIT_MS,
    );

    here(
        'taken down leaves nothing of its own',
        async () => {
            await stopNetwork(layout);
            expect(existsSync(layout.var)).toBe(false);
        },
        LIMIT_MS,
    );
});

describe('without the programs of Fabric', () => {
    const home = new KvHome(1, 29_000, { kind: 'native' });
    const { FABRIC_BIN } = process.env;

    beforeAll(() => {
        home.prepare();
    });
    afterAll(async () => {
        if (FABRIC_BIN !== undefined) process.env.FABRIC_BIN = FABRIC_BIN;
        else delete process.env.FABRIC_BIN;
        await home.remove();
    });

    test('a native network does not start, and says where to get them', async () => {
        process.env.FABRIC_BIN = home.layout.home;
        await expect(startNetwork(home.topology, home.layout)).rejects.toThrow(
            `Fabric's peer not found in FABRIC_BIN (${home.layout.home}). Install Fabric 3.1 or later as ` +
                'https://hyperledger-fabric.readthedocs.io/en/latest/install.html says',
        );
        expect(recordedProcesses(home.layout)).toEqual([]);
    });
});
