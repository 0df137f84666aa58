import type { Layout } from '../layout';
import type { Topology } from '../topology';

export interface StartOptions {
    /** One line per step, for people. */
    readonly onProgress?: (step: string) => void;
    /** After this long what is half up is torn down again. Default 60 s. */
    readonly limitMs?: number;
}

export interface StopOptions {
    /** Ledgers, identities and logs stay, for a later start. Otherwise everything that the start made is removed. */
    readonly keep?: boolean;
}

export interface ProcessStatus {
    /** 'ordering', 'peers', 'chaincode-governance', … */
    readonly name: string;
    readonly pid?: number;
    readonly state: 'ready' | 'starting' | 'ended' | 'absent';
    readonly since?: string;
    readonly endpoints: readonly string[];
}

export interface NetworkStatus {
    readonly state: 'up' | 'partly up' | 'down';
    readonly home: string;
    readonly channel: string;
    readonly processes: readonly ProcessStatus[];
}

/** Thrown by a second start. */
export class AlreadyUp extends Error {
    override readonly name = 'AlreadyUp';
}

/**
 * Brings the network up: makes identities and the first block if there are none, starts the ordering service, the peers
 * and the chaincode services, and waits until all serve. Continues on the ledgers that are there.
 *
 * @throws AlreadyUp when it is; Error naming the process and the end of its log, or the port that is taken.
 */
export function startNetwork(topology: Topology, layout: Layout, options: StartOptions = {}): Promise<NetworkStatus> {
    throw new Error(`not yet: ${topology.channel} ${layout.home} ${String(options.limitMs)}`);
}

/** Ends exactly the processes that the start recorded; unknown and foreign processes are never touched. */
export function stopNetwork(topology: Topology, layout: Layout, options: StopOptions = {}): Promise<void> {
    throw new Error(`not yet: ${topology.channel} ${layout.home} ${String(options.keep)}`);
}

export function networkStatus(topology: Topology, layout: Layout): Promise<NetworkStatus> {
    throw new Error(`not yet: ${topology.channel} ${layout.home}`);
}
