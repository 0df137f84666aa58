import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { repositoryRoot } from '@commonwatt/network/topology/layout';

const SERVER = join(repositoryRoot, 'application', 'src', 'testing', 'postgres-server.mjs');

/** PostgreSQL without an installation. Serves one connection at a time. */
export interface TestPostgres {
    /** `postgres://…` */
    readonly connection: string;
    /** Ends every connection, as a server does that is restarted; what was committed stays. */
    interrupt(): Promise<void>;
    stop(): Promise<void>;
}

export async function testPostgres(): Promise<TestPostgres> {
    const worker = new Worker(SERVER);
    const [port] = (await once(worker, 'message')) as [number];
    const ask = async (what: 'interrupt' | 'stop'): Promise<void> => {
        const answered = once(worker, 'message');
        worker.postMessage(what);
        await answered;
    };
    return {
        connection: `postgres://postgres@127.0.0.1:${port}/postgres`,
        interrupt: () => ask('interrupt'),
        stop: async () => {
            const exited = once(worker, 'exit');
            await ask('stop');
            await exited;
        },
    };
}
