import { keyName, orderName, settlementKey } from '@commonwatt/chaincode/api/keys';
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
import { encode } from '@commonwatt/chaincode/api/wire';
import type { HomeRegisters } from '../data/meter-day';
import { differences } from '../data/meter-day';
import type { OwnScheduledDay } from '../day-ahead/own-schedule';
import { withContracts, type ContractEnergy } from '../storage/contract-energy';
import { Absences } from '../gateway/endorsement/absences';
import { TransactionRefused } from '../gateway/failures';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { Auction } from '../market/auction';
import { quorumShare, servingCommittee } from '../market/endorsers';
import { Billing } from '../market/billing';
import { Metering } from '../market/metering';
import type { TypedCalls } from '../market/typed-calls';
import { plainBill, type PlainBill } from '../audit/plain-bill';
import { plainDue, type PlainDay, type PlainDue } from '../audit/plain-tariff';
import { checkSettlement, payerOf, plainSlots, withoutMarket, type CorrectedOwnDay, type OwnDay } from './bill-check';
import { decide, type Preferences } from './decide';
import type { HomeMoney, Paid } from './home-money';
import type { KeptOrders } from './kept-orders';
import type { MeterKey, OwnerKeys } from './keys';
import { PeriodBills, daysFrom } from './period-bills';
import { commitmentTo, hashOf, meteredSlots, orderRecord, ORDER_ID, readingRecord } from './records';
import { revealToSome } from './revealing';

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
    readonly kept: KeptOrders;
    readonly preferences: Preferences;
    readonly day: AgentDay;
    /** For a demonstration: what it has ordered it does not open. */
    readonly withholds?: boolean | undefined;
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

/** The bill that has a day, and what became of it; undefined where its period goes on. */
export interface Billed {
    readonly bill: BillRecord | undefined;
    /** Undefined also where members have no accounts. */
    readonly paid: Paid | undefined;
}

/** An order that the market did not take. */
export interface RefusedOrder {
    readonly slot: number;
    readonly code: RefusalCode;
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
    readonly #absences = new Absences();
    /** Orders that were read back from our own peer: our file is gone. */
    readonly #recalled = new Map<number, OrderRecord>();
    #covered: Promise<boolean> | undefined;
    /** The whole day's, where we recorded them ourselves and do not have to read them back. */
    #readings: ReadingRecord[] | undefined;
    /** What it gave and took under contracts with storage: public, and made by itself. */
    #contracts: ReadonlyMap<number, ContractEnergy> = new Map();
    #isStorage = false;
    /** What it pays of the day's losses. */
    #lossesNanos = 0n;
    #scheduled: OwnScheduledDay | undefined;

    constructor(parts: AgentParts) {
        this.#parts = parts;
        this.home = parts.home;
        this.mspId = parts.calls.mspId;
        this.#auction = new Auction(parts.calls);
        this.#metering = new Metering(parts.calls);
        this.#billing = new Billing(parts.calls);
    }

    /**
     * The contracts that it made for the day. Its orders are for what is left. A demonstration's storage system gives and takes what it has promised, so
     * that its meter sees that besides what the data say.
     */
    contracted(contracts: ReadonlyMap<number, ContractEnergy>, isStorage: boolean): void {
        this.#contracts = contracts;
        this.#isStorage = isStorage;
    }

    /** What was agreed on ahead for the home: it orders nothing, and its devices do what was scheduled. */
    scheduled(day: OwnScheduledDay): void {
        this.#scheduled = day;
    }

    /** At which price deviations from the schedule are settled, micros/kWh by slot. */
    settledAt(imbalance: readonly bigint[]): void {
        this.#scheduled?.settledAt(imbalance);
    }

    /** What its meter shows: the data's, and what its devices did besides under a schedule or under contracts with storage. */
    get registers(): HomeRegisters {
        const { registers, firstSlot } = this.#parts.day;
        const shown = this.#scheduled?.meter(registers) ?? registers;
        return this.#isStorage ? withContracts(shown, firstSlot, this.#contracts) : shown;
    }

    /** What it expects of a slot besides its contracts. */
    #expectedWh(slot: number): bigint {
        const { expectedWh, firstSlot } = this.#parts.day;
        const contracted = this.#isStorage ? 0n : (this.#contracts.get(slot)?.contractedWh ?? 0n);
        return (expectedWh[slot - firstSlot] ?? 0n) - contracted;
    }

    get netsWh(): bigint[] {
        const { consumed, produced } = this.registers;
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

    /**
     * Orders for these slots what the agent expects of each, in one transaction. What it orders is on the agent's disk before anybody
     * hears of it. Where the market refuses, the slots are tried one by one; returns those that it refused.
     */
    async order(slots: readonly number[]): Promise<RefusedOrder[]> {
        const records: OrderRecord[] = [];
        if (slots.length === 0 || !(await this.cover())) {
            return [];
        }
        for (const slot of slots) {
            const record = await this.#orderFor(slot);
            if (record !== undefined) {
                records.push(record);
            }
        }
        this.#parts.kept.keep(records.filter(({ slot }) => this.#parts.kept.find(slot) === undefined));
        return this.#submit(records);
    }

    /**
     * Opens our orders of closed rounds to seats of their committees, just enough of them. With `including`, to that one in any case: it is
     * to clear and lacks some. Returns the slots of what was revealed.
     */
    async reveal(rounds: readonly RoundRecord[], including?: string): Promise<number[]> {
        const { charter, calls, withholds } = this.#parts;
        if (withholds === true) {
            return [];
        }
        const groups = new Map<string, { readonly rounds: RoundRecord[]; readonly orders: OrderRecord[] }>();
        for (const round of rounds) {
            const orders = this.closedOrders([round]);
            const committee = servingCommittee(charter, round);
            const turn = round.slot % committee.seats.length;
            const name = encode([committee, turn]);
            const group = groups.get(name) ?? { rounds: [], orders: [] };
            group.rounds.push(round);
            group.orders.push(...orders);
            groups.set(name, group);
        }
        const slots: number[] = [];
        for (const { rounds: alike, orders } of groups.values()) {
            const [first] = alike;
            if (first !== undefined && orders.length > 0) {
                const committee = servingCommittee(charter, first);
                const share = quorumShare(committee, first.slot);
                const { mspId: own } = calls;
                const absences = this.#absences;
                await revealToSome(this.#auction, { orders, rounds: alike, share, own, absences, including });
                slots.push(...orders.map(({ slot }) => slot));
            }
        }
        return slots;
    }

    /** Reads our orders of closed rounds back from our own peer where our file does not have them. */
    async recall(rounds: readonly RoundRecord[]): Promise<void> {
        for (const round of rounds) {
            const isOurs = (round.closed ?? []).some(({ order }) => order === this.#ownName);
            if (isOurs && this.closedOrders([round]).length === 0) {
                const stored = await this.#auction.ownOrders(round.slot);
                const found = stored.find(({ id }) => id === ORDER_ID);
                if (found !== undefined) {
                    this.#recalled.set(round.slot, found);
                }
            }
        }
    }

    /** Records the day's readings that are not on the ledger yet, in one transaction; only up to a slot, where one is given. */
    async recordReadings(until = Infinity): Promise<void> {
        const { day, keys, meter, operator } = this.#parts;
        const known = new Set((await this.#metering.markers(day.day)).map(({ slot }) => slot));
        const nets = this.netsWh;
        const missing = meteredSlots(this.mspId, day.day, day.firstSlot, this.registers)
            .filter(({ slot }) => !known.has(slot) && slot <= until)
            .map((slot) => readingRecord(keys, meter, slot, nets[slot.slot - day.firstSlot] ?? 0n));
        if (missing.length > 0) {
            await this.#metering.recordReadings(missing, operator);
        }
        this.#readings = known.size === 0 && until === Infinity ? missing : undefined;
    }

    /**
     * Agrees to the settlement of the day, once it is what we work out ourselves; again where how the community stood to its schedule was stated again
     * since: under an earlier statement nobody's settlement counts.
     */
    async settle(rounds: readonly RoundRecord[], terms: Terms): Promise<SettlementRecord> {
        const { day, keys, operator } = this.#parts;
        const settled = await this.#billing.settlement(day.day);
        const pool = this.#scheduled && (await this.#billing.pool(day.day));
        if (settled !== undefined && settled.pool === pool?.version) {
            return settled;
        }
        const { firstSlot } = day;
        const lastSlot = firstSlot + this.netsWh.length - 1;
        const readings = this.#readings ?? (await this.#metering.ownReadings(firstSlot, lastSlot));
        const version = (settled?.version ?? 0) + 1;
        const salt = keys.saltFor(keyName(settlementKey(day.day, this.mspId)), version);
        const scheduled = this.#scheduled && { scheduled: this.#scheduled.submission ?? null };
        const inputs = { readings, orders: this.closedOrders(rounds), salt, ...scheduled };
        const draft = await this.#billing.draftSettlement(day.day, inputs);
        checkSettlement(draft, this.#ownDay(rounds, terms));
        const record = { ...draft, signature: await keys.sign(ownerStatement(draft)) };
        const markerSignature = await keys.sign(ownerStatement(markerOfSettlement(record)));
        await this.#billing.settle(day.day, inputs, { signature: record.signature, markerSignature }, operator);
        return record;
    }

    /**
     * Agrees to the bills that are due at the end of the day, once each is what we work out ourselves, and pays them. Returns the one that has
     * the day: none as long as its period goes on.
     */
    async bill(rounds: readonly RoundRecord[], terms: Terms, settlement: SettlementRecord): Promise<Billed> {
        const { day } = this.#parts.day;
        checkSettlement(settlement, this.#ownDay(rounds, terms));
        const bills = new PeriodBills(this.#parts);
        const issued = await bills.issueDue(day);
        this.#lossesNanos = await bills.lossesOn(day);
        const earlier = issued.filter(({ to }) => to < day);
        for (const each of earlier) {
            await this.#pay(each);
        }
        const bill = issued.find(({ from, to }) => from <= day && day <= to) ?? (await bills.find(day));
        return bill === undefined ? { bill, paid: undefined } : { bill, paid: await this.#pay(bill) };
    }

    /** Out of the account, or into it what the bill brings. Undefined where members have no accounts. */
    async #pay(bill: BillRecord): Promise<Paid | undefined> {
        return this.#parts.money?.pay(bill, daysFrom(bill));
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

    /** The day worked out from our own meter, our orders and what is public, whatever was settled. */
    workedOut(rounds: readonly RoundRecord[], terms: Terms): PlainBill {
        return plainBill(plainSlots(this.#ownDay(rounds, terms)));
    }

    #plainDay(own: OwnDay): PlainDay {
        return { day: this.#parts.day.day, terms: own.terms, slots: plainSlots(own), lossesNanos: this.#lossesNanos };
    }

    /** Our orders that count in these rounds, as they were committed to; for whoever checks the auction, too. */
    closedOrders(rounds: readonly RoundRecord[]): OrderRecord[] {
        return rounds.flatMap(({ slot, closed = [] }) => {
            const counted = closed.find(({ order }) => order === this.#ownName);
            const known = [this.#parts.kept.find(slot), this.#recalled.get(slot)];
            return known.find((each) => each !== undefined && hashOf(each) === counted?.hash) ?? [];
        });
    }

    get #ownName(): string {
        return orderName(this.mspId, ORDER_ID);
    }

    /** The same as before where one was made before: its commitment may be on the ledger. */
    async #orderFor(slot: number): Promise<OrderRecord | undefined> {
        const { preferences, keys, kept } = this.#parts;
        const decision = decide(this.#expectedWh(slot), preferences);
        return kept.find(slot) ?? (decision && (await orderRecord(keys, this.mspId, slot, decision)));
    }

    async #submit(records: readonly OrderRecord[]): Promise<RefusedOrder[]> {
        const { keys, operator } = this.#parts;
        if (records.length === 0) {
            return [];
        }
        try {
            await this.#auction.submitOrders(
                records.map((record) => commitmentTo(keys, record)),
                operator,
            );
            return [];
        } catch (error) {
            if (!(error instanceof TransactionRefused)) {
                throw error;
            }
            if (records.length > 1) {
                const refused: RefusedOrder[] = [];
                for (const record of records) {
                    refused.push(...(await this.#submit([record])));
                }
                return refused;
            }
            // An order of ours that stands there already: we ended before we heard that it was committed.
            const { code } = error.refusal;
            return code === 'ORDER_EXISTS' ? [] : records.map(({ slot }) => ({ slot, code }));
        }
    }

    /** The day as it was settled with readings of others, and as we work it out now, to bill the difference. */
    correctedDay(rounds: readonly RoundRecord[], terms: Terms, settlement: SettlementRecord): CorrectedOwnDay {
        const own = this.#ownDay(rounds, terms);
        const settled = { ...own, netsWh: settlement.slots.map(({ meteredWh }) => meteredWh) };
        checkSettlement(settlement, settled);
        const day = { ...this.#plainDay(settled), corrected: plainSlots(own) };
        return { day, payer: own.payer };
    }

    #ownDay(rounds: readonly RoundRecord[], terms: Terms): OwnDay {
        const { charter, day } = this.#parts;
        const { firstSlot } = day;
        const { netsWh } = this;
        const payer = payerOf(charter, this.mspId, firstSlot + netsWh.length - 1);
        const storing = { contracts: this.#contracts, isStorage: this.#isStorage };
        return {
            firstSlot,
            netsWh,
            orders: this.closedOrders(rounds),
            rounds,
            terms,
            clock: charter.clock,
            payer,
            scheduled: this.#scheduled?.own,
            ...storing,
        };
    }
}
