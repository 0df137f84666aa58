import { z } from 'zod';
import { MOST_SEATS } from '../../domain/committee';
import { count, day, mspId, salt, version } from '../wire';
import * as record from '../records';
import { query, submit } from './market';
import { ALWAYS, GOVERNANCE, OWN_PEER, PRIVATE, specify } from './specification';

/** Seats that are a quorum of the committee of the day's first slot. */
const to = z.array(mspId).min(1).max(MOST_SEATS);
const submissions = z.array(record.submissionRecord).max(1_000);

/** What every transaction about a scheduled day can refuse after its argument. */
const DAY = ['NOT_ESTABLISHED', 'DAY_UNKNOWN', 'SCHEDULE_MISSING', 'KEY_POLICY_WRONG', 'COMMITTEE_MISSING'] as const;
/** What one in a run can, after that. */
const RUN = ['SCHEDULE_MODE_WRONG', 'SCHEDULE_NOT_OPEN', 'SCHEDULE_OVERDUE'] as const;
const SEATED = ['FORBIDDEN', 'COALITION_TOO_LIGHT'] as const;
const OPERATOR_AND_QUORUM = 'grid operator and the seats named, a quorum of the committee';

/** The day ahead: docs/concepts/day-ahead-schedule. */
export const SCHEDULE_TRANSACTIONS = {
    'dayAhead:schedule': specify({
        chaincode: 'governance',
        kind: 'submit',
        transient: {},
        name: 'dayAhead:schedule',
        does: 'let days be run by auction, by schedule or by certificate from a day on, and under which rules and limits of the network',
        args: record.dayAheadTerms,
        response: z.strictObject({ version }),
        events: ['DayAheadScheduled'],
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN', 'DAY_AHEAD_INVALID', 'EFFECT_TOO_EARLY', 'TERMS_OVERLAP'],
        endorsers: GOVERNANCE,
        attested: 'Do you agree to this decision of the community?',
    }),
    'dayAhead:list': specify({
        chaincode: 'governance',
        kind: 'evaluate',
        transient: {},
        events: [],
        endorsers: OWN_PEER,
        name: 'dayAhead:list',
        does: 'how days are run, earliest first',
        args: z.strictObject({}),
        response: z.array(record.dayAheadOnFile),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED'],
    }),
    'schedule:open': specify({
        ...submit,
        name: 'schedule:open',
        does: "freeze who takes part in a day's schedule and under which limits, tariffs and rules, and state the first prices",
        args: z.strictObject({ day, firstPrices: record.pricesByBus }),
        response: record.schedule,
        events: ['ScheduleOpened'],
        refusals: [
            ...ALWAYS,
            ...DAY,
            'FORBIDDEN',
            'SCHEDULE_NOT_PLANNED',
            'SCHEDULE_OVERDUE',
            'TERMS_MISSING',
            'TERMS_INVALID',
            'MEMBER_NOT_ACTIVE',
            'SCHEDULE_SHAPE_WRONG',
            'PRICE_OUTSIDE_LIMITS',
        ],
        endorsers: 'grid operator and a quorum of the committee',
    }),
    'schedule:submit': specify({
        ...submit,
        name: 'schedule:submit',
        does: "answer to the prices of an iteration: a household's energies by slot, for grid operator and seats to see",
        args: z.strictObject({ day, iteration: count, to }),
        transient: { submission: record.submissionRecord },
        response: record.submissionMarker,
        events: ['ScheduleAnswered'],
        refusals: [
            ...PRIVATE,
            ...DAY,
            ...RUN,
            ...SEATED,
            'NOT_COVERED',
            'ITERATION_WRONG',
            'SUBMISSION_EXISTS',
            'RECORD_WRONG',
            'SCHEDULE_SHAPE_WRONG',
            'ENERGY_ABOVE_LIMIT',
            'SIGNATURE_INVALID',
        ],
        endorsers: 'household, grid operator and the seats named, a quorum of the committee',
    }),
    'schedule:close': specify({
        ...submit,
        name: 'schedule:close',
        does: 'close an iteration: new prices; the one that converges ends the run with every Wh accounted for, the last one that may not without a schedule',
        args: z.strictObject({ day, iteration: count, to }),
        transient: {
            /** Of everybody who answered in the iteration. */
            submissions,
            /** Of the iteration before; none in the first. */
            book: record.scheduleBook.optional(),
            /** What the network takes from each bus, where its limits keep it from what it would take otherwise. */
            network: record.networkAnswer.optional(),
            salt,
        },
        response: record.schedule,
        events: ['ScheduleStepped', 'ScheduleEnded'],
        refusals: [
            ...PRIVATE,
            ...DAY,
            ...RUN,
            ...SEATED,
            'ITERATION_WRONG',
            'DEADLINE_OPEN',
            'OPENING_UNKNOWN',
            'OPENING_MISSING',
            'OPENING_MISMATCH',
            'BOOK_WRONG',
            'SCHEDULE_SHAPE_WRONG',
            'NETWORK_LIMIT_BROKEN',
            'NETWORK_ANSWER_WRONG',
        ],
        endorsers: OPERATOR_AND_QUORUM,
    }),
    'schedule:certify': specify({
        ...submit,
        name: 'schedule:certify',
        does: 'end a run with a schedule that somebody worked out, if it balances, keeps all limits, its prices fit grid and network, and every household signed it',
        args: z.strictObject({ day, prices: record.pricesByBus, gridWh: record.scheduleClaim.shape.gridWh, to }),
        /** One of each household. */
        transient: { agreements: submissions },
        response: record.schedule,
        events: ['ScheduleEnded'],
        refusals: [
            ...PRIVATE,
            ...DAY,
            ...RUN,
            ...SEATED,
            'NOT_COVERED',
            'OPENING_UNKNOWN',
            'AGREEMENT_MISSING',
            'RECORD_WRONG',
            'AGREEMENT_WRONG',
            'SIGNATURE_INVALID',
            'SCHEDULE_SHAPE_WRONG',
            'ENERGY_ABOVE_LIMIT',
            'SCHEDULE_UNBALANCED',
            'NETWORK_LIMIT_BROKEN',
            'GRID_PRICE_WRONG',
            'NETWORK_PRICE_WRONG',
            'PRICE_OUTSIDE_LIMITS',
        ],
        endorsers: OPERATOR_AND_QUORUM,
    }),
    'schedule:abandon': specify({
        ...submit,
        name: 'schedule:abandon',
        does: 'after its deadline: end a run without a schedule, so that the day is traded by auction',
        args: z.strictObject({ day }),
        response: record.schedule,
        events: ['ScheduleEnded'],
        refusals: [...ALWAYS, ...DAY, 'FORBIDDEN', 'SCHEDULE_ENDED', 'DEADLINE_OPEN'],
        endorsers: 'a quorum of the committee',
    }),
    'schedule:get': specify({
        ...query,
        name: 'schedule:get',
        does: 'how far the schedule of a day is, and what was agreed',
        args: z.strictObject({ day }),
        response: record.schedule,
        refusals: [...ALWAYS, 'SCHEDULE_MISSING'],
    }),
    'schedule:problem': specify({
        ...query,
        name: 'schedule:problem',
        does: 'what was frozen when the schedule of a day was opened',
        args: z.strictObject({ day }),
        response: record.scheduleProblem,
        refusals: [...ALWAYS, 'SCHEDULE_MISSING'],
    }),
    'schedule:steps': specify({
        ...query,
        name: 'schedule:steps',
        does: 'the closed iterations of a schedule, first to last',
        args: z.strictObject({ day }),
        response: z.array(record.scheduleStep),
        refusals: [...ALWAYS],
    }),
    'schedule:submissions': specify({
        ...query,
        name: 'schedule:submissions',
        does: 'who has answered in which iteration, and who holds it',
        args: z.strictObject({ day }),
        response: z.array(record.submissionMarker),
        refusals: [...ALWAYS],
    }),
    'schedule:evidence': specify({
        ...query,
        name: 'schedule:evidence',
        does: 'in which iterations a household was late; governance calls this',
        args: z.strictObject({ day, mspId }),
        response: record.scheduleEvidence,
        refusals: [...ALWAYS],
    }),
    'schedule:openings': specify({
        ...query,
        name: 'schedule:openings',
        does: "what the caller's own collection holds of a schedule: submissions, and the book of the last iteration",
        args: z.strictObject({ day }),
        response: z.strictObject({ submissions, book: record.scheduleBook.nullable() }),
        refusals: [...ALWAYS],
    }),
} as const;
