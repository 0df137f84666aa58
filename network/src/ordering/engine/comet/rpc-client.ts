import { Agent, request } from 'node:http';
import { z } from 'zod';

const LIMIT_MS = 10_000;
const CONNECTIONS = 8;
const LONGEST_ANSWER = 1024 * 1024;

const answerSchema = z.object({
    error: z.object({ message: z.string(), data: z.unknown() }).optional(),
    result: z.unknown(),
});
const statusSchema = z.object({
    sync_info: z.object({ latest_block_height: z.string(), catching_up: z.boolean() }),
});
const netInfoSchema = z.object({ n_peers: z.string() });
const commitSchema = z.object({
    signed_header: z.object({ commit: z.object({ round: z.int().nonnegative() }) }),
});

export interface EngineStatus {
    readonly height: number;
    readonly catchingUp: boolean;
}

/** The engine's JSON-RPC over a socket in the file system, which only this user can reach. */
export class RpcClient {
    readonly #path: string;
    readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

    constructor(path: string) {
        this.#path = path;
    }

    async status(): Promise<EngineStatus> {
        const { sync_info: sync } = statusSchema.parse(await this.#call('status', {}));
        return { height: Number(sync.latest_block_height), catchingUp: sync.catching_up };
    }

    /** How many other engines it is connected with. */
    async peers(): Promise<number> {
        return Number(netInfoSchema.parse(await this.#call('net_info', {})).n_peers);
    }

    /** The round in which a height was decided; 0 unless a proposer was passed over. */
    async roundOf(height: number): Promise<number> {
        const { signed_header: header } = commitSchema.parse(await this.#call('commit', { height: String(height) }));
        return header.commit.round;
    }

    /** Hands over a message. What the engine thinks of it, it asks the application; that it has it already is no error. */
    async broadcast(message: Uint8Array): Promise<void> {
        await this.#call('broadcast_tx_sync', { tx: Buffer.from(message).toString('base64') });
    }

    close(): void {
        this.#agent.destroy();
    }

    async #call(method: string, params: Readonly<Record<string, string>>): Promise<unknown> {
        const text = await this.#post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
        const { error, result } = answerSchema.parse(JSON.parse(text));
        if (error !== undefined && !/already exists in cache/.test(String(error.data))) {
            throw new Error(`the engine refuses ${method}: ${error.message} ${String(error.data)}`);
        }
        return result;
    }

    #post(body: string): Promise<string> {
        return new Promise((resolve, reject) => {
            const asked = request(
                {
                    socketPath: this.#path,
                    method: 'POST',
                    path: '/',
                    agent: this.#agent,
                    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
                    timeout: LIMIT_MS,
                },
                (answer) => {
                    const chunks: Buffer[] = [];
                    let length = 0;
                    answer.on('data', (chunk: Buffer) => {
                        length += chunk.length;
                        if (length > LONGEST_ANSWER) {
                            asked.destroy(new Error('the engine answers too much'));
                        }
                        chunks.push(chunk);
                    });
                    answer.once('end', () => {
                        resolve(Buffer.concat(chunks).toString('utf8'));
                    });
                    answer.once('error', reject);
                },
            );
            asked.once('timeout', () => asked.destroy(new Error(`the engine does not answer within ${LIMIT_MS} ms`)));
            asked.once('error', reject);
            asked.end(body);
        });
    }
}
