/** One part of a ledger key catalogue entry: what docs/reference/ledger-keys lists. */
export interface KeyKind {
    readonly chaincode: 'governance' | 'market';
    /** First part of the composite key. On the ledger for ever: never changed, never reused. */
    readonly type: string;
    readonly parts: readonly string[];
    readonly holds: string;
    readonly privateAt?: string;
    readonly writtenBy: string;
}

const PARTIES = 'household and grid operator; or grid operator and committee quorum';
const ROUND = 'committee quorum; or grid operator and a majority of the active households';
const BOTH = 'household, grid operator';

export const LEDGER_KEYS = {
    charter: {
        chaincode: 'governance',
        type: 'charter',
        parts: ['document'],
        holds: 'the whole of governance as one document',
        writtenBy: 'grid operator and a majority of the households (chaincode policy)',
    },
    day: { chaincode: 'market', type: 'day', parts: ['day'], holds: 'a day that was opened', writtenBy: ROUND },
    round: {
        chaincode: 'market',
        type: 'round',
        parts: ['day', 'slot'],
        holds: 'a round and its result',
        writtenBy: ROUND,
    },
    totals: { chaincode: 'market', type: 'totals', parts: ['day'], holds: 'sums of a day', writtenBy: 'grid operator' },
    order: {
        chaincode: 'market',
        type: 'order',
        parts: ['slot', 'mspId', 'id'],
        holds: 'marker of an order',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    reading: {
        chaincode: 'market',
        type: 'reading',
        parts: ['mspId', 'day', 'slot'],
        holds: 'marker of the newest version of a reading',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    settlement: {
        chaincode: 'market',
        type: 'settlement',
        parts: ['day', 'mspId'],
        holds: 'marker of the settlement of a household and day',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    bill: {
        chaincode: 'market',
        type: 'bill',
        parts: ['mspId', 'from', 'to'],
        holds: 'marker of a bill',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
} as const satisfies Record<string, KeyKind>;

export type KeyType = keyof typeof LEDGER_KEYS;

/** A ledger key before the stub joins its parts. The kind is in its type, so that a record read by it has one too. */
export interface LedgerKey<T extends KeyType = KeyType> {
    readonly type: T;
    readonly parts: readonly string[];
}

/** Slots as key parts: fixed width, so that key order is time order. */
export function slotPart(slot: number): string {
    return slot.toString().padStart(10, '0');
}

export const charterKey: LedgerKey<'charter'> = { type: 'charter', parts: ['document'] };
export const dayKey = (day: string): LedgerKey<'day'> => ({ type: 'day', parts: [day] });
export const roundKey = (day: string, slot: number): LedgerKey<'round'> => ({
    type: 'round',
    parts: [day, slotPart(slot)],
});
export const totalsKey = (day: string): LedgerKey<'totals'> => ({ type: 'totals', parts: [day] });
export const orderKey = (slot: number, mspId: string, id: string): LedgerKey<'order'> => ({
    type: 'order',
    parts: [slotPart(slot), mspId, id],
});
export const readingKey = (mspId: string, day: string, slot: number): LedgerKey<'reading'> => ({
    type: 'reading',
    parts: [mspId, day, slotPart(slot)],
});
export const settlementKey = (day: string, mspId: string): LedgerKey<'settlement'> => ({
    type: 'settlement',
    parts: [day, mspId],
});
export const billKey = (mspId: string, from: string, to: string): LedgerKey<'bill'> => ({
    type: 'bill',
    parts: [mspId, from, to],
});

/** The key as a private record names it and as clients salt by it: `order/0001567200/H1MSP/o1`. */
export function keyName(key: LedgerKey): string {
    return [key.type, ...key.parts].join('/');
}

/** What a round calls an order: unique within the round. */
export function orderName(mspId: string, id: string): string {
    return `${mspId}/${id}`;
}
