import type { BusPrices, ScheduleProblem, ScheduleRecord } from '@commonwatt/chaincode/api/records';
import type { EndorsementRule } from '../gateway/endorsement/rule';
import type { Schedule } from '../market/schedule';
import type { CourseStep } from '../report/schedule/schedule-course';
import type { ExchangeTransport } from './certificate/transport';
import type { Coordinator } from './coordinator';
import type { ScheduleAgent } from './schedule-agent';
import type { Seats } from './seats';
import type { Part } from './time-split';

export interface DayAheadPlan {
    readonly day: string;
    /** MSP id of the grid operator. */
    readonly operator: string;
    /** Of the agents that run here: each household's, and those that close iterations, in the order in which they take over. */
    readonly households: readonly ScheduleAgent[];
    readonly coordinators: readonly RankedCoordinator[];
    readonly seats: Seats;
    /** Who endorses the opening of the run. */
    readonly openers: EndorsementRule;
    /** Who endorses that it is over without a schedule. */
    readonly enders: EndorsementRule;
    readonly firstPrices: BusPrices[];
    /** Unix seconds after which a run that nobody could open is given up. Before the contract's own deadline it refuses that. */
    readonly openBy: number;
    /** Any member's view of the ledger. */
    readonly witness: Schedule;
    /** How agents that run elsewhere are asked for a certificate, and ours by theirs; undefined where nobody else runs any. */
    readonly transport?: ExchangeTransport | undefined;
    readonly report: (what: string) => void;
}

export interface RankedCoordinator {
    readonly coordinator: Coordinator;
    /** Its place among all coordinators of the community: the first acts at once, the others one after the other when nothing happens. */
    readonly rank: number;
}

export interface DayAheadOutcome {
    /** Undefined where the run was never opened. */
    readonly problem: ScheduleProblem | undefined;
    readonly record: ScheduleRecord;
    /** Of the iterations that are on the ledger, and of those that ran here without it. */
    readonly steps: readonly CourseStep[];
    readonly seconds: Readonly<Record<Part, number>>;
    /** Households whose agents run here and did not get through, and why. */
    readonly silent: readonly { readonly home: string; readonly why: string }[];
}

/** How long each further coordinator waits for the ones before it. */
export const TAKE_OVER_MS = 3_000;
export const POLL_MS = 25;
