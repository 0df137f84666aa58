import type { Layout } from '../layout';
import { layout as layoutOf } from '../layout';
import type { Organisation, Topology } from '../topology';

/** Home directory inside every container of ours and of Fabric's; the paths below it are those of any home. */
export const CONTAINER_LAYOUT: Layout = layoutOf('/var/lib/commonwatt');

export const peerName = ({ domain }: Pick<Organisation, 'domain'>): string => `peer0.${domain}`;
export const ordererName = ({ domain }: Pick<Organisation, 'domain'>): string => `orderer0.${domain}`;
export const authorityName = ({ domain }: Pick<Organisation, 'domain'>): string => `ca.${domain}`;

/**
 * The topology with the addresses by which nodes find each other, which go into the channel's configuration: in containers their
 * names, with the same ports that are published on the loopback interface for clients. Of a docker network the homes' meters and places are
 * left out: nodes need to know nothing of them.
 */
export function seenByNodes(topology: Topology): Topology {
    if (topology.network.kind !== 'docker') {
        return topology;
    }
    const { community, channel, homes, chaincodes, batch, network } = topology;
    const organisations = topology.organisations.map(
        ({ id, mspId, domain, kind, roles, peer, orderingSeat }): Organisation => ({
            id,
            mspId,
            domain,
            kind,
            roles,
            peer: { ...peer, host: peerName({ domain }) },
            ...(orderingSeat && { orderingSeat: { ...orderingSeat, host: ordererName({ domain }) } }),
        }),
    );
    return { community, channel, homes, chaincodes, batch, network, organisations };
}
