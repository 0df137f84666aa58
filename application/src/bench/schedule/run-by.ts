import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { withFirstHomes } from '@commonwatt/network/topology/first-homes';
import { stopNetwork } from '@commonwatt/network/topology/processes/network';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import type { Topology } from '@commonwatt/network/topology/topology';
import { chosenDay, meterData } from '../../commands/day-choice';
import { daySteps, isSound, type Traded } from '../../commands/steps/day-steps';
import { runSteps } from '../../commands/steps/run-steps';
import { upSteps, type Started } from '../../commands/steps/up-steps';
import { CommunityMembers } from '../../community/members';
import { differences, type MeterDay } from '../../data/meter-day';
import type { DayResult } from '../../day/trading-day';
import type { DayScheduleSummary } from '../../report/schedule/day-schedule';
import { tenths } from '../statistics';

/** A day of one community, run in one of the two ways on a ledger. */
export interface RunByFigures {
    readonly by: 'auction' | 'schedule';
    readonly homes: number;
    readonly isSound: boolean;
    /** Thousandths of the currency, without charges and taxes: what all homes pay, what the supplier, the grid and the community get. */
    readonly homesPay: number;
    readonly supplierGets: number;
    readonly gridGets: number;
    readonly communityGets: number;
    /** What each home pays. */
    readonly byHome: Readonly<Record<string, number>>;
    readonly fromGridWh: number;
    readonly toGridWh: number;
    readonly peakW: number;
    /** What of the homes' own generation they used, and what of their consumption came from it. */
    readonly selfConsumptionPercent: number;
    readonly selfSufficiencyPercent: number;
    readonly transactions: number;
    readonly transactionsToAgree: number;
    readonly megabytesOnDisk: number;
    readonly seconds: { readonly agreeing: number; readonly settling: number };
    readonly schedule: DayScheduleSummary | undefined;
}

const PORT_BASE = 28_500;
const NANOS_PER_THOUSANDTH = 1_000_000n;
const SLOTS_PER_HOUR = 4;

/** The same generated day, by auction or by schedule, in a network that is made for it and removed. */
export async function runBy(by: RunByFigures['by'], topology: Topology): Promise<RunByFigures> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const layout = layoutOf(home);
    const members = new CommunityMembers(topology, layout);
    const started: Started = { wasUp: false, homes: 0 };
    const traded: Traded = {};
    try {
        const choice = chosenDay({});
        const { metered } = meterData(topology, choice);
        await runSteps(upSteps({ topology, layout }, members, metered.clock, started), false);
        const [transactions, bytes] = [members.log.committed, sizeOf(layout.ledgers)];
        const options = { mayResume: false, elects: false, startSeconds: () => 0, ahead: by };
        await runSteps(daySteps(members, choice, options, traded), false);
        const settling = ['metering:', 'billing:', 'accounts:', 'feeder:'];
        const made = members.log.outcomes.slice(transactions);
        return {
            by,
            ...figuresOf(traded, metered),
            transactions: made.length,
            transactionsToAgree: made.filter(
                ({ transaction }) => !settling.some((part) => transaction.startsWith(part)),
            ).length,
            megabytesOnDisk: tenths((sizeOf(layout.ledgers) - bytes) / 1e6),
        };
    } finally {
        members.close();
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}

/** The demonstration's first homes; of larger communities generated ones. */
export const benchTopology = (demonstration: Topology, homes: number): Topology =>
    homes <= demonstration.homes.length
        ? withFirstHomes(demonstration, homes)
        : smallCommunity(homes, { portBase: PORT_BASE });

function figuresOf(
    traded: Traded,
    metered: MeterDay,
): Omit<RunByFigures, 'by' | 'transactions' | 'transactionsToAgree' | 'megabytesOnDisk'> {
    const { result, summary } = traded;
    if (result === undefined || summary === undefined) {
        throw new Error('the day has no result');
    }
    const nets = netsOf(result);
    const [taken, given] = [sum(nets.map((net) => positive(-net))), sum(nets.map(positive))];
    const passed = (of: 'consumed' | 'produced'): bigint => sum(metered.homes.flatMap((each) => differences(each[of])));
    const gets = (account: string): number =>
        thousandths(result.totals.sums?.postings.find((each) => each.account === account)?.amountNanos ?? 0n);
    return {
        homes: summary.homes,
        isSound: isSound(traded),
        homesPay: thousandths(sum(result.households.map(({ own }) => own.nanos))),
        supplierGets: gets('supplier'),
        gridGets: gets('grid'),
        communityGets: gets('community'),
        byHome: Object.fromEntries(result.households.map(({ home, own }) => [home, thousandths(own.nanos)])),
        fromGridWh: Number(taken),
        toGridWh: Number(given),
        peakW: SLOTS_PER_HOUR * Math.max(...nets.map((net) => Math.abs(Number(net)))),
        selfConsumptionPercent: percent(passed('produced') - given, passed('produced')),
        selfSufficiencyPercent: percent(passed('consumed') - taken, passed('consumed')),
        seconds: { agreeing: summary.seconds.trading, settling: summary.seconds.settlement },
        schedule: summary.schedule,
    };
}

/** Of the whole community, Wh by slot; positive is given to the grid. */
const netsOf = ({ rounds, households }: DayResult): bigint[] =>
    rounds.map((_, index) => sum(households.map(({ settlement }) => settlement.slots[index]?.meteredWh ?? 0n)));

/** Bytes of all files below. */
function sizeOf(folder: string): number {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((bytes, { parentPath, name }) => bytes + statSync(join(parentPath, name)).size, 0);
}

/** Side by side, figure by figure. */
export function runByText(all: readonly RunByFigures[]): string {
    return all
        .map((each) => {
            const { by, homes, seconds, schedule: ahead } = each;
            return [
                `${homes} homes, by ${by}${each.isSound ? '' : ' (NOT SOUND)'}`,
                `  thousandths   homes pay ${each.homesPay}; supplier ${each.supplierGets}, grid ${each.gridGets}, community ${each.communityGets}`,
                `  energy        ${each.fromGridWh} Wh from the grid, ${each.toGridWh} to it, peak ${each.peakW} W, self-consumption ${each.selfConsumptionPercent} %, self-sufficiency ${each.selfSufficiencyPercent} %`,
                `  ledger        ${each.transactions} transactions, ${each.transactionsToAgree} of them before the meters; ${each.megabytesOnDisk} MB on the disks of all peers`,
                `  seconds       ${seconds.agreeing} to agree, ${seconds.settling} to settle`,
                ...(ahead === undefined
                    ? []
                    : [
                          `  day ahead     ${ahead.status} after ${ahead.iterations} iterations: ${ahead.seconds.solving} s solving, ${ahead.seconds.ledger} s ledger, ${ahead.seconds.waiting} s waiting; ${ahead.deviationWh} Wh off ${ahead.agreedWh}`,
                      ]),
                `  by home       ${Object.entries(each.byHome)
                    .map(([home, pays]) => `${home} ${pays}`)
                    .join(', ')}`,
            ].join('\n');
        })
        .join('\n\n');
}

const sum = (values: readonly bigint[]): bigint => values.reduce((so, value) => so + value, 0n);
const positive = (n: bigint): bigint => (n > 0n ? n : 0n);
const thousandths = (nanos: bigint): number => Number(nanos / NANOS_PER_THOUSANDTH);
const percent = (part: bigint, of: bigint): number => (of === 0n ? 0 : Number((1000n * part) / of) / 10);
