import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Layout } from '../layout';
import type { NetworkStatus, ProcessStatus } from '../processes/status';
import type { Topology } from '../topology';
import { containerEndpoints } from './containers';
import { composeCommand, run } from './engine';
import { composeYaml, projectName, writeComposeFiles } from './files';
import { buildImages } from './images';

export interface StartContainersOptions {
    readonly progress: (step: string) => void;
    readonly deadline: AbortSignal;
}

const POLL_MS = 500;
/** Containers that are asked at the same time whether they serve already: each takes a process of its own. */
const ASKED_AT_ONCE = 4;
const PROBE_LIMIT_MS = 5_000;
const DOWN_ATTEMPTS = 4;
const DOWN_PAUSE_MS = 1_000;
const SERVICE_LABEL = 'com.docker.compose.service';
const PROJECT_LABEL = 'com.docker.compose.project';

const inspected = z.array(
    z.object({
        Id: z.string(),
        State: z.object({
            Status: z.string(),
            Pid: z.int(),
            StartedAt: z.string(),
            ExitCode: z.int(),
            Health: z.object({ Status: z.string() }).optional(),
        }),
        Config: z.object({
            Labels: z.record(z.string(), z.string()),
            Healthcheck: z.object({ Test: z.array(z.string()) }).optional(),
        }),
    }),
);

type Inspected = z.infer<typeof inspected>[number];

/**
 * Builds our images, writes the compose file, and waits until every container is well. Containers that run already stay, unless what
 * they are made from has changed.
 *
 * @throws Error naming the containers that are not well, with the end of their logs.
 */
export async function startContainers(
    topology: Topology,
    layout: Layout,
    { progress, deadline }: StartContainersOptions,
): Promise<void> {
    await composeCommand();
    await buildImages(topology, { progress, deadline });
    await writeComposeFiles(topology, layout);
    progress(`starting ${containerEndpoints(topology).size} containers of project ${projectName(layout)}`);
    await compose(layout, ['up', '--detach', '--remove-orphans'], { signal: deadline });
    await untilWell(topology, layout, deadline);
}

/**
 * Brings the containers of a network that runs in line with its members: starts those that are missing, from the images that are there,
 * and removes those of members that left. Those of others stay as they are, whatever has changed of what they would be made from today: a market is
 * not stopped because somebody joins.
 *
 * @throws Error naming the containers that are not well, with the end of their logs.
 */
export async function followMembers(
    topology: Topology,
    layout: Layout,
    { progress, deadline }: StartContainersOptions,
): Promise<void> {
    await writeComposeFiles(topology, layout);
    const states = await containerStatus(topology, layout);
    const missing = states.filter(({ state }) => state === 'absent' || state === 'ended').map(({ name }) => name);
    if (missing.length > 0) progress(`starting ${missing.join(', ')}`);
    await compose(layout, ['up', '--detach', '--no-recreate', '--remove-orphans'], { signal: deadline });
    await untilWell(topology, layout, deadline);
}

async function untilWell(topology: Topology, layout: Layout, deadline: AbortSignal): Promise<void> {
    const serving = new Set<string>();
    for (;;) {
        const states = await containerStatus(topology, layout, serving);
        const unwell = states.filter(({ state }) => state !== 'ready');
        if (unwell.length === 0) {
            return;
        }
        const ended = unwell.filter(({ state }) => state === 'ended');
        if (ended.length > 0 || deadline.aborted) {
            throw new Error(await complaint(ended.length > 0 ? ended : unwell, layout));
        }
        await sleep(POLL_MS);
    }
}

async function complaint(unwell: readonly ProcessStatus[], layout: Layout): Promise<string> {
    const [first] = unwell;
    const log =
        first === undefined
            ? ''
            : await compose(layout, ['logs', '--no-color', '--tail', '15', first.name]).catch(String);
    return `not well: ${unwell.map(({ name, state }) => `${name} (${state})`).join(', ')}; the end of the first one's log:\n${log}`;
}

/** Removes the containers and the compose network of a home; ledgers and identities are files of the home and stay. */
export async function stopContainers(layout: Layout): Promise<void> {
    if (existsSync(composeYaml(layout))) {
        // Certificate authorities as well, which start on demand, and the volumes that Fabric's images declare and nothing is kept in.
        const down = ['--profile', 'ca', 'down', '--remove-orphans', '--volumes', '--timeout', '20'];
        for (let attempt = 1; ; attempt += 1) {
            try {
                await compose(layout, down);
                return;
            } catch (error) {
                // A busy engine may say that a container is still on the network that it has just removed.
                if (attempt === DOWN_ATTEMPTS) throw error;
                await sleep(attempt * DOWN_PAUSE_MS);
            }
        }
    }
}

/** Ends one container of a docker network, so that it is made anew; of another network there is none. */
export async function endContainer(name: string, layout: Layout): Promise<void> {
    if (existsSync(composeYaml(layout))) {
        await compose(layout, ['stop', '--timeout', '20', name]);
        await compose(layout, ['rm', '--force', '-v', name]);
    }
}

/**
 * What an engine knows of the containers of a network; all absent where none answers. The engine looks at a container's health for the
 * first time after a whole interval: until then this looks itself, in the same way.
 *
 * @param serving ids of containers that have been found to serve since they started: they are not asked again. Gets more of them.
 */
export async function containerStatus(
    topology: Topology,
    layout: Layout,
    serving = new Set<string>(),
): Promise<readonly ProcessStatus[]> {
    const found = await inspectedContainers(layout);
    await findServing([...found.values()], serving);
    return [...containerEndpoints(topology)].map(([name, endpoints]): ProcessStatus => {
        const container = found.get(name);
        if (container === undefined) {
            return { name, state: 'absent', endpoints };
        }
        const { Id, State } = container;
        const since = State.StartedAt;
        if (State.Status !== 'running') {
            // One that is being started again after it failed is none to rely on.
            return { name, state: 'ended', since, endpoints };
        }
        const isReady = State.Health?.Status === 'healthy' || (isStarting(container) && serving.has(Id));
        return { name, state: isReady ? 'ready' : 'starting', pid: State.Pid, since, endpoints };
    });
}

function isStarting({ State: { Status, Health } }: Inspected): boolean {
    return Status === 'running' && Health?.Status === 'starting';
}

async function findServing(found: readonly Inspected[], serving: Set<string>): Promise<void> {
    const unknown = found.filter((each) => isStarting(each) && !serving.has(each.Id));
    const next = unknown[Symbol.iterator]();
    const ask = async (): Promise<void> => {
        for (const { Id, Config } of next) {
            const [kind, ...test] = Config.Healthcheck?.Test ?? [];
            if (kind !== 'CMD') continue;
            const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
            const answers = await run('docker', ['exec', Id, ...test], { signal }).then(
                () => true,
                () => false,
            );
            if (answers) serving.add(Id);
        }
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, ask));
}

/** The same for people and programs as of networks of processes. */
export async function dockerStatus(topology: Topology, layout: Layout): Promise<NetworkStatus> {
    const processes = await containerStatus(topology, layout);
    const isRunning = processes.some(({ state }) => state === 'ready' || state === 'starting');
    const isUp = processes.every(({ state }) => state === 'ready');
    return {
        state: isUp ? 'up' : isRunning ? 'partly up' : 'down',
        home: layout.home,
        channel: topology.channel,
        processes,
    };
}

/** Prints the logs of one container, or of all. */
export async function printContainerLogs(
    layout: Layout,
    name: string | undefined,
    options: { readonly lines: number; readonly follow: boolean; readonly signal: AbortSignal },
): Promise<void> {
    const args = ['logs', '--no-color', '--tail', String(options.lines), ...(options.follow ? ['--follow'] : [])];
    await compose(layout, [...args, ...(name === undefined ? [] : [name])], { inherit: true, signal: options.signal });
}

async function inspectedContainers(layout: Layout): Promise<ReadonlyMap<string, Inspected>> {
    if (!existsSync(composeYaml(layout))) {
        return new Map();
    }
    const filter = `label=${PROJECT_LABEL}=${projectName(layout)}`;
    const ids = (await run('docker', ['ps', '--all', '--quiet', '--filter', filter])).split('\n').filter(Boolean);
    if (ids.length === 0) {
        return new Map();
    }
    const found = inspected.parse(JSON.parse(await run('docker', ['inspect', ...ids])));
    return new Map(found.map((each) => [each.Config.Labels[SERVICE_LABEL] ?? '', each]));
}

async function compose(
    layout: Layout,
    args: readonly string[],
    options: { readonly inherit?: boolean; readonly signal?: AbortSignal } = {},
): Promise<string> {
    const [program = 'docker', ...first] = await composeCommand();
    const where = ['--project-name', projectName(layout), '--file', composeYaml(layout)];
    return run(program, [...first, ...where, ...args], options);
}
