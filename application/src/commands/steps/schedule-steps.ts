import { setTimeout as pause } from 'node:timers/promises';
import type { BusPrices, Charter } from '@commonwatt/chaincode/api/records';
import { dayAhead, forecastFrom } from '../../community/day-ahead';
import { decideDayAhead, modeOn, type DayAheadMode } from '../../community/day-ahead-terms';
import type { CommunityMembers, MemberAccess } from '../../community/members';
import { operatorAgent } from '../../community/trade';
import type { DayAheadOutcome } from '../../day-ahead/plan';
import { scheduledHomes } from '../../community/scheduled-homes';
import { Schedule } from '../../market/schedule';
import type { ScheduleCourse } from '../../report/schedule/schedule-course';
import { forecastSummary } from '../../report/forecast';
import { lateSummary } from '../../report/late-homes';
import { courseOf, scheduleSummary, type ScheduleSummary } from '../../report/schedule/schedule-summary';
import { expectedData, rememberDay, type DayChoice } from '../day-choice';
import { NotNow } from '../failure';
import { lateReported } from './day-steps';
import { charterOf } from '../look';
import type { Step } from './run-steps';

const POLL_MS = 250;

/** What the steps leave behind. */
export interface Ahead {
    outcome?: DayAheadOutcome;
    summary?: ScheduleSummary;
    course?: ScheduleCourse | undefined;
}

export interface AheadStepOptions {
    /** What the community's file says where it is not given. */
    readonly mode?: DayAheadMode | undefined;
    readonly as?: readonly string[] | undefined;
    readonly silent?: readonly string[] | undefined;
    /** Instead of the middle of the tariffs. */
    readonly firstPrices?: BusPrices[] | undefined;
}

/** Decide how the day is run, open it, agree on its schedule. Each step finds out what is there and does the rest. */
export function scheduleSteps(
    members: CommunityMembers,
    choice: DayChoice,
    options: AheadStepOptions,
    ahead: Ahead,
): Step[] {
    return [
        {
            title: `Deciding how ${choice.day} is run`,
            run: async (say) => decided(members, choice, options, say),
        },
        {
            title: `Agreeing on ${choice.day}, with ${choice.data ?? 'the generated sample'}`,
            run: async (say) => {
                const begin = performance.now();
                const before = members.log.committed;
                const charter = await charterOf(memberHere(members, options).calls);
                const expected = await expectedData(members.topology, choice);
                const forecast = forecastFrom(expected.day);
                const { as, silent, firstPrices } = options;
                const { day } = choice;
                const run = await dayAhead(members, { charter, day, forecast, as, silent, firstPrices, report: say });
                const outcome = await run.run();
                const homes = await scheduledHomes(members, outcome, { as, forecast });
                const reported = hasOperator(members, options) ? await lateReported(members, outcome.record) : [];
                const transactions = members.log.committed - before;
                const totalSeconds = (performance.now() - begin) / 1000;
                ahead.outcome = outcome;
                const summary = scheduleSummary({ outcome, homes, transactions, totalSeconds });
                ahead.summary = {
                    ...summary,
                    forecast: forecastSummary(choice.forecast, expected.errors),
                    reported: reported.map((each) => lateSummary(each, members.topology)),
                };
                ahead.course = courseOf(outcome, charter.rules.currency);
                return outcome.record.status === 'converged' ? 'agreed' : 'no agreement: it is traded by auction';
            },
        },
    ];
}

/** The terms and the opened day, where the grid operator's agent runs here; who runs without it waits for what it does. */
async function decided(
    members: CommunityMembers,
    choice: DayChoice,
    { mode, as }: AheadStepOptions,
    say: (what: string) => void,
): Promise<string> {
    const { day } = choice;
    const { operator } = members;
    const here = memberHere(members, { as });
    const known = await charterOf(here.calls);
    const wanted = mode ?? modeFor(members, known, day);
    if (!hasOperator(members, { as })) {
        say(`waiting until ${operator.organisation.id} opens ${day}`);
        while ((await new Schedule(here.calls).find(day)) === undefined) {
            await pause(POLL_MS);
        }
        return 'opened by the grid operator';
    }
    const opened = await operatorAgent(members, known).findDay(day);
    if (opened === undefined) {
        const charter = await decideDayAhead(members, known, day, wanted);
        rememberDay(members.layout, choice);
        const witness = members.households[0]?.calls.mspId ?? operator.calls.mspId;
        await operatorAgent(members, charter).openDay(day, true, witness);
        return `by ${wanted}`;
    }
    const is = modeOn(known, day);
    if (is !== wanted) {
        throw new NotNow(`${day} has been opened already, to be run by ${is}; another day may be agreed on ahead`);
    }
    return `by ${wanted}, opened before`;
}

/** The grid operator's agent runs here. */
const hasOperator = ({ operator }: CommunityMembers, { as }: Pick<AheadStepOptions, 'as'>): boolean =>
    as === undefined || as.includes(operator.organisation.id);

/** Who looks at the ledger for the agents that run here. */
const memberHere = (members: CommunityMembers, { as }: Pick<AheadStepOptions, 'as'>): MemberAccess => {
    const [first] = as ?? [];
    return first === undefined ? members.operator : members.member(first);
};

/** As it has been decided; where that is by auction, as the community's file would have it. */
function modeFor({ topology }: CommunityMembers, charter: Charter, day: string): DayAheadMode {
    const is = modeOn(charter, day);
    return is === 'auction' ? (topology.dayAhead?.mode ?? 'schedule') : is;
}
