import { markerOfBill } from '@commonwatt/chaincode/api/bills';
import { billKey, keyName } from '@commonwatt/chaincode/api/keys';
import type { BillRecord, Charter, CorrectionRecord, SettlementRecord, Terms } from '@commonwatt/chaincode/api/records';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import { isActiveOn } from '@commonwatt/chaincode/domain/community/roster';
import { periodsDue, type BillEvery } from '@commonwatt/chaincode/domain/tariff/periods';
import { dayAfter } from '../data/zone';
import { plainLossShares, sharersOf } from '../audit/plain-feeder';
import type { PlainCorrectedDay } from '../audit/plain-tariff';
import { Billing, type Period, type Unbilled } from '../market/billing';
import { Corrections } from '../market/corrections';
import { Feeder } from '../market/feeder';
import { Metering } from '../market/metering';
import type { TypedCalls } from '../market/typed-calls';
import { checkBill, payerOf, settledSlots } from './bill-check';
import type { OwnerKeys } from './keys';

export interface BillingParts {
    readonly operator: string;
    readonly charter: Charter;
    readonly calls: TypedCalls;
    readonly keys: OwnerKeys;
}

/** A day as the household has it in its own collection. */
interface KnownDay {
    readonly settlement: SettlementRecord;
    readonly corrections: readonly CorrectionRecord[];
    /** How many of its corrections other bills have: the first so many. */
    readonly billed: number;
}

/**
 * A household's bills over the periods that governance sets. When a period is over, its agent works each bill out from the settlements and
 * corrections that it has signed, compares, and signs. Corrections of days that are billed already come onto the next bill.
 * Everything may be done again: what is on the ledger already stays.
 */
export class PeriodBills {
    readonly #parts: BillingParts;
    readonly #billing: Billing;
    readonly #corrections: Corrections;

    constructor(parts: BillingParts) {
        this.#parts = parts;
        this.#billing = new Billing(parts.calls);
        this.#corrections = new Corrections(parts.calls);
    }

    /** Every bill that is due when `today` is over, the oldest first. */
    async issueDue(today: string): Promise<BillRecord[]> {
        const { calls, charter } = this.#parts;
        const unbilled = await this.#billing.unbilled();
        const known = await this.#agreedDays(unbilled.days.filter((each) => each <= today));
        const standings = charter.members[calls.mspId]?.standings ?? [];
        const isMemberOn = (day: string): boolean => isActiveOn(standings, day);
        const periods = periodsDue([...known.keys()], today, billEvery(charter), isMemberOn);
        const bills: BillRecord[] = [];
        for (const period of periods) {
            const days = [...known.values()].filter(({ settlement: { day } }) => isWithin(day, period));
            const earlier = bills.length === 0 ? await this.#corrected(unbilled, period) : [];
            bills.push(await this.#issue(period, days, earlier, 1));
        }
        return bills;
    }

    /** The bill that has the day, where there is one. */
    async find(day: string): Promise<BillRecord | undefined> {
        const { bills } = await this.#billing.unbilled();
        const period = bills.find((each) => isWithin(day, each));
        return period === undefined ? undefined : this.#billing.bill(period);
    }

    /** Our share, by the public record and the connections of everybody who was settled. */
    async lossesOn(day: string): Promise<bigint> {
        const { calls, charter } = this.#parts;
        const compared = await new Feeder(calls).day(day);
        if (compared?.payer !== 'members') {
            return 0n;
        }
        const markers = await this.#billing.settlementMarkers(day);
        return plainLossShares(compared, sharersOf(charter, markers)).get(calls.mspId) ?? 0n;
    }

    /** The household's own bill in the place of a provisional one, with all corrections of its days. */
    async replace({ from, to, version }: BillRecord): Promise<BillRecord> {
        const period = { from, to };
        const days: KnownDay[] = [];
        for (const day of daysFrom(period)) {
            const found = await this.#knownDay(day, 0);
            if (found === undefined) {
                throw new Error(`the settlement of ${day} is not here: restore it`);
            }
            days.push(found);
        }
        return this.#issue(period, days, await this.#corrected(await this.#billing.unbilled(), period), version + 1);
    }

    async #agreedDays(days: readonly string[]): Promise<Map<string, KnownDay>> {
        const known = new Map<string, KnownDay>();
        for (const day of days) {
            const found = await this.#knownDay(day, 0);
            if (found !== undefined && isAgreed(found)) {
                known.set(day, found);
            }
        }
        return known;
    }

    /** Days before the period that another, final bill has, and that were corrected since. */
    async #corrected({ corrected, bills }: Unbilled, { from }: Period): Promise<KnownDay[]> {
        const provisional = bills.filter((each) => each.provisional);
        const days: KnownDay[] = [];
        for (const { day, billed } of corrected) {
            if (day < from && !provisional.some((each) => isWithin(day, each))) {
                const found = await this.#knownDay(day, billed);
                days.push(...(found === undefined ? [] : [found]));
            }
        }
        return days;
    }

    async #knownDay(day: string, billed: number): Promise<KnownDay | undefined> {
        const settlement = await this.#billing.settlement(day);
        const corrections = await this.#corrections.own(day);
        return settlement === undefined
            ? undefined
            : { settlement, corrections: [...corrections].sort((a, b) => a.number - b.number), billed };
    }

    async #issue(
        period: Period,
        days: readonly KnownDay[],
        earlier: readonly KnownDay[],
        version: number,
    ): Promise<BillRecord> {
        const { keys, calls, operator } = this.#parts;
        const used = [...earlier, ...days];
        const inputs = {
            settlements: used.map(({ settlement }) => settlement),
            corrections: used.flatMap(({ corrections }) => [...corrections]),
            readings: await this.#edges(days),
            salt: keys.saltFor(keyName(billKey(calls.mspId, period.from, period.to)), version),
        };
        const draft = await this.#billing.draftBill(period, inputs);
        await this.#check(draft, days, used);
        const record = { ...draft, signature: await keys.sign(ownerStatement(draft)) };
        const markerSignature = await keys.sign(ownerStatement(markerOfBill(record)));
        const signed = { signature: record.signature, markerSignature };
        await this.#billing.issueBill(period, inputs, signed, operator);
        return record;
    }

    /** Of the first and the last slot: the bill says what the meters showed. */
    async #edges(days: readonly KnownDay[]): Promise<Awaited<ReturnType<Metering['ownReadings']>>> {
        const metering = new Metering(this.#parts.calls);
        const slots = [days[0]?.settlement.slots[0]?.slot, days.at(-1)?.settlement.slots.at(-1)?.slot];
        const found = [];
        for (const slot of slots) {
            found.push(...(slot === undefined ? [] : await metering.ownReadings(slot, slot)));
        }
        return found;
    }

    /** @throws BillDisputed where the bill is not what its days and corrections come to by our own arithmetic. */
    async #check(
        draft: Parameters<typeof checkBill>[0],
        days: readonly KnownDay[],
        used: readonly KnownDay[],
    ): Promise<void> {
        const { calls, charter } = this.#parts;
        const own = [];
        for (const { settlement } of days) {
            own.push({ ...this.#plain(settlement), lossesNanos: await this.lossesOn(settlement.day) });
        }
        const corrected = used
            .filter(({ corrections, billed }) => corrections.length > billed)
            .map((each) => this.#plainCorrected(each));
        const lastSlot = days.at(-1)?.settlement.slots.at(-1)?.slot ?? 0;
        checkBill(draft, own, payerOf(charter, calls.mspId, lastSlot), charter.rules.minorUnitNanos, corrected);
    }

    #plain({ day, slots }: Pick<SettlementRecord, 'day' | 'slots'>): PlainCorrectedDay {
        const { calls, charter } = this.#parts;
        const terms = termsAt(charter, day);
        if (terms === undefined) {
            throw new Error(`no tariffs apply on ${day}`);
        }
        const { zone, meters } = payerOf(charter, calls.mspId, slots.at(-1)?.slot ?? 0);
        const plain = settledSlots(slots, { terms, clock: charter.clock, zone });
        return { day, terms, slots: plain, meters, corrected: plain };
    }

    /** As it was with the corrections that other bills have, and with all of them. */
    #plainCorrected({ settlement, corrections, billed }: KnownDay): PlainCorrectedDay {
        const upTo = (count: number): PlainCorrectedDay => {
            const newest = new Map(
                corrections.slice(0, count).flatMap(({ slots }) => slots.map((each) => [each.slot, each.meteredWh])),
            );
            const slots = settlement.slots.map((each) => ({
                ...each,
                meteredWh: newest.get(each.slot) ?? each.meteredWh,
            }));
            return this.#plain({ day: settlement.day, slots });
        };
        return { ...upTo(billed), corrected: upTo(corrections.length).slots };
    }
}

/** Signed by the household itself, or corrected by it since. */
const isAgreed = ({ settlement, corrections }: KnownDay): boolean =>
    settlement.signedBy === 'owner' || corrections.length > 0;

/** How much a bill covers that has the day. */
export const billEvery =
    (charter: Charter) =>
    (day: string): BillEvery =>
        termsAt(charter, day)?.billEvery ?? 'day';

/** Every day of a period, first to last. */
export function daysFrom({ from, to }: Period): string[] {
    const days: string[] = [];
    for (let day = from; day <= to; day = dayAfter(day)) {
        days.push(day);
    }
    return days;
}

const isWithin = (day: string, { from, to }: Period): boolean => from <= day && day <= to;

const termsAt = ({ terms }: Charter, day: string): Terms | undefined =>
    terms.find(({ fromDay, toDay }) => fromDay <= day && (toDay === null || day <= toDay));
