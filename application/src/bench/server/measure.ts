import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import pino from 'pino';
import { deploy } from '@commonwatt/network/topology/deploy/deploy';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { startNetwork, stopNetwork } from '@commonwatt/network/topology/processes/network';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { chosenDay, meterData } from '../../commands/day-choice';
import { foundCommunity } from '../../community/founding';
import { CommunityMembers } from '../../community/members';
import { tradeDay } from '../../community/trade';
import { runServer, type RunningServer } from '../../server/run-server';
import { percentile, tenths } from '../statistics';
import type { Answered, Load } from './clients';

export interface ServerWish {
    readonly homes: number;
    readonly clients: number;
    readonly seconds: number;
}

export interface RouteFigures {
    readonly route: string;
    readonly requestsPerSecond: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly failed: number;
    readonly bytesEach: number;
}

export interface ServerFigures extends ServerWish {
    readonly routes: readonly RouteFigures[];
    readonly peakMegabytes: number;
}

const PORT_BASE = 22_900;
const PORT = PORT_BASE + 130;
/** Nobody is limited here. */
const LIMITS = { requestsPerMinute: 100_000_000, loginsPerQuarterHour: 100 };
const WARM_UP_SECONDS = 2;

/** A community after a day, and the pages that people look at most, asked for by many at once over the loopback interface. */
export async function measureServer(wish: ServerWish, say: (what: string) => void): Promise<ServerFigures> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const topology = smallCommunity(wish.homes, { portBase: PORT_BASE });
    const layout = layoutOf(home);
    const members = new CommunityMembers(topology, layout);
    try {
        const choice = chosenDay({});
        const { metered } = meterData(topology, choice);
        say(`A day of ${wish.homes} homes`);
        await startNetwork(topology, layout);
        await deploy(topology, layout);
        const charter = await foundCommunity(members, metered.clock);
        await tradeDay(members, { charter, metered, progress: { report: () => undefined } });
        const server = await runServer(members, { port: PORT, limits: LIMITS }, pino({ level: 'silent' }));
        try {
            return await measureRoutes(server, choice.day, wish, say);
        } finally {
            await server.close();
        }
    } finally {
        members.close();
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}

async function measureRoutes(
    { households, access }: RunningServer,
    day: string,
    wish: ServerWish,
    say: (what: string) => void,
): Promise<ServerFigures> {
    const cookies = households.map((id) => `commonwatt=${access.openSession(id)}`);
    const routes: RouteFigures[] = [];
    for (const path of ['/api/v1/now', `/api/v1/bills/${day}`]) {
        say(`${wish.clients} clients ask for ${path}`);
        const load = { port: PORT, path, cookies, clients: wish.clients };
        await asked({ ...load, seconds: WARM_UP_SECONDS });
        const { tookMs, failed, seconds, bytes } = await asked({ ...load, seconds: wish.seconds });
        routes.push({
            route: path,
            requestsPerSecond: Math.round(tookMs.length / seconds),
            p50Ms: tenths(percentile(tookMs, 50) ?? 0),
            p95Ms: tenths(percentile(tookMs, 95) ?? 0),
            failed,
            bytesEach: Math.round(bytes / Math.max(1, tookMs.length)),
        });
    }
    const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
    return { ...wish, routes, peakMegabytes };
}

async function asked(load: Load): Promise<Answered> {
    const worker = new Worker(join(__dirname, 'clients.js'), { workerData: load });
    const [answered] = (await once(worker, 'message')) as [Answered];
    return answered;
}

export const serverText = ({ homes, clients, routes, peakMegabytes }: ServerFigures): string =>
    [
        `${clients} clients of ${homes} homes, server and clients in one process of ${peakMegabytes} MB:`,
        ...routes.map(
            ({ route, requestsPerSecond, p50Ms, p95Ms, failed, bytesEach }) =>
                `  ${route.padEnd(28)} ${requestsPerSecond}/s, p50 ${p50Ms} ms, p95 ${p95Ms} ms, ${bytesEach} bytes each, ${failed} failed`,
        ),
    ].join('\n');
