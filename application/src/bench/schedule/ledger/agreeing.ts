import type { Topology } from '@commonwatt/network/topology/topology';
import { chosenDay } from '../../../commands/day-choice';
import { runSteps, type Step } from '../../../commands/steps/run-steps';
import { scheduleSteps, type Ahead } from '../../../commands/steps/schedule-steps';
import type { CommunityMembers } from '../../../community/members';
import { SAMPLE_DAY } from '../../../data/sample';
import { dayBefore } from '../../../data/zone';
import { tenths } from '../../statistics';
import { batteriesIn, benchTopology, onFoundedNetwork } from './bench-network';
import { trafficSince } from './channel-traffic';

export interface AgreeingWish {
    readonly homes: number;
    readonly mode: 'schedule' | 'certificate';
    /** Warm: from the prices in which the day before ended. */
    readonly start: 'cold' | 'warm';
    /** The run is stopped after so many iterations, where it would take too long: what one takes does not depend on how many there are. */
    readonly mostIterations?: number | undefined;
}

/** Agreeing on a day ahead on a ledger. */
export interface AgreeingFigures extends AgreeingWish {
    readonly batteries: number;
    readonly status: string;
    readonly iterations: number;
    readonly seconds: {
        readonly total: number;
        readonly solving: number;
        readonly ledger: number;
        readonly waiting: number;
    };
    /** By iterations: of those after the first, which pays for connecting to everybody. Null where there is but one. */
    readonly secondsPerIteration: number | null;
    readonly transactions: number;
    readonly channelKilobytes: number;
}

export async function agreeing(demonstration: Topology, wish: AgreeingWish): Promise<AgreeingFigures> {
    const { homes, mode, start, mostIterations } = wish;
    const whole = benchTopology(demonstration, homes);
    const { dayAhead } = whole;
    if (dayAhead === undefined) {
        throw new Error('the community has no terms of days ahead');
    }
    const iterations = mostIterations ?? dayAhead.iterations;
    const topology = { ...whole, dayAhead: { ...dayAhead, iterations } };
    return onFoundedNetwork(topology, async ({ members }) => {
        const before = start === 'warm' ? await agreed(members, dayBefore(SAMPLE_DAY), { mode }) : undefined;
        const { gateway, mspId: operator } = members.operator.calls;
        const from = await gateway.height();
        const prices = before?.outcome?.record.run?.prices;
        const firstPrices = prices === undefined ? undefined : prices.map((each) => ({ ...each }));
        const closed: number[] = [];
        const { summary } = await agreed(members, SAMPLE_DAY, { mode, firstPrices }, closed);
        if (summary === undefined) {
            throw new Error('the day ahead has no result');
        }
        const traffic = await trafficSince(gateway, operator, from);
        return {
            ...wish,
            batteries: batteriesIn(topology),
            status: summary.status,
            iterations: summary.iterations,
            seconds: summary.seconds,
            secondsPerIteration: mode === 'schedule' ? betweenCloses(closed) : null,
            transactions: summary.transactions,
            channelKilobytes: tenths(traffic.reduce((sum, { kilobytes }) => sum + kilobytes, 0)),
        };
    });
}

async function agreed(
    members: CommunityMembers,
    day: string,
    options: Parameters<typeof scheduleSteps>[2],
    closed: number[] = [],
): Promise<Ahead> {
    const ahead: Ahead = {};
    const steps = scheduleSteps(members, chosenDay({ day }), options, ahead).map((step): Step => ({
        ...step,
        run: (say) =>
            step.run((what) => {
                if (CLOSED.test(what)) {
                    closed.push(performance.now());
                }
                say(what);
            }),
    }));
    await runSteps(steps, false);
    return ahead;
}

/** What a run says whenever an iteration is closed. */
const CLOSED = /^iteration \d+ closed/;

/** Seconds from one close to the next, on average. */
function betweenCloses(closed: readonly number[]): number | null {
    const [first, last] = [closed[0], closed.at(-1)];
    return first === undefined || last === undefined || closed.length < 2
        ? null
        : tenths((last - first) / 1000 / (closed.length - 1));
}
