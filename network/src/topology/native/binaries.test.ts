import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findFabric, hasFabric, withoutFabricSettings } from './binaries';

const PEER = { orderer: false };
let directory: string;

beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fabric-'));
});

afterEach(() => {
    rmSync(directory, { recursive: true });
});

/** A program that says which version it is, and fails if a shell's settings for Fabric reach it. */
function program(file: string, version = 'v3.1.5'): string {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    const script = `#!/bin/sh\n[ -z "$CORE_PEER_ADDRESS" ] && printf 'peer:\\n Version: ${version}\\n Go version: go1\\n'\n`;
    writeFileSync(path, script, { mode: 0o755 });
    return path;
}

function builder(folder: string): string {
    for (const name of ['build', 'detect', 'release']) {
        program(join(folder, 'bin', name));
    }
    return join(directory, folder);
}

describe("Fabric's programs", () => {
    test('are found as its archive lays them out, by either folder', () => {
        const peer = program('bin/peer');
        const ccaasBuilder = builder('builders/ccaas');
        const found = { peer, version: '3.1.5', ccaasBuilder, orderer: undefined };
        expect(findFabric({ FABRIC_BIN: join(directory, 'bin') }, PEER)).toEqual(found);
        expect(findFabric({ FABRIC_BIN: directory }, PEER)).toEqual(found);
        expect(findFabric({ PATH: `/nowhere:${join(directory, 'bin')}` }, PEER)).toEqual(found);
    });

    test('are looked for in PATH only where FABRIC_BIN is not set', () => {
        program('bin/peer');
        builder('bin/ccaas_builder');
        const PATH = join(directory, 'bin');
        expect(hasFabric({ PATH }, PEER)).toBe(true);
        expect(() => findFabric({ FABRIC_BIN: '/nowhere', PATH }, PEER)).toThrow('not found in FABRIC_BIN (/nowhere)');
    });

    test('that are missing are all named at once, with where to get them', () => {
        expect(() => findFabric({ PATH: directory }, { orderer: true })).toThrow(
            "Fabric's peer and orderer not found in PATH (FABRIC_BIN is not set). Install Fabric 3.1 or later as " +
                'https://hyperledger-fabric.readthedocs.io/en/latest/install.html says',
        );
        program('peer');
        expect(() => findFabric({ PATH: directory }, { orderer: true })).toThrow(
            "Fabric's the builder ccaas_builder beside it and orderer not found",
        );
    });

    test.each(['2.5.9', 'v3.0.0', '1.4'])('of version %s are too old', (version) => {
        const peer = program('peer', version);
        builder('ccaas_builder');
        expect(() => findFabric({ PATH: directory }, PEER)).toThrow(
            `${peer} is Fabric ${version.replace('v', '')}, and at least 3.1 is needed`,
        );
    });

    test.each(['3.1.0', 'v3.2.1', '4.0'])('of version %s will do', (version) => {
        program('peer', version);
        builder('ccaas_builder');
        expect(findFabric({ PATH: directory }, PEER).version).toBe(version.replace('v', ''));
    });

    test('that do not say their version are refused', () => {
        program('peer', 'latest');
        builder('ccaas_builder');
        expect(() => findFabric({ PATH: directory }, PEER)).toThrow('does not say which version it is');
    });

    test('run without what a shell says for the peer command', () => {
        const environment = { PATH: 'p', CORE_PEER_ADDRESS: 'a', FABRIC_CFG_PATH: 'b', ORDERER_CA: 'c', CHANNEL: 'd' };
        expect(withoutFabricSettings(environment)).toEqual({ PATH: 'p', CHANNEL: 'd' });
    });
});
