import { existsSync } from 'node:fs';
import { expiredCertificates, type WatchedCertificate } from '../operations/certificate-check';
import type { Layout } from './layout';
import { seats, type Topology } from './topology';

/** Certificates of a community that have run out, a line each, with what to do. */
export function expiredOf(topology: Topology, layout: Layout, now?: Date): Promise<readonly string[]> {
    const members = topology.organisations.flatMap((each): WatchedCertificate[] => {
        const { peer, admin, agent } = layout.organisation(each);
        const files = [peer.certificate, peer.tls.certificate, admin.certificate, agent.certificate];
        return [...files, admin.tls.certificate, agent.tls.certificate].map((file) => ({ of: each.id, file }));
    });
    const seated = seats(topology).flatMap((each): WatchedCertificate[] => {
        const { certificate, tls } = layout.organisation(each).orderer;
        return [certificate, tls.certificate].map((file) => ({ of: each.id, file, isSeat: true }));
    });
    // Members have TLS certificates where nodes ask for them.
    return expiredCertificates(
        [...members, ...seated].filter(({ file }) => existsSync(file)),
        now,
    );
}
