import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { withNetwork } from '../network-kind';
import { smallCommunity } from '../small-community';
import { builtFrom, canRunContainers } from './available';
import { buildImages } from './images';
import { composeTemplate } from './template';

const LIMIT_MS = 900_000;
const KINDS = ['peer', 'ordering', 'chaincode'] as const;
const isPossible = canRunContainers();
const here = isPossible ? test : test.skip;
const folder = join(tmpdir(), `images-${randomUUID()}`);
const topology = withNetwork(smallCommunity(1, { portBase: 31_230 }), { kind: 'docker', embedded: 'all' });

const docker = (...args: readonly string[]): string =>
    execFileSync('docker', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const imageOf = (kind: (typeof KINDS)[number]): string => composeTemplate().services[kind].image;

const description = z.tuple([
    z.object({ Config: z.object({ User: z.string() }), RootFS: z.object({ Layers: z.array(z.string()) }) }),
]);
const describe1 = (image: string): z.infer<typeof description>[0] =>
    description.parse(JSON.parse(docker('image', 'inspect', image)))[0];

/** Archives of the layers that our build puts on its base, newest last. */
function ownLayers(kind: (typeof KINDS)[number]): readonly string[] {
    const target = join(folder, kind);
    execFileSync('bash', ['-c', 'mkdir -p "$1" && docker save "$2" | tar -x -C "$1"', 'save', target, imageOf(kind)]);
    const [{ Layers }] = z
        .tuple([z.object({ Layers: z.array(z.string()) })])
        .parse(JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')));
    const base = describe1(builtFrom('BASE_IMAGE')).RootFS.Layers.length;
    return Layers.slice(base).map((layer) => join(target, layer));
}

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----\\?[\s\\n]+[\w+/=]{40}/;
const SECRET_FILE = /(^|\/)(organizations|ledgers|keystore|\.npmrc|\.env|priv_sk|[^/]*\.(pem|key|crt))(\/|$)/;

beforeAll(async () => {
    if (isPossible) await buildImages(topology, { progress: () => undefined, deadline: AbortSignal.timeout(LIMIT_MS) });
}, LIMIT_MS);

afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
});

describe.each(KINDS)('our image for %s', (kind) => {
    here('runs as nobody in particular', () => {
        expect(describe1(imageOf(kind)).Config.User).toBe('1000:1000');
    });

    here(
        'holds no key, no identity and no settings of who built it, in any of its layers',
        () => {
            const layers = ownLayers(kind);
            expect(layers.length).toBeGreaterThan(1);
            for (const layer of layers) {
                const files = execFileSync('tar', ['-tf', layer], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
                expect(files.split('\n').filter((file) => SECRET_FILE.test(file))).toEqual([]);
                expect(PRIVATE_KEY.exec(readFileSync(layer, 'latin1'))?.[0]).toBeUndefined();
            }
        },
        LIMIT_MS,
    );
});
