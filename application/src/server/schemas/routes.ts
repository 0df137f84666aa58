import { count, day, slot } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';
import { journal, preferences } from './agent';
import { bill, billEvidence, billId, bills } from './bills';
import { community } from './community';
import { blockDetail, blocks, ledgerTransactionId, transactionDetail } from './explorer';
import { money } from './money';
import { now } from './now';
import { priceHistory, roundDetail, rounds } from './market';
import { firstAccess, login, session } from './session';

/** Who may ask: anybody who reaches the server, or who is logged in, and then for its own household only: no route takes one. */
export type Access = 'anybody' | 'household';

/** A body that is not JSON. */
export interface OtherContent {
    readonly contentType: 'application/pdf' | 'text/csv' | 'text/event-stream' | 'application/xml';
}

export interface Route {
    readonly does: string;
    readonly access: Access;
    readonly params?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly body?: z.ZodObject;
    /** Undefined: nothing, with status 204. */
    readonly answers?: z.ZodType | OtherContent;
}

/** What every answer is that is no success. */
export const failure = z.strictObject({
    /** `LOGIN_NEEDED`, `NOT_FOUND`, …: for programs. */
    code: z.string(),
    message: z.string(),
});
export type Failure = z.input<typeof failure>;

const before = count.optional();
const limit = count.refine((n) => n >= 1 && n <= 100, 'from 1 to 100').optional();
const household = { access: 'household' } as const;
const anybody = { access: 'anybody' } as const;

/** The interface of the server, under `/api/v1`. */
export const ROUTES = {
    'POST /session': { ...anybody, does: 'log in', body: login, answers: session },
    'POST /session/first-access': {
        ...anybody,
        does: 'set a password with a code of `commonwatt login`, and log in',
        body: firstAccess,
        answers: session,
    },
    'GET /session': { ...household, does: 'who is logged in', answers: session },
    'DELETE /session': { ...household, does: 'log out' },
    'GET /now': {
        ...household,
        does: 'where energy goes now, what it costs, what the agent does; or how that was in another slot',
        query: z.strictObject({ slot: slot.optional() }),
        answers: now,
    },
    'GET /money': {
        ...household,
        does: "paid, earned and saved against the supplier's tariffs, by day or month",
        query: z.strictObject({
            by: z.enum(['day', 'month']).default('day'),
            from: day.optional(),
            to: day.optional(),
        }),
        answers: money,
    },
    'GET /bills': { ...household, does: 'the bills, the newest first', answers: bills },
    'GET /bills/:id': { ...household, does: 'one bill', params: z.strictObject({ id: billId }), answers: bill },
    'GET /bills/:id/evidence': {
        ...household,
        does: 'public data and own readings, to work the bill out again',
        params: z.strictObject({ id: billId }),
        answers: billEvidence,
    },
    'GET /bills/:id/pdf': {
        ...household,
        does: 'one bill to be filed',
        params: z.strictObject({ id: billId }),
        answers: { contentType: 'application/pdf' },
    },
    'GET /bills/:id/csv': {
        ...household,
        does: "one bill's lines as a table",
        params: z.strictObject({ id: billId }),
        answers: { contentType: 'text/csv' },
    },
    'GET /market/rounds': {
        ...household,
        does: "a day's rounds, with the household's own orders; the newest day where none is named",
        query: z.strictObject({ day: day.optional() }),
        answers: rounds,
    },
    'GET /market/rounds/:slot': {
        ...household,
        does: 'one round',
        params: z.strictObject({ slot }),
        answers: roundDetail,
    },
    'GET /market/prices': {
        ...household,
        does: 'prices and volumes of up to 31 days',
        query: z.strictObject({ from: day.optional(), to: day.optional() }),
        answers: priceHistory,
    },
    'GET /community': { ...household, does: 'members, stake, committees, producers, peers', answers: community },
    'GET /explorer/blocks': {
        ...household,
        does: 'blocks, the newest first',
        query: z.strictObject({ before, limit }),
        answers: blocks,
    },
    'GET /explorer/blocks/:number': {
        ...household,
        does: 'one block and its transactions',
        params: z.strictObject({ number: count }),
        answers: blockDetail,
    },
    'GET /explorer/transactions/:id': {
        ...household,
        does: 'one transaction, without private values',
        params: z.strictObject({ id: ledgerTransactionId }),
        answers: transactionDetail,
    },
    'GET /preferences': { ...household, does: 'by what the agent acts', answers: preferences },
    'PUT /preferences': {
        ...household,
        does: 'change by what the agent acts, from the next day on',
        body: preferences,
        answers: preferences,
    },
    'GET /agent/journal': {
        ...household,
        does: 'what the agent did and why',
        query: z.strictObject({ before, limit }),
        answers: journal,
    },
    'GET /events': {
        ...household,
        does: 'events as they happen: block, round, bill, agent',
        answers: { contentType: 'text/event-stream' },
    },
    'GET /exports/readings.csv': {
        ...household,
        does: "the household's readings of up to 31 days",
        query: z.strictObject({ from: day.optional(), to: day.optional() }),
        answers: { contentType: 'text/csv' },
    },
    'GET /exports/greenbutton.xml': {
        ...household,
        does: "the household's readings of up to 31 days as Green Button",
        query: z.strictObject({ from: day.optional(), to: day.optional() }),
        answers: { contentType: 'application/xml' },
    },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof ROUTES;
