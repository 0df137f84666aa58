import type { DayRecord, OrderMarker, OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { ArgsOf, ResponseOf } from '@commonwatt/chaincode/api/transactions';
import type { Endorsers } from '../gateway/member-gateway';
import { unlessRefused } from './governance';
import type { TypedCalls } from './typed-calls';

/** What the channel gets to know of an order before its round is closed. */
export type Commitment = ArgsOf<'auction:submitOrders'>['orders'][number];

export type SealedOrder = ResponseOf<'auction:sealedOrders'>[number];

/** Days, rounds and orders, as one member does and sees them. */
export class Auction {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    async openDay(day: string, replay: boolean, endorsers: readonly string[]): Promise<DayRecord> {
        return (await this.#calls.submit('auction:openDay', { day, replay }, endorsers)).response;
    }

    /** All or none. The orders themselves stay with the member. */
    async submitOrders(orders: Commitment[], operator: string): Promise<void> {
        await this.#calls.submit('auction:submitOrders', { orders }, [this.#calls.mspId, operator]);
    }

    /** Before the gate only. What it said stays with the member. */
    async cancelOrder(slot: number, id: string, committee: Endorsers): Promise<void> {
        await this.#calls.submit('auction:cancelOrder', { slot, id }, committee);
    }

    /** The openings go to these seats and to the member's own peer, nobody else. */
    async revealOrders(openings: OrderRecord[], to: readonly string[]): Promise<void> {
        const orders = openings.map(({ slot, id }) => ({ slot, id }));
        const endorsers = [...new Set([this.#calls.mspId, ...to])];
        await this.#calls.submit('auction:revealOrders', { orders, to: [...to] }, endorsers, { openings });
    }

    async closeRound(slot: number, committee: Endorsers): Promise<RoundRecord> {
        return (await this.#calls.submit('auction:closeRound', { slot }, committee)).response;
    }

    /** Once: from then on the time to reveal runs for orders that are not. */
    async callReveals(slot: number, committee: Endorsers): Promise<RoundRecord> {
        return (await this.#calls.submit('auction:callReveals', { slot }, committee)).response;
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

    /** Orders of closed rounds that count and are not revealed: of these members, or of everybody. */
    sealedOrders(from: number, to: number, of?: readonly string[]): Promise<SealedOrder[]> {
        return this.#calls.query('auction:sealedOrders', { from, to, ...(of === undefined ? {} : { of: [...of] }) });
    }

    /** The member's own orders, once they are revealed. */
    ownOrders(slot: number): Promise<OrderRecord[]> {
        return this.#calls.query('auction:ownOrders', { slot });
    }

    /** The orders that were opened to the member: a seat's for clearing. */
    openings(from: number, to: number = from): Promise<OrderRecord[]> {
        return this.#calls.query('auction:openings', { from, to });
    }
}
