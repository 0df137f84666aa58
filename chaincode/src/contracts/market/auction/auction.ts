import { dayKey, orderKey, orderName, roundKey, slotPart, totalsKey } from '../../../api/keys';
import type { Charter, DayRecord, OrderRecord, RoundRecord } from '../../../api/records';
import { TRANSACTIONS, type ArgsOf } from '../../../api/transactions';
import { UNIFORM_PRICE } from '../../../domain/mechanisms/mechanism';
import { activeMembers } from '../../../domain/community/roster';
import { refuse } from '../../../domain/refusals';
import { SECONDS_PER_SLOT, slotStart, slotsOf, type LocalDay } from '../../../domain/slot';
import { encodeBytes } from '../../../api/wire';
import { charterAt, UNELECTED_SLOTS } from '../../../ledger/charter-view';
import { gridOperator, roundPolicy } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { findDay } from '../../clock';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { bookOf, cleared, revealedNames } from './clearing';
import { closedRound } from './closing';
import { orderEvidence } from './evidence';
import { handedOver, keepOrders } from './handing-over';
import { revealedOrders } from './revealing';
import { sealedOrders } from './sealed';
import { cancellable, sealedOrder, type Sealed } from './submitting';
import { createSchedule, requireNotScheduled } from '../schedule/schedule-of-day';
import { createStorageDay } from '../storage/storage-day';
import { gateOf, requireDeadline, requireSeat, requireSeatOrOperator } from '../guards';
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

    async submitOrders(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:submitOrders'];
        const { orders } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const sealed: Sealed[] = [];
        for (const order of orders) {
            sealed.push(await sealedOrder(ctx, charter, order, sealed));
        }
        for (const { marker, policy } of sealed) {
            const { slot, mspId, id } = marker;
            await ctx.ledger.create(orderKey(slot, mspId, id), marker, policy);
            ctx.emit({ type: 'OrderSubmitted', slot, mspId, id });
        }
        return answer(specification, { orders: sealed.map(({ marker }) => orderName(marker.mspId, marker.id)) });
    }

    async cancelOrder(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:cancelOrder'];
        const { slot, id } = argumentOf(specification, args);
        const mspId = ctx.caller;
        const marker = await cancellable(ctx, await ctx.charter(), slot, id);
        await ctx.ledger.save(orderKey(slot, mspId, id), { ...marker, version: marker.version + 1, cancelled: true });
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
        await requireNotScheduled(ctx, charter, round.day);
        const gate = gateOf(slot, termsOf(charter, round.day).gateSlots);
        if (!isReplay(charter, round) && ctx.now < gate) {
            refuse('GATE_OPEN', `slot ${slot}: ${gate - ctx.now} s to go`);
        }
        const closed = await closedRound(ctx, charter, round);
        await ctx.ledger.save(roundKey(round.day, slot), closed);
        ctx.emit({ type: 'RoundClosed', day: round.day, slot, count: closed.closed?.length ?? 0 });
        return answer(specification, closed);
    }

    async callReveals(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:callReveals'];
        const { slot } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const round = await closedRoundOf(ctx, charter, slot);
        if (round.calledAt !== undefined) {
            refuse('REVEALS_CALLED', `slot ${slot} at ${round.calledAt}`);
        }
        const called: RoundRecord = { ...round, calledAt: ctx.now };
        await ctx.ledger.save(roundKey(round.day, slot), called);
        ctx.emit({ type: 'RevealsCalled', day: round.day, slot });
        return answer(specification, called);
    }

    async revealOrders(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:revealOrders'];
        const asked = argumentOf(specification, args);
        const { openings } = privateInputs(specification, ctx.stub.getTransient());
        const mspId = ctx.caller;
        const revealed = await revealedOrders(ctx, await ctx.charter(), asked, openings);
        const keepers = [...new Set([mspId, ...asked.to])];
        for (const { opening, marker } of revealed) {
            const key = orderKey(marker.slot, mspId, marker.id);
            await ctx.ledger.savePrivate(keepers, key, encodeBytes(opening));
            await ctx.ledger.save(key, marker);
        }
        ctx.emit({ type: 'OrdersRevealed', mspId, ...asked });
        return answer(specification, { orders: revealed.map(({ marker }) => orderName(mspId, marker.id)) });
    }

    async handOver(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:handOver'];
        const asked = argumentOf(specification, args);
        const { openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const given = await handedOver(ctx, charter, asked, openings);
        await keepOrders(ctx, gridOperator(charter), given);
        return answer(specification, { orders: BigInt(given.length) });
    }

    async clearRound(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:clearRound'];
        const { slot } = argumentOf(specification, args);
        const { openings } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const round = await closedRoundOf(ctx, charter, slot);
        const terms = termsOf(charter, round.day);
        const book = bookOf(charter, round, await revealedNames(ctx, charter, round), openings);
        const result = cleared(charter, terms, round, book, ctx.stub.getTxID());
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

    async sealedOrders(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:sealedOrders'];
        return answer(specification, await sealedOrders(ctx, await ctx.charter(), argumentOf(specification, args)));
    }

    async ownOrders(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:ownOrders'];
        const { slot } = argumentOf(specification, args);
        const orders = await ctx.ledger.listPrivate(ctx.caller, 'order', slotPart(slot), ctx.caller);
        return answer(specification, orders);
    }

    async orderEvidence(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:orderEvidence'];
        return answer(specification, await orderEvidence(ctx, argumentOf(specification, args)));
    }

    async openings(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['auction:openings'];
        const { from, to } = argumentOf(specification, args);
        const openings: OrderRecord[] = [];
        for (let slot = from; slot <= to; slot += 1) {
            openings.push(...(await ctx.ledger.listPrivate(ctx.caller, 'order', slotPart(slot))));
        }
        return answer(specification, openings);
    }
}

/**
 * A closed round in whose committee the caller has a seat. Refuses ROUND_UNKNOWN, COMMITTEE_MISSING, FORBIDDEN, KEY_POLICY_WRONG,
 * ROUND_FINAL, ROUND_NOT_CLOSED.
 */
async function closedRoundOf(ctx: TransactionContext, charter: Charter, slot: number): Promise<RoundRecord> {
    const round = await roundOf(ctx, charter, slot);
    requireSeat(charterAt(charter, round.charterVersion), slot, ctx.caller);
    await requireRoundPolicy(ctx, charter, round);
    requireNotFinal(round);
    return round.status === 'closed' ? round : refuse('ROUND_NOT_CLOSED', `slot ${slot} is ${round.status}`);
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
    await createSchedule(ctx, charter, local);
}

function requireNotFinal(round: RoundRecord): void {
    if (isFinal(round)) {
        refuse('ROUND_FINAL', `slot ${round.slot} is ${round.status}`);
    }
}
