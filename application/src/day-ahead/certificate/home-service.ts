import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { decode, encode } from '@commonwatt/chaincode/api/wire';
import { textOf } from '../../gateway/message-body';
import { NotAnswered, type AskedHome } from './asked-home';
import { AGREE_PATH, ANSWER_PATH, agreeQuestion, answerQuestion, MOST_BYTES } from './messages';

export interface HomeDoor {
    readonly host: string;
    readonly port: number;
    /** PEM: with what the home shows who it is. */
    readonly tls: { readonly certificate: Buffer; readonly key: Buffer };
    /** PEM: the TLS authorities of those who may ask, by their MSP ids. Nobody else gets as far as a request. */
    readonly askers: ReadonlyMap<string, string>;
}

export interface HomeService {
    /** As asked for; of 0, the one that was free. */
    readonly port: number;
    close(): void;
}

/**
 * A home's agent, for the coordinators of a day: over mutual TLS, and for nobody but the grid operator and the seats of the day's committee, who see
 * answers in a run by iterations, too. What the exchange is about the agent reads from its own peer.
 */
export async function serveHome({ host, port, tls, askers }: HomeDoor, home: AskedHome): Promise<HomeService> {
    const ca = [...askers.values()];
    const options = { cert: tls.certificate, key: tls.key, ca, requestCert: true, rejectUnauthorized: true };
    const server = createServer(options, (request, response) => {
        answered(request, askers, home).then(
            (text) => response.setHeader('content-type', 'application/json').end(text),
            (error: unknown) => {
                refused(response, error);
            },
        );
    });
    server.listen(port, host);
    await once(server, 'listening');
    const listening = server.address();
    return {
        port: typeof listening === 'object' && listening !== null ? listening.port : port,
        close: () => {
            server.close();
            server.closeAllConnections();
        },
    };
}

async function answered(
    request: IncomingMessage,
    askers: ReadonlyMap<string, string>,
    home: AskedHome,
): Promise<string> {
    const asker = askerOf(request.socket, askers);
    const text = await textOf(request, MOST_BYTES);
    if (request.method === 'POST' && request.url === ANSWER_PATH) {
        const { day, ...view } = decode(answerQuestion, text);
        requireDay(home, day);
        return encode({ energiesWh: await home.answer(asker, view) });
    }
    if (request.method === 'POST' && request.url === AGREE_PATH) {
        const { claim, energiesWh } = decode(agreeQuestion, text);
        requireDay(home, claim.day);
        return encode(home.agree(asker, claim, energiesWh));
    }
    throw new Error(`a home is asked at ${ANSWER_PATH} and ${AGREE_PATH}`);
}

/** The organisation whose authority issued the certificate that is shown. */
function askerOf(socket: Socket, askers: ReadonlyMap<string, string>): string {
    const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    const found = [...askers].find(([, root]) => shown?.verify(new X509Certificate(root).publicKey));
    if (found === undefined) {
        throw new Error('who asks is neither the grid operator nor has a seat');
    }
    return found[0];
}

function requireDay({ home, problem }: AskedHome, day: string): void {
    if (day !== problem.day) {
        throw new NotAnswered(home, `it is asked about ${problem.day}, not ${day}`);
    }
}

const [CONFLICT, BAD_REQUEST] = [409, 400];

function refused(response: ServerResponse, error: unknown): void {
    response.writeHead(error instanceof NotAnswered ? CONFLICT : BAD_REQUEST);
    response.end(error instanceof Error ? error.message : String(error));
}
