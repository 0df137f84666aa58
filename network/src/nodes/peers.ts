import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { common } from '@hyperledger/fabric-protos';
import { pino, type Logger } from 'pino';
import type { Registry } from 'prom-client';

import { decodeBlock } from '../fabric/blocks';
import { signingIdentity } from '../fabric/signing';
import { GrpcMetrics } from '../operations/calls';
import { certificateCheck, type WatchedCertificate } from '../operations/certificate-check';
import { diskCheck, OperationsServer, processRegistry } from '../operations/operations-server';
import { PeerMetrics } from '../operations/peer-metrics';
import { Peer } from '../peer/peer';
import { Neighbours } from '../peer/services/gateway/neighbours';
import { layout, type Layout } from '../topology/layout';
import { builderConfiguration } from '../topology/native/builder-config';
import { embeddedPeers } from '../topology/network-kind';
import type { Organisation, Topology } from '../topology/topology';
import { readTopology } from '../topology/topology-file';

/** What all peers of this process share. */
interface Common {
    readonly topology: Topology;
    readonly paths: Layout;
    readonly genesis: common.Block;
    readonly log: Logger;
    readonly observed: Observed;
    readonly neighbours: Neighbours;
}

/** Where the peers of this process are counted. */
interface Observed {
    readonly registry: Registry;
    readonly peers: PeerMetrics;
    readonly calls: GrpcMetrics;
}

function observation(): Observed {
    const registry = processRegistry();
    return { registry, peers: new PeerMetrics(registry), calls: new GrpcMetrics(registry) };
}

async function startPeer(
    organisation: Organisation,
    index: number,
    { topology, paths, genesis, log, observed, neighbours }: Common,
): Promise<Peer> {
    const { certificate, key, tls } = paths.organisation(organisation).peer;
    const own = log.child({ peer: organisation.id });
    return Peer.start({
        identity: signingIdentity(organisation.mspId, await readFile(certificate, 'utf8'), await readFile(key, 'utf8')),
        certificate: {
            certificatePem: await readFile(tls.certificate, 'utf8'),
            keyPem: await readFile(tls.key, 'utf8'),
        },
        clientAuthentication:
            topology.network.clientAuthRequired === true ? { roots: [await readFile(tls.roots, 'utf8')] } : undefined,
        ...organisation.peer,
        directory: paths.ledger(organisation.id),
        genesis,
        builder: { ...builderConfiguration(topology, paths, organisation) },
        ordererOffset: index,
        submission: 'to one',
        neighbours,
        observer: observed.peers.of(organisation.mspId),
        interceptors: [observed.calls.interceptor(organisation.mspId)],
        log: {
            info: (message) => {
                own.info(message);
            },
            warn: (message) => {
                own.warn(message);
            },
        },
        halted: (cause) => {
            own.fatal({ err: cause }, 'the channel is halted: this peer takes no more blocks');
        },
    });
}

function selected(topology: Topology, only: string | undefined): readonly Organisation[] {
    if (only === undefined) return embeddedPeers(topology);
    const ids = only.split(',');
    const unknown = ids.filter((id) => !topology.organisations.some((each) => each.id === id));
    if (unknown.length > 0) throw new Error(`--only names organisations that do not exist: ${unknown.join(', ')}`);
    return topology.organisations.filter(({ id }) => ids.includes(id));
}

/** A peer that runs, and the certificates it was started with. */
interface Running {
    readonly peer: Peer;
    readonly certificates: string;
}

async function certificatesOf(organisation: Organisation, paths: Layout): Promise<string> {
    const { certificate, tls } = paths.organisation(organisation).peer;
    return `${await readFile(certificate, 'utf8')}${await readFile(tls.certificate, 'utf8')}`;
}

/** The peers of this process; members come and go while it runs. */
class HostedPeers {
    readonly #running = new Map<string, Running>();

    get all(): readonly Peer[] {
        return [...this.#running.values()].map(({ peer }) => peer);
    }

    /**
     * Starts those that are missing, ends those that are not wanted, and starts those anew whose certificates were renewed. When one cannot
     * start, those started now are stopped again.
     */
    async become(wanted: readonly Organisation[], shared: Common): Promise<void> {
        const certificates = new Map(
            await Promise.all(wanted.map(async (each) => [each.id, await certificatesOf(each, shared.paths)] as const)),
        );
        for (const [id, running] of [...this.#running]) {
            if (certificates.get(id) === running.certificates) continue;
            this.#running.delete(id);
            await running.peer.stop();
        }
        const missing = wanted.filter(({ id }) => !this.#running.has(id));
        const started = await Promise.allSettled(
            missing.map(async (each) => {
                const peer = await startPeer(each, wanted.indexOf(each), shared);
                this.#running.set(each.id, { peer, certificates: certificates.get(each.id) ?? '' });
            }),
        );
        const failed = started.find((each) => each.status === 'rejected');
        if (!failed) return;
        await this.stop(missing);
        throw failed.reason;
    }

    async stop(which?: readonly Organisation[]): Promise<void> {
        const ending = [...this.#running].filter(([id]) => which?.some((each) => each.id === id) ?? true);
        for (const [id] of ending) this.#running.delete(id);
        await Promise.all(ending.map(([, { peer }]) => peer.stop()));
    }
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
                problem: () => {
                    const stopped = peers.all.flatMap(({ mspId, problem }) =>
                        problem ? [`${mspId}: ${problem}`] : [],
                    );
                    return Promise.resolve(stopped.length > 0 ? stopped.join('; ') : undefined);
                },
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
    const log = pino({ name: 'peers' });
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
        await peers.stop();
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
    pino({ name: 'peers' }).fatal({ err: failure }, 'the peers did not start');
    // Not only the exit code: what was started before it failed would keep the process alive.
    process.exit(1);
});
