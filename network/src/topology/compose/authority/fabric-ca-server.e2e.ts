import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createPublicKey, randomUUID, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { Msp } from '../../../fabric/msp';
import { serializeIdentity } from '../../../fabric/signing';
import { until } from '../../../testing/peer-network';
import { generateIdentities } from '../../identities/generate';
import { mspConfigOf } from '../../identities/msp-config';
import { layout as layoutOf } from '../../layout';
import { findProgram } from '../../native/binaries';
import { withNetwork } from '../../network-kind';
import { smallCommunity } from '../../small-community';
import { organisation } from '../../topology';
import { authoritySecret, composeFile, publishedAuthority } from '../compose-file';
import { writeComposeFiles } from '../files';
import { enrolAgent } from './enrol';

const LIMIT_MS = 300_000;
const { FABRIC_BIN = '', PATH = '' } = process.env;
/** Fabric's own server, where it is installed. */
const server = findProgram('fabric-ca-server', [FABRIC_BIN, ...PATH.split(delimiter)].filter(Boolean));
const here = server === undefined ? test.skip : test;

const folder = join(tmpdir(), `fabric-ca-${randomUUID()}`);
const layout = layoutOf(join(folder, 'home'));
const code = join(folder, 'code');
const chaincodes = [
    {
        name: 'market',
        version: '1',
        policyReference: '/Channel/Application/Market',
        directory: code,
        start: ['start.js'],
    },
];
const topology = withNetwork(smallCommunity(1, { portBase: 31_200, chaincodes }), { kind: 'docker' });
const home = organisation(topology, 'H1');
const files = layout.organisation(home);

const service = z.looseObject({
    command: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
    volumes: z.array(z.string()),
});

/** What the compose file says of the household's authority, with the paths of this machine in the place of the container's. */
async function asProcess(): Promise<{ args: readonly string[]; environment: NodeJS.ProcessEnv }> {
    const { services } = await composeFile(topology, layout, { user: '0:0' });
    const { command, environment, volumes } = service.parse(z.record(z.string(), z.unknown()).parse(services)['ca-H1']);
    const mounts = volumes.map((volume) => volume.split(':'));
    const onThisMachine = (value: string): string =>
        mounts.reduce((text, [outside = '', inside = '']) => text.replace(inside, outside), value);
    const [, boot = ''] = /=(.+)\n/.exec(readFileSync(authoritySecret(home, layout), 'utf8')) ?? [];
    const { host, port } = publishedAuthority(home);
    return {
        args: command.slice(1),
        environment: {
            ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, onThisMachine(value)])),
            FABRIC_CA_SERVER_BOOT: boot,
            FABRIC_CA_SERVER_ADDRESS: host,
            FABRIC_CA_SERVER_PORT: String(port),
            FABRIC_CA_SERVER_OPERATIONS_LISTENADDRESS: '127.0.0.1:0',
        },
    };
}

let running: ChildProcess | undefined;
let said = '';

async function stop(): Promise<void> {
    if (running?.exitCode === null) {
        const ended = once(running, 'exit');
        running.kill('SIGTERM');
        await ended;
    }
}

async function start(): Promise<void> {
    const { args, environment } = await asProcess();
    running = spawn(server ?? '', args, { env: { PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    running.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('the authority serves', () => {
        expect([running?.exitCode, said]).toEqual([null, said]);
        return accepts();
    });
}

async function accepts(): Promise<boolean> {
    const socket = connect(publishedAuthority(home));
    try {
        await once(socket, 'connect');
        return true;
    } catch {
        return false;
    } finally {
        socket.destroy();
    }
}

beforeAll(async () => {
    mkdirSync(join(code, 'dist'), { recursive: true });
    writeFileSync(join(code, 'package.json'), '{}');
    await generateIdentities(topology, layout);
    await writeComposeFiles(topology, layout);
    if (server !== undefined) await start();
}, LIMIT_MS);

afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

describe("Fabric's own certificate authority, as the compose file starts it", () => {
    here("issues a certificate over the agent's own key, which the channel takes for a client's", async () => {
        const key = readFileSync(files.agent.key, 'utf8');
        const { id } = await enrolAgent(topology, layout, 'H1');
        const pem = readFileSync(files.agent.certificate, 'utf8');
        const certificate = new X509Certificate(pem);
        expect(certificate.subject).toContain(`CN=${id}`);
        expect(certificate.publicKey.equals(createPublicKey(key))).toBe(true);
        expect(new Msp(mspConfigOf(home, layout)).identity(serializeIdentity('H1MSP', pem)).role).toBe('client');
    });

    here('issues with the key that the channel knows: no other root comes to be', () => {
        const root = new X509Certificate(readFileSync(files.ca.certificate));
        expect(new X509Certificate(readFileSync(files.agent.certificate)).checkIssued(root)).toBe(true);
        expect(said).not.toMatch(/generating key|generated .*certificate/i);
    });

    here('goes on after a restart, and refuses an administrator that it does not know, in its own words', async () => {
        const secret = authoritySecret(home, layout);
        const before = readFileSync(secret, 'utf8');
        await stop();
        await start();
        const [one, other] = [await enrolAgent(topology, layout, 'H1'), await enrolAgent(topology, layout, 'H1')];
        expect(one.id).not.toBe(other.id);
        writeFileSync(secret, before.replace(/:.*/, ':another'));
        await expect(enrolAgent(topology, layout, 'H1')).rejects.toThrow(
            'ca.h1.small.example refuses /api/v1/enroll: Authentication failure (20)',
        );
        writeFileSync(secret, before);
    });
});
