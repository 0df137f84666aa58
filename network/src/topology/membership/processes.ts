import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../layout';
import { joinChannel } from '../native/join';
import { embeddedPeers } from '../network-kind';
import { lastLines } from '../processes/logs';
import { PEERS, peersControl, processPlans } from '../processes/plans';
import { isRunning } from '../processes/process-identity';
import { endProcesses, recordedProcesses, startProcess, untilReady } from '../processes/supervisor';
import type { Organisation, Topology } from '../topology';

const POLL_MS = 50;
const LOG_LINES = 10;

export interface FollowOptions {
    readonly progress: (step: string) => void;
    readonly deadline: AbortSignal;
}

/**
 * Brings what runs in line with the topology on disk: starts the processes that are missing, ends those of organisations that left,
 * and has the process of the embedded peers do the same inside.
 */
export async function followTopology(topology: Topology, layout: Layout, options: FollowOptions): Promise<void> {
    const { progress, deadline } = options;
    const plans = await processPlans(topology, layout);
    const running = recordedProcesses(layout).filter(isRunning);
    const surplus = running.filter(({ name }) => !plans.some((plan) => plan.name === name));
    await endProcesses(surplus, layout);
    const missing = plans.filter(({ name }) => !running.some((record) => record.name === name));
    await Promise.all(
        missing.map(async (plan) => {
            await untilReady(plan, startProcess(plan, layout), layout, deadline);
            progress(`${plan.name} is ready`);
        }),
    );
    const peers = running.find(({ name }) => name === PEERS);
    if (peers !== undefined) {
        process.kill(peers.pid, 'SIGHUP');
        await untilServed(embeddedPeers(topology), layout, deadline);
    }
    await joinChannel(topology, layout, { progress, deadline });
}

/** Heights by MSP id, as the process of the embedded peers tells them. */
export async function servedPeers(layout: Layout): Promise<ReadonlyMap<string, number>> {
    const control = peersControl(layout);
    if (control === undefined) return new Map();
    const response = await fetch(`http://127.0.0.1:${control.port}/health`);
    const peers = (await response.json()) as { mspId: string; height: number }[];
    return new Map(peers.map(({ mspId, height }) => [mspId, height]));
}

/** Exactly these, whoever was there before. */
async function untilServed(wanted: readonly Organisation[], layout: Layout, deadline: AbortSignal): Promise<void> {
    const names = wanted.map(({ mspId }) => mspId).toSorted();
    for (;;) {
        const served = [...(await servedPeers(layout)).keys()].toSorted();
        if (served.join() === names.join()) return;
        if (deadline.aborted) {
            const log = lastLines(layout.logFile(PEERS), LOG_LINES).join('\n');
            throw new Error(`the process of the peers serves ${served.join(', ')}, not ${names.join(', ')}:\n${log}`);
        }
        await sleep(POLL_MS);
    }
}
