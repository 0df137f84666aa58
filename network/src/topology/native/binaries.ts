import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

/** Fabric's own programs, as its installation leaves them on a machine. */
export interface FabricBinaries {
    readonly peer: string;
    readonly version: string;
    /** Folder of the builder for chaincode services. */
    readonly ccaasBuilder: string;
    /** Absent where nobody asked for Raft. */
    readonly orderer: string | undefined;
}

export interface Needed {
    readonly orderer: boolean;
}

export const INSTALLATION_PAGE = 'https://hyperledger-fabric.readthedocs.io/en/latest/install.html';
const OLDEST = [3, 1] as const;
const LIMIT_MS = 10_000;
/** Seen from the folder of the programs: beside them, as in Fabric's archive, and where its images have it. */
const BUILDER_PLACES = ['../builders/ccaas', 'ccaas_builder', '../ccaas_builder', '/opt/hyperledger/ccaas_builder'];
const BUILDER_PROGRAMS = ['build', 'detect', 'release'];

/**
 * Finds Fabric's programs: in `FABRIC_BIN` if it is set, else in PATH.
 *
 * @throws Error naming all that is missing or too old, and where to get it.
 */
export function findFabric(environment: NodeJS.ProcessEnv, needed: Needed): FabricBinaries {
    const folders = searched(environment);
    const peer = findProgram('peer', folders);
    const ccaasBuilder = peer && findBuilder(dirname(peer));
    const orderer = needed.orderer ? findProgram('orderer', folders) : undefined;
    const parts = [
        { name: 'peer', isMissing: !peer },
        { name: 'the builder ccaas_builder beside it', isMissing: peer && !ccaasBuilder },
        { name: 'orderer', isMissing: needed.orderer && !orderer },
    ];
    const missing = parts.filter(({ isMissing }) => isMissing).map(({ name }) => name);
    if (!peer || !ccaasBuilder || missing.length > 0) {
        throw new Error(`Fabric's ${missing.join(' and ')} not found in ${whereSearched(environment)}. ${HOW_TO_GET}`);
    }
    if (orderer) {
        checkedVersion(orderer);
    }
    return { peer, version: checkedVersion(peer), ccaasBuilder, orderer };
}

function whereSearched({ FABRIC_BIN = '' }: NodeJS.ProcessEnv): string {
    return FABRIC_BIN === '' ? 'PATH (FABRIC_BIN is not set)' : `FABRIC_BIN (${FABRIC_BIN})`;
}

/** Whether a native network can be started here: tests that need one are skipped where it cannot. */
export function hasFabric(environment: NodeJS.ProcessEnv, needed: Needed = { orderer: false }): boolean {
    try {
        findFabric(environment, needed);
        return true;
    } catch {
        return false;
    }
}

/** What a shell says of Fabric is for its commands; for nodes only what we write down counts. */
export function withoutFabricSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return Object.fromEntries(
        Object.entries(environment).filter(([name]) => !/^(CORE|ORDERER|FABRIC|CHAINCODE)_/.test(name)),
    );
}

const HOW_TO_GET =
    `Install Fabric ${OLDEST.join('.')} or later as ${INSTALLATION_PAGE} says ` +
    `(its programs and builders are enough), then set FABRIC_BIN to the folder with peer in it.`;

function searched({ FABRIC_BIN = '', PATH = '' }: NodeJS.ProcessEnv): readonly string[] {
    return FABRIC_BIN === ''
        ? PATH.split(delimiter).filter(Boolean)
        : [resolve(FABRIC_BIN), resolve(FABRIC_BIN, 'bin')];
}

/** The first of the folders that has the program. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
    return folders.map((folder) => join(folder, name)).find(isProgram);
}

function findBuilder(folder: string): string | undefined {
    return BUILDER_PLACES.map((place) => resolve(folder, place)).find((place) =>
        BUILDER_PROGRAMS.every((name) => isProgram(join(place, 'bin', name))),
    );
}

function isProgram(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return existsSync(file) && statSync(file).isFile();
    } catch {
        return false;
    }
}

function checkedVersion(program: string): string {
    const { stdout, stderr, error } = spawnSync(program, ['version'], {
        encoding: 'utf8',
        timeout: LIMIT_MS,
        env: withoutFabricSettings(process.env),
    });
    const output = error?.message ?? `${stdout}${stderr}`;
    const [, version, major, minor] = /Version:\s*v?((\d+)\.(\d+)\S*)/.exec(output) ?? [];
    if (version === undefined) {
        throw new Error(`${program} does not say which version it is: ${output.trim().slice(0, 200)}. ${HOW_TO_GET}`);
    }
    const [oldestMajor, oldestMinor] = OLDEST;
    const isOld = Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
    if (isOld) {
        throw new Error(`${program} is Fabric ${version}, and at least ${OLDEST.join('.')} is needed. ${HOW_TO_GET}`);
    }
    return version;
}
