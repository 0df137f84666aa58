import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './layout';

const SCRIPT = join(repositoryRoot, 'test-network-scripts', 'network.sh');
const STEP_LIMIT_MS = 300_000;

let directory: string;
let home: string;
let community: string;

/** The demonstration's community, on ports of its own. */
beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'script-'));
    home = join(directory, 'home');
    mkdirSync(join(home, 'var'), { recursive: true });
    writeFileSync(join(home, 'var', 'own.txt'), 'not of the network');
    community = join(directory, 'community.yaml');
    const text = readFileSync(join(repositoryRoot, 'organizations', 'community.yaml'), 'utf8');
    writeFileSync(community, text.replace('firstPort: 7050', 'firstPort: 21300'));
});

afterAll(() => {
    network('down');
    rmSync(directory, { recursive: true });
});

function network(...args: string[]): { code: number | null; out: string; error: string } {
    const { status, stdout, stderr } = spawnSync(SCRIPT, [...args, '--home', home, '--community', community], {
        encoding: 'utf8',
        timeout: STEP_LIMIT_MS,
    });
    return { code: status, out: stdout, error: stderr };
}

describe('network.sh', () => {
    test('before anything is up says so', () => {
        expect(network('status')).toMatchObject({ code: 3, out: expect.stringContaining('down: channel community') });
        expect(network('deploy')).toMatchObject({ code: 1, error: expect.stringContaining('is not up') });
        expect(network('down')).toMatchObject({ code: 0 });
    });

    test(
        'brings 21 organisations up and deploys',
        () => {
            const up = network('up');
            expect(up).toMatchObject({ code: 0, error: '' });
            const deploy = network('deploy');
            expect(deploy).toMatchObject({ code: 0, error: '' });
            expect(deploy.out).toMatch(/governance: committed, sequence 1/);
            expect(deploy.out).toMatch(/market: committed, sequence 1/);
        },
        STEP_LIMIT_MS,
    );

    test('says that it is up when it is', () => {
        expect(network('up')).toMatchObject({ code: 0, out: `the network in ${home} is up\n` });
        const status = network('status');
        expect(status.code).toBe(0);
        expect(status.out).toMatch(/^up: channel community/);
        expect(status.out.match(/^ready /gm)).toHaveLength(4);
    });

    test('shows the logs', () => {
        expect(network('logs', 'ordering')).toMatchObject({ code: 0, out: expect.stringContaining('ready') });
        expect(network('logs', 'nobody')).toMatchObject({
            code: 64,
            error: expect.stringContaining('there are ordering, peers, chaincode-governance, chaincode-market'),
        });
    });

    test('takes down what it made, and nothing else', () => {
        expect(network('down')).toMatchObject({ code: 0 });
        expect(network('status')).toMatchObject({ code: 3 });
        expect(existsSync(join(home, 'organizations'))).toBe(false);
        expect(readFileSync(join(home, 'var', 'own.txt'), 'utf8')).toBe('not of the network');
    });

    test('names what it does not understand', () => {
        expect(network('upp')).toMatchObject({ code: 64, error: expect.stringContaining('unknown command: upp') });
        expect(network('up', '--peers')).toMatchObject({ code: 64, error: expect.stringContaining("'--peers'") });
        writeFileSync(community, 'homes: 20');
        expect(network('up')).toMatchObject({ code: 1, error: expect.stringContaining('community.yaml:1: homes') });
    });
});
