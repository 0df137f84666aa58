import { z } from 'zod';
import { count, day, mspId } from '../wire';
import { submit } from './market';
import { ALWAYS, specify } from './specification';

export const RETENTION_TRANSACTIONS = {
    'retention:purge': specify({
        ...submit,
        name: 'retention:purge',
        does: "after the legal term: remove the private records of a household's day from the caller's own collection; their hashes stay",
        args: z.strictObject({ mspId, day }),
        response: z.strictObject({ purged: count }),
        events: ['RecordsPurged'],
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'MEMBER_UNKNOWN', 'DAY_UNKNOWN', 'TERM_NOT_OVER'],
        endorsers: 'the caller alone: it removes its own copies',
    }),
} as const;
