import { readFileSync } from 'node:fs';
import { agentEndpoint } from '@commonwatt/network/topology/native/ports';
import { gridOperator, organisation } from '@commonwatt/network/topology/topology';
import { serveHome } from '../day-ahead/certificate/home-service';
import { RemoteHome } from '../day-ahead/certificate/remote-home';
import type { ExchangeTransport } from '../day-ahead/certificate/transport';
import type { CommunityMembers } from './members';

/**
 * How agents of a community talk about a certificate: each home's at a port of its own, beside its peer and with the TLS certificate of that. The grid
 * operator and the seats may ask, and are known by the TLS authorities that all members of a channel have of each other.
 */
export function exchangeTransport(
    { topology, layout }: Pick<CommunityMembers, 'topology' | 'layout'>,
    seats: readonly string[],
): ExchangeTransport {
    const filesOf = (mspId: string): ReturnType<typeof layout.organisation> =>
        layout.organisation(organisation(topology, mspId));
    const rootOf = (mspId: string): string => readFileSync(filesOf(mspId).tlsCa.certificate, 'utf8');
    const tlsOf = (mspId: string): { certificate: Buffer; key: Buffer } => {
        const { certificate, key } = filesOf(mspId).peer.tls;
        return { certificate: readFileSync(certificate), key: readFileSync(key) };
    };
    const reached = new Map<string, RemoteHome>();
    return {
        serve: async (home) => {
            const endpoint = agentEndpoint(organisation(topology, home.mspId));
            const askers = new Map([gridOperator(topology).mspId, ...seats].map((mspId) => [mspId, rootOf(mspId)]));
            return serveHome({ ...endpoint, tls: tlsOf(home.mspId), askers }, home);
        },
        reach: (asker, mspId) => {
            const known = reached.get(`${asker} ${mspId}`);
            if (known !== undefined) {
                return known;
            }
            const other = organisation(topology, mspId);
            const address = { home: other.id, mspId, name: `peer0.${other.domain}`, root: rootOf(mspId) };
            const home = new RemoteHome({ ...address, ...agentEndpoint(other) }, tlsOf(asker));
            reached.set(`${asker} ${mspId}`, home);
            return home;
        },
        close: () => {
            reached.forEach((home) => {
                home.close();
            });
            reached.clear();
        },
    };
}
