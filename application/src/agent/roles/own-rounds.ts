import { orderName } from '@commonwatt/chaincode/api/keys';
import type { Charter, RoundRecord } from '@commonwatt/chaincode/api/records';
import { concurrently } from '../../day/concurrently';
import type { KeptOrders } from '../../household/kept-orders';
import { ORDER_ID } from '../../household/records';
import { Auction } from '../../market/auction';
import { findServingCommittee, servingCommittee } from '../../market/endorsers';
import type { DayRounds } from '../hearing/day-rounds';
import { seatInNeed } from '../next/seat-in-need';
import type { OwnMember } from '../own-member';

/** With a pace, homes order so many slots ahead: two hours. */
const SLOTS_AHEAD = 8;
const QUERIES_AT_ONCE = 8;
/** A closed round is cleared sooner than that, or some seat lacks openings. */
const HELP_AFTER_MS = 4_000;
/** Seats open their own orders first: who comes so long after the close opens its own to those who have. */
const SEATS_FIRST_MS = 2_000;

export interface OwnRoundsParts {
    readonly own: OwnMember;
    readonly rounds: DayRounds;
    readonly kept: KeptOrders;
    readonly isPaced: boolean;
    readonly charter: Charter;
}

/** A seat that lacks an order of ours, in a round that nobody can clear. */
export interface InNeed {
    readonly round: RoundRecord;
    readonly seat: string;
}

/** What a household has to do in the rounds of a day, by its disk and its own peer. */
export class OwnRounds {
    /** What was found last. */
    helping: readonly InNeed[] = [];
    readonly #parts: OwnRoundsParts;
    readonly #auction: Auction;
    readonly #mspId: string;
    readonly #closedSince = new Map<number, number>();
    readonly #helpedAt = new Map<number, number>();
    /** Slots that were ordered for, or that nothing is ordered for. */
    #ordered: Set<number> | undefined;

    constructor(parts: OwnRoundsParts) {
        this.#parts = parts;
        this.#auction = new Auction(parts.own.access.calls);
        this.#mspId = parts.own.access.calls.mspId;
    }

    noteOrdered(slots: readonly number[]): void {
        slots.forEach((slot) => this.#ordered?.add(slot));
    }

    /** How long to wait at most before it looks again whether somebody is to be helped; undefined where no round waits. */
    get helpWithinMs(): number | undefined {
        return this.#closedSince.size > 0 || this.#parts.isPaced ? HELP_AFTER_MS : undefined;
    }

    /** Of these slots those that may be ordered for now and are not. */
    async toOrder(open: readonly number[]): Promise<number[]> {
        this.#ordered ??= await this.#orderedBefore(open);
        const known = this.#ordered;
        const within = this.#parts.isPaced ? open.slice(0, SLOTS_AHEAD) : open;
        return within.filter((slot) => !known.has(slot));
    }

    /** What is not on our disk was never sent; of the rest the ledger says what came of it. */
    async #orderedBefore(open: readonly number[]): Promise<Set<number>> {
        const kept = new Set(this.#parts.kept.all.map(({ slot }) => slot));
        const name = orderName(this.#mspId, ORDER_ID);
        const asked = open.filter((slot) => kept.has(slot));
        const there = await concurrently(asked, QUERIES_AT_ONCE, async (slot) => {
            const markers = await this.#auction.orderMarkers(slot);
            return markers.some(({ mspId, id }) => orderName(mspId, id) === name) ? [slot] : [];
        });
        return new Set(there.flat());
    }

    /** Without a pace once all rounds are closed: then it takes few transactions. */
    async toReveal(open: readonly number[], closed: readonly number[]): Promise<number[]> {
        const [first, last] = [closed[0], closed.at(-1)];
        if (first === undefined || last === undefined || (open.length > 0 && !this.#parts.isPaced)) {
            return [];
        }
        const own = this.#mspId;
        const seats = this.#seats(await this.#parts.rounds.records());
        const sealed = await this.#auction.sealedOrders(first, last, [...new Set([own, ...seats])]);
        const isOf = (mspId: string, order: string): boolean => order === orderName(mspId, ORDER_ID);
        const ours = sealed.filter(({ order }) => isOf(own, order)).map(({ slot }) => slot);
        if (seats.has(own)) {
            return ours;
        }
        const late = performance.now() - SEATS_FIRST_MS;
        const waiting = new Set(sealed.filter(({ order }) => !isOf(own, order)).map(({ slot }) => slot));
        return ours.filter((slot) => !waiting.has(slot) || (this.#closedSince.get(slot) ?? Infinity) < late);
    }

    /** Whoever has a seat in some round of the day. */
    #seats(rounds: readonly RoundRecord[]): ReadonlySet<string> {
        const [first, last] = [rounds[0], rounds.at(-1)];
        const committees = [first, last]
            .flatMap((round) => round ?? [])
            .map((round) => findServingCommittee(this.#parts.charter, round));
        return new Set(committees.flatMap((each) => each?.seats.map(({ mspId }) => mspId) ?? []));
    }

    /** Looked for where nothing has happened for a while. Who holds which orders is public. */
    async toHelp(
        closed: readonly number[],
    ): Promise<readonly { readonly round: RoundRecord; readonly seat: string }[]> {
        const late = new Set(this.#standing(closed));
        if (late.size === 0) {
            return [];
        }
        const mspId = this.#mspId;
        const waiting = (await this.#parts.rounds.records()).filter(
            ({ status, slot }) => status === 'closed' && late.has(slot),
        );
        const found = await concurrently(waiting, QUERIES_AT_ONCE, async (round) => {
            const markers = await this.#auction.orderMarkers(round.slot);
            const seats = servingCommittee(this.#parts.charter, round).seats.map((each) => each.mspId);
            const seat = seatInNeed(round, seats, markers);
            const own = markers.find((each) => each.mspId === mspId && each.id === ORDER_ID);
            const isOurs = own?.holders !== undefined && seat !== undefined && !own.holders.includes(seat);
            return isOurs ? [{ round, seat }] : [];
        });
        this.helping = found.flat();
        return this.helping;
    }

    /** Closed rounds that have not been cleared for a while; each again after as long. */
    #standing(closed: readonly number[]): number[] {
        const now = performance.now();
        const late: number[] = [];
        for (const slot of closed) {
            const since = this.#closedSince.get(slot);
            if (since !== undefined && now - (this.#helpedAt.get(slot) ?? since) < HELP_AFTER_MS) {
                continue;
            }
            this.#closedSince.set(slot, since ?? now);
            this.#helpedAt.set(slot, now);
            late.push(...(since === undefined ? [] : [slot]));
        }
        return late;
    }
}
