// PostgreSQL itself, compiled to WebAssembly, behind a socket as any server of it: one connection at a time. Runs as a worker (postgres.ts).
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** What a client asks before anything else: whether to speak TLS. */
const SSL_REQUEST = 80_877_103;
const NO_SSL = Buffer.from('N');

const database = await PGlite.create();
const sockets = new Set();
let turn = Promise.resolve();

/** How much of what has come is whole messages: each begins with its kind (but the first one of a connection) and its length. */
function wholeMessages(bytes, isFirst) {
    let end = 0;
    for (let kind = isFirst ? 0 : 1; end + kind + 4 <= bytes.length; kind = 1) {
        const next = end + kind + bytes.readUInt32BE(end + kind);
        if (next > bytes.length) {
            break;
        }
        end = next;
    }
    return end;
}

/** Hands the client's messages to the database until the connection ends; a transaction that is open then is taken back. */
async function serve(socket) {
    let [isFirst, waiting] = [true, Buffer.alloc(0)];
    try {
        for await (const chunk of socket) {
            if (isFirst && chunk.length === 8 && chunk.readInt32BE(4) === SSL_REQUEST) {
                socket.write(NO_SSL);
                continue;
            }
            waiting = Buffer.concat([waiting, chunk]);
            const end = wholeMessages(waiting, isFirst);
            if (end > 0) {
                socket.write(await database.execProtocolRaw(waiting.subarray(0, end)));
                [isFirst, waiting] = [false, waiting.subarray(end)];
            }
        }
    } catch {
        // The client is gone, which is what ends this.
    }
    await database.exec('ROLLBACK').catch(() => undefined);
    await database.exec('DISCARD ALL');
}

const server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
    turn = turn.then(() => serve(socket)).finally(() => sockets.delete(socket));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
parentPort.on('message', async (asked) => {
    sockets.forEach((socket) => socket.destroy());
    if (asked === 'stop') {
        server.close();
        await turn;
        await database.close();
        setImmediate(() => parentPort.close());
    }
    parentPort.postMessage(asked);
});
parentPort.postMessage(server.address().port);
