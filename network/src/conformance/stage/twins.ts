import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from '../../peer/peer';
import type { TestCommunity } from '../../testing/test-community';
import { AdminClient } from '../../topology/native/admin-client';
import { withoutFabricSettings, type FabricBinaries } from '../../topology/native/binaries';
import { builderConfiguration } from '../../topology/native/builder-config';
import { writeCoreYaml } from '../../topology/native/node-files';
import { organisation, type Organisation } from '../../topology/topology';
import { end, own } from './children';
import { PeerUnderTest } from './peer-under-test';

/** Both twins are peers of this household, with the same certificate. */
export const HOUSEHOLD = 'H1';
/** A chaincode that has not answered by then has failed; short, because a scenario waits for it. */
export const EXECUTE_TIMEOUT_MS = 2_000;
/** Distance of the native twin's port from the household's own. */
const NATIVE_PORT = 180;
const START_LIMIT_MS = 60_000;
const CALL_LIMIT_MS = 10_000;
const RETRY_MS = 250;
const LONGEST_LINE = 400;

export async function startEmbedded(community: TestCommunity): Promise<PeerUnderTest> {
    const { topology, layout, genesis } = community;
    const member = organisation(topology, HOUSEHOLD);
    const { tls } = layout.organisation(member).peer;
    const warnings: string[] = [];
    const node = await Peer.start({
        identity: community.signer(HOUSEHOLD, 'peer'),
        ...member.peer,
        certificate: {
            certificatePem: readFileSync(tls.certificate, 'utf8'),
            keyPem: readFileSync(tls.key, 'utf8'),
        },
        directory: join(layout.ledgers, 'embedded'),
        genesis,
        builder: { ...builderConfiguration(topology, layout, member) },
        executeTimeoutMs: EXECUTE_TIMEOUT_MS,
        log: {
            info: () => undefined,
            warn: (message) => {
                warnings.push(message);
            },
        },
    });
    return new PeerUnderTest('embedded', member, layout, {
        lastWords: () => (warnings.length === 0 ? '' : `: ${warnings.at(-1) ?? ''}`),
        stop: () => node.stop(),
    });
}

/** Fabric's own peer, set up as `network.sh up --network native` does it, and joined to the channel. */
export async function startNative(community: TestCommunity, fabric: FabricBinaries): Promise<PeerUnderTest> {
    const { topology, layout } = community;
    const household = organisation(topology, HOUSEHOLD);
    const { host, port } = household.peer;
    const member: Organisation = { ...household, peer: { host, port: port + NATIVE_PORT } };
    const logFile = join(layout.home, 'native.log');
    const log = openSync(logFile, 'w');
    const node = own(
        spawn(fabric.peer, ['node', 'start'], {
            stdio: ['ignore', log, log],
            env: {
                ...withoutFabricSettings(process.env),
                FABRIC_CFG_PATH: writeCoreYaml(member, layout, fabric.ccaasBuilder),
                FABRIC_LOGGING_SPEC: process.env['FABRIC_LOGGING_SPEC'] ?? 'warning',
                CORE_CHAINCODE_EXECUTETIMEOUT: `${EXECUTE_TIMEOUT_MS}ms`,
                CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG: JSON.stringify(
                    builderConfiguration(topology, layout, household),
                ),
            },
        }),
    );
    closeSync(log);
    const stop = (): Promise<void> => end(node);
    try {
        await joinChannel(member, community, node);
    } catch (cause) {
        await stop();
        throw cause;
    }
    return new PeerUnderTest('native', member, layout, { lastWords: () => lastLine(logFile), stop });
}

async function joinChannel(
    member: Organisation,
    { topology, layout, genesis }: TestCommunity,
    node: ChildProcess,
): Promise<void> {
    const deadline = performance.now() + START_LIMIT_MS;
    for (;;) {
        const admin = new AdminClient(member, topology, layout);
        try {
            await admin.call('', 'cscc', ['JoinChain', genesis.serializeBinary()], CALL_LIMIT_MS);
            return;
        } catch (cause) {
            if (node.exitCode !== null || performance.now() > deadline) throw cause;
            await sleep(RETRY_MS);
        } finally {
            admin.close();
        }
    }
}

function lastLine(file: string): string {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return `: ${(lines.find((line) => line.startsWith('panic')) ?? lines.at(-1) ?? '').slice(0, LONGEST_LINE)}`;
}
