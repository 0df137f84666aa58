import { keyName, orderName, readingKey, settlementKey } from '../../../api/keys';
import { outcomeOf } from '../../../api/outcomes';
import { commitmentOf, settlementOf } from '../../../api/settlements';
import type {
    Charter,
    OrderRecord,
    PoolRecord,
    PostingRecord,
    ReadingMarker,
    ReadingRecord,
    RoundRecord,
    SettlementDraft,
    SettlementSlot,
    SubmissionMarker,
    SubmissionRecord,
} from '../../../api/records';
import type { Outcome } from '../../../domain/auction/order';
import type { Posting } from '../../../domain/postings';
import { refuse } from '../../../domain/refusals';
import type { DaySettlement } from '../../../domain/settlement/position';
import { slotsOf, type LocalDay } from '../../../domain/slot';
import { NOT_CONTRACTED, type ContractedEnergy } from '../../../domain/storage/flows';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { partiesPolicy } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { byName } from '../auction/clearing';
import { isSigned, memberOf, recordHash, requirePolicy } from '../guards';
import { readingMarkersOf } from '../markers';
import { pricesOfDay } from '../rounds';
import { contractedOn } from '../storage/settled';
import { finishedDay, type DayOnLedger } from './finished-day';
import { requirePool } from './pool';
import { answerOf, openedSchedule, type AgreedSlot } from './scheduled';

/** The private inputs of a settlement. */
export interface Openings {
    readonly readings: readonly ReadingRecord[];
    readonly orders: readonly OrderRecord[];
    /** Of a day that was scheduled: what the household agreed to. */
    readonly scheduled: SubmissionRecord | null;
}

/** A day's settlement as it stands to be salted and signed, and the version it would have. */
export async function settlementDraft(
    ctx: TransactionContext,
    charter: Charter,
    { day, mspId }: { readonly day: string; readonly mspId: string },
    { readings, orders, scheduled }: Openings,
    added: Pick<SettlementDraft, 'salt' | 'signedBy' | 'version'>,
): Promise<SettlementDraft> {
    const onLedger = await finishedDay(ctx, charter, day);
    const imbalance = onLedger.agreed?.imbalance;
    const pool = imbalance && (await requirePool(ctx, charter, day, imbalance));
    const contracts = await contractedOn(ctx, charter, onLedger.local, mspId);
    const metered = await openedReadings(ctx, charter, onLedger.local, mspId, readings);
    const answered = imbalance && (await answerOf(ctx, charter, onLedger.local, mspId));
    const tradeIn = openedTrades(charter, { ...onLedger, pool, answered }, mspId, { orders, scheduled });
    const slots = onLedger.rounds.map((round, i): SettlementSlot => {
        const reading = metered[i] ?? refuse('READINGS_MISSING', `slot ${round.slot}`);
        return {
            slot: round.slot,
            readingVersion: reading.version,
            readingKind: reading.kind,
            meteredWh: reading.netWh,
            ...contractedFields(contracts.get(round.slot)),
            ...tradeIn(i),
        };
    });
    const settled = settlementOf(onLedger.local, pricesOfDay(charter, onLedger.local, mspId), { mspId, slots });
    const named = { key: keyName(settlementKey(day, mspId)), mspId, day, ...added };
    return {
        ...named,
        ...(pool === undefined ? {} : { pool: pool.version }),
        provisional: settled.provisional || added.signedBy === 'operator',
        slots,
        postings: settled.postings.map(postingRecord),
        commitment: commitmentOf(settled, named),
    };
}

/**
 * What the household bought and sold, by the slot's position: by its schedule, where the day has one, and then by no order; else by its
 * orders. Refuses OPENING_UNKNOWN, OPENING_MISSING, OPENING_MISMATCH, SIGNATURE_INVALID, AGREEMENT_WRONG.
 */
function openedTrades(
    charter: Charter,
    {
        local,
        rounds,
        agreed,
        pool,
        answered,
    }: DayOnLedger & {
        readonly pool: PoolRecord | undefined;
        readonly answered: SubmissionMarker | undefined;
    },
    mspId: string,
    { orders, scheduled }: Pick<Openings, 'orders' | 'scheduled'>,
): (i: number) => AgreedSlot {
    if (agreed === undefined || pool === undefined) {
        const trades = openedOrders(mspId, rounds, orders);
        if (scheduled !== null) {
            refuse('OPENING_UNKNOWN', `${scheduled.key}: the day was not scheduled`);
        }
        return (i) => {
            const { bought, sold, paid, earned } = trades.get(local.first + i) ?? NO_TRADE;
            return { boughtWh: bought, soldWh: sold, paidNanos: paid, earnedNanos: earned };
        };
    }
    const [order] = orders;
    if (order !== undefined) {
        refuse('OPENING_UNKNOWN', `${order.key}: the day was scheduled`);
    }
    const slots = openedSchedule(charter, { local, agreed, pool, answered }, mspId, scheduled);
    return (i) => slots[i] ?? refuse('OPENING_MISMATCH', `slot ${local.first + i}`);
}

/** Most slots have none: what is nothing is left out, so that a record has one spelling. */
function contractedFields(energy: ContractedEnergy | undefined): Pick<SettlementSlot, 'contractedWh' | 'receivedWh'> {
    const { contracted, received } = energy ?? NOT_CONTRACTED;
    return {
        ...(contracted === 0n ? {} : { contractedWh: contracted }),
        ...(received === 0n ? {} : { receivedWh: received }),
    };
}

/** The domain's settlement again from a record's energy; refuses SETTLEMENT_WRONG where the record says other money. */
export function settledAgain(charter: Charter, local: LocalDay, record: Omit<SettlementDraft, 'salt'>): DaySettlement {
    const { mspId, day, slots, postings } = record;
    const isWhole = slots.length === local.count && slots.every(({ slot }, i) => slot === local.first + i);
    if (!isWhole) {
        refuse('SETTLEMENT_WRONG', `slots of ${mspId} on ${day}`);
    }
    const settled = settlementOf(local, pricesOfDay(charter, local, mspId), record);
    const again = settled.postings.map(postingRecord);
    const isSame = again.length === postings.length && again.every((each, i) => isSamePosting(each, postings[i]));
    return isSame ? settled : refuse('SETTLEMENT_WRONG', `postings of ${mspId} on ${day}`);
}

export const postingRecord = ({ account, amount }: Posting): PostingRecord => ({ account, amountNanos: amount });

const isSamePosting = (one: PostingRecord, other: PostingRecord | undefined): boolean =>
    one.account === other?.account && one.amountNanos === other.amountNanos;

/**
 * The newest reading of every slot, opened. Refuses READINGS_MISSING, KEY_POLICY_WRONG, OPENING_UNKNOWN, OPENING_MISSING,
 * OPENING_MISMATCH, SIGNATURE_INVALID.
 */
async function openedReadings(
    ctx: TransactionContext,
    charter: Charter,
    local: LocalDay,
    mspId: string,
    readings: readonly ReadingRecord[],
): Promise<ReadingRecord[]> {
    const markers = await readingMarkersOf(ctx, mspId, local.day);
    const slots = slotsOf(local);
    for (const slot of slots) {
        const { charterVersion } = markers.get(slot) ?? refuse('READINGS_MISSING', `slot ${slot} of ${mspId}`);
        await requireReadingPolicy(ctx, charter, local, mspId, slot, charterVersion);
    }
    const opened = new Map(readings.map((reading) => [reading.slot, reading]));
    const stranger = readings.find(({ slot }) => !slots.some((each) => each === slot));
    if (stranger !== undefined || opened.size !== readings.length) {
        refuse(
            'OPENING_UNKNOWN',
            `a reading of ${mspId}${stranger === undefined ? ' is given twice' : `, slot ${stranger.slot}`}`,
        );
    }
    return slots.map((slot) => {
        const reading = opened.get(slot) ?? refuse('OPENING_MISSING', `the reading of slot ${slot}`);
        requireOpening(charter, local.day, reading, markers.get(slot));
        return reading;
    });
}

/** One reading, opened. Refuses KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID. */
export async function openedReading(
    ctx: TransactionContext,
    charter: Charter,
    local: LocalDay,
    mspId: string,
    reading: ReadingRecord,
    marker: ReadingMarker | undefined,
): Promise<ReadingRecord> {
    await requireReadingPolicy(ctx, charter, local, mspId, reading.slot, marker?.charterVersion ?? charter.version);
    requireOpening(charter, local.day, reading, marker);
    return reading;
}

async function requireReadingPolicy(
    ctx: TransactionContext,
    charter: Charter,
    local: LocalDay,
    mspId: string,
    slot: number,
    charterVersion: number,
): Promise<void> {
    requireLawfulVersion(charter, local.first, charterVersion);
    const view = charterAt(charter, charterVersion);
    await requirePolicy(ctx, readingKey(mspId, local.day, slot), partiesPolicy(view, mspId, slot));
}

function requireOpening(
    charter: Charter,
    day: string,
    reading: ReadingRecord,
    marker: ReadingMarker | undefined,
): void {
    const { mspId, slot } = reading;
    if (marker === undefined || recordHash(reading) !== marker.hash) {
        refuse('OPENING_MISMATCH', `the reading of slot ${slot}`);
    }
    const key = reading.kind === 'estimated' ? charter.operatorKey : memberOf(charter, mspId).ownerKey;
    if (reading.key !== keyName(readingKey(marker.mspId, day, slot)) || !isSigned(reading, key)) {
        refuse('SIGNATURE_INVALID', `the reading of slot ${slot}`);
    }
}

interface Trade {
    bought: bigint;
    sold: bigint;
    paid: bigint;
    earned: bigint;
}

const NO_TRADE: Readonly<Trade> = { bought: 0n, sold: 0n, paid: 0n, earned: 0n };

/**
 * What the household's orders came to, by slot. Every order of its that took part must be opened, or the settlement could leave
 * out what somebody else settled. Refuses OPENING_UNKNOWN, OPENING_MISSING, OPENING_MISMATCH.
 */
function openedOrders(
    mspId: string,
    rounds: readonly RoundRecord[],
    orders: readonly OrderRecord[],
): Map<number, Trade> {
    const bySlot = new Map<number, Map<string, OrderRecord>>();
    for (const slot of new Set(orders.map((order) => order.slot))) {
        bySlot.set(slot, byName(orders.filter((order) => order.slot === slot)));
    }
    const trades = new Map<number, Trade>();
    for (const round of rounds) {
        const opened = bySlot.get(round.slot) ?? new Map<string, OrderRecord>();
        trades.set(round.slot, tradeOf(mspId, round, opened));
        bySlot.delete(round.slot);
    }
    const [stranger] = bySlot.keys();
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', `an order of slot ${stranger}`);
    }
    return trades;
}

/** Of the orders that took no part, too: the grid operator stores what it is given. Refuses OPENING_MISMATCH. */
function requireUnchanged(
    slot: number,
    own: NonNullable<RoundRecord['closed']>,
    opened: ReadonlyMap<string, OrderRecord>,
): void {
    for (const { order, hash } of own) {
        const given = opened.get(order);
        if (given !== undefined && recordHash(given) !== hash) {
            refuse('OPENING_MISMATCH', `${order} in slot ${slot}`);
        }
    }
}

function tradeOf(mspId: string, round: RoundRecord, opened: ReadonlyMap<string, OrderRecord>): Trade {
    const own = (round.closed ?? []).filter(({ order }) => order.startsWith(`${mspId}/`));
    const names = new Set(own.map(({ order }) => order));
    const stranger = [...opened.keys()].find((name) => !names.has(name));
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', `${stranger} in slot ${round.slot}`);
    }
    requireUnchanged(round.slot, own, opened);
    const takesPart = new Set(round.status === 'cleared' ? (round.outcomes ?? []).map(({ order }) => order) : []);
    const trade = { ...NO_TRADE };
    for (const { order, hash } of own.filter((each) => takesPart.has(each.order))) {
        const opening = opened.get(order) ?? refuse('OPENING_MISSING', `${order} in slot ${round.slot}`);
        const { fill, amount } = resultOf(round, opening, hash);
        trade[opening.side === 'buy' ? 'bought' : 'sold'] += fill;
        trade[opening.side === 'buy' ? 'paid' : 'earned'] += amount;
    }
    return trade;
}

function resultOf(round: RoundRecord, opening: OrderRecord, hash: string): Outcome {
    const outcome = recordHash(opening) === hash ? outcomeOf(round, opening) : undefined;
    return outcome ?? refuse('OPENING_MISMATCH', `${orderName(opening.mspId, opening.id)} in slot ${round.slot}`);
}
