import { encode } from '@commonwatt/chaincode/api/wire';
import type { Household } from '../../household-view/household';
import type { JournalEntry } from '../../agent/store/journal-facts';
import type { Handlers } from '../api';
import type { Events } from '../events';
import type { AnswerTo } from './answers';

type AgentRoutes = 'GET /preferences' | 'PUT /preferences' | 'GET /agent/journal' | 'GET /events';
type Entry = AnswerTo<'GET /agent/journal'>['entries'][number];

const ENTRIES = 50;
const MS = 1_000;

/** What the household's agent does, and by which preferences. */
export function agentHandlers(events: Events): Pick<Handlers, AgentRoutes> {
    return {
        'GET /preferences': ({ household }) => household.preferences,
        'PUT /preferences': ({ household, body }) => {
            household.preferences = body;
            return household.preferences;
        },
        'GET /agent/journal': ({ household: { journal }, query: { before, limit = ENTRIES } }) => {
            const entries = journal.newest(limit, before);
            const last = entries.length < limit ? null : (entries.at(-1)?.sequence ?? null);
            return { entries: entries.map(entryOf), before: last };
        },
        'GET /events': ({ household, session, request, reply }) => {
            events.listen(household, session, request, reply);
            return undefined;
        },
    };
}

/** Facts are what the wire has: text, yes or no, or nothing. */
export const entryOf = ({ sequence, at, slot, kind, facts }: JournalEntry): Entry => ({
    sequence,
    at: Math.floor(at / MS),
    slot: slot ?? null,
    kind,
    facts: JSON.parse(encode(facts)) as Entry['facts'],
});

export function agentStateOf(state: Household['agentState']): AnswerTo<'GET /now'>['agent'] {
    return state === undefined
        ? null
        : {
              at: Math.floor(state.at / MS),
              doing: state.doing,
              waitsFor: state.waitsFor ?? null,
              trouble: state.trouble ?? null,
          };
}
