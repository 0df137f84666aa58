import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import {
    attestationQuestion,
    type AttestationAnswer,
    type AttestationQuestion,
} from '@commonwatt/chaincode/api/attestation';
import { textOf } from '../gateway/message-body';

/** Why a transaction is not confirmed, in words for the one who proposed it; undefined if it is. */
export type Decide = (question: AttestationQuestion) => string | undefined;

export interface AttestationServer {
    close(): void;
}

/** A day's readings with all their evidence are some 100 kB. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_WORDS = 200;

/** A household's own service that its chaincode service asks before its peer endorses, at a socket for its own user alone. */
export async function serveAttestation(socket: string, decide: Decide): Promise<AttestationServer> {
    rmSync(socket, { force: true }); // Left by one that was killed.
    const server = createServer((request, response) => {
        answered(request, decide).then(
            (answer) => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)),
            (error: unknown) => response.writeHead(400).end(String(error)),
        );
    });
    server.listen(socket);
    await once(server, 'listening');
    chmodSync(socket, 0o600);
    return {
        close: () => {
            server.closeAllConnections();
            server.close();
        },
    };
}

async function answered(request: IncomingMessage, decide: Decide): Promise<AttestationAnswer> {
    const question = attestationQuestion.parse(JSON.parse(await textOf(request, MOST_BYTES)));
    const reason = decide(question);
    const { transactionId } = question;
    return reason === undefined
        ? { transactionId, attested: true }
        : { transactionId, attested: false, reason: reason.slice(0, MOST_WORDS) };
}
