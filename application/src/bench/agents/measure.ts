import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { layout as layoutOf, type Layout } from '@commonwatt/network/topology/layout';
import { networkStatus, startNetwork, stopNetwork } from '@commonwatt/network/topology/processes/network';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import type { Topology } from '@commonwatt/network/topology/topology';
import { deploy } from '@commonwatt/network/topology/deploy/deploy';
import { chosenDay, meterData } from '../../commands/day-choice';
import { foundCommunity } from '../../community/founding';
import { CommunityMembers } from '../../community/members';
import { randomNumbers } from '../../data/random';
import { tenths } from '../statistics';
import { AgentsProcess } from './agents-process';
import { dayOf, type DayOnLedger } from './day-on-ledger';

export interface AgentsWish {
    readonly homes: number;
    /** How often something is killed in the course of the day. */
    readonly kills: number;
    /** What is killed when follows from it. */
    readonly seed: string;
}

/** A day that was run by unattended agents, all in one process, measured. */
export interface AgentsFigures extends AgentsWish {
    /** What was killed, after how many things had been noted. */
    readonly killed: readonly { readonly what: string; readonly after: number }[];
    /** From the start of the agents to the end of the last of them. */
    readonly seconds: number;
    readonly undisturbedSeconds: number;
    /** The most that the agents' process had in memory, in any of its lives. */
    readonly peakMegabytes: number;
    readonly cpuSeconds: number;
    readonly transactions: number;
    readonly invalid: Readonly<Record<string, number>>;
    readonly orders: number;
    /** Orders that agents have on their disks and that stand in no round. */
    readonly lostOrders: number;
    /** Homes whose bill is missing, or has other bytes than in a day with the same keys that nothing happened to. */
    readonly differentBills: readonly string[];
}

const PORT_BASE = 26_700;
const VICTIMS = ['agents', 'peers', 'ordering'] as const;

interface Run {
    readonly killed: { readonly what: string; readonly after: number }[];
    readonly seconds: number;
    readonly peakMegabytes: number;
    readonly cpuSeconds: number;
    readonly ledger: DayOnLedger;
}

/** The same day twice with the same keys: once with kills, once without. */
export async function measureAgents(wish: AgentsWish, say: (what: string) => void): Promise<AgentsFigures> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const topology = smallCommunity(wish.homes, { portBase: PORT_BASE });
    const layout = layoutOf(join(home, 'run'));
    const identities = join(home, 'identities');
    try {
        const disturbed = await run(topology, layout, wish, say, () => {
            cpSync(join(layout.home, 'organizations'), identities, { recursive: true });
        });
        await stopNetwork(layout);
        rmSync(layout.home, { recursive: true, force: true });
        cpSync(identities, join(layout.home, 'organizations'), { recursive: true });
        const whole = await run(topology, layout, { ...wish, kills: 0 }, say);
        const { killed, seconds, peakMegabytes, cpuSeconds, ledger } = disturbed;
        const { transactions, invalid, orders, lostOrders } = ledger;
        const differentBills = topology.homes.filter(
            (id) => ledger.bills.get(id) === undefined || ledger.bills.get(id) !== whole.ledger.bills.get(id),
        );
        return {
            ...wish,
            killed,
            seconds: tenths(seconds),
            undisturbedSeconds: tenths(whole.seconds),
            peakMegabytes: Math.round(Math.max(peakMegabytes, whole.peakMegabytes)),
            cpuSeconds: tenths(cpuSeconds),
            transactions,
            invalid,
            orders,
            lostOrders,
            differentBills,
        };
    } finally {
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}

async function run(
    topology: Topology,
    layout: Layout,
    wish: AgentsWish,
    say: (what: string) => void,
    started: () => void = () => undefined,
): Promise<Run> {
    const { metered } = meterData(topology, chosenDay({}));
    const members = new CommunityMembers(topology, layout);
    let agents: AgentsProcess | undefined;
    try {
        say(`starting a network of ${topology.organisations.length} organisations`);
        await startNetwork(topology, layout);
        await deploy(topology, layout);
        await foundCommunity(members, metered.clock);
        started();
        agents = new AgentsProcess(layout.home);
        const begin = performance.now();
        const killed = await killAtRandom(agents, { topology, layout }, wish, say);
        const usage = await agents.ended();
        const seconds = (performance.now() - begin) / 1000;
        say(`the day is over after ${tenths(seconds)} s`);
        return { killed, seconds, ...usage, ledger: await dayOf(members, metered.day) };
    } finally {
        agents?.kill();
        members.close();
    }
}

/** Kills fall anywhere among what a day's agents note: some four things for each home and round. */
async function killAtRandom(
    agents: AgentsProcess,
    { topology, layout }: { readonly topology: Topology; readonly layout: Layout },
    { homes, kills, seed }: AgentsWish,
    say: (what: string) => void,
): Promise<Run['killed']> {
    const random = randomNumbers(seed);
    const apart = (96 * (2 * homes + 2)) / (kills + 1);
    const killed: { what: string; after: number }[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
        await agents.untilNoted(Math.floor(apart * (kill - 0.5 + random())));
        const what = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'agents';
        killed.push({ what, after: agents.noted });
        say(`killing ${what} after ${agents.noted} things`);
        if (what === 'agents') {
            await agents.restart();
        } else {
            const { processes } = await networkStatus(topology, layout);
            const pid = processes.find(({ name }) => name === what)?.pid;
            if (pid === undefined) {
                throw new Error(`there is no process ${what} to kill`);
            }
            process.kill(pid, 'SIGKILL');
            while ((await networkStatus(topology, layout)).state === 'up') {
                await pause(20); // It is a child of ours, and there until its end is heard of.
            }
            await startNetwork(topology, layout);
        }
    }
    return killed;
}

export function agentsText(figures: AgentsFigures): string {
    const { homes, seconds, undisturbedSeconds, peakMegabytes, cpuSeconds, killed, differentBills } = figures;
    const { transactions, invalid, orders, lostOrders } = figures;
    return [
        `${homes} homes and the grid operator, their agents in one process`,
        `  a day        ${undisturbedSeconds} s undisturbed, ${seconds} s with ${killed.length} kills (${killed.map(({ what }) => what).join(', ')})`,
        `  the agents   ${peakMegabytes} MB at most, ${cpuSeconds} s of processor time`,
        `  transactions ${transactions}, invalid ${JSON.stringify(invalid)}`,
        `  orders       ${orders}, lost ${lostOrders}`,
        `  bills        ${differentBills.length === 0 ? 'the same bytes as undisturbed' : `DIFFERENT: ${differentBills.join(', ')}`}`,
    ].join('\n');
}
