import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cometPlans } from '../../topology/comet/plans';
import { isRunning } from '../../topology/processes/process-identity';
import {
    killProcesses,
    recordedProcesses,
    startProcess,
    untilReady,
    type ProcessPlan,
    type ProcessRecord,
} from '../../topology/processes/supervisor';
import { organisation } from '../../topology/topology';
import { OrderingClient } from './client';
import { OrderingCommunity } from './community';

const READY_LIMIT_MS = 60_000;
const END_LIMIT_MS = 15_000;
const POLL_MS = 10;

/** The seats of a community as processes, each with its engine: what tests start, kill, stop and start again. */
export class SeatProcesses {
    readonly #community: OrderingCommunity;
    readonly #plans: ReadonlyMap<string, ProcessPlan>;
    readonly #records = new Map<string, ProcessRecord>();
    readonly #clients = new Map<string, OrderingClient>();

    /** Finds CometBFT by `COMETBFT_BIN` of this process, as the network does. */
    constructor(community: OrderingCommunity) {
        this.#community = community;
        const plans = cometPlans(community.topology, community.layout);
        this.#plans = new Map(plans.map((plan) => [plan.name.replace('ordering-', ''), plan]));
    }

    get ids(): readonly string[] {
        return [...this.#plans.keys()];
    }

    /** Seats that were started and not ended, here. */
    get running(): readonly string[] {
        return this.ids.filter((id) => this.#records.has(id));
    }

    async start(...ids: readonly string[]): Promise<void> {
        const { layout } = this.#community;
        await Promise.all(
            ids.map(async (id) => {
                const plan = this.#plans.get(id);
                if (plan === undefined) throw new Error(`${id} has no seat`);
                const record = startProcess(plan, layout);
                await untilReady(plan, record, layout, AbortSignal.timeout(READY_LIMIT_MS));
                this.#records.set(id, record);
            }),
        );
    }

    /** Ends the application of a seat. Its engine ends by itself then, or is ended by the next start. */
    async kill(id: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
        const record = this.#records.get(id);
        if (record === undefined) return;
        this.#records.delete(id);
        process.kill(record.pid, signal);
        await until(() => !isRunning(record), END_LIMIT_MS);
        this.#clients.get(id)?.close();
        this.#clients.delete(id);
    }

    /** Process id of a seat's engine, while it runs. */
    engine(id: string): number | undefined {
        const parent = this.#records.get(id)?.pid;
        return parent === undefined ? undefined : childrenOf(parent)[0];
    }

    killEngine(id: string): void {
        const engine = this.engine(id);
        if (engine === undefined) throw new Error(`the engine of ${id} does not run`);
        process.kill(engine, 'SIGKILL');
    }

    /** Its log of all its lives. */
    log(id: string): string {
        const file = this.#community.layout.logFile(`ordering-${id}`);
        return existsSync(file) ? readFileSync(file, 'utf8') : '';
    }

    client(id: string): OrderingClient {
        const known = this.#clients.get(id);
        if (known !== undefined) return known;
        const { orderingSeat } = organisation(this.#community.topology, id);
        const address = `${orderingSeat?.host ?? ''}:${orderingSeat?.port ?? 0}`;
        const made = new OrderingClient(address, this.#community.tlsRoot(id));
        this.#clients.set(id, made);
        return made;
    }

    /** Ends all of them with their engines. */
    async stop(): Promise<void> {
        for (const id of this.#records.keys()) await this.kill(id);
        const { layout } = this.#community;
        const engines = recordedProcesses(layout).filter(({ name }) => name.startsWith('engine-'));
        await killProcesses(engines, layout);
    }
}

function childrenOf(parent: number): number[] {
    return readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => parentOf(pid) === parent);
}

/** Undefined for a process that has gone meanwhile. */
function parentOf(pid: number): number | undefined {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
        return undefined;
    }
}

/** Throws Error when the limit has passed. */
export async function until(isDone: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!(await isDone())) {
        if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms`);
        await sleep(POLL_MS);
    }
}

/** Four seats that order, H1 to H4, of a community of their own: blocks come every 50 ms or with so many messages. */
export async function startedSeats(
    program: string | undefined,
    port: number,
    maxMessageCount: number,
): Promise<{ readonly community: OrderingCommunity; readonly seats: SeatProcesses }> {
    process.env['COMETBFT_BIN'] = program;
    const community = await OrderingCommunity.create(
        4,
        port,
        { timeoutMs: 50, maxMessageCount },
        { ordering: 'comet' },
    );
    const seats = new SeatProcesses(community);
    await seats.start(...seats.ids);
    return { community, seats };
}
