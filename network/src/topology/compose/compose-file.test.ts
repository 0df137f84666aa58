import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { writeGenesisBlock } from '../genesis';
import { generateIdentities } from '../identities/generate';
import { layout as layoutOf, repositoryRoot, type Layout } from '../layout';
import { withNetwork, type NetworkWish } from '../network-kind';
import { smallCommunity } from '../small-community';
import type { Topology } from '../topology';
import { writableFolders } from './compose-file';
import { composeYaml, projectName, writeComposeFiles } from './files';
import { seenByNodes } from './names';

const service = z.object({
    image: z.string(),
    user: z.string(),
    command: z.array(z.string()).optional(),
    profiles: z.array(z.string()).optional(),
    networks: z.object({ default: z.object({ aliases: z.array(z.string()) }) }),
    ports: z.array(z.string()),
    volumes: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
    healthcheck: z.object({ test: z.array(z.string()) }).optional(),
    mem_limit: z.string(),
    cpus: z.number(),
    read_only: z.literal(true),
    cap_drop: z.tuple([z.literal('ALL')]),
});
const composed = z.object({ services: z.record(z.string(), service) });
type Services = z.infer<typeof composed>['services'];

const folder = mkdtempSync(join(tmpdir(), 'compose-'));
const code = join(folder, 'code');

function community(homes: number, wish: NetworkWish): Topology {
    const chaincode = { version: '1', directory: code, start: ['dist/start.js'] };
    const chaincodes = ['governance', 'market'].map((name) => ({
        ...chaincode,
        name,
        policyReference: '/Channel/Application/Market',
    }));
    return withNetwork(smallCommunity(homes, { portBase: 28_200, chaincodes }), { kind: 'docker', ...wish });
}

/** What is written for a network whose identities are made, or only named. */
async function written(home: string, topology: Topology): Promise<{ layout: Layout; services: Services }> {
    const layout = layoutOf(join(folder, home));
    await generateIdentities(topology, layout);
    writeGenesisBlock(seenByNodes(topology), layout);
    await writeComposeFiles(topology, layout);
    const { services } = composed.parse(parse(readFileSync(composeYaml(layout), 'utf8')));
    return { layout, services };
}

const ownerless = (services: Services): string[] => Object.keys(services).filter((name) => !name.startsWith('ca-'));

beforeAll(() => {
    mkdirSync(join(code, 'dist'), { recursive: true });
    writeFileSync(join(code, 'dist', 'start.js'), '');
    writeFileSync(join(code, 'package.json'), '{}');
});

afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
});

describe('the compose file of a network with an engine for each seat', () => {
    const { COMETBFT_BIN } = process.env;
    afterAll(() => {
        if (COMETBFT_BIN === undefined) delete process.env.COMETBFT_BIN;
        else process.env.COMETBFT_BIN = COMETBFT_BIN;
    });

    test("has a container for each seat, with its own keys, and engines that find each other's containers", async () => {
        delete process.env.COMETBFT_BIN;
        const { layout, services } = await written('seats', community(3, { embedded: 'all', ordering: 'comet' }));
        const seats = ['ordering-H1', 'ordering-H2', 'ordering-H3', 'ordering-DSO'];
        expect(Object.keys(services).filter((name) => name.startsWith('ordering'))).toEqual(seats);
        const { image, command, ports, volumes } = services['ordering-H1'] ?? fail();
        expect([image, command]).toEqual(['commonwatt/ordering-seat:0.1.0', ['--seat', 'H1']]);
        // Clients and administrators; what seats say to each other stays between containers.
        expect(ports).toEqual(['127.0.0.1:28200:28200', '127.0.0.1:28700:28700']);
        expect(volumes.filter((each) => /h2\.|h3\.|dso\.|\/H2|\/H3|\/DSO/.test(each))).toEqual([]);
        const settings = readFileSync(join(layout.seat('H1').engine, 'config', 'config.toml'), 'utf8');
        expect(settings).toContain('unix:///var/lib/commonwatt/var/ordering/H1/engine/run/app.sock');
        expect(settings).toContain('priv_validator_key_file = "/var/lib/commonwatt/organizations/');
        expect(settings).toMatch(/persistent_peers = "[0-9a-f]{40}@orderer0\.h2\.small\.example:\d+,/);
    });

    test('takes a program of this machine for the engine where one is named', async () => {
        const program = join(folder, 'cometbft');
        writeFileSync(program, '#!/bin/sh\necho 0.38.26\n', { mode: 0o755 });
        process.env.COMETBFT_BIN = program;
        const { services } = await written('program', community(3, { embedded: 'all', ordering: 'comet' }));
        const { image, volumes } = services['ordering-H2'] ?? fail();
        expect(image).toBe('commonwatt/ordering:0.1.0');
        expect(volumes).toContain(`${program}:/usr/local/bin/cometbft:ro`);
    });
});

function fail(): never {
    throw new Error('there is no such service');
}

describe('the compose file of a network with our peers', () => {
    let layout: Layout;
    let services: Services;

    beforeAll(async () => {
        ({ layout, services } = await written('ours', community(4, { embedded: 'all' })));
    });

    test('has a peer and a service of each chaincode for every organisation, and one ordering service', () => {
        const each = (id: string): string[] => [`peer-${id}`, `chaincode-governance-${id}`, `chaincode-market-${id}`];
        expect(ownerless(services)).toEqual(['ordering', ...['DSO', 'H1', 'H2', 'H3', 'H4'].flatMap(each)]);
        expect(services['peer-H2']).toMatchObject({ image: 'commonwatt/peer:0.1.0', command: ['--only', 'H2'] });
    });

    test('publishes peers and seats on the loopback interface, under the names of their certificates inside', () => {
        expect(services['peer-H1']?.ports).toEqual(['127.0.0.1:28221:28221']);
        expect(services['peer-H1']?.networks.default.aliases).toEqual(['peer0.h1.small.example']);
        expect(services.ordering?.ports).toEqual(
            expect.arrayContaining(['127.0.0.1:28200:28200', '127.0.0.1:28203:28203', '127.0.0.1:28703:28703']),
        );
        expect(services.ordering?.networks.default.aliases).toContain('orderer0.h4.small.example');
        expect(services['chaincode-market-H1']?.ports).toEqual([]);
        for (const { ports } of Object.values(services)) {
            expect(ports.filter((each) => !each.startsWith('127.0.0.1:'))).toEqual([]);
        }
    });

    test('mounts nothing of another organisation, and no key that another container of its own needs', () => {
        for (const [name, { volumes }] of Object.entries(services)) {
            const id = name.split('-').at(-1) ?? '';
            const foreign =
                name === 'ordering' ? /never/ : new RegExp(`/(?!${id.toLowerCase()}\\.)\\w+\\.small\\.example`);
            expect(volumes.filter((each) => foreign.test(each))).toEqual([]);
        }
        expect(services['peer-H1']?.volumes.join()).not.toMatch(/server-key|\/ca\/|users|devices/);
        expect(services['chaincode-market-H1']?.volumes.join()).not.toMatch(/client-key|peerOrganizations/);
        expect(services.ordering?.volumes.join()).not.toMatch(/\/peers\/|users|devices/);
    });

    test('lets a container write its ledger and nothing else', () => {
        const written = (name: string): string[] =>
            services[name]?.volumes.filter((each) => !each.endsWith(':ro')) ?? [];
        expect(written('peer-H3')).toEqual([`${layout.ledger('H3')}:/var/lib/commonwatt/var/ledgers/H3`]);
        expect(written('ordering')).toEqual([`${layout.ordering}:/var/lib/commonwatt/var/ordering`]);
        expect(written('chaincode-market-H3')).toEqual([]);
    });

    test('runs nobody as root, limits everybody, and looks after the health of all that serves', () => {
        for (const [name, each] of Object.entries(services)) {
            expect(each.user).not.toMatch(/^0:/);
            expect(each.mem_limit).toMatch(/^\d+m$/);
            expect(each.cpus).toBeGreaterThan(0);
            expect(each.image).toMatch(/:\d+\.\d+\.\d+$/);
            expect([name, each.healthcheck?.test[0]]).toEqual([name, 'CMD']);
        }
    });

    test("tells the nodes where to find each other, and nothing of the homes' meters and places", () => {
        const text = readFileSync(join(layout.compose, 'topology.json'), 'utf8');
        expect(text).toContain('"host": "peer0.h1.small.example"');
        expect(text).not.toMatch(/1SM[LG]|importLimitW|preferences/);
    });

    test('keeps the password of certificate authorities, which start on demand, in files of their own', () => {
        expect(services['ca-H1']?.profiles).toEqual(['ca']);
        const [secret = ''] = readdirSync(layout.compose).filter((name) => name === 'ca-H1.env');
        expect(statSync(join(layout.compose, secret)).mode & 0o777).toBe(0o600);
        expect(statSync(composeYaml(layout)).mode & 0o777).toBe(0o600);
        expect(readFileSync(composeYaml(layout), 'utf8')).not.toContain('SERVER_BOOT');
    });

    test('is the same when it is written again, and another project in another home', async () => {
        const before = readFileSync(composeYaml(layout), 'utf8');
        await writeComposeFiles(community(4, { embedded: 'all' }), layout);
        expect(readFileSync(composeYaml(layout), 'utf8')).toBe(before);
        expect(projectName(layoutOf(folder))).not.toBe(projectName(layout));
    });

    test('gives whom it runs containers as what they write and read', () => {
        const [uid] = (services.ordering?.user ?? '').split(':').map(Number);
        for (const path of writableFolders(community(4, { embedded: 'all' }), layout)) {
            expect(statSync(path).uid).toBe(uid);
        }
        const { key } = layout.organisation({ domain: 'h1.small.example' }).peer;
        expect(statSync(key)).toMatchObject({ uid });
        expect(statSync(key).mode & 0o777).toBe(0o600);
    });
});

describe("the compose file of a network with Fabric's nodes", () => {
    test('runs the official images by pinned tags, with settings that name containers and their paths', async () => {
        const { layout, services } = await written('fabric', community(2, { ordering: 'raft' }));
        expect(services['peer-H1']?.image).toBe('hyperledger/fabric-peer:3.1.5');
        expect(services['orderer-H2']?.image).toBe('hyperledger/fabric-orderer:3.1.5');
        expect(services.ordering).toBeUndefined();
        expect(services['peer-H1']?.volumes).toContain(
            `${layout.fabricConfiguration('peer-H1')}:/var/lib/commonwatt/var/fabric/peer-H1:ro`,
        );
        const core = readFileSync(join(layout.fabricConfiguration('peer-H1'), 'core.yaml'), 'utf8');
        expect(parse(core)).toMatchObject({
            peer: {
                address: 'peer0.h1.small.example:28221',
                fileSystemPath: '/var/lib/commonwatt/var/ledgers/H1',
                gossip: { externalEndpoint: 'peer0.h1.small.example:28221' },
            },
            chaincode: { externalBuilders: [{ path: '/opt/hyperledger/ccaas_builder' }] },
        });
        expect(core).not.toContain(layout.home);
        const builder: unknown = JSON.parse(
            services['peer-H1']?.environment.CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG ?? '',
        );
        expect(builder).toMatchObject({ chaincode: { market: 'market.h1.small.example:28421' } });
    });
});

describe('profiles of resources', () => {
    test('20 homes get less each than 4', async () => {
        const four = (await written('four', community(4, {}))).services['peer-H1'];
        const twenty = (await written('twenty', community(20, {}))).services['peer-H1'];
        expect([four?.mem_limit, twenty?.mem_limit]).toEqual(['768m', '512m']);
        expect([four?.cpus, twenty?.cpus]).toEqual([1, 0.5]);
    });
});

describe('the images', () => {
    test('are built from what a clean checkout has: no identity, no ledger, no foreign build goes in', () => {
        const ignored = readFileSync(join(repositoryRoot, '.dockerignore'), 'utf8').split('\n');
        expect(ignored).toEqual(expect.arrayContaining(['.git', 'var', 'organizations', '**/dist', '**/node_modules']));
    });

    test('run as nobody in particular', () => {
        const text = readFileSync(join(repositoryRoot, 'network', 'compose', 'Dockerfile'), 'utf8');
        expect(text).toMatch(/^USER 1000:1000$/m);
        expect(text).toMatch(/^ARG BASE_IMAGE=node:24\.\d+\.\d+-bookworm-slim$/m);
        for (const target of ['peer', 'ordering', 'chaincode', 'application']) {
            expect(text).toMatch(new RegExp(`^FROM (runtime|nodes) AS ${target}$`, 'm'));
        }
    });
});
