import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { seenByNodes } from '../compose/names';
import { startContainers, stopContainers } from '../compose/network';
import { writeGenesisBlock } from '../genesis';
import { generateIdentities } from '../identities/generate';
import type { Layout } from '../layout';
import { sinceFounding } from '../membership/roster';
import { joinChannel } from '../native/join';
import { fabricPeers } from '../network-kind';
import type { Topology } from '../topology';
import { readTopology, writeTopology } from '../topology-file';
import { noteWhatWillBeMade, removeWhatWasMade } from './made';
import { type ProcessIdentity, identityOf, isRunning } from './process-identity';
import { isOfPeers, processPlans } from './plans';
import { takenEndpoints } from './ports';
import {
    type ProcessPlan,
    type ProcessRecord,
    endProcesses,
    recordedProcesses,
    startProcess,
    untilReady,
} from './supervisor';
import { type NetworkStatus, networkStatus } from './status';

export { networkStatus, type NetworkStatus, type ProcessStatus } from './status';

export interface StartOptions {
    /** One line per step, for people. */
    readonly onProgress?: (step: string) => void;
    /** After this long what is half up is torn down again. Default 60 s, and 10 s more for each of Fabric's own peers; of containers 20 min. */
    readonly limitMs?: number;
    /** Tears down what is half up, for a person who interrupts. */
    readonly signal?: AbortSignal;
}

export interface StopOptions {
    /** Ledgers, identities and logs stay, for a later start. Otherwise everything that the start made is removed. */
    readonly keep?: boolean;
}

/** Thrown by a second start. */
export class AlreadyUp extends Error {
    override readonly name = 'AlreadyUp';
}

const START_LIMIT_MS = 60_000;
const FABRIC_PEER_LIMIT_MS = 10_000;
const CONTAINERS_LIMIT_MS = 1_200_000;
const PORTS_LIMIT_MS = 1_000;
const PORTS_POLL_MS = 50;

/**
 * Brings the network up: makes identities and the first block if there are none, starts the ordering service, the peers
 * and the chaincode services, and waits until all serve. Continues on the ledgers that are there; what a crash left of an
 * earlier network is ended first.
 *
 * @throws AlreadyUp when it is; Error naming the process and the end of its log, or the port that is taken.
 */
export async function startNetwork(
    asked: Topology,
    layout: Layout,
    options: StartOptions = {},
): Promise<NetworkStatus> {
    const topology = sinceFounding(asked, existsSync(layout.topologyFile) ? readTopology(layout) : undefined);
    const progress = options.onProgress ?? ((): void => undefined);
    const deadline = deadlineOf(options, usualLimitMs(topology));
    noteWhatWillBeMade(layout);
    const unlock = lock(layout);
    try {
        checkMadeFor(topology, layout);
        await endLeftOvers(topology, layout, progress);
        await makeAndStart(topology, layout, { progress, deadline, started: [] });
        return await networkStatus(topology, layout);
    } finally {
        unlock();
    }
}

/** Before anything is touched: what runs in this home may be another network. */
function checkMadeFor(topology: Topology, layout: Layout): void {
    if (existsSync(layout.topologyFile) && !isDeepStrictEqual(readTopology(layout), plain(topology))) {
        throw new Error(
            `the network in ${layout.home} was made for another community or kind of network: take it down first`,
        );
    }
}

/** Tears down again what it has started where something fails, and nothing else. */
async function makeAndStart(topology: Topology, layout: Layout, starting: Starting): Promise<void> {
    try {
        await makeFiles(topology, layout, starting.progress);
        if (topology.network.kind === 'docker') {
            await startContainers(topology, layout, starting);
        } else {
            await startProcesses(topology, layout, starting);
        }
        await joinChannel(topology, layout, starting);
    } catch (error) {
        await endInOrder(starting.started, layout);
        await stopContainers(layout);
        throw error;
    }
}

interface Starting {
    readonly progress: (step: string) => void;
    readonly deadline: AbortSignal;
    /** Gets what has been started, also where the rest fails. */
    readonly started: ProcessRecord[];
}

async function startProcesses(
    topology: Topology,
    layout: Layout,
    { progress, deadline, started }: Starting,
): Promise<void> {
    const plans = await processPlans(topology, layout);
    await checkBuiltAndFree(plans);
    progress(`starting ${plans.map(({ name }) => name).join(', ')}`);
    await Promise.all(
        plans.map(async (plan) => {
            const record = startProcess(plan, layout);
            started.push(record);
            await untilReady(plan, record, layout, deadline);
            progress(`${plan.name} is ready`);
        }),
    );
}

/** Ends exactly the processes that the start recorded; unknown and foreign processes are never touched. */
export async function stopNetwork(layout: Layout, options: StopOptions = {}): Promise<void> {
    await endInOrder(recordedProcesses(layout), layout);
    await stopContainers(layout);
    if (options.keep !== true) {
        removeWhatWasMade(layout);
    }
}

/** Peers before those that serve them, so that nobody looks for somebody who has gone. */
async function endInOrder(records: readonly ProcessRecord[], layout: Layout): Promise<void> {
    await endProcesses(
        records.filter(({ name }) => isOfPeers(name)),
        layout,
    );
    await endProcesses(
        records.filter(({ name }) => !isOfPeers(name)),
        layout,
    );
}

/** Images have to be built or pulled, which takes as long as it takes. */
function usualLimitMs(topology: Topology): number {
    return topology.network.kind === 'docker'
        ? CONTAINERS_LIMIT_MS
        : START_LIMIT_MS + FABRIC_PEER_LIMIT_MS * fabricPeers(topology).length;
}

function deadlineOf({ limitMs: asked, signal }: StartOptions, usualMs: number): AbortSignal {
    const limitMs = asked ?? usualMs;
    const limit = new AbortController();
    setTimeout(() => {
        limit.abort(new Error(`the limit of ${limitMs} ms has passed`));
    }, limitMs).unref();
    return signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
}

/** One start at a time: a second one would find the first one's ports taken and tear nothing down that it should. */
function lock(layout: Layout): () => void {
    const file = join(layout.run, 'starting.json');
    const own = identityOf(process.pid);
    mkdirSync(layout.run, { recursive: true });
    if (existsSync(file)) {
        const other = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
        if (isRunning(other)) {
            throw new AlreadyUp(`the network in ${layout.home} is being started by process ${other.pid}`);
        }
        rmSync(file);
    }
    // Linked into place whole, and only if nobody else was faster.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(own));
    try {
        linkSync(draft, file);
    } catch {
        throw new AlreadyUp(`the network in ${layout.home} is being started by another process`);
    } finally {
        rmSync(draft);
    }
    return () => {
        rmSync(file, { force: true });
    };
}

async function endLeftOvers(topology: Topology, layout: Layout, progress: (step: string) => void): Promise<void> {
    const { state } = await networkStatus(topology, layout);
    if (state === 'up') {
        throw new AlreadyUp(`the network in ${layout.home} is up`);
    }
    const left = recordedProcesses(layout);
    if (left.some(isRunning)) {
        progress(
            `ending what is left of an earlier network: ${left
                .filter(isRunning)
                .map(({ name }) => name)
                .join(', ')}`,
        );
    }
    await endInOrder(left, layout);
}

async function makeFiles(topology: Topology, layout: Layout, progress: (step: string) => void): Promise<void> {
    const isNew = !existsSync(layout.genesisBlock);
    const missing = topology.organisations.filter((each) => !existsSync(layout.organisation(each).directory));
    if (!isNew && missing.length > 0) {
        throw new Error(
            `identities of ${missing.map(({ id }) => id).join(', ')} are missing in ${layout.peerOrganizations}, ` +
                'which the channel was made with: take the network down first',
        );
    }
    writeTopology(topology, layout);
    if (missing.length > 0) {
        progress(`making identities of ${missing.length} organisations`);
    }
    await generateIdentities(topology, layout);
    if (isNew) {
        progress(`making the first block of channel ${topology.channel}`);
        writeGenesisBlock(seenByNodes(topology), layout);
    }
}

async function checkBuiltAndFree(plans: readonly ProcessPlan[]): Promise<void> {
    const unbuilt = plans
        .filter(({ program }) => program === undefined)
        .flatMap(({ command: [script = ''], directory }) => {
            const file = join(script.startsWith('/') ? '' : directory, script);
            return existsSync(file) ? [] : [file];
        });
    if (unbuilt.length > 0) {
        throw new Error(`not built: ${unbuilt.join(', ')}; run: npm run build`);
    }
    const taken = await stillTaken(plans.flatMap(({ endpoints }) => endpoints));
    if (taken.length > 0) {
        const owners = plans.filter(({ endpoints }) => endpoints.some((each) => taken.includes(each)));
        throw new Error(
            `taken by another program: ${taken.join(', ')} (for ${owners.map(({ name }) => name).join(', ')}); ` +
                'end it, or change firstPort in organizations/community.yaml',
        );
    }
}

/** Sockets of a process that was killed may outlive it for a moment. */
async function stillTaken(endpoints: readonly string[]): Promise<readonly string[]> {
    const limit = performance.now() + PORTS_LIMIT_MS;
    let taken = await takenEndpoints(endpoints);
    while (taken.length > 0 && performance.now() < limit) {
        await sleep(PORTS_POLL_MS);
        taken = await takenEndpoints(taken);
    }
    return taken;
}

function plain(topology: Topology): unknown {
    return JSON.parse(JSON.stringify(topology));
}
