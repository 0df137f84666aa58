import { connect, createServer } from 'node:net';

/** Which of these `host:port` cannot be listened on now. */
export async function takenEndpoints(endpoints: readonly string[]): Promise<readonly string[]> {
    const taken = await Promise.all(endpoints.map(isTaken));
    return endpoints.filter((_, index) => taken[index]);
}

/** Whether somebody accepts connections there. */
export function accepts(endpoint: string): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect(split(endpoint));
        socket.once('connect', () => {
            socket.destroy();
            resolve(true);
        });
        socket.once('error', () => {
            resolve(false);
        });
    });
}

function isTaken(endpoint: string): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once('error', () => {
            resolve(true);
        });
        server.listen({ ...split(endpoint), exclusive: true }, () => {
            server.close(() => {
                resolve(false);
            });
        });
    });
}

function split(endpoint: string): { host: string; port: number } {
    const colon = endpoint.lastIndexOf(':');
    return { host: endpoint.slice(0, colon), port: Number(endpoint.slice(colon + 1)) };
}
