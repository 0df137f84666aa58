import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { decodeBlock } from '../fabric/blocks';
import { GrpcMetrics } from '../operations/calls';
import { certificateCheck, type WatchedCertificate } from '../operations/certificate-check';
import { nodeLog } from '../operations/node-log';
import { diskCheck, OperationsServer, processRegistry } from '../operations/operations-server';
import { whatTheDiskSays } from '../operations/disk';
import { PeerMetrics } from '../operations/peer-metrics';
import type { Peer } from '../peer/peer';
import { Neighbours } from '../peer/services/gateway/neighbours';
import { layout, type Layout } from '../topology/layout';
import { embeddedPeers } from '../topology/network-kind';
import type { Organisation, Topology } from '../topology/topology';
import { readTopology } from '../topology/topology-file';
import { HostedPeers, type Observed } from './hosted-peers';

function observation(): Observed {
    const registry = processRegistry();
    return { registry, peers: new PeerMetrics(registry), calls: new GrpcMetrics(registry) };
}

function selected(topology: Topology, only: string | undefined): readonly Organisation[] {
    if (only === undefined) return embeddedPeers(topology);
    const ids = only.split(',');
    const unknown = ids.filter((id) => !topology.organisations.some((each) => each.id === id));
    if (unknown.length > 0) throw new Error(`--only names organisations that do not exist: ${unknown.join(', ')}`);
    return topology.organisations.filter(({ id }) => ids.includes(id));
}

async function answer(path: string | undefined, peers: readonly Peer[]): Promise<unknown> {
    switch (path) {
        case '/health':
            return peers.map(({ mspId, height }) => ({ mspId, height }));
        case '/digests': {
            const digests = [];
            for (const peer of peers) digests.push(await peer.digest());
            return digests;
        }
        default:
            return undefined;
    }
}

/** A port on the loopback for whoever runs the network on this machine: health, metrics, heights, and digests that show whether peers agree. */
function serveControl(
    peers: HostedPeers,
    { ledgers }: Layout,
    { registry }: Observed,
    watched: () => readonly WatchedCertificate[],
): Promise<OperationsServer> {
    return OperationsServer.start({
        registry,
        checks: [
            diskCheck(ledgers),
            certificateCheck(watched),
            {
                component: 'peers',
                problem: () => Promise.resolve(peers.problems.length > 0 ? peers.problems.join('; ') : undefined),
            },
        ],
        own: async ({ url }) => {
            const body = await answer(url, peers.all);
            return body === undefined ? undefined : { status: 200, body };
        },
    });
}

interface Announcement {
    readonly port: number;
    /** How often the topology was followed, and why not the last time. */
    readonly followed: number;
    readonly failure?: string;
}

async function announce(file: string, announcement: Announcement): Promise<void> {
    await writeFile(`${file}.new`, `${JSON.stringify({ pid: process.pid, ...announcement })}\n`);
    await rename(`${file}.new`, file);
}

/**
 * The peers of one home directory: `node peers.js --home DIR [--only H1,H2]`. Reads the topology again on SIGHUP, when members have joined or
 * left. Ends with code 0 on SIGTERM and SIGINT.
 */
async function main(): Promise<void> {
    const { values } = parseArgs({ options: { home: { type: 'string' }, only: { type: 'string' } } });
    const log = nodeLog('peers');
    const paths = layout(values.home);
    const controlFile = join(paths.run, 'peers.control.json');
    await rm(controlFile, { force: true });
    const genesis = decodeBlock(await readFile(paths.genesisBlock));
    const peers = new HostedPeers();
    const observed = observation();
    const neighbours = new Neighbours();
    const follow = async (): Promise<void> => {
        const topology = readTopology(paths);
        const shared = { topology, paths, genesis, log, observed, neighbours };
        await peers.become(selected(topology, values.only), shared);
    };
    await follow();
    const watched = (): readonly WatchedCertificate[] =>
        selected(readTopology(paths), values.only).flatMap((each) => {
            const { certificate, tls } = paths.organisation(each).peer;
            return [certificate, tls.certificate].map((file) => ({ of: each.id, file }));
        });
    const control = await serveControl(peers, paths, observed, watched);
    const { port } = control;
    let followed = 1;
    let following: Promise<void> = announce(controlFile, { port, followed });
    process.on('SIGHUP', () => {
        following = following.then(async () => {
            const failure = await follow().catch((cause: unknown) => {
                log.error({ err: cause }, 'the peers could not follow the topology');
                return cause instanceof Error ? cause.message : String(cause);
            });
            followed += 1;
            await announce(controlFile, { port, followed, ...(failure === undefined ? {} : { failure }) });
        });
    });
    const stop = async (): Promise<void> => {
        await following;
        await rm(controlFile, { force: true });
        control.stop();
        await peers.end();
    };
    let stopping: Promise<void> | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.once(signal, () => {
            log.info({ signal }, 'the peers end');
            stopping ??= stop();
        });
    }
    await following;
    log.info({ peers: peers.all.length }, 'the peers are ready');
}

main().catch((failure: unknown) => {
    nodeLog('peers').fatal({ err: failure }, `the peers did not start: ${whatTheDiskSays(failure)}`);
    // Not only the exit code: what was started before it failed would keep the process alive.
    process.exit(1);
});
