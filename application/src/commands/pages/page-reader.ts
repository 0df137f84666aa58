import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { encode } from '@commonwatt/chaincode/api/wire';
import type { Charter } from '@commonwatt/chaincode/api/records';
import type { z } from 'zod';
import type { CommunityMembers } from '../../community/members';
import { Household } from '../../household-view/household';
import { follow } from '../../read-model/follow';
import type { ReadModel } from '../../read-model/model';
import { openReadModel, readModelFile } from '../../read-model/open';
import type { Asked } from '../../server/api';
import { Refused } from '../../server/guard/failures';
import { entryOf } from '../../server/pages/agent-handlers';
import type { AnswerTo } from '../../server/pages/answers';
import { communityHandlers } from '../../server/pages/community-handlers';
import { explorerHandlers } from '../../server/pages/explorer-handlers';
import { householdHandlers } from '../../server/pages/household-handlers';
import { publicData } from '../../server/public-data';
import { ROUTES } from '../../server/schemas/routes';
import { NotNow } from '../failure';

/** What the pages show and a command shows as well. */
export type PageRoute =
    | 'GET /now'
    | 'GET /money'
    | 'GET /market/rounds'
    | 'GET /market/rounds/:slot'
    | 'GET /market/prices'
    | 'GET /community'
    | 'GET /explorer/blocks'
    | 'GET /explorer/blocks/:number'
    | 'GET /explorer/transactions/:id'
    | 'GET /preferences'
    | 'GET /agent/journal';

export interface Page<N extends PageRoute> {
    readonly answer: AnswerTo<N>;
    /** As the server would send it. */
    readonly json: string;
}

/** One household's pages without a server: the same handlers, asked with the household's own key at its own peer. */
export class PageReader {
    readonly #ends: (() => Promise<void> | void)[] = [];

    private constructor(
        readonly household: Household,
        private readonly model: ReadModel,
        private readonly handlers: Readonly<Record<PageRoute, (asked: never) => unknown>>,
    ) {}

    static async open(members: CommunityMembers, home: string): Promise<PageReader> {
        const file = readModelFile(members.layout, home);
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        const model = await openReadModel(file);
        const household = new Household(members, home);
        const data = await publicData(model);
        const names = new Map(members.topology.organisations.map(({ mspId, id }) => [mspId, id]));
        const now = (): number => Math.floor(Date.now() / 1000);
        const reader = new PageReader(household, model, {
            ...householdHandlers(data, now),
            ...communityHandlers(data, (mspId) => names.get(mspId) ?? mspId, now),
            ...explorerHandlers(data),
            'GET /preferences': () => household.preferences,
            'GET /agent/journal': ({ query: { before, limit = JOURNAL_LINES } }: Asked<'GET /agent/journal'>) => {
                const entries = household.journal.newest(limit, before).map(entryOf);
                return { entries, before: entries.length < limit ? null : (entries.at(-1)?.sequence ?? null) };
            },
        });
        await reader.#follow(members.member(home).calls.gateway);
        return reader;
    }

    charter(): Promise<Charter> {
        return this.household.ledger.charter();
    }

    /** @throws NotNow where there is nothing of the kind; ZodError where what is asked for is malformed */
    async page<N extends PageRoute>(route: N, params: object = {}, query: object = {}): Promise<Page<N>> {
        const { params: paramsOf, query: queryOf, answers }: Spec = ROUTES[route];
        const asked = { params: paramsOf?.parse(params), query: queryOf?.parse(query), household: this.household };
        try {
            const answer = (await this.handlers[route](asked as never)) as AnswerTo<N>;
            const json = encode(answer);
            answers.parse(JSON.parse(json));
            return { answer, json };
        } catch (error) {
            if (error instanceof Refused) {
                throw new NotNow(error.message);
            }
            throw error;
        }
    }

    /** Told of whatever may have changed a page: blocks of the household's own peer. @returns how to end it */
    onChange(listener: () => void): () => void {
        return this.model.subscribe(listener);
    }

    async close(): Promise<void> {
        for (const end of this.#ends) {
            await end();
        }
        this.household.close();
        await this.model.close();
    }

    /** Blocks up to the peer's height now, before anything is shown; and those that come. */
    async #follow(gateway: Parameters<typeof follow>[0] & { height(): Promise<number> }): Promise<void> {
        const stopping = new AbortController();
        await follow(gateway, this.model, stopping.signal, { upTo: (await gateway.height()) - 1 });
        const following = follow(gateway, this.model, stopping.signal).catch(() => undefined);
        this.#ends.push(() => {
            stopping.abort();
            return following;
        });
    }
}

interface Spec {
    readonly params?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly answers: z.ZodType;
}

const JOURNAL_LINES = 50;
