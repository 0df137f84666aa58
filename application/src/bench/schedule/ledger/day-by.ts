import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Topology } from '@commonwatt/network/topology/topology';
import { chosenDay, expectedData, meterData } from '../../../commands/day-choice';
import { daySteps, isSound, type Traded } from '../../../commands/steps/day-steps';
import { runSteps } from '../../../commands/steps/run-steps';
import { differences, netsOf, type MeterDay } from '../../../data/meter-day';
import type { DayResult } from '../../../day/trading-day';
import type { ForecastSummary } from '../../../report/forecast';
import type { DayScheduleSummary } from '../../../report/schedule/day-schedule';
import type { ForecastKind } from '../../../schedule/forecast/kinds';
import { tenths } from '../../statistics';
import { batteriesIn, benchTopology, onFoundedNetwork, withoutBatteries } from './bench-network';
import { trafficSince, type TrafficFigures } from './channel-traffic';

/** In which way a day is run. A certificate is found off the ledger. */
export type DayBy = 'auction' | 'schedule' | 'certificate';

export interface DayWish {
    readonly by: DayBy;
    readonly homes: number;
    readonly hasBatteries: boolean;
    readonly forecast: ForecastKind;
}

/** A day of one community, run in one of the ways on a ledger. */
export interface DayByFigures extends DayWish {
    readonly batteries: number;
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
    /** On the channel, from opening the day on: once, without what each peer adds. */
    readonly channelKilobytes: number;
    readonly kilobytesToAgree: number;
    readonly traffic: readonly TrafficFigures[];
    readonly megabytesOnDisk: number;
    readonly seconds: { readonly agreeing: number; readonly settling: number };
    readonly schedule: DayScheduleSummary | undefined;
    readonly forecastErrors: ForecastSummary | undefined;
    readonly margin: MarginFigures;
}

/** Σ of all homes and slots, Wh: what they metered, and how far that is from what they had said. */
export interface MarginFigures {
    readonly meteredWh: number;
    /** |expected − metered|: by what they ordered or planned. */
    readonly forecastWh: number;
    /** |agreed − metered|: energy traded in rounds, or agreed on ahead. What is off is settled as deviation. */
    readonly agreedWh: number;
}

const NANOS_PER_THOUSANDTH = 1_000_000n;
const SLOTS_PER_HOUR = 4;
const SETTLING = ['metering:', 'billing:', 'accounts:', 'feeder:'];
const isSettling = (transaction: string): boolean => SETTLING.some((part) => transaction.startsWith(part));

/** The generated day, in a network that is made for it and removed. */
export async function dayBy(demonstration: Topology, wish: DayWish): Promise<DayByFigures> {
    const all = benchTopology(demonstration, wish.homes);
    const topology = inMode(wish.hasBatteries ? all : withoutBatteries(all), wish.by);
    const traded: Traded = {};
    const choice = chosenDay({ forecast: wish.forecast });
    const { metered } = meterData(topology, choice);
    const { day: expected } = await expectedData(topology, choice);
    return onFoundedNetwork(topology, async ({ members, layout }) => {
        const { gateway, mspId: operator } = members.operator.calls;
        const [from, transactions, bytes] = [await gateway.height(), members.log.committed, sizeOf(layout.ledgers)];
        const ahead = wish.by === 'auction' ? ('auction' as const) : ('schedule' as const);
        const options = { mayResume: false, elects: false, startSeconds: () => 0, ahead };
        await runSteps(daySteps(members, choice, options, traded), false);
        const made = members.log.outcomes.slice(transactions);
        const traffic = await trafficSince(gateway, operator, from);
        const kilobytes = (of: readonly TrafficFigures[]): number =>
            tenths(of.reduce((sum, each) => sum + each.kilobytes, 0));
        return {
            ...wish,
            batteries: batteriesIn(topology),
            ...figuresOf(traded, { metered, expected }),
            transactions: made.length,
            transactionsToAgree: made.filter(({ transaction }) => !isSettling(transaction)).length,
            channelKilobytes: kilobytes(traffic),
            kilobytesToAgree: kilobytes(traffic.filter(({ transaction }) => !isSettling(transaction))),
            traffic,
            megabytesOnDisk: tenths((sizeOf(layout.ledgers) - bytes) / 1e6),
        };
    });
}

const inMode = (topology: Topology, by: DayBy): Topology =>
    topology.dayAhead === undefined || by === 'auction'
        ? topology
        : { ...topology, dayAhead: { ...topology.dayAhead, mode: by } };

type OfDay =
    | 'isSound'
    | 'homesPay'
    | 'supplierGets'
    | 'gridGets'
    | 'communityGets'
    | 'byHome'
    | 'fromGridWh'
    | 'toGridWh'
    | 'peakW'
    | 'selfConsumptionPercent'
    | 'selfSufficiencyPercent'
    | 'seconds'
    | 'schedule'
    | 'forecastErrors'
    | 'margin';

interface DayData {
    readonly metered: MeterDay;
    readonly expected: MeterDay;
}

function figuresOf(traded: Traded, data: DayData): Pick<DayByFigures, OfDay> {
    const { result, summary } = traded;
    if (result === undefined || summary === undefined) {
        throw new Error('the day has no result');
    }
    const nets = communityNets(result);
    const [taken, given] = [sum(nets.map((net) => positive(-net))), sum(nets.map(positive))];
    const passed = (of: 'consumed' | 'produced'): bigint =>
        sum(data.metered.homes.flatMap((each) => differences(each[of])));
    const gets = (account: string): number =>
        thousandths(result.totals.sums?.postings.find((each) => each.account === account)?.amountNanos ?? 0n);
    return {
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
        forecastErrors: summary.forecast,
        margin: marginOf(result, data),
    };
}

function marginOf({ households }: DayResult, { metered, expected }: DayData): MarginFigures {
    const slots = households.flatMap(({ settlement }) => settlement.slots);
    const off = metered.homes.flatMap((registers, index) => {
        const nets = netsOf(expected.homes[index] ?? registers);
        return netsOf(registers).map((net, slot) => size(net - (nets[slot] ?? 0n)));
    });
    return {
        meteredWh: Number(sum(slots.map(({ meteredWh }) => size(meteredWh)))),
        forecastWh: Number(sum(off)),
        agreedWh: Number(sum(slots.map(({ meteredWh, soldWh, boughtWh }) => size(meteredWh - soldWh + boughtWh)))),
    };
}

/** Of the whole community, Wh by slot; positive is given to the grid. */
const communityNets = ({ rounds, households }: DayResult): bigint[] =>
    rounds.map((_, index) => sum(households.map(({ settlement }) => settlement.slots[index]?.meteredWh ?? 0n)));

/** Bytes of all files below. */
function sizeOf(folder: string): number {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((bytes, { parentPath, name }) => bytes + statSync(join(parentPath, name)).size, 0);
}

const sum = (values: readonly bigint[]): bigint => values.reduce((so, value) => so + value, 0n);
const positive = (n: bigint): bigint => (n > 0n ? n : 0n);
const size = (n: bigint): bigint => (n < 0n ? -n : n);
const thousandths = (nanos: bigint): number => Number(nanos / NANOS_PER_THOUSANDTH);
const percent = (part: bigint, of: bigint): number => (of === 0n ? 0 : Number((1000n * part) / of) / 10);
