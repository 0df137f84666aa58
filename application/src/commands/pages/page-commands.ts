import type { Charter } from '@commonwatt/chaincode/api/records';
import { ZodError } from 'zod';
import { InputError } from '../../data/input-error';
import { blocksTable, blockText, communityText, transactionText } from '../../report/pages/community-text';
import {
    journalText,
    moneyTable,
    nowText,
    preferencesText,
    pricesTable,
    roundPageText,
    roundsTable,
} from '../../report/pages/household-text';
import type { Words } from '../../report/pages/words';
import { preferencesSchema, type AgentPreferences } from '../../agent/preferences';
import type { AnswerTo } from '../../server/pages/answers';
import { contextOf, print, withMembers, type CommonOptions } from '../context';
import { rememberedDay } from '../day-choice';
import { EXIT } from '../failure';
import { clockOf, slotOf } from '../look';
import { PageReader, type PageRoute } from './page-reader';
import { watch } from './watch';

export interface PageOptions extends CommonOptions {
    readonly watch?: boolean;
}

interface Wish<N extends PageRoute> {
    readonly route: N;
    readonly params?: (charter: Charter) => object;
    readonly query?: object;
    readonly text: (answer: AnswerTo<N>, words: Words) => string;
}

/** What members have written goes to a terminal as text, never as its commands. */
const harmless = (text: string): string => text.replaceAll(/[^\P{Cc}\n]/gu, '?');

/** A page of a household as text, once or again on every change, or as the JSON that its server sends. */
async function show<N extends PageRoute>(home: string, options: PageOptions, wish: Wish<N>): Promise<number> {
    if (options.watch === true && options.json === true) {
        throw new InputError({ file: '--watch' }, 'draws on a terminal; it does not go with --json');
    }
    await withReader(home, options, async (reader) => {
        const charter = await reader.charter();
        const words = { clock: clockOf(charter), currency: charter.rules.currency };
        const drawn = async (): Promise<string> => {
            const { answer, json } = await asked(reader, charter, wish);
            return options.json === true ? json : harmless(wish.text(answer, words));
        };
        if (options.watch === true) {
            await watch(drawn, (listener) => reader.onChange(listener));
        } else {
            print(await drawn());
        }
    });
    return EXIT.done;
}

export async function withReader<T>(
    home: string,
    options: CommonOptions,
    work: (reader: PageReader) => Promise<T>,
): Promise<T> {
    const context = contextOf(options);
    return withMembers(context, async (members) => {
        if (!members.topology.homes.includes(home)) {
            const why = `'${home}' is no household; there are ${members.topology.homes.join(', ')}`;
            throw new InputError({ file: 'household' }, why);
        }
        const reader = await PageReader.open(members, home);
        try {
            return await work(reader);
        } finally {
            await reader.close();
        }
    });
}

async function asked<N extends PageRoute>(
    reader: PageReader,
    charter: Charter,
    { route, params, query }: Wish<N>,
): Promise<{ answer: AnswerTo<N>; json: string }> {
    try {
        return await reader.page(route, params?.(charter), query);
    } catch (error) {
        if (error instanceof ZodError) {
            const issue = error.issues[0];
            throw new InputError({ file: issue?.path.join('.') ?? route }, issue?.message ?? error.message);
        }
        throw error;
    }
}

export interface DayPageOptions extends PageOptions {
    readonly day?: string;
}

export interface RangePageOptions extends PageOptions {
    readonly from?: string;
    readonly to?: string;
}

/** Only what was said: a query has no empty values. */
const said = (query: Readonly<Record<string, string | undefined>>): object =>
    Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));

export const nowPage = (home: string, options: PageOptions): Promise<number> =>
    show(home, options, { route: 'GET /now', text: nowText });

export const moneyPage = (home: string, options: RangePageOptions & { readonly by?: string }): Promise<number> =>
    show(home, options, {
        route: 'GET /money',
        query: said({ by: options.by, from: options.from, to: options.to }),
        text: moneyTable,
    });

/** A day's rounds, or one of them with its curve. */
export function marketPage(home: string, slot: string | undefined, options: DayPageOptions): Promise<number> {
    if (slot === undefined) {
        return show(home, options, {
            route: 'GET /market/rounds',
            query: said({ day: options.day }),
            text: roundsTable,
        });
    }
    const day = options.day ?? rememberedDay(contextOf(options).layout)?.day;
    return show(home, options, {
        route: 'GET /market/rounds/:slot',
        params: (charter) => ({ slot: slotOf('market', slot, clockOf(charter), day).toString() }),
        text: roundPageText,
    });
}

export const pricesPage = (home: string, options: RangePageOptions): Promise<number> =>
    show(home, options, {
        route: 'GET /market/prices',
        query: said({ from: options.from, to: options.to }),
        text: pricesTable,
    });

export const communityPage = (home: string, options: PageOptions): Promise<number> =>
    show(home, options, { route: 'GET /community', text: communityText });

export interface ListPageOptions extends PageOptions {
    readonly before?: string;
    readonly limit?: string;
}

export const blocksPage = (home: string, options: ListPageOptions): Promise<number> =>
    show(home, options, {
        route: 'GET /explorer/blocks',
        query: said({ before: options.before, limit: options.limit }),
        text: blocksTable,
    });

export const blockPage = (home: string, number: string, options: PageOptions): Promise<number> =>
    show(home, options, { route: 'GET /explorer/blocks/:number', params: () => ({ number }), text: blockText });

export const transactionPage = (home: string, id: string, options: PageOptions): Promise<number> =>
    show(home, options, { route: 'GET /explorer/transactions/:id', params: () => ({ id }), text: transactionText });

export const journalPage = (home: string, options: ListPageOptions): Promise<number> =>
    show(home, options, {
        route: 'GET /agent/journal',
        query: said({ before: options.before, limit: options.limit }),
        text: journalText,
    });

export interface PreferencesOptions extends CommonOptions {
    readonly buyUpTo?: string;
    readonly sellFrom?: string;
    readonly sources?: readonly string[];
    readonly batteryReserve?: string;
    readonly forecast?: string;
}

/** Shows by what the agent acts, after what was said has been changed: from the next day on. */
export async function preferencesPage(home: string, options: PreferencesOptions): Promise<number> {
    const { buyUpTo, sellFrom, sources, batteryReserve, forecast } = options;
    const change = said({
        buyUpTo: buyUpTo === undefined ? undefined : micros('--buy-up-to', buyUpTo),
        sellFrom: sellFrom === undefined ? undefined : micros('--sell-from', sellFrom),
        batteryReservePercent: batteryReserve,
        forecast,
    });
    const changes = { ...change, ...(sources === undefined ? {} : { sources }) };
    if (Object.keys(changes).length > 0) {
        await withReader(home, options, async (reader) => {
            reader.household.preferences = changed(await reader.page('GET /preferences'), changes);
        });
    }
    return show(home, options, { route: 'GET /preferences', text: preferencesText });
}

/** @throws InputError naming what of it cannot be a preference */
function changed({ json }: { readonly json: string }, changes: object): AgentPreferences {
    const wanted = preferencesSchema.safeParse({ ...(JSON.parse(json) as object), ...changes });
    if (!wanted.success) {
        const issue = wanted.error.issues[0];
        throw new InputError({ file: issue?.path.join('.') ?? 'preferences' }, issue?.message ?? 'cannot be');
    }
    return wanted.data;
}

/** The currency per kWh as micros, `0.25` is 250000. */
function micros(option: string, text: string): string {
    const match = /^(-?)(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text);
    if (match === null) {
        throw new InputError({ file: option }, `'${text}' is no price for each kWh; write it as 0.25`);
    }
    const [, sign = '', whole = '0', decimals = ''] = match;
    const amount = BigInt(`${whole}${decimals.padEnd(6, '0')}`);
    return (sign === '-' ? -amount : amount).toString();
}
