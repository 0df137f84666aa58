import { minimalWinningCoalitions } from '@commonwatt/chaincode/domain/committee';
import { fraction } from '@commonwatt/chaincode/domain/quantity';
import type { Charter, CommitteeTermRecord, DayRecord, RoundRecord, Totals } from '@commonwatt/chaincode/api/records';
import { orderName } from '@commonwatt/chaincode/api/keys';
import { NotDone } from '../gateway/failures';
import { Auction } from '../market/auction';
import { Billing } from '../market/billing';
import type { TypedCalls } from '../market/typed-calls';

/** Committees of this many coalitions are asked in turn before the round is given up. */
const MOST_COALITIONS = 4;

/** What the grid operator's agent does in a day: open it, run its rounds with the committee, close it. */
export class GridOperatorAgent {
    readonly mspId: string;
    readonly #auction: Auction;
    readonly #billing: Billing;
    readonly #charter: Charter;

    constructor(calls: TypedCalls, charter: Charter) {
        this.mspId = calls.mspId;
        this.#charter = charter;
        this.#auction = new Auction(calls);
        this.#billing = new Billing(calls);
    }

    findDay(day: string): Promise<DayRecord | undefined> {
        return this.#auction.day(day);
    }

    openDay(day: string, replay: boolean, household: string): Promise<DayRecord> {
        return this.#auction.openDay(day, replay, [this.mspId, household]);
    }

    rounds(day: string): Promise<RoundRecord[]> {
        return this.#auction.rounds(day);
    }

    round(slot: number): Promise<RoundRecord> {
        return this.#auction.round(slot);
    }

    async hasOrders(slot: number): Promise<boolean> {
        return (await this.#auction.orderMarkers(slot)).length > 0;
    }

    /** Closes a round and clears it with the openings that its orders' owners gave the grid operator. */
    async finishRound(round: RoundRecord): Promise<RoundRecord> {
        const closed = round.status === 'open' ? await this.#close(round.slot) : round;
        return closed.status === 'closed' ? this.#clear(closed) : closed;
    }

    /** Publishes the day's totals, from all settlements. */
    async closeDay(day: string, households: readonly string[]): Promise<Totals> {
        const totals = await this.#billing.totals(day);
        if (totals.status === 'closed') {
            return totals;
        }
        const found = await Promise.all(households.map((mspId) => this.#billing.settlement(day, mspId)));
        return this.#billing.closeDay(
            day,
            found.filter((settlement) => settlement !== undefined),
        );
    }

    #close(slot: number): Promise<RoundRecord> {
        return this.#withQuorum(slot, (coalition) => this.#auction.closeRound(slot, coalition));
    }

    async #clear({ slot, closed = [] }: RoundRecord): Promise<RoundRecord> {
        const counted = new Set(closed.map(({ order }) => order));
        const opened = await this.#auction.ownOrders(slot);
        const openings = opened.filter(({ mspId, id }) => counted.has(orderName(mspId, id)));
        return this.#withQuorum(slot, (coalition) => this.#auction.clearRound(slot, openings, coalition));
    }

    /** Asks one quorum of the committee, and another where a member of the first cannot be reached. */
    async #withQuorum<T>(slot: number, ask: (coalition: readonly string[]) => Promise<T>): Promise<T> {
        let failure = new Error(`no committee serves in slot ${slot}`);
        for (const coalition of this.#coalitions(slot)) {
            try {
                return await ask(coalition);
            } catch (error) {
                if (!(error instanceof NotDone && error.retryable)) {
                    throw error;
                }
                failure = error;
            }
        }
        throw failure;
    }

    /** Quorums that have nobody to spare; those with the grid operator, who has the openings anyway, first. */
    #coalitions(slot: number): string[][] {
        const term = this.#charter.committees.findLast(({ fromSlot }) => fromSlot <= slot);
        const all = term === undefined ? [] : minimalWinningCoalitions(committeeOf(term));
        const withUs = all.filter((coalition) => coalition.includes(this.mspId));
        return (withUs.length > 0 ? withUs : all).slice(0, MOST_COALITIONS);
    }
}

function committeeOf({ seats, quorum }: CommitteeTermRecord): Parameters<typeof minimalWinningCoalitions>[0] {
    return { seats, quorum: fraction(quorum.numerator, quorum.denominator) };
}
