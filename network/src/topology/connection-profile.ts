import { readFileSync } from 'node:fs';
import type { Layout } from './layout';
import { organisation, type Topology } from './topology';

/** What a client of one organisation needs to reach its own peer's gateway. */
export interface ConnectionProfile {
    readonly organisationId: string;
    readonly mspId: string;
    readonly channel: string;
    /** host:port */
    readonly peerEndpoint: string;
    /** Name that the peer's TLS certificate carries beside the host. */
    readonly peerName: string;
    readonly tlsRootPem: string;
    /** Certificate and private key of the organisation's agent. */
    readonly certPath: string;
    readonly keyPath: string;
    readonly saltKeyPath: string;
    readonly meterCertPath: string;
    readonly meterKeyPath: string;
}

/** @throws Error when the organisation is unknown or its identities have not been made. */
export function connectionProfile(topology: Topology, layout: Layout, organisationId: string): ConnectionProfile {
    const { id, mspId, domain, peer } = organisation(topology, organisationId);
    const files = layout.organisation({ domain });
    return {
        organisationId: id,
        mspId,
        channel: topology.channel,
        peerEndpoint: `${peer.host}:${peer.port}`,
        peerName: `peer0.${domain}`,
        tlsRootPem: readFileSync(files.tlsCa.certificate, 'utf8'),
        certPath: files.agent.certificate,
        keyPath: files.agent.key,
        saltKeyPath: files.saltKey,
        meterCertPath: files.meter.certificate,
        meterKeyPath: files.meter.key,
    };
}
