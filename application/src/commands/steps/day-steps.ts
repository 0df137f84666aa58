import type { RoundRecord, ScheduleRecord } from '@commonwatt/chaincode/api/records';
import { governorsNow } from '../../community/admission';
import { channelFacts } from '../../community/inspection';
import type { CommunityMembers } from '../../community/members';
import { communityMoney } from '../../community/money';
import { decideDayAhead, modeOn } from '../../community/day-ahead-terms';
import { InputError } from '../../data/input-error';
import { understated } from '../../data/meter-day';
import { operatorAgent, tradeDay } from '../../community/trade';
import { lateHomes, reportSilent, type ReportedLate } from '../../day/silent-agents';
import { reportUnrevealed, unrevealedOrders, type Reported } from '../../day/unrevealed-orders';
import type { Charter } from '@commonwatt/chaincode/api/records';
import type { DayProgress, DayResult, Phase } from '../../day/trading-day';
import { Governance } from '../../market/governance';
import { StakeGovernance } from '../../market/stake';
import { accountsSummary, daySummary, type AccountsSummary, type DaySummary } from '../../report/day-summary';
import { dayReport } from '../../report/day-report';
import { unrevealedSummary } from '../../report/dropped-orders';
import { forecastSummary, type ForecastSummary } from '../../report/forecast';
import { lateSummary } from '../../report/late-homes';
import { electionSummary, electionText } from '../../report/election';
import type { CommonOptions } from '../context';
import { expectedData, meterData, rememberDay, type DayChoice, type DayOptions } from '../day-choice';
import { NotNow } from '../failure';
import { electionStep, type Elected } from './election-step';
import type { Step } from './run-steps';

/** What a day's steps leave behind. */
export interface Traded extends Elected {
    result?: DayResult;
    summary?: DaySummary;
    currency?: string;
    /** What agents expected the day to be like, and how far that was off. */
    forecast?: ForecastSummary;
    /** Orders that their owners did not open, and what that cost them. */
    reported?: readonly Reported[];
    /** Homes that did not answer in the run of the day's schedule, and what that cost them. */
    late?: readonly ReportedLate[];
}

export interface DayStepOptions {
    /** Go on with a day that is open. */
    readonly mayResume: boolean;
    /** Elect the next committee, too. */
    readonly elects: boolean;
    /** How long it took to get here, for the report. */
    readonly startSeconds: () => number;
    /** How the day is to be run, where it is not to be as the community has decided before. */
    readonly ahead?: 'schedule' | 'auction' | undefined;
    /** Homes whose agents do nothing on the day, as if their peers were silent. */
    readonly silent?: readonly string[] | undefined;
    /** Homes whose agents do not open what they have ordered. */
    readonly withholding?: readonly string[] | undefined;
    /** Homes whose meters count half of what they consume. */
    readonly understating?: readonly string[] | undefined;
}

const PHASES: Readonly<Record<Phase, string>> = {
    covers: 'accounts asked to cover the day',
    orders: "households' orders sealed",
    closed: 'rounds closed',
    revealed: "households' orders opened to the committee",
    rounds: 'rounds cleared',
    readings: "households' readings recorded",
    settlements: 'households settled',
    releases: 'covers released',
    bills: 'bills issued',
};

/** Trade, settle, bill, elect; then ask the channel and the peers whether they agree. */
export function daySteps(
    members: CommunityMembers,
    choice: DayChoice,
    options: DayStepOptions,
    traded: Traded,
): Step[] {
    return [
        {
            title: `Trading ${choice.day} with ${choice.data ?? 'the generated sample'}`,
            run: async (say) => {
                traded.result = await trade(members, choice, options, traded, say);
                traded.reported = await reportedBy(members, traded.result.rounds);
                traded.late = await lateReported(members, traded.result.ahead?.record);
                return undefined;
            },
        },
        ...(options.elects ? [electionStep(members, choice.day, traded)] : []),
        {
            title: 'Comparing all peers',
            run: async () => {
                const facts = await channelFacts(members);
                if (traded.result !== undefined) {
                    const summary = daySummary(traded.result, facts, options.startSeconds());
                    const unrevealed = (traded.reported ?? []).map((each) => unrevealedSummary(each, members.topology));
                    const { forecast } = traded;
                    const late = (traded.late ?? []).map((each) => lateSummary(each, members.topology));
                    traded.summary = {
                        ...{ ...summary, unrevealed, late, ...(await accountsOf(members, traded.result)) },
                        ...(forecast === undefined ? {} : { forecast }),
                    };
                }
                return facts.peersAgree ? 'they agree' : "THEY DIFFER: see the peers' logs in var/logs";
            },
        },
    ];
}

/** The grid operator's agent does it; any member's may, with `commonwatt stake report-unrevealed`. */
async function reportedBy(members: CommunityMembers, rounds: readonly RoundRecord[]): Promise<readonly Reported[]> {
    const orders = unrevealedOrders(rounds);
    return orders.length === 0
        ? []
        : reportUnrevealed(new StakeGovernance(members.operator.calls, await governorsNow(members)), orders);
}

/** As for orders; any member's agent may, with `commonwatt stake report-silent`. */
export async function lateReported(
    members: CommunityMembers,
    record: ScheduleRecord | undefined,
): Promise<readonly ReportedLate[]> {
    return record === undefined || lateHomes(record).length === 0
        ? []
        : reportSilent(new StakeGovernance(members.operator.calls, await governorsNow(members)), record);
}

/** Empty where members have no accounts. */
async function accountsOf(
    { operator }: CommunityMembers,
    result: DayResult,
): Promise<{ readonly accounts?: AccountsSummary }> {
    const charter = await new Governance(operator.calls).charter();
    return charter?.rules.coverRequired === true
        ? { accounts: accountsSummary(result, await communityMoney(operator.calls, charter)) }
        : {};
}

async function trade(
    members: CommunityMembers,
    choice: DayChoice,
    { mayResume, ahead, silent = [], withholding = [], understating = [] }: DayStepOptions,
    traded: Traded,
    say: (what: string) => void,
): Promise<DayResult> {
    requireHomes('--silent', silent, members);
    requireHomes('--withholding', withholding, members);
    requireHomes('--understating', understating, members);
    const { metered: actual } = meterData(members.topology, choice);
    const { day: expected, errors } = await expectedData(members.topology, choice);
    traded.forecast = forecastSummary(choice.forecast, errors);
    const known = await new Governance(members.operator.calls).charter();
    if (known === undefined) {
        throw new NotNow('the community is not founded; `commonwatt up` does that');
    }
    traded.currency = known.rules.currency;
    const isOpen = (await operatorAgent(members, known).findDay(choice.day)) !== undefined;
    if (!mayResume && isOpen) {
        throw new NotNow(
            `${choice.day} has been opened already; \`commonwatt day --resume\` goes on with it or shows its result`,
        );
    }
    const charter = isOpen ? known : await decided(members, known, choice.day, ahead);
    rememberDay(members.layout, choice);
    const metered = understated(actual, understating);
    // Who knows its day knows what its own meter will say.
    const data = { charter, metered, actual, expected: choice.forecast === 'perfect' ? metered : expected };
    return tradeDay(members, { ...data, progress: spaced(say), reportAhead: say, silent, withholding });
}

/** A day that is agreed on ahead stays so in either of its ways, whatever the community's file says. */
async function decided(
    members: CommunityMembers,
    charter: Charter,
    day: string,
    ahead: DayStepOptions['ahead'],
): Promise<Charter> {
    const { dayAhead } = members.topology;
    const mode = modeOn(charter, day);
    if (ahead === undefined || (ahead === 'schedule' && mode !== 'auction')) {
        return charter;
    }
    if (dayAhead === undefined && ahead === 'schedule') {
        throw new NotNow('the community has no terms of days ahead: section dayAhead of its file states them');
    }
    return decideDayAhead(members, charter, day, ahead === 'auction' ? ahead : (dayAhead?.mode ?? ahead));
}

/** What the options ask for. */
export function aheadAsked({ schedule = false, auction = false }: DayOptions): DayStepOptions['ahead'] {
    if (schedule && auction) {
        throw new InputError({ file: '--schedule' }, 'a day is agreed on ahead or traded by auction, not both');
    }
    return schedule ? 'schedule' : auction ? 'auction' : undefined;
}

function requireHomes(file: string, homes: readonly string[], { topology }: CommunityMembers): void {
    const stranger = homes.find((home) => !topology.homes.includes(home));
    if (stranger !== undefined) {
        throw new InputError({ file }, `'${stranger}' is no household; there are ${topology.homes.join(', ')}`);
    }
}

/** Every tenth of a phase is said, so that plain lines stay readable. */
function spaced(say: (what: string) => void): DayProgress {
    return {
        report: (phase, done, of) => {
            const step = Math.max(1, Math.floor(of / 10));
            if (done % step === 0 || done === of) {
                say(`${done} of ${of} ${PHASES[phase]}`);
            }
        },
    };
}

/** The result as asked for: tables for people, one JSON object for programs. */
export function dayOutput(traded: Traded, { json = false }: CommonOptions): string {
    const { result, summary, election, currency = '' } = traded;
    if (result === undefined || summary === undefined) {
        throw new Error('the day has no result');
    }
    if (json) {
        return JSON.stringify(election === undefined ? summary : { ...summary, election: electionSummary(election) });
    }
    const report = dayReport(result, summary, currency);
    return election === undefined ? report : `${report}\n${electionText(election, currency)}`;
}

/** A day after which something does not add up has failed, whatever was printed. */
export function isSound({ summary }: Traded): boolean {
    return (
        summary !== undefined &&
        summary.peersAgree &&
        summary.energyImbalanceWh === 0 &&
        summary.moneyImbalanceNanos === 0 &&
        (summary.accounts?.unaccountedNanos ?? 0) === 0
    );
}
