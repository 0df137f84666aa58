import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** So many clients, each asking again as soon as it has its answer. */
export interface Load {
    readonly port: number;
    readonly path: string;
    /** Sessions; clients take them in turn. */
    readonly cookies: readonly string[];
    readonly clients: number;
    readonly seconds: number;
}

export interface Answered {
    /** Of each request that was answered with 200, in ms. */
    readonly tookMs: readonly number[];
    readonly failed: number;
    readonly seconds: number;
    readonly bytes: number;
}

/** In a thread of its own, so that whoever asks does not take the time of whoever answers, where there is more than one core. */
async function ask({ port, path, cookies, clients, seconds }: Load): Promise<Answered> {
    const agent = new Agent({ keepAlive: true, maxSockets: clients });
    const tookMs: number[] = [];
    let [failed, bytes] = [0, 0];
    const once = (cookie: string): Promise<void> =>
        new Promise((resolve) => {
            const begin = performance.now();
            const headers = { cookie, host: `127.0.0.1:${port}` };
            request({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
                response.on('data', (chunk: Buffer) => (bytes += chunk.length));
                response.on('end', () => {
                    if (response.statusCode === 200) {
                        tookMs.push(performance.now() - begin);
                    } else {
                        failed += 1;
                    }
                    resolve();
                });
            })
                .on('error', () => {
                    failed += 1;
                    resolve();
                })
                .end();
        });
    const begin = performance.now();
    const until = begin + seconds * 1000;
    await Promise.all(
        Array.from({ length: clients }, async (_, index) => {
            while (performance.now() < until) {
                await once(cookies[index % cookies.length] ?? '');
            }
        }),
    );
    const took = (performance.now() - begin) / 1000;
    agent.destroy();
    return { tookMs, failed, seconds: took, bytes };
}

if (parentPort !== null) {
    const port = parentPort;
    void ask(workerData as Load).then((answered) => {
        port.postMessage(answered);
    });
}
