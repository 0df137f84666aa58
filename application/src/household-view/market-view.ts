import { slotStart, slot as slotNumber } from '@commonwatt/chaincode/domain/slot';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import type { z } from 'zod';
import type { ownOrder, priceHistory, roundDetail, rounds, roundSummary } from '../server/schemas/market';
import type { HouseholdLedger } from './household-ledger';
import { meritOrderOf } from './merit-order';
import { ownDay, pricesAt, type OrderEnd, type OwnDayView } from './own-day';

export type RoundsView = z.output<typeof rounds>;
export type RoundDetailView = z.output<typeof roundDetail>;
export type PriceHistoryView = z.output<typeof priceHistory>;
type Summary = z.output<typeof roundSummary>;

/** A day's rounds with the household's own orders. */
export async function roundsView(
    ledger: HouseholdLedger,
    day: string | undefined,
    days: readonly string[],
    nowSeconds: number,
): Promise<RoundsView> {
    const own = day === undefined ? undefined : await ownDay(ledger, day);
    return {
        day: own?.day ?? null,
        days: [...days],
        replay: own?.opened.replay ?? false,
        rounds: own?.rounds.map((round) => summaryOf(own, round)) ?? [],
        gate: own === undefined ? null : nextGate(own, nowSeconds),
    };
}

/** Undefined where no day has such a round. */
export async function roundView(
    ledger: HouseholdLedger,
    day: string,
    slot: number,
): Promise<RoundDetailView | undefined> {
    const own = await ownDay(ledger, day);
    const round = own?.rounds.find((each) => each.slot === slot);
    if (own === undefined || round === undefined) {
        return undefined;
    }
    const orders = own.orders.map(({ order }) => order).filter((order) => order.slot === slot);
    const { retail, feedIn, gridFee, communityFee } = pricesAt(own.charter, own.terms, ledger.mspId, slot);
    return {
        ...summaryOf(own, round),
        day,
        mechanism: round.mechanism,
        replay: round.replay,
        surplusNanos: round.surplusNanos ?? null,
        note: round.reason ?? null,
        droppedFor: droppedFor(round),
        transaction: round.attempt ?? null,
        curve: meritOrderOf(round, await ledger.openings(slot, slot), orders, ledger.mspId),
        retail,
        feedIn,
        fees: gridFee + communityFee,
    };
}

/** Of the days that were opened. */
export async function pricesView(
    ledger: HouseholdLedger,
    days: readonly string[],
): Promise<PriceHistoryView['prices']> {
    const prices: PriceHistoryView['prices'] = [];
    for (const day of days) {
        const own = await ownDay(ledger, day);
        for (const { slot, price, volumeWh } of own?.rounds ?? []) {
            if (own !== undefined) {
                const { retail, feedIn, gridFee, communityFee } = pricesAt(own.charter, own.terms, ledger.mspId, slot);
                const fees = gridFee + communityFee;
                prices.push({ slot, price: price ?? null, volumeWh: volumeWh ?? null, retail, feedIn, fees });
            }
        }
    }
    return prices;
}

function summaryOf({ orders }: OwnDayView, round: RoundRecord): Summary {
    const { slot, status, price, volumeWh, closed, dropped = [] } = round;
    return {
        slot,
        status,
        price: price ?? null,
        volumeWh: volumeWh ?? null,
        orders: closed?.length ?? null,
        dropped: dropped.length,
        own: orders.filter(({ order }) => order.slot === slot).map(ownOrderOf),
    };
}

const ownOrderOf = ({ order, outcome }: OrderEnd): z.output<typeof ownOrder> => ({
    slot: order.slot,
    id: order.id,
    side: order.side,
    energyWh: order.energyWh,
    limit: order.limit,
    fillWh: outcome?.fill ?? 0n,
    amountNanos: outcome?.amount ?? 0n,
    reason: outcome?.reason ?? 'PENDING',
});

function droppedFor({ dropped = [] }: RoundRecord): RoundDetailView['droppedFor'] {
    const reasons = [...new Set(dropped.map(({ reason }) => reason))].sort();
    return reasons.map((reason) => ({
        reason,
        orders: dropped.filter((each) => each.reason === reason).length,
    }));
}

/** Of a live day: the first round whose gate is still open. */
function nextGate({ opened, rounds, terms }: OwnDayView, nowSeconds: number): RoundsView['gate'] {
    if (opened.replay) {
        return null;
    }
    const closesAt = ({ slot }: RoundRecord): number => slotStart(slotNumber(slot - terms.gateSlots));
    const next = rounds.find((round) => round.status === 'open' && closesAt(round) > nowSeconds);
    return next === undefined ? null : { slot: next.slot, closesAt: closesAt(next) };
}
