import { orderKey, orderName, slotPart } from '../../../api/keys';
import type { Charter, OrderMarker, OrderRecord, RoundRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { isQuorum } from '../../../domain/committee';
import { compareStrings } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { revealTime } from '../../../domain/tariff/terms';
import { charterAt } from '../../../ledger/charter-view';
import { committeeOf, gridOperator } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { hasSeat, recordHash } from '../guards';
import { isFinal, isReplay, requireRoundPolicy, roundOf, termsOf } from '../rounds';
import { isRecordOf } from './order-rules';

type Asked = ArgsOf<'auction:revealOrders'>;

/** An opening that was found to be what its owner had committed itself to, and its marker as it will be. */
export interface Revealed {
    readonly opening: OrderRecord;
    readonly marker: OrderMarker;
}

/**
 * The caller's own orders, opened for seats of the committee that are a quorum of it. Refuses ROUND_UNKNOWN, COMMITTEE_MISSING,
 * KEY_POLICY_WRONG, FORBIDDEN, COALITION_TOO_LIGHT, ROUND_FINAL, ROUND_NOT_CLOSED, SEAT_UNREVEALED; then what `openedOrder` refuses.
 */
export async function revealedOrders(
    ctx: TransactionContext,
    charter: Charter,
    { orders, to }: Asked,
    openings: readonly OrderRecord[],
): Promise<Revealed[]> {
    const rounds = new Map<number, RoundRecord>();
    for (const slot of new Set(orders.map((each) => each.slot))) {
        rounds.set(slot, await roundToRevealIn(ctx, charter, slot, to));
    }
    const given = byPlace(ctx.caller, orders, openings);
    const revealed: Revealed[] = [];
    for (const { slot, id } of orders) {
        const round = rounds.get(slot) ?? refuse('ROUND_UNKNOWN', `slot ${slot}`);
        revealed.push(await openedOrder(ctx, charter, round, { id, to, opening: given.get(placeOf({ slot, id })) }));
    }
    return revealed;
}

async function roundToRevealIn(
    ctx: TransactionContext,
    charter: Charter,
    slot: number,
    to: readonly string[],
): Promise<RoundRecord> {
    const round = await roundOf(ctx, charter, slot);
    const view = charterAt(charter, round.charterVersion);
    const committee = committeeOf(view, slot);
    await requireRoundPolicy(ctx, charter, round);
    const stranger = to.find((mspId) => mspId === gridOperator(charter) || !hasSeat(view, slot, mspId));
    if (stranger !== undefined) {
        refuse('FORBIDDEN', `${stranger} has no seat in the committee of slot ${slot}`);
    }
    if (!isQuorum(committee, to)) {
        refuse('COALITION_TOO_LIGHT', `${to.join(', ')} in slot ${slot}`);
    }
    if (isFinal(round)) {
        refuse('ROUND_FINAL', `slot ${slot} is ${round.status}`);
    }
    if (round.status !== 'closed') {
        refuse('ROUND_NOT_CLOSED', `slot ${slot} is ${round.status}`);
    }
    if (!hasSeat(view, slot, ctx.caller)) {
        await requireSeatsRevealed(ctx, round, to);
    }
    return round;
}

/**
 * Who sees the orders of others before it has to open its own could choose to withhold it. Among the seats themselves somebody has to
 * be the first, so the orders of seats may be revealed to seats that have not. Refuses SEAT_UNREVEALED.
 */
async function requireSeatsRevealed(
    ctx: TransactionContext,
    { slot, closed = [] }: RoundRecord,
    to: readonly string[],
): Promise<void> {
    const ofSeats = closed.map(({ order }) => order).filter((order) => to.includes(ownerOf(order)));
    const revealed = new Set(await revealedOf(ctx, slot, ofSeats));
    const sealed = ofSeats.find((order) => !revealed.has(order));
    if (sealed !== undefined) {
        refuse('SEAT_UNREVEALED', `${sealed} in slot ${slot}`);
    }
}

/** Of an order by its name. */
export const ownerOf = (order: string): string => order.slice(0, order.indexOf('/'));

/** Those of a round's orders of which the committee says that it holds the opening. */
export async function revealedOf(
    ctx: TransactionContext,
    slot: number,
    orders: readonly string[],
): Promise<readonly string[]> {
    const keys = orders.map((order) => orderKey(slot, ownerOf(order), order.slice(order.indexOf('/') + 1)));
    const markers = await ctx.ledger.findAll(keys);
    return orders.filter((_, i) => markers[i]?.holders !== undefined);
}

/**
 * Refuses OPENING_UNKNOWN, OPENING_MISSING, OPENING_MISMATCH, RECORD_WRONG, TERMS_MISSING, REVEALS_CLOSED, REVEAL_EXISTS.
 */
async function openedOrder(
    ctx: TransactionContext,
    charter: Charter,
    round: RoundRecord,
    {
        id,
        to,
        opening,
    }: { readonly id: string; readonly to: readonly string[]; readonly opening: OrderRecord | undefined },
): Promise<Revealed> {
    const { slot } = round;
    const [mspId, name] = [ctx.caller, orderName(ctx.caller, id)];
    const marker = await ctx.ledger.find(orderKey(slot, mspId, id));
    const opened = requireOpening(round, { mspId, id, opening });
    if (marker === undefined) {
        refuse('OPENING_UNKNOWN', `${name} in slot ${slot}`);
    }
    const { holders = [] } = marker;
    if (holders.length === 0 && ctx.now >= revealsEnd(charter, round)) {
        refuse('REVEALS_CLOSED', `slot ${slot}`);
    }
    // A reveal writes what a clearing reads: one that brings nobody new could hold it up again and again.
    if (to.every((each) => holders.includes(each))) {
        refuse('REVEAL_EXISTS', `${name} in slot ${slot}`);
    }
    const all = [...new Set([...holders, ...to])].sort(compareStrings);
    return { opening: opened, marker: { ...marker, holders: all } };
}

/** Refuses OPENING_UNKNOWN, OPENING_MISSING, OPENING_MISMATCH, RECORD_WRONG. */
function requireOpening(
    { slot, closed = [] }: RoundRecord,
    given: { readonly mspId: string; readonly id: string; readonly opening: OrderRecord | undefined },
): OrderRecord {
    const { mspId, id, opening } = given;
    const name = orderName(mspId, id);
    const counted = closed.find(({ order }) => order === name);
    if (counted === undefined) {
        refuse('OPENING_UNKNOWN', `${name} in slot ${slot}`);
    }
    if (opening === undefined) {
        refuse('OPENING_MISSING', `${name} in slot ${slot}`);
    }
    if (recordHash(opening) !== counted.hash) {
        refuse('OPENING_MISMATCH', `${name} in slot ${slot}`);
    }
    return isRecordOf(opening, mspId, slot, id) ? opening : refuse('RECORD_WRONG', `${name} in slot ${slot}`);
}

/**
 * Unix seconds from which no order of the round is revealed for the first time, and it is cleared without those that were not. The time
 * runs from a stamp of somebody who saw the round closed: that of the closing itself can be much older than its block. Never, where nobody has called
 * for the orders yet. Refuses TERMS_MISSING.
 */
export function revealsEnd(charter: Charter, round: RoundRecord): number {
    const time = revealTime(termsOf(charter, round.day), isReplay(charter, round));
    return round.calledAt === undefined ? Infinity : round.calledAt + time;
}

const placeOf = ({ slot, id }: { readonly slot: number; readonly id: string }): string => `${slotPart(slot)}/${id}`;

/** Refuses OPENING_UNKNOWN for what is another's, given twice, or not asked for. */
function byPlace(
    owner: string,
    orders: Asked['orders'],
    openings: readonly OrderRecord[],
): ReadonlyMap<string, OrderRecord> {
    const asked = new Set(orders.map(placeOf));
    const given = new Map<string, OrderRecord>();
    for (const opening of openings) {
        const place = placeOf(opening);
        if (opening.mspId !== owner || !asked.has(place) || given.has(place)) {
            refuse('OPENING_UNKNOWN', `${orderName(opening.mspId, opening.id)} in slot ${opening.slot}`);
        }
        given.set(place, opening);
    }
    return given;
}
