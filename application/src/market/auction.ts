import type { DayRecord, OrderMarker, OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { Endorsers } from '../gateway/member-gateway';
import { unlessRefused } from './governance';
import type { TypedCalls } from './typed-calls';

/** Days, rounds and orders, as one member does and sees them. */
export class Auction {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    async openDay(day: string, replay: boolean, endorsers: readonly string[]): Promise<DayRecord> {
        return (await this.#calls.submit('auction:openDay', { day, replay }, endorsers)).response;
    }

    /** The order goes to the member itself and to the grid operator, nobody else. */
    async submitOrder(order: OrderRecord, operator: string): Promise<void> {
        const { slot, id } = order;
        await this.#calls.submit('auction:submitOrder', { slot, id }, [this.#calls.mspId, operator], { order });
    }

    /** Before the gate only. What it said stays with the member and the grid operator. */
    async cancelOrder(slot: number, id: string, operator: string): Promise<void> {
        await this.#calls.submit('auction:cancelOrder', { slot, id }, [this.#calls.mspId, operator]);
    }

    async closeRound(slot: number, committee: Endorsers): Promise<RoundRecord> {
        return (await this.#calls.submit('auction:closeRound', { slot }, committee)).response;
    }

    /** The openings go to the committee members that are named, and to the caller's own peer. */
    async clearRound(slot: number, openings: OrderRecord[], committee: Endorsers): Promise<RoundRecord> {
        return (await this.#calls.submit('auction:clearRound', { slot }, committee, { openings })).response;
    }

    async voidRound(slot: number, reason: string, endorsers: Endorsers): Promise<RoundRecord> {
        return (await this.#calls.submit('auction:voidRound', { slot, reason }, endorsers)).response;
    }

    /** Undefined where the day has not been opened. */
    async day(day: string): Promise<DayRecord | undefined> {
        try {
            return await this.#calls.query('auction:day', { day });
        } catch (error) {
            unlessRefused('DAY_UNKNOWN', error);
            return undefined;
        }
    }

    round(slot: number): Promise<RoundRecord> {
        return this.#calls.query('auction:round', { slot });
    }

    rounds(day: string): Promise<RoundRecord[]> {
        return this.#calls.query('auction:rounds', { day });
    }

    orderMarkers(slot: number): Promise<OrderMarker[]> {
        return this.#calls.query('auction:orderMarkers', { slot });
    }

    /** The member's own orders; the grid operator sees every household's. */
    ownOrders(slot: number): Promise<OrderRecord[]> {
        return this.#calls.query('auction:ownOrders', { slot });
    }
}
