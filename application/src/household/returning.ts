import { markerOfBill } from '@commonwatt/chaincode/api/bills';
import { markerOfCorrection } from '@commonwatt/chaincode/api/corrections';
import { billKey, correctionKey, keyName } from '@commonwatt/chaincode/api/keys';
import type {
    BillRecord,
    CorrectionRecord,
    RoundRecord,
    SettlementRecord,
    Terms,
} from '@commonwatt/chaincode/api/records';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import { Billing } from '../market/billing';
import { Corrections } from '../market/corrections';
import { Metering } from '../market/metering';
import type { AgentParts, HouseholdAgent } from './agent';
import { BillDisputed, checkBill } from './bill-check';
import { correctedReading, meteredSlots } from './records';

/** What a household that was silent does when it is back. */
export interface Corrected {
    /** Slots whose estimates its meter replaced. */
    readonly slots: number;
    /** Undefined where nothing had to be corrected. */
    readonly correction?: CorrectionRecord | undefined;
    /** In the place of a provisional one, with all corrections; undefined where the bill was final, or was issued again before. */
    readonly bill?: BillRecord | undefined;
    /** What settlement and all corrections come to for the household: positive is received. */
    readonly balanceNanos: bigint;
}

const REASON = 'the meter has reported';

/**
 * A household after the grid operator estimated and settled a day for it: its meter's readings take the estimates' places, and the difference is
 * added to the settlement, once it is what the household works out itself. May be done again.
 */
export class ReturningHousehold {
    readonly #parts: AgentParts;
    readonly #agent: HouseholdAgent;
    readonly #metering: Metering;
    readonly #billing: Billing;
    readonly #corrections: Corrections;

    constructor(parts: AgentParts, agent: HouseholdAgent) {
        this.#parts = parts;
        this.#agent = agent;
        this.#metering = new Metering(parts.calls);
        this.#billing = new Billing(parts.calls);
        this.#corrections = new Corrections(parts.calls);
    }

    async correct(rounds: readonly RoundRecord[], terms: Terms): Promise<Corrected> {
        const { day } = this.#parts.day;
        const slots = await this.#replaceEstimates();
        const settlement = await this.#billing.settlement(day);
        if (settlement === undefined) {
            throw new Error(`${day} is not settled for ${this.#agent.home}, or its records are not here: restore them`);
        }
        const earlier = await this.#corrections.own(day);
        const correction = await this.#correction(settlement, earlier, rounds, terms);
        const corrections = [...earlier, ...(correction === undefined ? [] : [correction])];
        const bill = await this.#bill(settlement, corrections, rounds, terms);
        return { slots, correction, bill, balanceNanos: this.#balance([settlement, ...corrections]) };
    }

    /** Corrections of a day whose bill is final are for the next bill. */
    async #bill(
        settlement: SettlementRecord,
        corrections: CorrectionRecord[],
        rounds: readonly RoundRecord[],
        terms: Terms,
    ): Promise<BillRecord | undefined> {
        const { day, keys, operator, calls, charter } = this.#parts;
        const period = { from: day.day, to: day.day };
        const issued = await this.#billing.bill(period);
        if (issued?.provisional !== true || corrections.length === 0) {
            return undefined;
        }
        const salt = keys.saltFor(keyName(billKey(calls.mspId, period.from, period.to)), issued.version + 1);
        const inputs = { settlements: [settlement], corrections, salt };
        const draft = await this.#billing.draftBill(period, inputs);
        const { day: own, payer } = this.#agent.correctedDay(rounds, terms, settlement);
        checkBill(draft, [own], payer, charter.rules.minorUnitNanos, [own]);
        const bill = { ...draft, signature: await keys.sign(ownerStatement(draft)) };
        const markerSignature = await keys.sign(ownerStatement(markerOfBill(bill)));
        await this.#billing.issueBill(period, inputs, { signature: bill.signature, markerSignature }, operator);
        return bill;
    }

    /** Returns how many slots. */
    async #replaceEstimates(): Promise<number> {
        const { day, keys, meter, operator, calls } = this.#parts;
        const markers = await this.#metering.markers(day.day);
        const estimated = new Map(
            markers.filter(({ kind }) => kind === 'estimated').map(({ slot, version }) => [slot, version]),
        );
        const nets = this.#agent.netsWh;
        const readings = meteredSlots(calls.mspId, day.day, day.firstSlot, day.registers)
            .filter(({ slot }) => estimated.has(slot))
            .map((slot) => {
                const version = (estimated.get(slot.slot) ?? 0) + 1;
                const netWh = nets[slot.slot - day.firstSlot] ?? 0n;
                return correctedReading(keys, meter, slot, netWh, { version, reason: REASON });
            });
        if (readings.length > 0) {
            await this.#metering.recordReadings(readings, operator);
        }
        return readings.length;
    }

    async #correction(
        settlement: SettlementRecord,
        corrections: CorrectionRecord[],
        rounds: readonly RoundRecord[],
        terms: Terms,
    ): Promise<CorrectionRecord | undefined> {
        const { day, keys, operator, calls } = this.#parts;
        const used = new Map(
            [...settlement.slots, ...corrections.flatMap(({ slots }) => slots)].map((each) => [
                each.slot,
                each.readingVersion,
            ]),
        );
        const lastSlot = day.firstSlot + this.#agent.netsWh.length - 1;
        const readings = await this.#metering.ownReadings(day.firstSlot, lastSlot);
        const newer = readings.filter(({ slot, version }) => version > (used.get(slot) ?? 0));
        if (newer.length === 0) {
            return undefined;
        }
        const key = keyName(correctionKey(day.day, calls.mspId, corrections.length + 1));
        const inputs = { settlement, corrections, readings: newer, salt: keys.saltFor(key, 1) };
        const draft = await this.#corrections.draft(day.day, inputs);
        this.#check([settlement, ...corrections, draft], rounds, terms);
        const correction = { ...draft, signature: await keys.sign(ownerStatement(draft)) };
        const markerSignature = await keys.sign(ownerStatement(markerOfCorrection(correction)));
        const signed = { signature: correction.signature, markerSignature };
        await this.#corrections.record(day.day, inputs, signed, operator);
        return correction;
    }

    /** With the correction the day is what our own meter, orders and public prices make it. @throws BillDisputed */
    #check(records: readonly Pick<SettlementRecord, 'postings'>[], rounds: readonly RoundRecord[], terms: Terms): void {
        const expected = -this.#agent.workedOut(rounds, terms).nanos;
        const said = this.#balance(records);
        if (said !== expected) {
            throw new BillDisputed(
                `with its correction ${this.#parts.day.day} comes to ${said.toString()} nanos, we work out ${expected.toString()}`,
            );
        }
    }

    #balance(records: readonly Pick<SettlementRecord, 'postings'>[]): bigint {
        const own = `household:${this.#parts.calls.mspId}`;
        return records
            .flatMap(({ postings }) => postings)
            .filter(({ account }) => account === own)
            .reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
    }
}
