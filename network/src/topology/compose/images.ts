import { join, resolve } from 'node:path';
import { findComet } from '../../ordering/engine/comet/node/binary';
import { codeDigest } from '../deploy/package';
import { repositoryRoot } from '../layout';
import type { Topology } from '../topology';
import { containers, type ContainerKind } from './containers';
import { run } from './engine';
import { composeTemplate } from './template';

/** Built here; the others are pulled. */
const OURS = ['peer', 'ordering', 'ordering-seat', 'chaincode'] as const;

/** Where a seat's container has its engine. */
export const ENGINE_IN_CONTAINER = '/usr/local/bin/cometbft';

/**
 * The program that `COMETBFT_BIN` names: it is mounted, and the image with an engine in it is not needed. Throws Error when it is not what it should
 * be.
 */
export function mountedEngine(): string | undefined {
    return process.env.COMETBFT_BIN ? findComet(process.env) : undefined;
}

export interface BuildOptions {
    readonly progress: (step: string) => void;
    readonly deadline: AbortSignal;
}

/**
 * Builds those of our images that a network needs, from this checkout; what has not changed is in the engine's cache.
 * `COMMONWATT_BASE_IMAGE` names another base image, `COMETBFT_IMAGE` another one with CometBFT at `/usr/bin/cometbft`, `COMMONWATT_BUILD=no`
 * takes the images that are there.
 *
 * @throws Error when the chaincode in its image is not the one of this machine's build, which members would approve.
 */
export async function buildImages(topology: Topology, { progress, deadline }: BuildOptions): Promise<void> {
    const needed = new Set(containers(topology).map(({ kind }) => imageOf(kind)));
    const { services } = composeTemplate();
    const { COMMONWATT_BASE_IMAGE: BASE_IMAGE, COMETBFT_IMAGE } = process.env;
    const given = Object.entries({ BASE_IMAGE, COMETBFT_IMAGE }).flatMap(([name, value]) =>
        value ? ['--build-arg', `${name}=${value}`] : [],
    );
    if (process.env.COMMONWATT_BUILD !== 'no') {
        for (const kind of OURS.filter((each) => needed.has(each))) {
            progress(`building image ${services[kind].image}`);
            const file = join(repositoryRoot, 'network', 'compose', 'Dockerfile');
            const what = ['--file', file, '--target', kind, '--tag', services[kind].image];
            await run('docker', ['build', '--quiet', ...what, ...given, repositoryRoot], { signal: deadline });
        }
    }
    await checkCode(topology, services.chaincode.image);
}

/** Which of the images a kind of container is made from. */
export function imageOf(kind: ContainerKind): ContainerKind {
    return kind === 'ordering-seat' && mountedEngine() !== undefined ? 'ordering' : kind;
}

async function checkCode(topology: Topology, image: string): Promise<void> {
    for (const directory of new Set(topology.chaincodes.map((each) => each.directory))) {
        const script = `require('/opt/commonwatt/${directory}/dist/service/approved-code').codeDigest('/opt/commonwatt/${directory}')`;
        const start = ['run', '--rm', '--network', 'none', '--entrypoint', 'node', image, '--print', script];
        const inImage = (await run('docker', start)).trim();
        const here = codeDigest(resolve(repositoryRoot, directory));
        if (inImage !== here) {
            throw new Error(
                `the code in image ${image} (${inImage}) is not what is built in ${directory}/dist (${here}): remove ${directory}/dist, ` +
                    'run npm run build, and try again from a clean checkout',
            );
        }
    }
}
