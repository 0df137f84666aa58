import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { common } from '@hyperledger/fabric-protos';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

import { signingIdentity } from '../fabric/signing';
import type { GrpcMetrics } from '../operations/calls';
import { whatTheDiskSays } from '../operations/disk';
import type { PeerMetrics } from '../operations/peer-metrics';
import { Peer } from '../peer/peer';
import type { Neighbours } from '../peer/services/gateway/neighbours';
import type { Layout } from '../topology/layout';
import { builderConfiguration } from '../topology/native/builder-config';
import type { Organisation, Topology } from '../topology/topology';

/** What all peers of this process share. */
export interface Common {
    readonly topology: Topology;
    readonly paths: Layout;
    readonly genesis: common.Block;
    readonly log: Logger;
    readonly observed: Observed;
    readonly neighbours: Neighbours;
}

/** Where the peers of this process are counted. */
export interface Observed {
    readonly registry: Registry;
    readonly peers: PeerMetrics;
    readonly calls: GrpcMetrics;
}

async function startPeer(
    organisation: Organisation,
    index: number,
    { topology, paths, genesis, log, observed, neighbours }: Common,
    failed: (cause: Error) => void,
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
        failed: (cause) => {
            own.fatal(
                { err: cause },
                `${cause.message}; this peer ends, and is tried again every ${RETRY_MS / 1000} s`,
            );
            failed(cause);
        },
    });
}

/** How long a peer whose disk failed waits before it is tried again. */
const RETRY_MS = 5_000;

const isOver = (signal: AbortSignal): boolean => signal.aborted;

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
export class HostedPeers {
    readonly #running = new Map<string, Running>();
    /** Peers whose disk has failed, with what it said. */
    readonly #failed = new Map<string, string>();
    readonly #stopping = new AbortController();
    readonly #revivals = new Set<Promise<void>>();

    /** What is wrong with any of them, a line each. */
    get problems(): readonly string[] {
        const stopped = this.all.flatMap(({ mspId, problem }) =>
            problem === undefined ? [] : [`${mspId}: ${problem}`],
        );
        return [...stopped, ...[...this.#failed].map(([id, why]) => `${id}: ${why}`)];
    }

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
        for (const id of this.#failed.keys()) {
            if (!certificates.has(id)) this.#failed.delete(id);
        }
        const missing = wanted.filter(({ id }) => !this.#running.has(id) && !this.#failed.has(id));
        const started = await Promise.allSettled(
            missing.map((each) => this.#start(each, wanted.indexOf(each), shared)),
        );
        const failed = started.find((each) => each.status === 'rejected');
        if (!failed) return;
        await this.stop(missing);
        throw failed.reason;
    }

    async #start(organisation: Organisation, index: number, shared: Common): Promise<void> {
        const certificates = await certificatesOf(organisation, shared.paths);
        const peer = await startPeer(organisation, index, shared, (cause) => {
            this.#failed.set(organisation.id, cause.message);
            const revival = this.#revive(organisation, index, shared).finally(() => this.#revivals.delete(revival));
            this.#revivals.add(revival);
        });
        this.#running.set(organisation.id, { peer, certificates });
    }

    /**
     * Ends a peer whose disk failed, as Fabric's peer ends, and starts it anew once the disk takes what it writes again: it opens its ledger as
     * after a crash and gets from the ordering service what it has missed.
     */
    async #revive(organisation: Organisation, index: number, shared: Common): Promise<void> {
        const { id } = organisation;
        const failed = this.#running.get(id);
        this.#running.delete(id);
        await failed?.peer.stop();
        const { signal } = this.#stopping;
        while (this.#failed.has(id) && !signal.aborted) {
            await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
            if (isOver(signal)) return;
            try {
                await this.#start(organisation, index, shared);
                this.#failed.delete(id);
                shared.log.info({ peer: id }, 'the peer goes on');
            } catch (cause) {
                this.#failed.set(id, whatTheDiskSays(cause));
            }
        }
    }

    /** For good: nobody is started any more. */
    async end(): Promise<void> {
        this.#stopping.abort();
        await Promise.all(this.#revivals);
        await this.stop();
    }

    async stop(which?: readonly Organisation[]): Promise<void> {
        const ending = [...this.#running].filter(([id]) => which?.some((each) => each.id === id) ?? true);
        for (const [id] of ending) this.#running.delete(id);
        await Promise.all(ending.map(([, { peer }]) => peer.stop()));
    }
}
