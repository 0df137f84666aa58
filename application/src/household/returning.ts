import { markerOfCorrection } from '@commonwatt/chaincode/api/corrections';
import { correctionKey, keyName } from '@commonwatt/chaincode/api/keys';
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
import { BillDisputed } from './bill-check';
import { PeriodBills } from './period-bills';
import { correctedReading, meteredSlots } from './records';

/** What a household that was silent does when it is back. */
export interface Corrected {
    /** Slots in which what its meter says took the place of an estimate or of another reading. */
    readonly slots: number;
    /** Undefined where nothing had to be corrected. */
    readonly correction?: CorrectionRecord | undefined;
    /** In the place of a provisional one, with all corrections; undefined where the bill was final, or was issued again before. */
    readonly bill?: BillRecord | undefined;
    /** What settlement and all corrections come to for the household: positive is received. */
    readonly balanceNanos: bigint;
}

const REPORTED = 'the meter has reported';
const MISREAD = 'the meter was read wrong';

/**
 * A household after the grid operator estimated and settled a day for it, or after its meter was read wrong: what its meter says takes the place
 * of the readings, and the difference is added to the settlement, once it is what the household works out itself. May be done again.
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
        const slots = await this.#replaceReadings();
        const settlement = await this.#billing.settlement(day);
        if (settlement === undefined) {
            throw new Error(`${day} is not settled for ${this.#agent.home}, or its records are not here: restore them`);
        }
        const earlier = await this.#corrections.own(day);
        const correction = await this.#correction(settlement, earlier, rounds, terms);
        const corrections = [...earlier, ...(correction === undefined ? [] : [correction])];
        const bill = corrections.length === 0 ? undefined : await this.#bill();
        return { slots, correction, bill, balanceNanos: this.#balance([settlement, ...corrections]) };
    }

    /** Corrections of a day whose bill is final come onto the next bill by themselves. */
    async #bill(): Promise<BillRecord | undefined> {
        const bills = new PeriodBills(this.#parts);
        const issued = await bills.find(this.#parts.day.day);
        return issued?.provisional === true ? bills.replace(issued) : undefined;
    }

    /** Where the ledger has an estimate, or something else than our meter says. Returns how many slots. */
    async #replaceReadings(): Promise<number> {
        const { day, keys, meter, operator, calls } = this.#parts;
        const nets = this.#agent.netsWh;
        const known = new Map(
            (await this.#metering.ownReadings(day.firstSlot, day.firstSlot + nets.length - 1)).map((each) => [
                each.slot,
                each,
            ]),
        );
        const readings = meteredSlots(calls.mspId, day.day, day.firstSlot, day.registers).flatMap((slot) => {
            const netWh = nets[slot.slot - day.firstSlot] ?? 0n;
            const before = known.get(slot.slot);
            const isRight = before === undefined || (before.kind !== 'estimated' && before.netWh === netWh);
            const reason = before?.kind === 'estimated' ? REPORTED : MISREAD;
            const version = (before?.version ?? 0) + 1;
            return isRight ? [] : [correctedReading(keys, meter, slot, netWh, { version, reason })];
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
