import { spawnSync } from 'node:child_process';
import { composeTemplate, type ComposeTemplate } from './template';

const BASE_IMAGE = 'node:24.21.0-bookworm-slim';

/** A service of `network/compose/services.yaml` whose image is pulled and not built. */
export type Pulled = Extract<keyof ComposeTemplate['services'], `fabric-${string}`>;

/**
 * Whether a docker network can be started here: an engine answers, what our images are built on is there or can be pulled, and so are the images of
 * others that are named. Tests that need one are skipped where it cannot.
 */
export function canRunContainers(pulled: readonly Pulled[] = []): boolean {
    const { COMMONWATT_BASE_IMAGE = BASE_IMAGE } = process.env;
    const { services } = composeTemplate();
    const needed = [COMMONWATT_BASE_IMAGE, ...pulled.map((each) => services[each].image)];
    return (
        succeeds('version') && needed.every((image) => succeeds('image', 'inspect', image) || succeeds('pull', image))
    );
}

function succeeds(...args: readonly string[]): boolean {
    return spawnSync('docker', args, { stdio: 'ignore' }).status === 0;
}
