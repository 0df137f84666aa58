import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderingApp, Seat } from '../../engine';
import { CometEngine, type CometEngineOptions } from '../comet-engine';
import { writeEngineFiles } from '../node/files';
import { engineIdentity, newEngineKeys, type EngineIdentity } from '../node/keys';
import { engineSockets } from '../node/sockets';
import { RpcClient } from '../rpc-client';
import { until } from './until';

export interface EngineUnderTest {
    readonly seat: Seat;
    readonly identity: EngineIdentity;
    readonly directory: string;
    readonly reports: string[];
    /** Its files once more, as before each start. */
    write(): void;
    /** A new one over the same files. */
    make(options?: Partial<CometEngineOptions>): CometEngine;
}

/** Files of engines that know each other, one for each power, in a folder of temporary files. */
export class EnginesUnderTest {
    readonly directory = mkdtempSync(join(tmpdir(), 'commonwatt-comet-'));
    readonly engines: readonly EngineUnderTest[];
    readonly #started: CometEngine[] = [];

    /** @param firstPort of as many as there are powers. */
    constructor(program: string, powers: readonly number[], firstPort: number, batchTimeoutMs = 20) {
        const made = powers.map((power, at) => {
            const directory = join(this.directory, `seat${at}`);
            const keys = newEngineKeys();
            const identity = engineIdentity(keys);
            mkdirSync(directory, { recursive: true });
            const files = { validator: join(directory, 'validator.json'), node: join(directory, 'node.json') };
            writeFileSync(files.validator, keys.validator, { mode: 0o600 });
            writeFileSync(files.node, keys.node, { mode: 0o600 });
            const seat: Seat = { id: `seat${at}`, power: BigInt(power), engineKey: identity.publicKey };
            return { directory, identity, seat, files, listen: { host: '127.0.0.1', port: firstPort + at } };
        });
        const time = new Date();
        const seats = made.map(({ seat, identity }) => ({ ...seat, publicKey: identity.publicKey }));
        this.engines = made.map(({ directory, identity, seat, files, listen }) => {
            const others = made.filter((each) => each.directory !== directory);
            const home = join(directory, 'engine');
            const reports: string[] = [];
            const write = (): void => {
                writeEngineFiles({
                    directory: home,
                    keys: files,
                    listen,
                    peers: others.map((each) => ({ nodeId: each.identity.nodeId, ...each.listen })),
                    genesis: { chainId: 'under-test', time, seats },
                    batchTimeoutMs,
                });
            };
            write();
            const known = new Set(others.map((each) => each.identity.nodeId));
            const make = (options: Partial<CometEngineOptions> = {}): CometEngine =>
                new CometEngine({
                    directory: home,
                    program,
                    logFile: join(directory, 'engine.log'),
                    admits: (nodeId) => known.has(nodeId),
                    report: (what) => reports.push(what),
                    ...options,
                });
            return { seat, identity, directory, reports, write, make };
        });
    }

    get seats(): readonly Seat[] {
        return this.engines.map(({ seat }) => seat);
    }

    /**
     * Starts one engine for each of the applications, and waits until they are all connected: a proposal of one that is not would come too late,
     * and its turn would be passed over.
     */
    async start(apps: readonly OrderingApp[]): Promise<CometEngine[]> {
        const engines = await Promise.all(apps.map((app, at) => this.startOne(at, app)));
        for (const engine of engines) {
            await until('all engines are connected', async () => (await engine.peers()) === engines.length - 1);
        }
        return engines;
    }

    /** In which round each height up to this one was decided: 0 unless somebody's turn was passed over, as on a machine with other work. */
    async rounds(height: number): Promise<number[]> {
        const rpc = new RpcClient(engineSockets(join(this.at(0).directory, 'engine')).rpc);
        const rounds: number[] = [];
        for (let at = 1; at <= height; at += 1) rounds.push(await rpc.roundOf(at));
        rpc.close();
        return rounds;
    }

    /** Starts the engine of one seat over what it has kept. */
    async startOne(at: number, app: OrderingApp, options: Partial<CometEngineOptions> = {}): Promise<CometEngine> {
        const engine = this.at(at).make(options);
        this.#started.push(engine);
        await engine.start(app);
        return engine;
    }

    at(index: number): EngineUnderTest {
        const engine = this.engines[index];
        if (engine === undefined) {
            throw new Error(`there is no engine ${index}`);
        }
        return engine;
    }

    /** Ends what is left and removes all files. */
    async end(): Promise<void> {
        await Promise.all(this.#started.map((engine) => engine.stop()));
        rmSync(this.directory, { recursive: true, force: true });
    }
}
