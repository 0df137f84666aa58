import type { Layout } from '../layout';
import { dockerStatus } from '../compose/network';
import type { Topology } from '../topology';
import { processEndpoints } from './plans';
import { isRunning } from './process-identity';
import { accepts } from './ports';
import { type ProcessRecord, recordedProcesses } from './supervisor';

export interface ProcessStatus {
    /** 'ordering', 'peers', 'chaincode-governance', … */
    readonly name: string;
    readonly state: 'ready' | 'starting' | 'ended' | 'absent';
    readonly pid?: number;
    readonly since?: string;
    readonly endpoints: readonly string[];
}

export interface NetworkStatus {
    readonly state: 'up' | 'partly up' | 'down';
    readonly home: string;
    readonly channel: string;
    readonly processes: readonly ProcessStatus[];
}

/** What runs of the network in this home, found out now. */
export async function networkStatus(topology: Topology, layout: Layout): Promise<NetworkStatus> {
    if (topology.network.kind === 'docker') {
        return dockerStatus(topology, layout);
    }
    const records = new Map(recordedProcesses(layout).map((each) => [each.name, each]));
    const processes = await Promise.all(
        [...processEndpoints(topology)].map(([name, endpoints]) => processStatus(name, endpoints, records.get(name))),
    );
    const running = processes.filter(({ state }) => state === 'ready' || state === 'starting');
    const ready = processes.every(({ state }) => state === 'ready');
    return {
        state: ready ? 'up' : running.length > 0 ? 'partly up' : 'down',
        home: layout.home,
        channel: topology.channel,
        processes,
    };
}

async function processStatus(
    name: string,
    endpoints: readonly string[],
    record: ProcessRecord | undefined,
): Promise<ProcessStatus> {
    if (record === undefined) {
        return { name, state: 'absent', endpoints };
    }
    const { pid, startedAt: since } = record;
    if (!isRunning(record)) {
        return { name, state: 'ended', since, endpoints };
    }
    const serving = await Promise.all(endpoints.map(accepts));
    return { name, state: serving.every(Boolean) ? 'ready' : 'starting', pid, since, endpoints };
}
