import type { Charter, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { isActiveOn } from '../../community/admission';
import { CommitteeAgents, OpeningsLacking } from '../../day/committee-agents';
import { concurrently } from '../../day/concurrently';
import { TransactionRefused } from '../../gateway/failures';
import { Auction } from '../../market/auction';
import { Governance } from '../../market/governance';
import { findServingCommittee } from '../../market/endorsers';
import { LedgerOfDayAhead } from './ahead-of-day';
import type { DayRounds } from '../hearing/day-rounds';
import type { Topic } from '../hearing/news';
import { nextOfSeat, TAKE_OVER_MS } from '../next/seat-next';
import type { OwnMember } from '../own-member';
import { DID, DONE, waits, type Outcome, type Role } from './role';

export interface SeatDay {
    readonly own: OwnMember;
    readonly day: string;
    readonly rounds: DayRounds;
    /** One round is closed after the other, so far apart; all at once where it is not given. */
    readonly paceMs: number | undefined;
    /** How long others are waited for: households to order, owners to open their orders. */
    readonly patienceMs: number;
}

const ROUNDS_AT_ONCE = 8;
const LOOK_AGAIN_MS = 1_000;
const isOver = ({ status }: RoundRecord): boolean => status === 'cleared' || status === 'void';
/** Somebody has taken the round further. */
const PASSED: ReadonlySet<RefusalCode> = new Set(['ROUND_NOT_OPEN', 'ROUND_FINAL']);

/**
 * A seat's part in the rounds of a day: it closes them and clears them where it is its turn, and where those before it do not. In a replay no clock
 * says when the orders of a round are in: a seat closes once every household has ordered something, or has been waited for.
 */
export class SeatRole implements Role {
    readonly name = 'seat';
    readonly topics: readonly Topic[] = ['days', 'rounds', 'orders', 'reveals', 'schedule'];
    readonly #parts: SeatDay;
    readonly #auction: Auction;
    readonly #ahead: LedgerOfDayAhead;
    /** Since when a round could be taken further: by slot and stage. */
    readonly #ripe = new Map<string, number>();
    #charter: Charter | undefined;
    #committee: CommitteeAgents | undefined;
    #openSince: number | undefined;
    #closedAt: number | undefined;
    #isDoubted = false;
    /** What had been announced of orders when we last looked for them. */
    #ordersLooked = -1;
    /** Of a round that nobody else has cleared, and that we cannot. */
    #lacking: string | undefined;

    constructor(parts: SeatDay) {
        this.#parts = parts;
        this.#auction = new Auction(parts.own.access.calls);
        this.#ahead = new LedgerOfDayAhead(parts.own, parts.day);
    }

    async step(): Promise<Outcome> {
        const { own, day } = this.#parts;
        if (this.#charter === undefined && (await this.#auction.day(day)) === undefined) {
            return waits('the grid operator to open the day');
        }
        this.#charter ??= await new Governance(own.access.calls).charter();
        if (this.#charter === undefined) {
            return waits('the community to be founded');
        }
        this.#committee ??= new CommitteeAgents([own.access.calls], this.#charter);
        const ahead = await this.#ahead.standing(this.#charter);
        if (ahead === 'pending') {
            return waits('the day ahead to be agreed on');
        }
        return ahead === 'agreed' ? DONE : this.#trade();
    }

    doubt(): void {
        this.#isDoubted = true;
        this.#parts.rounds.doubt();
    }

    async #trade(): Promise<Outcome> {
        const { rounds } = this.#parts;
        const [open, closed] = [await rounds.slots('open'), await rounds.slots('closed')];
        const unfinished = new Set([...open, ...closed]);
        const seated = await this.#seatedIn();
        const all = seated.filter(({ slot }) => unfinished.has(slot));
        if (all.length === 0) {
            return seated.every(isOver) ? DONE : waits('the rounds to be over on the ledger', LOOK_AGAIN_MS);
        }
        this.#openSince ??= performance.now();
        const acted = (await this.#close(all, new Set(open))) + (await this.#clear(all, new Set(closed)));
        return acted > 0 ? DID : this.#waiting(open.length, closed.length);
    }

    #waiting(open: number, closed: number): Outcome {
        const { paceMs, patienceMs } = this.#parts;
        const within = Math.min(paceMs ?? patienceMs, TAKE_OVER_MS);
        const what = open > 0 && paceMs === undefined ? 'all households to order' : 'the other seats and the orders';
        const lacking = this.#lacking === undefined ? '' : `: ${this.#lacking}`;
        this.#lacking = undefined;
        return waits(`${what} (${open} rounds open, ${closed} closed)${lacking}`, Math.max(100, within));
    }

    /** Rounds that we have a seat in. Records may be old: slots say how far rounds are. */
    async #seatedIn(): Promise<RoundRecord[]> {
        const { mspId } = this.#parts.own.access.calls;
        const records = await this.#parts.rounds.records();
        return records.filter((round) => this.#seats(round).includes(mspId));
    }

    #seats(round: RoundRecord): string[] {
        const committee = this.#charter && findServingCommittee(this.#charter, round);
        return committee?.seats.map(({ mspId }) => mspId) ?? [];
    }

    /** How many seats come before ours. */
    #place(round: RoundRecord): number {
        const seats = this.#seats(round);
        const own = seats.indexOf(this.#parts.own.access.calls.mspId);
        return (own - (round.slot % seats.length) + seats.length) % seats.length;
    }

    #ripeFor(round: RoundRecord, stage: 'open' | 'closed', isRipe: boolean): number {
        const name = `${stage}/${round.slot}`;
        if (!isRipe) {
            return 0;
        }
        const since = this.#ripe.get(name) ?? performance.now();
        this.#ripe.set(name, since);
        return performance.now() - since;
    }

    async #close(all: readonly RoundRecord[], open: ReadonlySet<number>): Promise<number> {
        const candidates = all.filter(({ slot }) => open.has(slot));
        if (candidates.length === 0) {
            return 0;
        }
        const isDue = await this.#isDue();
        const inTime = this.#parts.paceMs === undefined ? candidates : this.#nextInPace(candidates, open);
        const ripe = inTime.filter((round) => {
            const ripeForMs = this.#ripeFor(round, 'open', isDue);
            const facts = { stage: 'open', place: this.#place(round), isDue, isRevealed: false, ripeForMs } as const;
            return nextOfSeat(facts) === 'close';
        });
        await concurrently(ripe, ROUNDS_AT_ONCE, async (round) => {
            const closed = await this.#unlessPassed(this.#committee?.close(round));
            if (closed !== undefined) {
                this.#parts.rounds.note(closed);
                this.#note(closed);
            }
        });
        return ripe.length;
    }

    /** The first open round, once the pace has passed since the one before it was seen to be closed. */
    #nextInPace(candidates: readonly RoundRecord[], open: ReadonlySet<number>): RoundRecord[] {
        const first = Math.min(...open);
        if (this.#closedAt !== first) {
            this.#closedAt = first;
            this.#openSince = performance.now();
        }
        const isTime = performance.now() - (this.#openSince ?? 0) >= (this.#parts.paceMs ?? 0);
        return isTime ? candidates.filter(({ slot }) => slot === first) : [];
    }

    /** Everybody who is a member has ordered something, or has been waited for. */
    async #isDue(): Promise<boolean> {
        const charter = this.#charter;
        const { rounds, day, patienceMs } = this.#parts;
        if (charter === undefined) {
            return false;
        }
        const members = Object.keys(charter.members).filter((mspId) => isActiveOn(charter, mspId, day));
        const missing = (): string[] => members.filter((mspId) => !rounds.ordered.has(mspId));
        const orders = rounds.orderNews;
        const isAnnounced = orders !== this.#ordersLooked && members.every((mspId) => rounds.announced.has(mspId));
        if (missing().length > 0 && (this.#isDoubted || isAnnounced)) {
            await this.#lookForOrders(missing);
            this.#isDoubted = false;
            this.#ordersLooked = orders;
        }
        const waited = performance.now() - (this.#openSince ?? performance.now());
        return missing().length === 0 || (this.#parts.paceMs === undefined && waited >= patienceMs);
    }

    /** Whoever has ordered is found on the ledger: it may not have been announced to us, and what was announced may not be so. */
    async #lookForOrders(missing: () => string[]): Promise<void> {
        for (const { slot } of await this.#parts.rounds.records()) {
            if (missing().length === 0) {
                return;
            }
            (await this.#auction.orderMarkers(slot)).forEach(({ mspId }) => {
                this.#parts.rounds.noteOrdered(mspId);
            });
        }
    }

    async #clear(all: readonly RoundRecord[], closed: ReadonlySet<number>): Promise<number> {
        const candidates = all.filter(({ slot, status }) => closed.has(slot) && status === 'closed');
        const [first, last] = [candidates[0]?.slot, candidates.at(-1)?.slot];
        if (first === undefined || last === undefined) {
            return 0;
        }
        const sealed = new Set((await this.#auction.sealedOrders(first, last)).map(({ slot }) => slot));
        const ripe = candidates.filter((round) => {
            const closedFor = this.#ripeFor(round, 'open', true);
            const isRevealed = !sealed.has(round.slot) || closedFor >= this.#parts.patienceMs;
            const ripeForMs = this.#ripeFor(round, 'closed', isRevealed);
            const facts = { stage: 'closed', place: this.#place(round), isDue: true, isRevealed, ripeForMs } as const;
            return nextOfSeat(facts) === 'clear';
        });
        const cleared = await concurrently(ripe, ROUNDS_AT_ONCE, (round) =>
            this.#clearOne(round, !sealed.has(round.slot)),
        );
        return cleared.filter(Boolean).length;
    }

    /** Undefined where another seat was faster. */
    async #unlessPassed(act: Promise<RoundRecord> | undefined): Promise<RoundRecord | undefined> {
        try {
            return await act;
        } catch (error) {
            if (error instanceof TransactionRefused && PASSED.has(error.refusal.code)) {
                this.#parts.rounds.doubt();
                return undefined;
            }
            throw error;
        }
    }

    /** Returns whether it is cleared. Where we lack openings, their owners see that nobody has all and open them to one more. */
    async #clearOne(round: RoundRecord, isComplete: boolean): Promise<boolean> {
        const names = isComplete ? (round.closed ?? []).map(({ order }) => order) : [];
        try {
            const cleared = await this.#unlessPassed(this.#committee?.clear(round, names));
            if (cleared !== undefined) {
                this.#parts.rounds.note(cleared);
                this.#note(cleared);
            }
            return cleared !== undefined;
        } catch (error) {
            if (error instanceof OpeningsLacking) {
                this.#lacking = error.message;
                return false;
            }
            throw error;
        }
    }

    #note({ status, day, slot, closed = [], price = null }: RoundRecord): void {
        const { journal } = this.#parts.own.store;
        const once = `${day}/${slot}`;
        if (status === 'closed') {
            journal.note({ kind: 'roundClosed', slot, once, facts: { day, orders: closed.length } });
        } else {
            journal.note({ kind: 'roundCleared', slot, once, facts: { day, price } });
        }
    }
}
