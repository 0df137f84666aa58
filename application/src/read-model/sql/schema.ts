import { createHash } from 'node:crypto';
import type { Table } from './table';

/** Counts changes of what rows mean that their columns do not show. */
const MEANING = 2;

const table = <const C extends Table['columns']>(
    name: string,
    key: readonly string[],
    columns: C,
    ...indexes: Table['indexes'][number][]
): Table & { readonly columns: C } => ({ name, key, columns, indexes });

/** Where in the chain something stands. */
const at = { block: 'integer', position: 'integer' } as const;

/** What the chain says, as it says it. */
const LEDGER = {
    blocks: table('blocks', ['number'], {
        number: 'integer',
        hash: 'text',
        previous_hash: 'text',
        data_hash: 'text',
        producer: 'text?',
        height: 'integer?',
        is_configuration: 'integer',
        at: 'integer?',
        transactions: 'integer',
        invalid: 'integer',
        bytes: 'integer',
    }),
    transactions: table(
        'transactions',
        ['block', 'position'],
        {
            ...at,
            id: 'text',
            type: 'text',
            chaincode: 'text?',
            function: 'text?',
            creator: 'text?',
            endorsers: 'text',
            code: 'integer',
            at: 'integer?',
            bytes: 'integer',
            writes: 'integer',
            private_writes: 'integer',
            arguments: 'text',
            response_status: 'integer?',
            response: 'text?',
        },
        { columns: ['id'] },
    ),
    writes: table(
        'writes',
        ['block', 'position', 'number'],
        {
            ...at,
            number: 'integer',
            /** 1: of a valid transaction. */
            is_applied: 'integer',
            namespace: 'text',
            /** Of a private collection: then key and value are hashes. */
            collection: 'text?',
            kind: 'text?',
            /** JSON list of the key's parts. */
            key: 'text',
            value: 'text?',
            sets_policy: 'integer',
        },
        { columns: ['kind', 'key', 'block', 'position'], where: 'kind IS NOT NULL AND is_applied = 1' },
    ),
    facts: table(
        'facts',
        ['block', 'position', 'number'],
        { ...at, number: 'integer', chaincode: 'text', type: 'text?', fact: 'text' },
        { columns: ['type', 'block', 'position', 'number'] },
    ),
    powers: table('powers', ['block', 'msp_id'], { block: 'integer', msp_id: 'text', power: 'text' }),
    /** Valid writes that are not what their kind says. */
    unreadable: table('unreadable', ['block', 'position', 'number'], { ...at, number: 'integer', why: 'text' }),
} as const satisfies Record<string, Table>;

const bill = { msp_id: 'text', from_day: 'text', to_day: 'text' } as const;

/** Records as they stand, worked out from valid transactions' writes alone. */
const PROJECTIONS = {
    rounds: table(
        'rounds',
        ['day', 'slot'],
        {
            day: 'text',
            slot: 'integer',
            status: 'text',
            mechanism: 'text',
            replay: 'integer',
            price: 'text?',
            volume_wh: 'text?',
            surplus_nanos: 'text?',
            orders: 'integer',
            dropped: 'integer',
            reason: 'text?',
            closed_at: 'integer?',
            ...at,
        },
        { columns: ['slot'] },
    ),
    days: table('days', ['day'], {
        day: 'text',
        first_slot: 'integer',
        slots: 'integer',
        replay: 'integer',
        charter_version: 'integer',
    }),
    totals: table('totals', ['day'], {
        day: 'text',
        households: 'integer',
        provisional: 'integer',
        traded_wh: 'text',
        imported_wh: 'text',
        exported_wh: 'text',
        postings: 'text',
    }),
    schedules: table('schedules', ['day'], {
        day: 'text',
        mode: 'text',
        status: 'text',
        iterations: 'integer',
        reason: 'text?',
        prices: 'text',
        is_agreed: 'integer',
    }),
    members: table('members', ['msp_id'], {
        msp_id: 'text',
        is_household: 'integer',
        roles: 'text',
        prosumer: 'integer',
        standings: 'text',
        charter_version: 'integer',
    }),
    committees: table('committees', ['from_slot'], {
        from_slot: 'integer',
        seats: 'text',
        quorum_numerator: 'text',
        quorum_denominator: 'text',
        elected_in: 'text?',
        /** The last charter that names it: one that was replaced before it served is in no later one. */
        charter_version: 'integer',
    }),
    epochs: table('epochs', ['epoch'], {
        epoch: 'text',
        status: 'text',
        energy_day: 'text',
        seed: 'text?',
        ranking: 'text',
        unrevealed: 'text',
        committee: 'text?',
        reason: 'text?',
    }),
    weights: table('weights', ['epoch', 'msp_id'], {
        epoch: 'text',
        msp_id: 'text',
        tokens: 'text',
        age: 'integer',
        reputation: 'text',
        energy_ppm: 'text',
        age_ppm: 'text',
        reputation_ppm: 'text',
        weight: 'text',
        committed: 'integer',
    }),
    bills: table('bills', ['msp_id', 'from_day', 'to_day'], {
        ...bill,
        version: 'integer',
        hash: 'text',
        provisional: 'integer',
        signed_by: 'text',
        ...at,
    }),
    payments: table('payments', ['msp_id', 'from_day', 'to_day', 'id'], { ...bill, id: 'text', status: 'text' }),
    documents: table('documents', ['msp_id', 'from_day', 'to_day', 'id'], {
        ...bill,
        id: 'text',
        number: 'integer',
        due_day: 'text',
        paid_on: 'text?',
    }),
} as const satisfies Record<string, Table>;

/** Everything whose bytes follow from the chain. */
export const TABLES = { ...LEDGER, ...PROJECTIONS } as const;
export type TableName = keyof typeof TABLES;
export type ProjectionName = keyof typeof PROJECTIONS;

/** How far it is. One row, written with whatever it stands for. */
export const CHECKPOINT = table('checkpoint', ['id'], {
    id: 'integer',
    channel: 'text',
    genesis_hash: 'text',
    block: 'integer',
    hash: 'text',
});

/** By which layout the database was made. One row. */
export const LAYOUT = table('layout', ['id'], { id: 'integer', layout: 'text' });

export const ALL_TABLES: readonly Table[] = [LAYOUT, CHECKPOINT, ...Object.values(TABLES)];

/** Changes with every change of tables or of what they mean: a database of another layout is made anew. */
export const LAYOUT_NOW: string = createHash('sha256')
    .update(JSON.stringify([MEANING, ALL_TABLES]))
    .digest('hex')
    .slice(0, 16);

/** What a table's rows are made of, by its columns. */
export type RowOf<N extends TableName> = {
    readonly [C in keyof (typeof TABLES)[N]['columns']]: {
        integer: number;
        text: string;
        'integer?': number | null;
        'text?': string | null;
    }[(typeof TABLES)[N]['columns'][C] & Table['columns'][string]];
};
