import { setTimeout as sleep } from 'node:timers/promises';
import { endContainer, followMembers } from '../compose/network';
import type { Layout } from '../layout';
import { joinChannel } from '../native/join';
import { lastLines } from '../processes/logs';
import { engineOf, seatProcess } from '../comet/plans';
import { ORDERING, PEERS, peersControl, processPlans } from '../processes/plans';
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
    if (topology.network.kind === 'docker') {
        await followMembers(topology, layout, options);
        await joinChannel(topology, layout, options);
        return;
    }
    const plans = await processPlans(topology, layout);
    const running = recordedProcesses(layout).filter(isRunning);
    const surplus = running.filter(
        ({ name }) => !plans.some((plan) => plan.name === name || engineOf(plan.name) === name),
    );
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
        const before = peersControl(layout)?.followed ?? 0;
        process.kill(peers.pid, 'SIGHUP');
        await untilFollowed(before, layout, deadline);
    }
    await joinChannel(topology, layout, { progress, deadline });
}

/** Ends the one process of all seats, which learns of other seats only when it is started anew by `followTopology`. */
export async function restartOrdering(layout: Layout): Promise<void> {
    await endProcesses(
        recordedProcesses(layout).filter(({ name }) => name === ORDERING),
        layout,
    );
}

/** Ends the process of a seat, or the one of all seats; `followTopology` starts it anew, with the certificates that there are then. */
export async function endSeat(seat: Organisation, topology: Topology, layout: Layout): Promise<void> {
    const process = topology.network.ordering === 'comet' ? seatProcess(seat) : ORDERING;
    await endContainer(process, layout);
    await endProcesses(
        recordedProcesses(layout).filter(({ name }) => name === process),
        layout,
    );
}

/** Ends a peer that has a process of its own; those that share one are started anew by it. */
export async function endPeer({ id }: Organisation, layout: Layout): Promise<void> {
    await endContainer(`peer-${id}`, layout);
    await endProcesses(
        recordedProcesses(layout).filter(({ name }) => name === `peer-${id}`),
        layout,
    );
}

/** Waits until the process of the embedded peers has read the topology once more. Throws Error with what was in its way. */
async function untilFollowed(before: number, layout: Layout, deadline: AbortSignal): Promise<void> {
    for (;;) {
        const { followed = 0, failure } = peersControl(layout) ?? {};
        if (followed > before) {
            if (failure === undefined) return;
            throw new Error(`the process of the peers could not follow: ${failure}`);
        }
        if (deadline.aborted) {
            const log = lastLines(layout.logFile(PEERS), LOG_LINES).join('\n');
            throw new Error(`the process of the peers did not follow in time; the end of its log:\n${log}`);
        }
        await sleep(POLL_MS);
    }
}
