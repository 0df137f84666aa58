import type { Charter, DayRecord, RoundRecord, Totals } from '@commonwatt/chaincode/api/records';
import { orderName } from '@commonwatt/chaincode/api/keys';
import { Auction } from '../market/auction';
import { Billing } from '../market/billing';
import { NotDone } from '../gateway/failures';
import { committeeOf, servingCommittee } from '../market/endorsers';
import type { TypedCalls } from '../market/typed-calls';
import { sumsOfDay } from './day-sums';

/** What the grid operator's agent does in a day: open it, run its rounds with the committee, close it. */
export class GridOperatorAgent {
    readonly mspId: string;
    readonly #auction: Auction;
    readonly #billing: Billing;
    readonly #charter: Charter;
    readonly #agents: ReadonlyMap<string, Auction>;

    /** `seated`: agents that run here, too, and may have seats in committees. */
    constructor(calls: TypedCalls, charter: Charter, seated: readonly TypedCalls[] = []) {
        this.mspId = calls.mspId;
        this.#agents = new Map([calls, ...seated].map((each) => [each.mspId, new Auction(each)]));
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
        const closed = round.status === 'open' ? await this.#close(round) : round;
        return closed.status === 'closed' ? this.#clear(closed) : closed;
    }

    /** Publishes the day's totals: the sums of all settlements, which the committee checks without seeing one. */
    async closeDay(day: string, rounds: readonly RoundRecord[], households: readonly string[]): Promise<Totals> {
        const totals = await this.#billing.totals(day);
        if (totals.status === 'closed') {
            return totals;
        }
        const found = await Promise.all(households.map((mspId) => this.#billing.settlement(day, mspId)));
        const [first] = rounds;
        if (first === undefined) {
            throw new Error(`${day} has no rounds`);
        }
        const settlements = found.filter((settlement) => settlement !== undefined);
        const sums = sumsOfDay(this.#charter, day, rounds, settlements);
        return this.#billing.closeDay(day, sums, committeeOf(this.#charter, first));
    }

    /** Closing is for those with a seat: the grid operator itself, where it has one, or else a seated household's own agent. */
    async #close(round: RoundRecord): Promise<RoundRecord> {
        const { seats } = servingCommittee(this.#charter, round);
        const turn = round.slot % seats.length;
        const inTurn = [...seats.slice(turn), ...seats.slice(0, turn)];
        const seated = inTurn.toSorted((a, b) => Number(b.mspId === this.mspId) - Number(a.mspId === this.mspId));
        let failure = new Error(`nobody who runs here has a seat in the committee of slot ${round.slot}`);
        for (const agent of seated.flatMap(({ mspId }) => this.#agents.get(mspId) ?? [])) {
            try {
                return await agent.closeRound(round.slot, committeeOf(this.#charter, round));
            } catch (error) {
                if (!(error instanceof NotDone && error.retryable)) {
                    throw error;
                }
                failure = error;
            }
        }
        throw failure;
    }

    async #clear(round: RoundRecord): Promise<RoundRecord> {
        const { slot, closed = [] } = round;
        const counted = new Set(closed.map(({ order }) => order));
        const opened = await this.#auction.ownOrders(slot);
        const openings = opened.filter(({ mspId, id }) => counted.has(orderName(mspId, id)));
        return this.#auction.clearRound(slot, openings, committeeOf(this.#charter, round));
    }
}
