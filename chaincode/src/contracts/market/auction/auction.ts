import { dayKey, keyName, orderKey, orderName, roundKey, slotPart, totalsKey } from '../../../api/keys';
import type { Charter, DayRecord, RoundRecord } from '../../../api/records';
import { TRANSACTIONS, type ArgsOf } from '../../../api/transactions';
import { UNIFORM_PRICE } from '../../../domain/mechanisms/mechanism';
import { activeMembers } from '../../../domain/community/roster';
import { sha256Hex } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { SECONDS_PER_SLOT, slotStart, slotsOf, type LocalDay } from '../../../domain/slot';
import { encodeBytes } from '../../../api/wire';
import { charterAt, UNELECTED_SLOTS } from '../../../ledger/charter-view';
import { gridOperator, partiesPolicy, roundPolicy } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { findDay } from '../../clock';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { cleared } from './clearing';
import {
    activeMember,
    gateOf,
    isSigned,
    recordHash,
    requireDeadline,
    requireSeat,
    requireSeatOrOperator,
} from '../guards';
import { orderMarkersOf, partiesMarker } from '../markers';
import { isRecordOf, MOST_ORDERS_OF_MEMBER, requireRoomInRound, requireWithinLimits } from './order-rules';
import { createStorageDay } from '../storage/storage-day';
import { isFinal, isReplay, requireRoundPolicy, roundOf, termsOf } from '../rounds';

const SECONDS_PER_DAY = 86_400;
const UNELECTED_SECONDS = UNELECTED_SLOTS * SECONDS_PER_SLOT;

/** Days, rounds and orders. What each function refuses, in order of precedence, stands in the catalogue (api/catalogue). */
export class AuctionContract extends BaseContract {
    constructor() {
        super('market', 'auction');
    }

    async openDay(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:openDay'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        const local = dayToOpen(charter, asked, ctx);
        if ((await ctx.ledger.find(dayKey(asked.day))) !== undefined) {
            refuse('DAY_EXISTS', asked.day);
        }
        const opened = { ...asked, first: local.first, count: local.count };
        const record: DayRecord = { ...opened, charterVersion: charter.version };
        await saveDay(ctx, charter, local, record);
        ctx.emit({ type: 'DayOpened', ...opened });
        return answer(specification, record);
    }

    async submitOrder(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:submitOrder'];
        const { slot, id } = argumentOf(specification, args);
        const { order } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const mspId = ctx.caller;
        if (order.mspId !== mspId) {
            refuse('FORBIDDEN', `${mspId} orders for itself only`);
        }
        const member = activeMember(charter, mspId, slot);
        if (!isRecordOf(order, mspId, slot, id)) {
            refuse('RECORD_WRONG', `order ${id}`);
        }
        if (!isSigned(order, member.ownerKey)) {
            refuse('SIGNATURE_INVALID', `order ${id}`);
        }
        const key = orderKey(slot, mspId, id);
        const round = await openRound(ctx, charter, slot);
        requireRoomInRound(await orderMarkersOf(ctx, slot, mspId), orderName(mspId, id));
        requireWithinLimits(order, member, termsOf(charter, round.day));
        const hash = recordHash(order);
        const policy = partiesPolicy(charterAt(charter, round.charterVersion), mspId, slot);
        await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(order));
        await ctx.ledger.create(key, { hash, version: 1, mspId, slot, id }, policy);
        ctx.emit({ type: 'OrderSubmitted', slot, mspId, id });
        return answer(specification, { order: orderName(mspId, id), hash });
    }

    async cancelOrder(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:cancelOrder'];
        const { slot, id } = argumentOf(specification, args);
        const mspId = ctx.caller;
        const charter = await ctx.charter();
        const round = await openRound(ctx, charter, slot);
        const key = orderKey(slot, mspId, id);
        const marker = await ctx.ledger.find(key);
        if (marker === undefined) {
            refuse('ORDER_UNKNOWN', orderName(mspId, id));
        }
        const view = charterAt(charter, round.charterVersion);
        if ((await partiesMarker(ctx, view, slot, { mspId, id, marker })) === undefined) {
            refuse('KEY_POLICY_WRONG', keyName(key));
        }
        if (marker.cancelled === true) {
            refuse('ORDER_CANCELLED', orderName(mspId, id));
        }
        await ctx.ledger.save(key, { ...marker, version: marker.version + 1, cancelled: true });
        ctx.emit({ type: 'OrderCancelled', slot, mspId, id });
        return answer(specification, { order: orderName(mspId, id), hash: marker.hash });
    }

    async closeRound(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:closeRound'];
        const { slot } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const round = await roundOf(ctx, charter, slot);
        requireSeat(charterAt(charter, round.charterVersion), slot, ctx.caller);
        await requireRoundPolicy(ctx, charter, round);
        if (round.status !== 'open') {
            refuse('ROUND_NOT_OPEN', `slot ${slot} is ${round.status}`);
        }
        const gate = gateOf(slot, termsOf(charter, round.day).gateSlots);
        if (!isReplay(charter, round) && ctx.now < gate) {
            refuse('GATE_OPEN', `slot ${slot}: ${gate - ctx.now} s to go`);
        }
        const closed = await closedRound(ctx, charter, round);
        await ctx.ledger.save(roundKey(round.day, slot), closed);
        ctx.emit({ type: 'RoundClosed', day: round.day, slot, count: closed.closed?.length ?? 0 });
        return answer(specification, closed);
    }

    async clearRound(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:clearRound'];
        const { slot } = argumentOf(specification, args);
        const { openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const round = await roundOf(ctx, charter, slot);
        requireSeatOrOperator(charterAt(charter, round.charterVersion), slot, ctx.caller);
        await requireRoundPolicy(ctx, charter, round);
        requireNotFinal(round);
        if (round.status !== 'closed') {
            refuse('ROUND_NOT_CLOSED', `slot ${slot} is ${round.status}`);
        }
        const result = cleared(charter, termsOf(charter, round.day), round, openings, ctx.stub.getTxID());
        requireAllOpened(charter, result, ctx.caller);
        await ctx.ledger.save(roundKey(round.day, slot), result);
        ctx.emit({ type: 'RoundCleared', day: round.day, slot, price: result.price?.toString() ?? null });
        return answer(specification, result);
    }

    async voidRound(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:voidRound'];
        const { slot, reason } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const round = await roundOf(ctx, charter, slot);
        requireSeatOrOperator(charterAt(charter, round.charterVersion), slot, ctx.caller);
        await requireRoundPolicy(ctx, charter, round);
        requireNotFinal(round);
        requireDeadline(slot, charter.rules.voidDeadlineSlots, ctx.now);
        const ended: RoundRecord = { ...round, status: 'void', reason };
        await ctx.ledger.save(roundKey(round.day, slot), ended);
        ctx.emit({ type: 'RoundVoided', day: round.day, slot, reason });
        return answer(specification, ended);
    }

    async day(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:day'];
        const { day } = argumentOf(specification, args);
        return answer(specification, (await ctx.ledger.find(dayKey(day))) ?? refuse('DAY_UNKNOWN', day));
    }

    async round(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:round'];
        const { slot } = argumentOf(specification, args);
        return answer(specification, await roundOf(ctx, await ctx.charter(), slot));
    }

    async rounds(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:rounds'];
        const { day } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('round', day));
    }

    async orderMarkers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:orderMarkers'];
        const { slot } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('order', slotPart(slot)));
    }

    async ownOrders(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:ownOrders'];
        const { slot } = argumentOf(specification, args);
        const markers = await orderMarkersOf(ctx, slot);
        const cancelled = new Set(
            markers.filter(({ marker }) => marker?.cancelled === true).map(({ mspId, id }) => orderName(mspId, id)),
        );
        const orders = await ctx.ledger.listPrivate(ctx.caller, 'order', slotPart(slot));
        return answer(
            specification,
            orders.filter(({ mspId, id }) => !cancelled.has(orderName(mspId, id))),
        );
    }
}

/** The local day, if it may be opened now and everything that its rounds need is governed. */
function dayToOpen(
    charter: Charter,
    { day, replay }: ArgsOf<'auction:openDay'>,
    { caller, now }: TransactionContext,
): LocalDay {
    if (caller !== charter.roles.operator) {
        refuse('FORBIDDEN', `${caller} is not the operator, ${charter.roles.operator ?? 'nobody is'}`);
    }
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', `the community's clock does not have ${day}`);
    if (replay) {
        requireReplayable(charter, local, now);
    } else {
        requireAhead(charter, local, now);
    }
    termsOf(charter, day);
    if (activeMembers(charter.members, day).length === 0) {
        refuse('MEMBER_NOT_ACTIVE', `nobody on ${day}`);
    }
    // Refuses COMMITTEE_MISSING.
    slotsOf(local).forEach((slot) => roundPolicy(charter, day, slot));
    if (!replay) {
        requireElected(charter, local, now);
    }
    return local;
}

/** In a replay no gate is compared with a clock, so only what is over can be replayed. */
function requireReplayable({ rules }: Charter, { day, first, count }: LocalDay, now: number): void {
    if (!rules.replayAllowed) {
        refuse('REPLAY_FORBIDDEN', day);
    }
    if (slotStart(first) + count * SECONDS_PER_SLOT > now) {
        refuse('REPLAY_FORBIDDEN', `${day} is not over`);
    }
}

function requireAhead({ rules }: Charter, { day, first }: LocalDay, now: number): void {
    const ahead = slotStart(first) - now;
    if (ahead <= 0) {
        refuse('DAY_PAST', day);
    }
    if (ahead > rules.openAheadDays * SECONDS_PER_DAY) {
        refuse('DAY_TOO_FAR', `${day}, at most ${rules.openAheadDays} days ahead`);
    }
}

/**
 * An opened day keeps the committee it was opened under. Where committees are elected, who opens days could otherwise wait for an
 * election that it likes and open a week of them at once: so a day is opened once its own election is over; without one, shortly
 * before it begins. Refuses COMMITTEE_NOT_ELECTED.
 */
function requireElected({ committees }: Charter, { day, first }: LocalDay, now: number): void {
    const last = committees.at(-1);
    if (last?.electedIn !== undefined && last.fromSlot < first && slotStart(first) - now > UNELECTED_SECONDS) {
        refuse('COMMITTEE_NOT_ELECTED', `${day}; the newest committee serves from slot ${last.fromSlot}`);
    }
}

/** Every key that will be shared, each under the policy of those who will write it. */
async function saveDay(ctx: TransactionContext, charter: Charter, local: LocalDay, record: DayRecord): Promise<void> {
    const { day, replay, charterVersion } = record;
    await ctx.ledger.create(dayKey(day), record, roundPolicy(charter, day, local.first));
    for (const slot of slotsOf(local)) {
        const round: RoundRecord = {
            day,
            slot,
            status: 'open',
            replay,
            charterVersion,
            mechanism: termsOf(charter, day).mechanism?.name ?? UNIFORM_PRICE.name,
        };
        await ctx.ledger.create(roundKey(day, slot), round, roundPolicy(charter, day, slot));
    }
    const totals = { day, charterVersion, status: 'open' } as const;
    await ctx.ledger.create(totalsKey(day), totals, roundPolicy(charter, day, local.first));
    await createStorageDay(ctx, charter, local);
}

/**
 * The round of the slot, if it takes orders now. Nothing relies on its policy yet: an order in a round that others made is
 * closed and cleared by nobody.
 */
async function openRound(ctx: TransactionContext, charter: Charter, slot: number): Promise<RoundRecord> {
    const round = await roundOf(ctx, charter, slot);
    if (round.status !== 'open') {
        refuse('ROUND_NOT_OPEN', `slot ${slot} is ${round.status}`);
    }
    const { gateSlots } = termsOf(charter, round.day);
    if (!isReplay(charter, round) && ctx.now >= gateOf(slot, gateSlots)) {
        refuse('GATE_CLOSED', `slot ${slot}, ${gateSlots} slots before it begins`);
    }
    return round;
}

/**
 * Peers endorse whatever their chaincode accepts, so a member of the committee that left openings out would do alone what only
 * a quorum may: decide whose orders count. The grid operator, who holds them all, may clear without one that it has not got.
 */
function requireAllOpened(charter: Charter, { slot, dropped }: RoundRecord, caller: string): void {
    const unrevealed = dropped?.find(({ reason }) => reason === 'UNREVEALED');
    if (unrevealed !== undefined && caller !== gridOperator(charter)) {
        refuse('OPENING_MISSING', `${unrevealed.order} in slot ${slot}`);
    }
}

function requireNotFinal(round: RoundRecord): void {
    if (isFinal(round)) {
        refuse('ROUND_FINAL', `slot ${round.slot} is ${round.status}`);
    }
}

/**
 * The round with the orders that count from now on. A marker that stands under another key than it names, or under another
 * policy than its parties', is nobody's word.
 */
async function closedRound(ctx: TransactionContext, charter: Charter, round: RoundRecord): Promise<RoundRecord> {
    const closed: { order: string; hash: string }[] = [];
    const dropped: NonNullable<RoundRecord['dropped']> = [];
    const counts = new Map<string, number>();
    const view = charterAt(charter, round.charterVersion);
    for (const found of await orderMarkersOf(ctx, round.slot)) {
        const order = orderName(found.mspId, found.id);
        const marker = await partiesMarker(ctx, view, round.slot, found);
        if (marker?.cancelled === true) {
            continue;
        }
        const count = (counts.get(found.mspId) ?? 0) + (marker === undefined ? 0 : 1);
        counts.set(found.mspId, count);
        if (marker !== undefined && count <= MOST_ORDERS_OF_MEMBER) {
            closed.push({ order, hash: marker.hash });
        } else {
            dropped.push({ order, reason: 'FORGED' });
        }
    }
    return { ...round, status: 'closed', closed, dropped, ordersHash: sha256Hex(encodeBytes(closed)) };
}
