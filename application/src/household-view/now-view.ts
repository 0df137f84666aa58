import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import type { z } from 'zod';
import { plainBill, type PlainSlot } from '../audit/plain-bill';
import type { now, slotPrice } from '../server/schemas/now';
import { flowOf } from './energy-flow';
import { ownDay, pricesAt, type OwnDayView } from './own-day';
import type { HouseholdLedger } from './household-ledger';

export type NowView = Omit<z.output<typeof now>, 'agent' | 'journal'>;
type Price = z.output<typeof slotPrice>;

const SLOTS_A_DAY = 96;
/** "The next hours". */
const SLOTS_AHEAD = 32;

/**
 * What a household sees first. Of a day that is traded again "now" is the slot with the clock's time of day, if it was metered already, or else the
 * last one that was; of a live day the slot that runs, with what was metered last.
 *
 * @param wanted the slot to show instead
 */
export async function nowView(
    ledger: HouseholdLedger,
    day: string | undefined,
    clockSlot: number,
    wanted?: number,
): Promise<NowView> {
    const height = await ledger.tip.height();
    const own = day === undefined ? undefined : await ownDay(ledger, day);
    if (own === undefined) {
        const nothing = { slot: null, flow: null, price: null, next: [], today: null };
        return { height, day: day ?? null, replay: false, ...nothing };
    }
    const slot = wanted !== undefined && isOf(own, wanted) ? wanted : slotShown(own, clockSlot);
    const next = Array.from({ length: SLOTS_AHEAD }, (_, index) => priceOf(own, ledger.mspId, slot + 1 + index));
    return {
        height,
        day: own.day,
        replay: own.opened.replay,
        slot,
        flow: flowAt(own, slot),
        price: priceOf(own, ledger.mspId, slot) ?? null,
        next: next.filter((price) => price !== undefined),
        today: todayOf(own, slot),
    };
}

/** Of the slot, or the last before it that was metered; of the first one where none was yet. */
function flowAt(own: OwnDayView, slot: number): NowView['flow'] {
    const metered = own.slots.findLast((each) => each.slot <= slot) ?? own.slots[0];
    const reading = metered && own.readings.get(metered.slot);
    return metered === undefined || reading === undefined ? null : flowOf(metered, reading);
}

const isOf = ({ opened }: OwnDayView, slot: number): boolean =>
    slot >= opened.first && slot < opened.first + opened.count;

/** The slot that stands for now. */
export function slotShown(own: Pick<OwnDayView, 'opened' | 'rounds' | 'slots'>, clockSlot: number): number {
    const { first, count, replay } = own.opened;
    const last = first + count - 1;
    if (!replay) {
        return Math.min(Math.max(clockSlot, first), last);
    }
    // Days are whole numbers of quarter hours apart, so the slots of the same time of day differ by whole days.
    const sameTime = first + ((((clockSlot - first) % SLOTS_A_DAY) + SLOTS_A_DAY) % SLOTS_A_DAY);
    const metered = own.slots.at(-1)?.slot;
    const cleared = own.rounds.findLast(({ status }) => status === 'cleared')?.slot;
    const newest = metered ?? cleared ?? first;
    return Math.min(sameTime, newest);
}

/** Undefined outside of the day. */
export function priceOf(own: OwnDayView, mspId: string, slot: number): Price | undefined {
    const round = own.rounds.find((each) => each.slot === slot);
    if (round === undefined) {
        return undefined;
    }
    const { retail, feedIn, gridFee, communityFee } = pricesAt(own.charter, own.terms, mspId, slot);
    const { status, price } = own.isScheduled ? scheduled(own, slot) : tradedAt(round);
    return { slot, status, price, retail, feedIn, fees: own.isScheduled ? 0n : gridFee + communityFee };
}

const tradedAt = ({ status, price }: RoundRecord): Pick<Price, 'status' | 'price'> => ({
    status,
    price: price ?? null,
});

/** What was agreed on for the slot is known to the home once it was settled: energy and its money. */
function scheduled({ slots }: OwnDayView, slot: number): Pick<Price, 'status' | 'price'> {
    const settled = slots.find((each) => each.slot === slot);
    return { status: 'scheduled', price: settled === undefined ? null : perKilowattHour(settled) };
}

function perKilowattHour({ boughtWh, soldWh, paidNanos, earnedNanos }: PlainSlot): bigint | null {
    return boughtWh > 0n ? paidNanos / boughtWh : soldWh > 0n ? earnedNanos / soldWh : null;
}

/** Energy's money up to a slot. Undecided on a day that was agreed on ahead, until it is settled. */
function todayOf(own: OwnDayView, slot: number): NowView['today'] {
    if (own.isScheduled && own.settlement === undefined) {
        return null;
    }
    return energyMoney(own.slots.filter((each) => each.slot <= slot));
}

/** What energy cost and brought, each slot for itself, and what was gained against the supplier's tariffs. */
export function energyMoney(slots: readonly PlainSlot[]): NonNullable<NowView['today']> {
    let [paidNanos, earnedNanos] = [0n, 0n];
    for (const slot of slots) {
        const { nanos } = plainBill([{ ...slot, soldWh: 0n, earnedNanos: 0n, netWh: slot.netWh - slot.soldWh }]);
        paidNanos += nanos > 0n ? nanos : 0n;
        earnedNanos += slot.earnedNanos + (nanos < 0n ? -nanos : 0n);
    }
    const { nanos, withoutMarketNanos, contractNanos } = plainBill(slots);
    return { paidNanos, earnedNanos, savedNanos: withoutMarketNanos - nanos - contractNanos };
}
