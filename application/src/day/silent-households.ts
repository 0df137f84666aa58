import { markerOfBill } from '@commonwatt/chaincode/api/bills';
import { keyName, readingKey, settlementKey, billKey } from '@commonwatt/chaincode/api/keys';
import type {
    BillRecord,
    Charter,
    CorrectionRecord,
    OrderRecord,
    ReadingRecord,
    RoundRecord,
    SettlementRecord,
} from '@commonwatt/chaincode/api/records';
import { markerOfSettlement } from '@commonwatt/chaincode/api/settlements';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import { isActiveOn } from '@commonwatt/chaincode/domain/community/roster';
import { periodsDue } from '@commonwatt/chaincode/domain/tariff/periods';
import { ESTIMATE_DAYS, estimateOf, type KnownDay } from '@commonwatt/chaincode/domain/metering/estimate';
import { dayOf, slot as slotOf, type Clock } from '@commonwatt/chaincode/domain/slot';
import type { OwnerKeys } from '../household/keys';
import { billEvery, daysFrom } from '../household/period-bills';
import { Auction } from '../market/auction';
import { Billing, type Period, type SettlementInputs } from '../market/billing';
import { Corrections } from '../market/corrections';
import { operatorAndCommittee } from '../market/endorsers';
import { Metering } from '../market/metering';
import { Schedule } from '../market/schedule';
import type { TypedCalls } from '../market/typed-calls';

const SLOTS_PER_DAY = 96;
const REASON = 'no reading came before the deadline';

/**
 * What the grid operator does, with the committee, for a household whose peer is silent past the deadline: estimates its readings, settles its day and
 * issues its bill, all provisional. Nothing is done that the household has done itself.
 */
export class SilentHouseholds {
    readonly #keys: OwnerKeys;
    readonly #charter: Charter;
    readonly #metering: Metering;
    readonly #billing: Billing;
    readonly #corrections: Corrections;
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls, keys: OwnerKeys, charter: Charter) {
        this.#keys = keys;
        this.#charter = charter;
        this.#calls = calls;
        this.#metering = new Metering(calls);
        this.#billing = new Billing(calls);
        this.#corrections = new Corrections(calls);
    }

    /** Estimates every slot of the day that nobody has read. Returns how many. */
    async estimate(mspId: string, rounds: readonly RoundRecord[]): Promise<number> {
        const [first] = rounds;
        if (first === undefined) {
            return 0;
        }
        const known = new Set((await this.#metering.markers(first.day, mspId)).map(({ slot }) => slot));
        const silent = rounds.filter(({ slot }) => !known.has(slot));
        const days = await this.#knownDays(mspId, first.slot);
        const { importLimitW = 0n } = this.#charter.members[mspId] ?? {};
        const readings: ReadingRecord[] = [];
        for (const { day, slot } of silent) {
            const netWh = estimateOf(slot - first.slot, days, importLimitW);
            readings.push(await this.#estimated(mspId, day, slot, netWh));
        }
        if (readings.length > 0) {
            await this.#metering.estimateReadings(mspId, readings, operatorAndCommittee(this.#charter, first));
        }
        return readings.length;
    }

    /** `orders`: the household's that count, as whoever cleared them holds them; none does on a day that was scheduled. */
    async settle(
        mspId: string,
        rounds: readonly RoundRecord[],
        orders: readonly OrderRecord[],
    ): Promise<SettlementRecord> {
        const [first, last] = [rounds[0], rounds.at(-1)];
        if (first === undefined || last === undefined) {
            throw new Error('a day without rounds cannot be settled');
        }
        const settled = await this.#billing.settlement(first.day, mspId);
        if (settled !== undefined && settled.pool === (await this.#billing.pool(first.day))?.version) {
            return settled;
        }
        const readings = await this.#metering.ownReadings(first.slot, last.slot, mspId);
        const salt = this.#keys.saltFor(keyName(settlementKey(first.day, mspId)), (settled?.version ?? 0) + 1);
        const inputs = { readings, ...(await this.#trades(first.day, mspId, orders)), salt };
        const draft = await this.#billing.draftSettlement(first.day, inputs, mspId);
        const record = { ...draft, signature: await this.#keys.sign(ownerStatement(draft)) };
        const markerSignature = await this.#keys.sign(ownerStatement(markerOfSettlement(record)));
        const signed = { signature: record.signature, markerSignature };
        const endorsers = operatorAndCommittee(this.#charter, first);
        await this.#billing.settleProvisionally(first.day, mspId, { ...inputs, ...signed }, endorsers);
        return record;
    }

    /** What it agreed to a day ahead, as the grid operator has it, null where it never said anything; else its orders. */
    async #trades(
        day: string,
        mspId: string,
        orders: readonly OrderRecord[],
    ): Promise<Pick<SettlementInputs, 'orders' | 'scheduled'>> {
        const schedule = new Schedule(this.#calls);
        const agreed = (await schedule.find(day))?.agreed;
        if (agreed === undefined) {
            return { orders: [...orders] };
        }
        const hash = agreed.households.find((each) => each.mspId === mspId)?.hash ?? null;
        const { submissions } = await schedule.openings(day);
        const scheduled = submissions.find((each) => each.mspId === mspId && hash !== null) ?? null;
        return { orders: [], scheduled };
    }

    /** Issues the bill that is due at the end of the settlement's day; undefined while its period goes on. */
    async bill(settlement: SettlementRecord, first: RoundRecord): Promise<BillRecord | undefined> {
        const { mspId, day } = settlement;
        const unbilled = await this.#billing.unbilled(mspId);
        const issued = unbilled.bills.find(({ from, to }) => from <= day && day <= to);
        const standings = this.#charter.members[mspId]?.standings ?? [];
        const period =
            issued ??
            periodsDue(unbilled.days, day, billEvery(this.#charter), (each) => isActiveOn(standings, each)).at(-1);
        if (period === undefined || period.to !== day) {
            return undefined;
        }
        return issued === undefined ? this.#issue(mspId, period, first) : this.#billing.bill(issued, mspId);
    }

    async #issue(mspId: string, { from, to }: Period, first: RoundRecord): Promise<BillRecord> {
        const period = { from, to };
        const salt = this.#keys.saltFor(keyName(billKey(mspId, from, to)), 1);
        const [settlements, corrections] = [[] as SettlementRecord[], [] as CorrectionRecord[]];
        for (const day of daysFrom(period)) {
            const found = await this.#billing.settlement(day, mspId);
            settlements.push(...(found === undefined ? [] : [found]));
            corrections.push(...(await this.#corrections.own(day, mspId)));
        }
        const lastSlot = settlements.at(-1)?.slots.at(-1)?.slot ?? first.slot;
        const readings = await this.#metering.ownReadings(lastSlot, lastSlot, mspId);
        const inputs = { settlements, corrections, readings, salt };
        const draft = await this.#billing.draftBill(period, inputs, mspId);
        const record = { ...draft, signature: await this.#keys.sign(ownerStatement(draft)) };
        const markerSignature = await this.#keys.sign(ownerStatement(markerOfBill(record)));
        // The bill's marker stands under the committee of its first day.
        const served = from === first.day ? first : ((await new Auction(this.#calls).rounds(from))[0] ?? first);
        const endorsers = operatorAndCommittee(this.#charter, served);
        const signed = { signature: record.signature, markerSignature };
        await this.#billing.issueBillProvisionally(period, mspId, { ...inputs, ...signed }, endorsers);
        return record;
    }

    /** What meters said in the days before, by the number of the slot in its day. Estimates are left out: they would confirm themselves. */
    async #knownDays(mspId: string, firstSlot: number): Promise<KnownDay[]> {
        const from = Math.max(0, firstSlot - ESTIMATE_DAYS * SLOTS_PER_DAY);
        const readings = await this.#metering.ownReadings(from, firstSlot - 1, mspId);
        const clock: Clock = this.#charter.clock.map((change) => ({ ...change, fromSlot: slotOf(change.fromSlot) }));
        const days = new Map<string, Map<number, bigint>>();
        for (const { slot, netWh } of readings.filter(({ kind }) => kind !== 'estimated')) {
            const { day, first } = dayOf(slotOf(slot), clock);
            const nets = days.get(day) ?? new Map<number, bigint>();
            days.set(day, nets.set(slot - first, netWh));
        }
        return [...days.values()].slice(-ESTIMATE_DAYS).map((nets) => ({ nets }));
    }

    async #estimated(mspId: string, day: string, slot: number, netWh: bigint): Promise<ReadingRecord> {
        const key = keyName(readingKey(mspId, day, slot));
        const unsigned = {
            key,
            version: 1,
            mspId,
            slot,
            kind: 'estimated' as const,
            reason: REASON,
            netWh,
            spans: [],
            salt: this.#keys.saltFor(key, 1),
        };
        return { ...unsigned, signature: await this.#keys.sign(ownerStatement(unsigned)) };
    }
}
