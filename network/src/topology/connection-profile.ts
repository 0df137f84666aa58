import { readFileSync } from 'node:fs';
import { clientTls } from './client-tls';
import type { Layout } from './layout';
import { fabricPeers, isMixed } from './network-kind';
import { gridOperator, organisation, type Organisation, type Topology } from './topology';

/** What a client of one organisation needs to reach its own peer's gateway. */
export interface ConnectionProfile {
    readonly organisationId: string;
    readonly mspId: string;
    readonly channel: string;
    /** host:port of the organisation's own peer; on a mixed channel of the peer whose gateway reaches all others. */
    readonly peerEndpoint: string;
    /** Whose peer that is: when it says that a transaction is committed, the organisation's own peer may not have it yet. */
    readonly gatewayMspId: string;
    /** Name that the peer's TLS certificate carries beside the host. */
    readonly peerName: string;
    readonly tlsRootPem: string;
    /** PEM: the agent's TLS certificate, where nodes ask for one. */
    readonly tlsClient?: { readonly certificate: Buffer; readonly key: Buffer } | undefined;
    /** Certificate and private key of the organisation's agent. */
    readonly certPath: string;
    readonly keyPath: string;
    readonly saltKeyPath: string;
    readonly meterCertPath: string;
    readonly meterKeyPath: string;
}

/** @throws Error when the organisation is unknown or its identities have not been made. */
export function connectionProfile(topology: Topology, layout: Layout, organisationId: string): ConnectionProfile {
    const { id, mspId, domain } = organisation(topology, organisationId);
    const files = layout.organisation({ domain });
    const gateway = gatewayOf(topology, organisationId);
    return {
        organisationId: id,
        mspId,
        channel: topology.channel,
        peerEndpoint: `${gateway.peer.host}:${gateway.peer.port}`,
        gatewayMspId: gateway.mspId,
        peerName: `peer0.${gateway.domain}`,
        tlsRootPem: readFileSync(layout.organisation(gateway).tlsCa.certificate, 'utf8'),
        tlsClient: clientTls(topology, files.agent.tls),
        certPath: files.agent.certificate,
        keyPath: files.agent.key,
        saltKeyPath: files.saltKey,
        meterCertPath: files.meter.certificate,
        meterKeyPath: files.meter.key,
    };
}

/**
 * A member uses its own peer's gateway. On a mixed channel Fabric's gateways do not see the embedded peers, so members with a Fabric
 * peer use the grid operator's, who is a party to all of their transactions and so learns nothing by it.
 */
function gatewayOf(topology: Topology, organisationId: string): Organisation {
    const own = organisation(topology, organisationId);
    return isMixed(topology) && fabricPeers(topology).some(({ id }) => id === own.id) ? gridOperator(topology) : own;
}
