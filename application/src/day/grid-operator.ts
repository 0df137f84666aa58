import { sumsOfBills } from '@commonwatt/chaincode/api/bills';
import type {
    AgreedSchedule,
    Charter,
    DayRecord,
    OrderMarker,
    PoolRecord,
    RoundRecord,
    ScheduleRecord,
    Totals,
} from '@commonwatt/chaincode/api/records';
import { netEnergy } from '@commonwatt/chaincode/domain/quantity';
import { poolSide } from '@commonwatt/chaincode/domain/scheduled/scheduled-slot';
import { isLargeEnough } from '@commonwatt/chaincode/domain/settlement/public-day';
import { Auction, type SealedOrder } from '../market/auction';
import { Billing, type Period } from '../market/billing';
import { Metering } from '../market/metering';
import { committeeOf, operatorAndCommittee } from '../market/endorsers';
import type { TypedCalls } from '../market/typed-calls';
import { sumsOfDay, type ScheduledDay } from './day-sums';

type Sides = PoolRecord['sides'];

const isSame = (one: Sides, other: Sides): boolean => one.join() === other.join();
const otherSide = (side: Sides[number]): Sides[number] => (side === 'short' ? 'long' : 'short');

/** What the grid operator's agent does in a day: open it and close it. Its rounds are the committee's. */
export class GridOperatorAgent {
    readonly mspId: string;
    readonly #auction: Auction;
    readonly #billing: Billing;
    readonly #metering: Metering;
    readonly #charter: Charter;

    constructor(calls: TypedCalls, charter: Charter) {
        this.mspId = calls.mspId;
        this.#charter = charter;
        this.#auction = new Auction(calls);
        this.#billing = new Billing(calls);
        this.#metering = new Metering(calls);
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

    /** Which orders stand in a slot. */
    orderMarkers(slot: number): Promise<OrderMarker[]> {
        return this.#auction.orderMarkers(slot);
    }

    /** Which orders of closed rounds are not revealed. */
    sealedOrders(from: number, to: number): Promise<SealedOrder[]> {
        return this.#auction.sealedOrders(from, to);
    }

    /**
     * States of each slot whether the community as a whole was short of its schedule: who deviates then pays or earns the one price or the other.
     * Everybody can check it once the day's sums are open, so it is stated again where readings have changed since and the day could not be closed. So is
     * what others have stated first, with prices of their own: nobody is settled by that.
     */
    async statePool(
        day: string,
        rounds: readonly RoundRecord[],
        { agreed, imbalance }: ScheduleRecord,
        households: readonly string[],
    ): Promise<PoolRecord> {
        const found = await this.#billing.pool(day);
        const [first] = rounds;
        if (first === undefined || agreed === undefined) {
            throw new Error(`${day} was not agreed on ahead`);
        }
        if (found !== undefined && (await this.#billing.totals(day)).status === 'closed') {
            return found;
        }
        const stated = counted(found, imbalance);
        if (stated !== undefined && isSame(stated.sides, await this.#sides(rounds, agreed, households, stated))) {
            return stated;
        }
        const sides = await this.#sides(rounds, agreed, households);
        const endorsers = operatorAndCommittee(this.#charter, first);
        if (stated !== undefined && isSame(stated.sides, sides)) {
            // It is right of the readings, but some are settled with earlier ones. Those are settled again only under another statement, and the same is
            // not taken twice in a row.
            await this.#billing.statePool(day, sides.map(otherSide), endorsers);
        }
        return this.#billing.statePool(day, sides, endorsers);
    }

    /** By the newest readings; who is settled under the statement that is given counts with what it was settled for. */
    async #sides(
        rounds: readonly RoundRecord[],
        { gridWh }: AgreedSchedule,
        households: readonly string[],
        stated?: PoolRecord,
    ): Promise<Sides> {
        const metered = new Map(rounds.map(({ slot }) => [slot, 0n]));
        for (const mspId of households) {
            for (const [slot, netWh] of await this.#metered(rounds, mspId, stated)) {
                metered.set(slot, (metered.get(slot) ?? 0n) + netWh);
            }
        }
        return rounds.map(({ slot }, index) =>
            poolSide(netEnergy(metered.get(slot) ?? 0n), netEnergy(gridWh[index] ?? 0n)),
        );
    }

    /** Wh by slot. */
    async #metered(
        rounds: readonly RoundRecord[],
        mspId: string,
        stated: PoolRecord | undefined,
    ): Promise<[slot: number, netWh: bigint][]> {
        const [from, to] = [rounds[0]?.slot ?? 0, rounds.at(-1)?.slot ?? 0];
        const settled = stated && (await this.#billing.settlement(stated.day, mspId));
        return settled !== undefined && settled.pool === stated?.version
            ? settled.slots.map(({ slot, meteredWh }) => [slot, meteredWh])
            : (await this.#metering.ownReadings(from, to, mspId)).map(({ slot, netWh }) => [slot, netWh]);
    }

    /** Publishes the day's totals: the sums of all settlements, which the committee checks without seeing one. */
    async closeDay(
        day: string,
        rounds: readonly RoundRecord[],
        households: readonly string[],
        scheduled?: ScheduledDay,
    ): Promise<Totals> {
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
        const sums = sumsOfDay(this.#charter, day, rounds, settlements, scheduled);
        return this.#billing.closeDay(day, sums, committeeOf(this.#charter, first));
    }

    /** Publishes what all bills of the period that ends with the day come to, which the committee checks without seeing one; unless there are too few or one is not final. */
    async publishBills(day: string, rounds: readonly RoundRecord[], households: readonly string[]): Promise<void> {
        const [first, one] = [rounds[0], households[0]];
        const period = one === undefined ? undefined : await this.#periodThatEnds(day, one);
        if (first === undefined || period === undefined || (await this.#billing.billSums(period)) !== undefined) {
            return;
        }
        const found = await Promise.all(households.map((mspId) => this.#billing.bill(period, mspId)));
        const bills = found.filter((bill) => bill !== undefined).filter(({ provisional }) => !provisional);
        if (bills.length === households.length && isLargeEnough(bills.length)) {
            // Sums stand under the committee of the period's first day.
            const served = period.from === day ? first : ((await this.rounds(period.from))[0] ?? first);
            await this.#billing.publishBills(period, sumsOfBills(bills), operatorAndCommittee(this.#charter, served));
        }
    }

    /** Of the bill that a household has of the day, if that is the last of it. Our peer may be a block behind the household's. */
    async #periodThatEnds(day: string, mspId: string): Promise<Period | undefined> {
        const { bills } = await this.#billing.unbilled(mspId);
        const found = bills.find(({ to }) => to === day);
        return found && { from: found.from, to: found.to };
    }
}

/** A statement with the schedule's prices; undefined where there is none, or another. */
const counted = (
    pool: PoolRecord | undefined,
    { shortPrice, longPrice }: ScheduleRecord['imbalance'],
): PoolRecord | undefined => (pool?.shortPrice === shortPrice && pool.longPrice === longPrice ? pool : undefined);
