import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf, type Layout } from '@commonwatt/network/topology/layout';
import { withNetwork, type NetworkWish } from '@commonwatt/network/topology/network-kind';
import { MARKET_CHAINCODES } from '@commonwatt/network/topology/assemble';
import { stopNetwork } from '@commonwatt/network/topology/processes/network';
import { recordedProcesses } from '@commonwatt/network/topology/processes/supervisor';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { chosenDay, meterData } from '../commands/day-choice';
import { runSteps } from '../commands/steps/run-steps';
import { upSteps, type Started } from '../commands/steps/up-steps';
import { CommunityMembers, type MemberAccess } from '../community/members';
import { SAMPLE_DAY } from '../data/sample';
import { dayAfter } from '../data/zone';
import { commitmentTo, orderRecord } from '../household/records';
import { Auction, type Commitment } from '../market/auction';
import { applyLoad, transactionsOf, type Load, type LoadFigures, type Timed } from './load';
import { PLAIN, plainChaincode } from './plain-chaincode';
import { processUsage } from './process-usage';
import { hundredths } from './statistics';
import { timed } from './timed-steps';

export type Transaction = 'order' | 'plain';

/** What is asked of one network: the same of each that is compared. */
export interface LoadWish {
    readonly organisations: number;
    readonly network: NetworkWish;
    readonly concurrency: readonly number[];
    readonly measured: number;
}

export interface TransactionLoad extends LoadFigures {
    readonly transaction: Transaction;
    /** By what the process is for: milliseconds of a processor for one transaction, wherever it was spent. */
    readonly processorMs: Readonly<Record<string, number>>;
    /** How much of the machine's processors was in use by these processes, 1 = one of them all the time. */
    readonly processorsUsed: number;
}

export interface NetworkLoad {
    readonly organisations: number;
    /** From the command until all processes serve, until the chaincodes can be called, until the community is founded. */
    readonly startSeconds: Readonly<Record<string, number>>;
    readonly loads: readonly TransactionLoad[];
    /** Peak of all processes but the client's, shared out. */
    readonly megabytesPerOrganisation: number;
}

const PORT_BASE = 30_000;
/** And one more of each client's: enough for code to be compiled and connections to be made. */
const WARM_UP = 200;
const ORDER_WH = 100n;
const ORDER_LIMIT = 150_000n;
const PLAIN_VALUE = 'x'.repeat(100);

/** Starts a network, puts it under each load in turn, stops it. */
export async function measureNetwork(wish: LoadWish): Promise<NetworkLoad> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const chaincodes = [...MARKET_CHAINCODES, plainChaincode(join(home, 'plain'))];
    const community = smallCommunity(wish.organisations - 1, { portBase: PORT_BASE, chaincodes });
    const topology = withNetwork(community, wish.network);
    const layout = layoutOf(home);
    const members = new CommunityMembers(topology, layout);
    const started: Started = { wasUp: false, homes: 0 };
    const startSeconds: Record<string, number> = {};
    try {
        const { clock } = meterData(topology, chosenDay({})).metered;
        await runSteps(timed(upSteps({ topology, layout }, members, clock, started), startSeconds), false);
        const loads = await allLoads(members, layout, wish);
        return { organisations: wish.organisations, startSeconds, loads, megabytesPerOrganisation: peak(layout, wish) };
    } finally {
        members.close();
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}

async function allLoads(
    members: CommunityMembers,
    layout: Layout,
    { concurrency, measured }: LoadWish,
): Promise<TransactionLoad[]> {
    const plans = concurrency.map((clients) => ({
        concurrency: clients,
        warmUp: WARM_UP + clients,
        measured,
    }));
    const orders = await ordersFor(
        members,
        plans.reduce((sum, plan) => sum + transactionsOf(plan), 0),
    );
    const loads: TransactionLoad[] = [];
    for (const plan of plans) {
        loads.push(await underLoad('order', { ...plan, submit: () => submitNext(orders) }, layout));
        loads.push(await underLoad('plain', { ...plan, submit: submitPlain(members, loads.length) }, layout));
    }
    return loads;
}

/** An order that is signed already: what the household computes beforehand is not the network's work. */
interface ReadyOrder {
    readonly member: MemberAccess;
    readonly operator: string;
    readonly order: Commitment;
}

/**
 * One order of each household in each round, which no two transactions share a key of. Opens as many replayed days as hold them.
 */
async function ordersFor(members: CommunityMembers, count: number): Promise<ReadyOrder[]> {
    const { operator, households } = members;
    const auction = new Auction(operator.calls);
    const witness = households[0]?.calls.mspId ?? operator.calls.mspId;
    const orders: ReadyOrder[] = [];
    for (let day = SAMPLE_DAY; orders.length < count; day = dayAfter(day)) {
        const { first, count: slots } = await auction.openDay(day, true, [operator.calls.mspId, witness]);
        for (let slot = first; slot < first + slots; slot += 1) {
            for (const member of households) {
                const bid = { side: 'buy', energyWh: ORDER_WH, limit: ORDER_LIMIT } as const;
                const order = await orderRecord(member.keys, member.calls.mspId, slot, bid);
                orders.push({ member, operator: operator.calls.mspId, order: commitmentTo(member.keys, order) });
            }
        }
    }
    return orders;
}

/** The market's most frequent transaction: a sealed order, endorsed by the household and the grid operator. */
async function submitNext(orders: ReadyOrder[]): Promise<Timed> {
    const next = orders.pop();
    if (next === undefined) {
        throw new Error('no order is left to submit');
    }
    const { member, operator, order } = next;
    const { gateway, mspId } = member.calls;
    const { took } = await gateway.submit({
        chaincode: 'market',
        transaction: 'auction:submitOrders',
        argument: { orders: [order] },
        endorsers: [mspId, operator],
    });
    return took;
}

/** One key of its own, endorsed by the household's own peer alone. */
function submitPlain({ households }: CommunityMembers, run: number): Load['submit'] {
    return async (index) => {
        const member = households[index % households.length];
        if (member === undefined) {
            throw new Error('the community has no households');
        }
        const { gateway, mspId } = member.calls;
        const { took } = await gateway.submit({
            chaincode: PLAIN,
            transaction: 'put',
            argument: { key: `${run}-${index}`, value: PLAIN_VALUE },
            endorsers: [mspId],
        });
        return took;
    };
}

async function underLoad(transaction: Transaction, load: Load, layout: Layout): Promise<TransactionLoad> {
    const usage: Record<'begins' | 'ends', ReadonlyMap<string, number>> = { begins: new Map(), ends: new Map() };
    const window = { seconds: 0 };
    const figures = await applyLoad({
        ...load,
        onWindow: (edge) => {
            usage[edge] = processorSeconds(layout);
            window.seconds = performance.now() / 1000 - window.seconds;
        },
    });
    const used = [...usage.ends].map(([what, seconds]) => [what, seconds - (usage.begins.get(what) ?? 0)] as const);
    const all = used.reduce((sum, [, seconds]) => sum + seconds, 0);
    return {
        transaction,
        ...figures,
        processorMs: Object.fromEntries(
            used.map(([what, seconds]) => [what, hundredths((1000 * seconds) / figures.transactions)]),
        ),
        processorsUsed: hundredths(all / window.seconds),
    };
}

/** Of all processes so far, by what they are for. */
function processorSeconds(layout: Layout): Map<string, number> {
    const sums = new Map([['client', processUsage('self')?.cpuSeconds ?? 0]]);
    for (const { name, pid } of recordedProcesses(layout)) {
        const what = purposeOf(name);
        sums.set(what, (sums.get(what) ?? 0) + (processUsage(pid)?.cpuSeconds ?? 0));
    }
    return sums;
}

function purposeOf(process: string): string {
    if (process.startsWith('chaincode-')) {
        return 'chaincode';
    }
    return process.startsWith('peer') ? 'peers' : 'ordering';
}

function peak(layout: Layout, { organisations }: LoadWish): number {
    const megabytes = recordedProcesses(layout).map(({ pid }) => processUsage(pid)?.peakMegabytes ?? 0);
    return Math.round(megabytes.reduce((sum, each) => sum + each, 0) / organisations);
}
