import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The version this engine is written for and tested with: the protocols of 0.38 do not change, its faults are mended. */
export const COMET_VERSION = '0.38.26';
export const COMET_MODULE = `github.com/cometbft/cometbft/cmd/cometbft@v${COMET_VERSION}`;

const LIMIT_MS = 10_000;
const HOW_TO_GET = `Install it with: go install ${COMET_MODULE}, and set COMETBFT_BIN to the program if it is not found then.`;

/**
 * Finds CometBFT: in `COMETBFT_BIN` if it is set (the program, or its folder), else in PATH, in Go's folder for programs, and where the
 * tests keep theirs.
 *
 * @throws Error saying what is missing or of another version, and how to get it.
 */
export function findComet(environment: NodeJS.ProcessEnv): string {
    const places = searched(environment);
    const program = places.find(isProgram);
    if (program === undefined) {
        const where = environment.COMETBFT_BIN
            ? `COMETBFT_BIN (${environment.COMETBFT_BIN})`
            : "PATH and Go's folder for programs (COMETBFT_BIN is not set)";
        throw new Error(`CometBFT, the engine of '--ordering comet', is not found in ${where}. ${HOW_TO_GET}`);
    }
    checkVersion(program);
    return program;
}

/** Where tests install the engine, once for a user. */
export function cometCache(environment: NodeJS.ProcessEnv): string {
    const caches = environment.XDG_CACHE_HOME || join(homeOf(environment), '.cache');
    return join(caches, 'commonwatt', `cometbft-${COMET_VERSION}`);
}

function searched(environment: NodeJS.ProcessEnv): readonly string[] {
    const { COMETBFT_BIN: named, PATH = '', GOBIN, GOPATH } = environment;
    if (named) {
        return [named, join(named, 'cometbft')];
    }
    const goPaths = GOPATH ? GOPATH.split(delimiter) : [join(homeOf(environment), 'go')];
    const folders = [
        ...PATH.split(delimiter),
        ...(GOBIN ? [GOBIN] : []),
        ...goPaths.map((path) => join(path, 'bin')),
        cometCache(environment),
    ];
    return folders.filter(Boolean).map((folder) => join(folder, 'cometbft'));
}

function homeOf({ HOME }: NodeJS.ProcessEnv): string {
    return HOME || homedir();
}

function isProgram(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}

function checkVersion(program: string): void {
    const { stdout, stderr, error } = spawnSync(program, ['version'], { encoding: 'utf8', timeout: LIMIT_MS });
    const said = (error?.message ?? `${stdout}${stderr}`).trim();
    const [, minor, patch] = /^v?0\.(\d+)\.(\d+)/.exec(said) ?? [];
    const [, testedMinor, testedPatch] = COMET_VERSION.split('.');
    if (minor === undefined) {
        throw new Error(`${program} does not say which version it is: ${said.slice(0, 200)}. ${HOW_TO_GET}`);
    }
    if (minor !== testedMinor || Number(patch) < Number(testedPatch)) {
        throw new Error(
            `${program} is version ${said}, and 0.${testedMinor}.${testedPatch} or a later 0.${testedMinor} is needed. ${HOW_TO_GET}`,
        );
    }
}
