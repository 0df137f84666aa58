import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A path in an address of the operating system's may have 107 bytes; names of sockets take some of them. */
const LONGEST_FOLDER = 90;

export interface EngineSockets {
    /** Folder of the two, which nobody but this user may enter. */
    readonly directory: string;
    /** Where the application serves the engine. */
    readonly application: string;
    /** Where the engine serves this seat. */
    readonly rpc: string;
}

/**
 * The sockets between a seat and its engine: in the engine's folder, or, where its path is too long for a socket or has characters that
 * the engine's configuration takes apart, in one of that path's own among the temporary files.
 */
export function engineSockets(directory: string): EngineSockets {
    const inside = join(directory, 'run');
    const isUsable = Buffer.byteLength(inside) <= LONGEST_FOLDER && !/[\s,"\\]|:\/\//.test(inside);
    const folder = isUsable ? inside : join(tmpdir(), `commonwatt-${digest(directory)}`);
    return { directory: folder, application: join(folder, 'app.sock'), rpc: join(folder, 'rpc.sock') };
}

function digest(path: string): string {
    return createHash('sha256').update(path).digest('hex').slice(0, 16);
}
