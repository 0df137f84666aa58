import type {
    Charter,
    CorrectionRecord,
    OrderRecord,
    ReadingRecord,
    RoundRecord,
    SettlementRecord,
    Terms,
} from '@commonwatt/chaincode/api/records';
import { outcomeOf } from '@commonwatt/chaincode/api/outcomes';
import type { Outcome } from '@commonwatt/chaincode/domain/auction/order';
import type { PlainSlot } from '../audit/plain-bill';
import { plainPrices, type Payer, type PlainDay, type PlainPrices } from '../audit/plain-tariff';
import { payerOf, settledSlots } from '../household/bill-check';
import { energyOf, type ContractEnergy } from '../storage/contract-energy';
import type { HouseholdLedger, OpenedDay } from './household-ledger';

/** An order and what became of it; undefined while its round is not over. */
export interface OrderEnd {
    readonly order: OrderRecord;
    readonly outcome: Outcome | undefined;
}

/** All that a household has of one day. */
export interface OwnDayView {
    readonly day: string;
    readonly opened: OpenedDay;
    readonly charter: Charter;
    readonly terms: Terms;
    readonly payer: Payer;
    readonly rounds: readonly RoundRecord[];
    readonly orders: readonly OrderEnd[];
    /** The newest of each slot, by slot. */
    readonly readings: ReadonlyMap<number, ReadingRecord>;
    readonly settlement: SettlementRecord | undefined;
    /** Agreed on ahead: the rounds traded nothing. */
    readonly isScheduled: boolean;
    /** What is metered, with its prices and what was traded: as it was settled, and corrected since, or as it looks before. */
    readonly slots: readonly PlainSlot[];
    /** Its part of the losses is known only once the day was compared with the feeder. */
    readonly lossesNanos: bigint;
}

/** The day's terms, or undefined where none apply. */
export const termsAt = ({ terms }: Charter, day: string): Terms | undefined =>
    terms.find(({ fromDay, toDay }) => fromDay <= day && (toDay === null || day <= toDay));

/** The prices of a slot as the household's zone has them. */
export const pricesAt = (charter: Charter, terms: Terms, mspId: string, slot: number): PlainPrices =>
    plainPrices(terms, charter, slot, charter.members[mspId]?.zone);

/** Undefined where the day was not opened, or no tariffs apply on it. */
export function ownDay(ledger: HouseholdLedger, day: string): Promise<OwnDayView | undefined> {
    return ledger.once(`own day ${day}`, () => load(ledger, day));
}

async function load(ledger: HouseholdLedger, day: string): Promise<OwnDayView | undefined> {
    const [opened, charter] = await Promise.all([ledger.openedDay(day), ledger.charter()]);
    const terms = termsAt(charter, day);
    if (opened === undefined || terms === undefined) {
        return undefined;
    }
    const last = opened.first + opened.count - 1;
    const [rounds, orders, readings, settlement, corrections, contracts, schedule] = await Promise.all([
        ledger.rounds(day),
        ledger.orders(day, opened),
        ledger.readings(opened.first, last),
        ledger.settlement(day),
        ledger.corrections(day),
        ledger.contracts(day),
        ledger.schedule(day),
    ]);
    const ends = orderEnds(orders, rounds);
    const isScheduled = schedule?.status === 'converged';
    const scheduled = isScheduled ? await ledger.scheduledWh(schedule) : undefined;
    const newest = newestReadings(readings);
    const payer = payerOf(charter, ledger.mspId, last);
    const energies = energyOf(ledger.mspId, contracts, (status) => status === 'confirmed');
    const before = { charter, terms, mspId: ledger.mspId, first: opened.first, ends, readings: newest, scheduled };
    const slots =
        settlement === undefined
            ? metered(before)
            : settledSlots(corrected(settlement, corrections), { terms, clock: charter.clock, zone: payer.zone });
    return {
        ...{ day, opened, charter, terms, payer, rounds, orders: ends, readings: newest, settlement, isScheduled },
        slots: slots.map((slot) => withContract(slot, energies.get(slot.slot), isStorage(charter, ledger.mspId, day))),
        lossesNanos: settlement === undefined ? 0n : await ledger.lossesOn(day),
    };
}

export function orderEnds(orders: readonly OrderRecord[], rounds: readonly RoundRecord[]): OrderEnd[] {
    const roundOf = new Map(rounds.map((round) => [round.slot, round]));
    return orders
        .map((order) => {
            const round = roundOf.get(order.slot);
            return { order, outcome: round === undefined ? undefined : outcomeOf(round, order) };
        })
        .sort((a, b) => a.order.slot - b.order.slot);
}

function newestReadings(readings: readonly ReadingRecord[]): ReadonlyMap<number, ReadingRecord> {
    const newest = new Map<number, ReadingRecord>();
    for (const reading of readings) {
        if ((newest.get(reading.slot)?.version ?? 0) < reading.version) {
            newest.set(reading.slot, reading);
        }
    }
    return newest;
}

/** With what meters have said since. */
export function corrected(
    { slots }: SettlementRecord,
    corrections: readonly CorrectionRecord[],
): SettlementRecord['slots'] {
    const newest = new Map(corrections.flatMap((each) => each.slots.map(({ slot, meteredWh }) => [slot, meteredWh])));
    return slots.map((slot) => ({ ...slot, meteredWh: newest.get(slot.slot) ?? slot.meteredWh }));
}

interface BeforeSettlement extends Pick<OwnDayView, 'charter' | 'terms' | 'readings'> {
    readonly mspId: string;
    readonly first: number;
    readonly ends: readonly OrderEnd[];
    readonly scheduled: readonly bigint[] | undefined;
}

/** The slots that have a reading. What deviations from a schedule cost is known when the community is settled: until then they stand at its prices. */
function metered({ charter, terms, mspId, first, ends, readings, scheduled }: BeforeSettlement): PlainSlot[] {
    return [...readings.values()]
        .sort((a, b) => a.slot - b.slot)
        .map(({ slot, netWh }) => {
            const traded = ends.filter(({ order }) => order.slot === slot);
            const sum = (side: OrderRecord['side'], of: 'fill' | 'amount'): bigint =>
                traded
                    .filter(({ order }) => order.side === side)
                    .reduce<bigint>((so, { outcome }) => so + (outcome?.[of] ?? 0n), 0n);
            const agreed = scheduled?.[slot - first] ?? 0n;
            return {
                slot,
                netWh,
                boughtWh: sum('buy', 'fill') + (agreed > 0n ? agreed : 0n),
                soldWh: sum('sell', 'fill') + (agreed < 0n ? -agreed : 0n),
                paidNanos: sum('buy', 'amount'),
                earnedNanos: sum('sell', 'amount'),
                ...pricesAt(charter, terms, mspId, slot),
            };
        });
}

/** What contracts cost is beside the bill, by escrow. */
function withContract(slot: PlainSlot, energy: ContractEnergy | undefined, isStorage: boolean): PlainSlot {
    return energy === undefined ? slot : { ...slot, contract: { ...energy, isStorage } };
}

const isStorage = ({ storage = [] }: Charter, mspId: string, day: string): boolean =>
    storage.findLast(({ fromDay }) => fromDay <= day)?.mspId === mspId;

/** The day as tariffs see it. */
export const plainDay = ({ day, terms, slots, lossesNanos, payer }: OwnDayView): PlainDay => ({
    day,
    terms,
    slots,
    lossesNanos,
    meters: payer.meters,
});
