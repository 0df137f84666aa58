import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { COMET_MODULE, cometCache, findComet } from '../node/binary';

const INSTALL_LIMIT_MS = 600_000;
const GO_PLACES = ['go', '/usr/local/go/bin/go'];

/** CometBFT for tests: what is there, or installed once for this user where Go is there; undefined where neither is. */
export function installedComet(environment: NodeJS.ProcessEnv = process.env): string | undefined {
    try {
        return findComet(environment);
    } catch (failure) {
        const go = GO_PLACES.find((program) => spawnSync(program, ['version']).status === 0);
        if (go === undefined || environment.COMETBFT_BIN) {
            console.warn(`tests of the engine are skipped: ${String(failure)}`);
            return undefined;
        }
        const folder = cometCache(environment);
        mkdirSync(folder, { recursive: true });
        const { status, stderr } = spawnSync(go, ['install', COMET_MODULE], {
            env: { ...environment, GOBIN: folder },
            encoding: 'utf8',
            timeout: INSTALL_LIMIT_MS,
        });
        if (status !== 0) {
            console.warn(`tests of the engine are skipped: it cannot be installed here: ${stderr.slice(-500)}`);
            return undefined;
        }
        return findComet(environment);
    }
}
