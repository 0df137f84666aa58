import type { HomeForecast } from '../day-ahead/own-schedule';
import { submissionOf } from './day-ahead';
import type { CommunityMembers } from './members';
import { exactNumber } from '../report/decimal';
import type { ScheduledHome } from '../report/schedule/schedule-summary';
import { controlledWh } from '../day-ahead/delivered';
import type { DayAheadOutcome } from '../day-ahead/plan';

export interface OfHomes {
    /** Organisations whose agents run here. */
    readonly as?: readonly string[] | undefined;
    readonly forecast: (home: string) => HomeForecast;
}

/** What is scheduled for the homes whose agents run here, each as its own peer or its own agent has it. Nothing where there is no agreement. */
export async function scheduledHomes(
    members: CommunityMembers,
    { record, problem }: DayAheadOutcome,
    { as, forecast }: OfHomes,
): Promise<ScheduledHome[]> {
    const { agreed, run } = record;
    if (agreed === undefined) {
        return [];
    }
    const here = members.households.filter(({ organisation: { id } }) => as === undefined || as.includes(id));
    const found = await Promise.all(
        here.map(async (member): Promise<ScheduledHome[]> => {
            const { organisation, calls } = member;
            const { id } = organisation;
            const stands = problem?.households.find(({ mspId }) => mspId === calls.mspId);
            const own = (await submissionOf(members, member, record))?.energiesWh ?? [];
            const prices = agreed.prices.find(({ bus }) => bus === stands?.bus)?.pricesNanos ?? [];
            if (stands === undefined) {
                return [];
            }
            return [
                {
                    home: id,
                    takenWh: exactNumber(sum(own.map(positive))),
                    givenWh: exactNumber(sum(own.map((x) => positive(-x)))),
                    // nanos/kWh × Wh are 10⁻³ nanos.
                    costNanos: exactNumber(sum(own.map((x, slot) => x * (prices[slot] ?? 0n))) / 1000n),
                    controlledWh: exactNumber(sum(controlledWh(own, forecast(id)).map(positive))),
                    late: run?.missed.find(({ mspId }) => mspId === calls.mspId)?.iterations.length ?? 0,
                },
            ];
        }),
    );
    return found.flat();
}

const positive = (n: bigint): bigint => (n > 0n ? n : 0n);
const sum = (values: readonly bigint[]): bigint => values.reduce((so, value) => so + value, 0n);
