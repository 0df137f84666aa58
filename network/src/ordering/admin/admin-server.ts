import { createServer, type Server } from 'node:https';

import { respond } from '../../operations/operations-server';
import type { SeatTls } from '../service/seat-server';
import { participation, type ChannelMembership } from './participation';

export interface AdminServerOptions {
    readonly host: string;
    readonly port: number;
    readonly tls: SeatTls;
    /** PEM: whose certificates may administer this seat. Nobody else gets as far as a request. */
    readonly clientRoots: Buffer;
    readonly membership: ChannelMembership;
}

/** One seat's door for `osnadmin`: mutual TLS, as that wants it. */
export class AdminServer {
    private constructor(private readonly server: Server) {}

    static async start({ host, port, tls, clientRoots, membership }: AdminServerOptions): Promise<AdminServer> {
        const server = createServer(
            { cert: tls.certificate, key: tls.key, ca: clientRoots, requestCert: true, rejectUnauthorized: true },
            (request, response) => {
                respond(request, response, participation(request, membership));
            },
        );
        await new Promise<void>((resolve, reject) => {
            server.once('error', (cause) => {
                reject(new Error(`${host}:${port} cannot be listened on for osnadmin: ${cause.message}`, { cause }));
            });
            server.listen(port, host, resolve);
        });
        return new AdminServer(server);
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }
}
