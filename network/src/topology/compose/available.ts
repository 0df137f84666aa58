import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../layout';
import { composeTemplate, type ComposeTemplate } from './template';

/** A service of `network/compose/services.yaml` whose image is pulled and not built. */
type Pulled = Extract<keyof ComposeTemplate['services'], `fabric-${string}`>;

/** What tests need beside an engine and what our images are built on. */
export interface Needed {
    readonly pulled?: readonly Pulled[];
    /** An image with CometBFT, or the program itself. */
    readonly comet?: boolean;
}

/**
 * Whether a docker network can be started here: an engine answers, and the images that ours are built from and those of others that are
 * named are there or can be pulled. Tests that need one are skipped where it cannot.
 */
export function canRunContainers({ pulled = [], comet = false }: Needed = {}): boolean {
    const { services } = composeTemplate();
    const images = [
        builtFrom('BASE_IMAGE'),
        ...(comet && !process.env.COMETBFT_BIN ? [builtFrom('COMETBFT_IMAGE')] : []),
        ...pulled.map((each) => services[each].image),
    ];
    return (
        succeeds('version') && images.every((image) => succeeds('image', 'inspect', image) || succeeds('pull', image))
    );
}

/** What our images are built from: the default of the Dockerfile, or what the variable of the same meaning names. */
export function builtFrom(argument: 'BASE_IMAGE' | 'COMETBFT_IMAGE'): string {
    const { COMMONWATT_BASE_IMAGE: BASE_IMAGE, COMETBFT_IMAGE } = process.env;
    const dockerfile = readFileSync(join(repositoryRoot, 'network', 'compose', 'Dockerfile'), 'utf8');
    const [, preset] = new RegExp(`^ARG ${argument}=(\\S+)$`, 'm').exec(dockerfile) ?? [];
    const image = { BASE_IMAGE, COMETBFT_IMAGE }[argument] ?? preset;
    if (image === undefined) throw new Error(`the Dockerfile has no default for ${argument}`);
    return image;
}

function succeeds(...args: readonly string[]): boolean {
    return spawnSync('docker', args, { stdio: 'ignore' }).status === 0;
}
