import type { Bundle } from '../fabric/channel-config';

/**
 * TLS authorities, PEM, whose certificates a node takes from clients: its own settings and what the channel's configuration says of the
 * members. Peers take the application's members, orderers those of both groups, as Fabric's do.
 */
export function memberRoots(bundle: Bundle, node: 'peer' | 'orderer', own: readonly string[]): readonly string[] {
    const members = node === 'peer' ? [...bundle.applicationOrgs.keys()] : bundle.msps.mspIds;
    return [...members.flatMap((mspId) => bundle.msps.get(mspId)?.tlsRoots ?? []), ...own];
}
