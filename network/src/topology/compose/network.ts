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
const SERVICE_LABEL = 'com.docker.compose.service';
const PROJECT_LABEL = 'com.docker.compose.project';

const inspected = z.array(
    z.object({
        State: z.object({
            Status: z.string(),
            Pid: z.int(),
            StartedAt: z.string(),
            ExitCode: z.int(),
            Health: z.object({ Status: z.string() }).optional(),
        }),
        Config: z.object({ Labels: z.record(z.string(), z.string()) }),
    }),
);

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
    for (;;) {
        const states = await containerStatus(topology, layout);
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
        // Certificate authorities as well, which start on demand.
        await compose(layout, ['--profile', 'ca', 'down', '--remove-orphans', '--timeout', '20']);
    }
}

/** Stops one container of a docker network; of another network there is none. */
export async function stopContainer(name: string, layout: Layout): Promise<void> {
    if (existsSync(composeYaml(layout))) {
        await compose(layout, ['stop', '--timeout', '20', name]);
    }
}

/** What an engine knows of the containers of a network; all absent where none answers. */
export async function containerStatus(topology: Topology, layout: Layout): Promise<readonly ProcessStatus[]> {
    const found = await inspectedContainers(layout);
    return [...containerEndpoints(topology)].map(([name, endpoints]): ProcessStatus => {
        const state = found.get(name);
        if (state === undefined) {
            return { name, state: 'absent', endpoints };
        }
        const since = state.StartedAt;
        if (state.Status !== 'running') {
            // One that is being started again after it failed is none to rely on.
            return { name, state: 'ended', since, endpoints };
        }
        return {
            name,
            state: state.Health?.Status === 'healthy' ? 'ready' : 'starting',
            pid: state.Pid,
            since,
            endpoints,
        };
    });
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

async function inspectedContainers(
    layout: Layout,
): Promise<ReadonlyMap<string, z.infer<typeof inspected>[number]['State']>> {
    if (!existsSync(composeYaml(layout))) {
        return new Map();
    }
    const filter = `label=${PROJECT_LABEL}=${projectName(layout)}`;
    const ids = (await run('docker', ['ps', '--all', '--quiet', '--filter', filter])).split('\n').filter(Boolean);
    if (ids.length === 0) {
        return new Map();
    }
    const found = inspected.parse(JSON.parse(await run('docker', ['inspect', ...ids])));
    return new Map(found.map(({ State, Config }) => [Config.Labels[SERVICE_LABEL] ?? '', State]));
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
