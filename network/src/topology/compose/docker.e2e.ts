import { afterAll, describe, expect, test } from '@jest/globals';
import { Client as GrpcClient, credentials } from '@grpc/grpc-js';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { connectionProfile } from '../connection-profile';
import { deploy } from '../deploy/deploy';
import { layout as layoutOf } from '../layout';
import { withNetwork } from '../network-kind';
import { peerDigests } from '../peer-digests';
import { AlreadyUp, networkStatus, startNetwork, stopNetwork } from '../processes/network';
import { smallCommunity } from '../small-community';
import type { NetworkKind } from '../topology';
import { canRunContainers } from './available';
import { composeCommand } from './engine';
import { composeYaml, projectName } from './files';

const LIMIT_MS = 900_000;

interface Case {
    readonly kind: string;
    readonly ordering: NetworkKind['ordering'];
    readonly seats: readonly string[];
    readonly isHere: boolean;
}

const CASES: readonly Case[] = [
    { kind: 'all ordering seats in one container', ordering: 'own', seats: ['ordering'], isHere: canRunContainers() },
    {
        kind: 'a container for each ordering seat, with CometBFT beside it',
        ordering: 'comet',
        seats: ['ordering-DSO', 'ordering-H1', 'ordering-H2', 'ordering-H3'],
        isHere: canRunContainers({ comet: true }),
    },
];

const container = z.object({
    Config: z.object({ User: z.string(), Labels: z.record(z.string(), z.string()) }),
    HostConfig: z.object({
        ReadonlyRootfs: z.boolean(),
        Privileged: z.boolean(),
        CapDrop: z.array(z.string()),
        SecurityOpt: z.array(z.string()),
        Memory: z.int(),
        NanoCpus: z.int(),
        PidsLimit: z.int(),
    }),
    Mounts: z.array(z.object({ Source: z.string(), Destination: z.string(), RW: z.boolean() })),
    NetworkSettings: z.object({ Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string() })).nullable()) }),
});

describe.each(CASES)('a docker network with our peers, and $kind', ({ ordering, seats, isHere }) => {
    const here = isHere ? test : test.skip;
    const layout = layoutOf(join(tmpdir(), `docker-home-${randomUUID()}`));
    const topology = withNetwork(smallCommunity(3, { portBase: 28_400 }), {
        kind: 'docker',
        ordering,
        embedded: 'all',
    });

    afterAll(async () => {
        if (isHere) await stopNetwork(layout);
        rmSync(layout.home, { recursive: true, force: true });
    }, LIMIT_MS);

    const idsOf = (...filters: readonly string[]): readonly string[] => {
        const labels = [`com.docker.compose.project=${projectName(layout)}`, ...filters];
        const args = ['ps', '--all', '--quiet', ...labels.flatMap((label) => ['--filter', `label=${label}`])];
        return execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
    };
    const idOf = (service: string): string => idsOf(`com.docker.compose.service=${service}`)[0] ?? '';
    const inside = (service: string, script: string): string =>
        spawnSync('docker', ['exec', idOf(service), 'bash', '-c', script], { encoding: 'utf8' }).stdout;
    const described = (): readonly z.infer<typeof container>[] =>
        z.array(container).parse(JSON.parse(execFileSync('docker', ['inspect', ...idsOf()], { encoding: 'utf8' })));

    /** What an unmodified client of the organisation gets from its own peer. */
    async function answer(id: string): Promise<string> {
        const profile = connectionProfile(topology, layout, id);
        const client = new GrpcClient(profile.peerEndpoint, credentials.createSsl(Buffer.from(profile.tlsRootPem)), {
            'grpc.ssl_target_name_override': profile.peerName,
        });
        const gateway = connect({
            client,
            identity: { mspId: profile.mspId, credentials: readFileSync(profile.certPath) },
            signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(profile.keyPath))),
            hash: hash.sha256,
        });
        try {
            const contract = gateway.getNetwork(profile.channel).getContract('governance');
            await contract.evaluate('charter:document', {
                arguments: ['{}'],
                endorsingOrganizations: [profile.mspId],
            });
            return 'a charter';
        } catch (error) {
            return JSON.stringify(error) + String(error);
        } finally {
            gateway.close();
            client.close();
        }
    }

    here(
        'comes up, says so the second time, and deploys',
        async () => {
            const { state, processes } = await startNetwork(topology, layout);
            expect(state).toBe('up');
            expect(
                processes
                    .map(({ name }) => name)
                    .filter((name) => name.startsWith('ordering'))
                    .toSorted(),
            ).toEqual(seats);
            await expect(startNetwork(topology, layout)).rejects.toThrow(AlreadyUp);
            expect(await deploy(topology, layout)).toMatchObject([
                { name: 'governance', sequence: 1, changed: true },
                { name: 'market', sequence: 1, changed: true },
            ]);
        },
        LIMIT_MS,
    );

    here('is made from a file that compose takes', async () => {
        const [program = '', ...args] = await composeCommand();
        expect(spawnSync(program, [...args, '--file', composeYaml(layout), 'config', '--quiet']).status).toBe(0);
    });

    here("asks each member's own chaincode service at its own peer", async () => {
        for (const id of ['DSO', 'H1', 'H2', 'H3']) {
            expect(await answer(id)).toContain('NOT_ESTABLISHED');
        }
    });

    here('lets containers do what they need and no more', () => {
        const all = described();
        expect(all).toHaveLength(3 * 4 + seats.length);
        for (const { Config, HostConfig, NetworkSettings } of all) {
            expect(Config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
            expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, Privileged: false, CapDrop: ['ALL'] });
            expect(HostConfig.SecurityOpt).toEqual([expect.stringMatching(/^no-new-privileges/)]);
            expect(Math.min(HostConfig.Memory, HostConfig.NanoCpus, HostConfig.PidsLimit)).toBeGreaterThan(0);
            const hosts = Object.values(NetworkSettings.Ports).flatMap((each) => each ?? []);
            expect(hosts.filter(({ HostIp }) => HostIp !== '127.0.0.1')).toEqual([]);
        }
        for (const service of ['peer-H1', 'chaincode-market-H1', seats[0] ?? '']) {
            expect(inside(service, 'grep -E "^(CapEff|NoNewPrivs)" /proc/1/status')).toMatch(
                /CapEff:\t0+\nNoNewPrivs:\t1\n/,
            );
            expect(inside(service, 'touch /opt/commonwatt/x || echo refused')).toBe('refused\n');
        }
    });

    here("gives a container its own organisation's files and nobody else's", () => {
        for (const { Config, Mounts } of described()) {
            const service = Config.Labels['com.docker.compose.service'] ?? '';
            const owner = service.split('-').at(-1) ?? '';
            const foreign = topology.organisations
                .filter(({ id }) => id !== owner && service !== 'ordering')
                .flatMap(({ id, domain }) => [`/${domain}`, `/${id}`]);
            const sources = Mounts.map(({ Source }) => Source.replace(layout.home, ''));
            const wrong = sources.filter((source) => foreign.some((part) => `${source}/`.includes(`${part}/`)));
            expect([service, wrong]).toEqual([service, []]);
            const writable = Mounts.filter(({ RW }) => RW).map(({ Destination }) => Destination);
            expect(writable.filter((path) => !/\/var\/(ledgers|ordering|logs)(\/|$)/.test(path))).toEqual([]);
        }
    });

    here(
        'of which containers were killed is partly up, and a start makes it whole',
        async () => {
            const killed = ['peer-H1', ...(ordering === 'comet' ? ['ordering-H3'] : [])];
            expect(spawnSync('docker', ['kill', ...killed.map(idOf)]).status).toBe(0);
            const { state, processes } = await networkStatus(topology, layout);
            expect(state).toBe('partly up');
            expect(processes.find(({ name }) => name === 'peer-H1')?.state).toBe('ended');
            expect((await startNetwork(topology, layout)).state).toBe('up');
            expect(await answer('H1')).toContain('NOT_ESTABLISHED');
            expect(await distinctDigests()).toBe(1);
        },
        LIMIT_MS,
    );

    const withEngines = isHere && ordering === 'comet' ? test : undefined;
    withEngines?.(
        'orders on while one of four seats is down',
        async () => {
            expect(spawnSync('docker', ['stop', idOf('ordering-H3')]).status).toBe(0);
            const chaincodes = topology.chaincodes.map((each) => ({ ...each, version: '2.0.0' }));
            expect(await deploy({ ...topology, chaincodes }, layout)).toMatchObject([{ sequence: 2 }, { sequence: 2 }]);
            expect((await startNetwork(topology, layout)).state).toBe('up');
            expect(await distinctDigests()).toBe(1);
        },
        LIMIT_MS,
    );

    async function distinctDigests(): Promise<number> {
        const digests = await peerDigests(topology, layout);
        return new Set(digests.map((held) => JSON.stringify({ ...held, org: 'any' }))).size;
    }

    here(
        'taken down leaves neither containers nor files',
        async () => {
            await stopNetwork(layout);
            expect(existsSync(layout.var)).toBe(false);
            expect(idsOf()).toEqual([]);
        },
        LIMIT_MS,
    );
});
