import { keyName, billKey, settlementKey } from '@commonwatt/chaincode/api/keys';
import type {
    BillRecord,
    Charter,
    OrderRecord,
    ReadingRecord,
    RoundRecord,
    SettlementRecord,
    Terms,
} from '@commonwatt/chaincode/api/records';
import { markerOfSettlement } from '@commonwatt/chaincode/api/settlements';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import type { HomeRegisters } from '../data/meter-day';
import { differences } from '../data/meter-day';
import { TransactionRefused } from '../gateway/failures';
import { Auction } from '../market/auction';
import { Billing, type Period } from '../market/billing';
import { Metering } from '../market/metering';
import type { TypedCalls } from '../market/typed-calls';
import type { PlainBill } from '../audit/plain-bill';
import { plainDue, type PlainDay, type PlainDue } from '../audit/plain-tariff';
import { checkBill, checkSettlement, payerOf, plainSlots, withoutMarket, type OwnDay } from './bill-check';
import { decide, type Preferences } from './decide';
import type { HomeMoney, Paid } from './home-money';
import type { MeterKey, OwnerKeys } from './keys';
import { meteredSlots, orderRecord, ORDER_ID, readingRecord } from './records';

/** The day as the agent gets it from its meter. */
export interface AgentDay {
    readonly day: string;
    readonly firstSlot: number;
    readonly registers: HomeRegisters;
    /** What the agent expects of each slot when it orders. */
    readonly expectedWh: readonly bigint[];
}

export interface AgentParts {
    readonly home: string;
    readonly operator: string;
    readonly charter: Charter;
    readonly calls: TypedCalls;
    readonly keys: OwnerKeys;
    readonly meter: MeterKey;
    readonly preferences: Preferences;
    readonly day: AgentDay;
    /** Where the community asks for cover: the member's money. */
    readonly money?: HomeMoney | undefined;
}

/** A day as the household works it out by itself. */
export interface OwnResult extends PlainBill {
    /** Of the day's bill: charges, taxes, all. */
    readonly due: PlainDue;
    /** What it would be with the supplier's tariffs alone. */
    readonly dueWithoutMarket: PlainDue;
}

/**
 * What a household runs: reads its meter, orders, records readings, and signs its settlement and bill after checking them
 * against its own numbers. Everything may be done again: what is on the ledger already is read back and kept.
 */
export class HouseholdAgent {
    readonly home: string;
    readonly mspId: string;
    readonly #parts: AgentParts;
    readonly #auction: Auction;
    readonly #metering: Metering;
    readonly #billing: Billing;
    readonly #orders = new Map<number, OrderRecord>();
    #covered: Promise<boolean> | undefined;
    /** The whole day's, where we recorded them ourselves and do not have to read them back. */
    #readings: ReadingRecord[] | undefined;

    constructor(parts: AgentParts) {
        this.#parts = parts;
        this.home = parts.home;
        this.mspId = parts.calls.mspId;
        this.#auction = new Auction(parts.calls);
        this.#metering = new Metering(parts.calls);
        this.#billing = new Billing(parts.calls);
    }

    get netsWh(): bigint[] {
        const { consumed, produced } = this.#parts.day.registers;
        const load = differences(consumed);
        return differences(produced).map((generated, index) => generated - (load[index] ?? 0n));
    }

    /** Covers the day, once. Returns whether we may place orders on it. */
    cover(): Promise<boolean> {
        const { money, day } = this.#parts;
        this.#covered ??= money?.cover(day.day) ?? Promise.resolve(true);
        return this.#covered;
    }

    /** Of the cover of a day that is closed no more stays reserved than is owed. */
    async release(settlement: SettlementRecord): Promise<void> {
        await this.#parts.money?.release(this.#parts.day.day, settlement);
    }

    /** Pays a bill over the day out of the account, or receives what it brings. Undefined where members have no accounts. */
    async pay(bill: BillRecord): Promise<Paid | undefined> {
        return this.#parts.money?.pay(bill, [this.#parts.day.day]);
    }

    /** Orders for a slot what the agent expects of it. Returns whether an order of ours stands in the round. */
    async order(slot: number): Promise<boolean> {
        const { day, preferences, keys, operator } = this.#parts;
        const decision = decide(day.expectedWh[slot - day.firstSlot] ?? 0n, preferences);
        if (decision === undefined || !(await this.cover())) {
            return false;
        }
        const record = await orderRecord(keys, this.mspId, slot, decision);
        try {
            await this.#auction.submitOrder(record, operator);
            this.#orders.set(slot, record);
        } catch (error) {
            // An order of ours that we do not remember: we ended before we heard that it was committed.
            if (!(error instanceof TransactionRefused && error.refusal.code === 'ORDER_EXISTS')) {
                throw error;
            }
            await this.recallOrder(slot);
        }
        return true;
    }

    /** Reads our order of a round back from our own peer. Returns whether there is one. */
    async recallOrder(slot: number): Promise<boolean> {
        const stored = await this.#auction.ownOrders(slot);
        const ours = stored.find(({ id, mspId }) => id === ORDER_ID && mspId === this.mspId);
        if (ours !== undefined) {
            this.#orders.set(slot, ours);
        }
        return ours !== undefined;
    }

    /** Records the day's readings that are not on the ledger yet, in one transaction. */
    async recordReadings(): Promise<void> {
        const { day, keys, meter, operator } = this.#parts;
        const known = new Set((await this.#metering.markers(day.day)).map(({ slot }) => slot));
        const nets = this.netsWh;
        const missing = meteredSlots(this.mspId, day.day, day.firstSlot, day.registers)
            .filter(({ slot }) => !known.has(slot))
            .map((slot) => readingRecord(keys, meter, slot, nets[slot.slot - day.firstSlot] ?? 0n));
        if (missing.length > 0) {
            await this.#metering.recordReadings(missing, operator);
        }
        this.#readings = known.size === 0 ? missing : undefined;
    }

    /** Agrees to the settlement of the day, once it is what we work out ourselves. */
    async settle(rounds: readonly RoundRecord[], terms: Terms): Promise<SettlementRecord> {
        const { day, keys, operator } = this.#parts;
        const settled = await this.#billing.settlement(day.day);
        if (settled !== undefined) {
            return settled;
        }
        const { firstSlot } = day;
        const lastSlot = firstSlot + this.netsWh.length - 1;
        const readings = this.#readings ?? (await this.#metering.ownReadings(firstSlot, lastSlot));
        const salt = keys.saltFor(keyName(settlementKey(day.day, this.mspId)), 1);
        const inputs = { readings, orders: this.#closedOrders(rounds), salt };
        const draft = await this.#billing.draftSettlement(day.day, inputs);
        checkSettlement(draft, this.#ownDay(rounds, terms));
        const record = { ...draft, signature: await keys.sign(ownerStatement(draft)) };
        const markerSignature = await keys.sign(ownerStatement(markerOfSettlement(record)));
        await this.#billing.settle(day.day, inputs, { signature: record.signature, markerSignature }, operator);
        return record;
    }

    /** Agrees to the bill over the day, once it is what we work out ourselves. */
    async bill(rounds: readonly RoundRecord[], terms: Terms, settlement: SettlementRecord): Promise<BillRecord> {
        const { day, keys, operator } = this.#parts;
        const period: Period = { from: day.day, to: day.day };
        const issued = await this.#billing.bill(period);
        if (issued !== undefined) {
            return issued;
        }
        const salt = keys.saltFor(keyName(billKey(this.mspId, period.from, period.to)), 1);
        const inputs = { settlements: [settlement], salt };
        const draft = await this.#billing.draftBill(period, inputs);
        const own = this.#ownDay(rounds, terms);
        checkSettlement(settlement, own);
        checkBill(draft, [this.#plainDay(own)], own.payer, this.#parts.charter.rules.minorUnitNanos);
        const signature = await keys.sign(ownerStatement(draft));
        await this.#billing.issueBill(period, inputs, signature, operator);
        return { ...draft, signature };
    }

    /** The day worked out from our own meter, our orders and what is public. */
    ownResult(rounds: readonly RoundRecord[], terms: Terms, settlement: SettlementRecord): OwnResult {
        const own = this.#ownDay(rounds, terms);
        const { minorUnitNanos } = this.#parts.charter.rules;
        const day = this.#plainDay(own);
        return {
            ...checkSettlement(settlement, own),
            due: plainDue([day], own.payer, minorUnitNanos),
            dueWithoutMarket: plainDue([withoutMarket(day)], own.payer, minorUnitNanos),
        };
    }

    #plainDay(own: OwnDay): PlainDay {
        return { day: this.#parts.day.day, terms: own.terms, slots: plainSlots(own) };
    }

    /** Our orders in the rounds of the day, for whoever checks the auction. */
    get orders(): readonly OrderRecord[] {
        return [...this.#orders.values()].sort((a, b) => a.slot - b.slot);
    }

    #closedOrders(rounds: readonly RoundRecord[]): OrderRecord[] {
        const closed = new Set(
            rounds.flatMap((round) => (round.closed ?? []).map(({ order }) => `${round.slot}/${order}`)),
        );
        return this.orders.filter(({ slot, id }) => closed.has(`${slot}/${this.mspId}/${id}`));
    }

    #ownDay(rounds: readonly RoundRecord[], terms: Terms): OwnDay {
        const { charter, day } = this.#parts;
        const { firstSlot } = day;
        const { netsWh } = this;
        const payer = payerOf(charter, this.mspId, firstSlot + netsWh.length - 1);
        return { firstSlot, netsWh, orders: this.#closedOrders(rounds), rounds, terms, clock: charter.clock, payer };
    }
}
