import type { Layout } from '../layout';
import type { Topology } from '../topology';

export interface DeployOptions {
    readonly onProgress?: (step: string) => void;
    /** Default 60 s. */
    readonly limitMs?: number;
}

export interface Deployed {
    readonly name: string;
    readonly version: string;
    readonly sequence: number;
    readonly packageId: string;
    /** False when the channel had this definition already. */
    readonly changed: boolean;
}

/**
 * Installs, approves (every organisation) and commits the chaincodes on a network that is up. Done again it finds the
 * definitions and changes nothing.
 */
export function deploy(topology: Topology, layout: Layout, options: DeployOptions = {}): Promise<readonly Deployed[]> {
    throw new Error(`not yet: ${topology.channel} ${layout.home} ${String(options.limitMs)}`);
}
