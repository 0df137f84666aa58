import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { KvHome } from '../testing/kv-home';
import { until } from '../testing/peer-network';
import { repositoryRoot } from '../topology/layout';
import { peerDigests } from '../topology/peer-digests';
import { networkStatus } from '../topology/processes/network';
import { peersControl } from '../topology/processes/plans';

const LIMIT_MS = 300_000;
const BUILT = join(repositoryRoot, 'network', 'dist', 'topology');
const CHUNK = Buffer.alloc(64 * 1024, 1);
type Part = 'ledgers' | 'ordering';

/** A disk that can be full. */
interface Disk {
    readonly kind: string;
    /** Runs a script of Node where the disk is seen. */
    run(script: string): void;
    fill(part: Part): void;
    free(part: Part): void;
    /** Whether logs can be written all the time. */
    readonly hasRoomForLogs: boolean;
}

const home = (): KvHome => new KvHome(2, 19_000);

function pidOf({ layout }: KvHome, name: 'peers' | 'ordering'): number {
    const record: unknown = JSON.parse(readFileSync(join(layout.run, `${name}.pid.json`), 'utf8'));
    return (record as { readonly pid: number }).pid;
}

function done(command: string, args: readonly string[]): void {
    const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
    expect([`${stdout}${stderr}`, status]).toEqual([expect.anything(), 0]);
}

/** File systems of a few megabytes, which only these processes see. Needs the right to mount. */
function smallDisks(of: KvHome): Disk {
    const { layout } = of;
    const folder = (part: Part): string => (part === 'ledgers' ? layout.ledgers : layout.ordering);
    /** Seen through a process that lives there: the peers' runs all the time. */
    const filler = (part: Part): string => join(`/proc/${pidOf(of, 'peers')}/root`, folder(part), 'filler');
    let isMounted = false;
    return {
        kind: 'a file system without space',
        hasRoomForLogs: true,
        run: (script) => {
            if (isMounted) {
                done('nsenter', ['-t', `${pidOf(of, 'peers')}`, '-m', process.execPath, '-e', script]);
                return;
            }
            mkdirSync(layout.ledgers, { recursive: true });
            mkdirSync(layout.ordering, { recursive: true });
            const mount = (part: Part): string => `mount -t tmpfs -o size=24m,mode=700 tmpfs '${folder(part)}'`;
            const inside = `${mount('ledgers')} && ${mount('ordering')} && exec "$0" -e "$1"`;
            done('unshare', ['-m', 'sh', '-c', inside, process.execPath, script]);
            isMounted = true;
        },
        fill: (part) => {
            const file = openSync(filler(part), 'w');
            try {
                for (;;) writeSync(file, CHUNK);
            } catch {
                // Full to the last block of 4 KiB.
            } finally {
                closeSync(file);
            }
        },
        free: (part) => {
            rmSync(filler(part));
        },
    };
}

/** A process that may make no file longer: the stand-in where nothing can be mounted. */
function limitedFiles(of: KvHome): Disk {
    const limit = (part: Part, bytes: string): void => {
        done('prlimit', ['--pid', `${pidOf(of, part === 'ledgers' ? 'peers' : 'ordering')}`, `--fsize=${bytes}:`]);
    };
    return {
        kind: 'a limit on the length of files',
        hasRoomForLogs: false,
        run: (script) => {
            done(process.execPath, ['-e', script]);
        },
        fill: (part) => {
            limit(part, '1');
        },
        free: (part) => {
            if (part === 'ledgers') limit(part, 'unlimited');
        },
    };
}

const mayMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt && umount /mnt']).status === 0;
const made = [home(), ...(mayMount ? [home()] : [])];
const CASES = made.map((of, index) => ({ of, disk: index === 0 ? limitedFiles(of) : smallDisks(of) }));

describe.each(CASES.map((each) => ({ ...each, kind: each.disk.kind })))('a full disk: $kind', ({ of, disk }) => {
    const { layout, topology } = of;
    const topologyFile = join(layout.home, 'asked.json');
    const script = (call: string): string => `
        const { startNetwork } = require('${BUILT}/processes/network.js');
        const { deploy } = require('${BUILT}/deploy/deploy.js');
        const layout = require('${BUILT}/layout.js').layout(${JSON.stringify(layout.home)});
        const topology = JSON.parse(require('node:fs').readFileSync(${JSON.stringify(topologyFile)}, 'utf8'));
        ${call}.catch((error) => { console.error(error); process.exitCode = 1; });
    `;

    beforeAll(() => {
        of.prepare();
        const file = openSync(topologyFile, 'w');
        writeSync(file, JSON.stringify(topology));
        closeSync(file);
        disk.run(script('startNetwork(topology, layout).then(() => deploy(topology, layout))'));
    }, LIMIT_MS);
    afterAll(() => of.remove(), LIMIT_MS);

    const put = (key: string): Promise<unknown> => of.submit('H1', 'put', [key, 'x'.repeat(5_000)]);
    const failure = (key: string): Promise<string> => put(key).then(() => 'it went well', String);
    const has = (key: string): Promise<boolean> =>
        of.query('H2', 'get', key).then(
            (value) => value.length === 5_000,
            () => false,
        );

    function health(): Promise<{ status: number; body: string }> {
        return new Promise((resolve, reject) => {
            const port = peersControl(layout)?.port ?? 0;
            get({ host: '127.0.0.1', port, path: '/healthz', timeout: 5_000 }, (response) => {
                const chunks: Buffer[] = [];
                response.on('data', (chunk: Buffer) => chunks.push(chunk));
                response.on('end', () => {
                    resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
                });
            }).on('error', reject);
        });
    }

    test(
        'under the peers: they say so and end as peers; what was ordered is committed once there is space',
        async () => {
            await put('before');
            disk.fill('ledgers');
            const sent = Array.from({ length: 5 }, (_, index) => failure(`while full ${index}`));
            await until('the peers say what is wrong', async () => {
                const { status, body } = await health();
                return status === 503 && body.includes('the disk is full') && body.includes('make room');
            });
            disk.free('ledgers');
            await until('the peers go on', () =>
                put('after').then(
                    () => true,
                    () => false,
                ),
            );
            expect(readFileSync(layout.logFile('peers'), 'utf8')).toMatch(
                disk.hasRoomForLogs
                    ? /the ledger in \S+ cannot be written: the disk is full .*: make room; this peer ends/
                    : /\d+ lines are missing/,
            );
            expect(await has('before')).toBe(true);
            await until('all peers hold the same', async () => {
                const digests = await peerDigests(topology, layout);
                return new Set(digests.map((digest) => JSON.stringify({ ...digest, org: undefined }))).size === 1;
            });
            // Endorsed while the disk filled up, and handed to the ordering service: none of these is lost.
            const ordered = (await Promise.all(sent)).map((said, index) => ({ said, key: `while full ${index}` }));
            for (const { said, key } of ordered) {
                if (said === 'it went well') expect(await has(key)).toBe(true);
            }
            expect((await health()).body).not.toContain('the disk is full');
        },
        LIMIT_MS,
    );

    test(
        'under the ordering service: it says so and ends; nothing that it acknowledged is lost, and it is started again',
        async () => {
            await put('acknowledged');
            disk.fill('ordering');
            expect(await failure('refused')).toMatch(/disk is full|UNAVAILABLE|ENOSPC|EFBIG/);
            await until('the ordering service has ended', async () => {
                const { processes } = await networkStatus(topology, layout);
                return processes.some(({ name, state }) => name === 'ordering' && state === 'ended');
            });
            if (disk.hasRoomForLogs) {
                expect(readFileSync(layout.logFile('ordering'), 'utf8')).toMatch(
                    /failed and ends: the disk is full .*: make room; .* `network.sh up` starts it again/,
                );
            }
            disk.free('ordering');
            disk.run(script('startNetwork(topology, layout)'));
            await until('what was acknowledged is there', () => has('acknowledged'));
            await put('after the ordering service');
            expect(await has('after the ordering service')).toBe(true);
        },
        LIMIT_MS,
    );
});
