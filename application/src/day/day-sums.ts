import type {
    AgreedSchedule,
    Charter,
    DaySumsRecord,
    PoolRecord,
    RoundRecord,
    SettlementRecord,
} from '@commonwatt/chaincode/api/records';
import { scheduledSlots } from '@commonwatt/chaincode/api/scheduled-days';
import { settlementOf, sumsToClose } from '@commonwatt/chaincode/api/settlements';
import { microsPerKwh, nanos, wattHours, type MicrosPerKwh } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import {
    closeScheduledDay,
    type ScheduledDayToClose,
} from '@commonwatt/chaincode/domain/scheduled/close-scheduled-day';
import { settledPrice } from '@commonwatt/chaincode/domain/scheduled/scheduled-slot';
import { closeDay, type RoundResult } from '@commonwatt/chaincode/domain/settlement/close-day';
import type { DaySettlement } from '@commonwatt/chaincode/domain/settlement/position';
import { isLargeEnough } from '@commonwatt/chaincode/domain/settlement/public-day';
import type { MarketPrices } from '@commonwatt/chaincode/domain/market-prices';
import { localDay, slot as slotOf, slotsOf, type LocalDay } from '@commonwatt/chaincode/domain/slot';
import { pricesAt } from '@commonwatt/chaincode/domain/tariff/bands';
import { termsOn } from './trading-day';

/** What was agreed on a day ahead, and how the community stood to it, as stated. */
export interface ScheduledDay {
    readonly agreed: AgreedSchedule;
    readonly pool: PoolRecord;
}

/**
 * The sums of a day for all to check. Who states them has seen every settlement, and compares all that can be compared only in the
 * clear, household by household, before it does: an `Imbalance` where something differs.
 */
export function sumsOfDay(
    charter: Charter,
    day: string,
    rounds: readonly RoundRecord[],
    settlements: readonly SettlementRecord[],
    scheduled?: ScheduledDay,
): DaySumsRecord {
    const clock = charter.clock.map((change) => ({ ...change, fromSlot: slotOf(change.fromSlot) }));
    const local = localDay(day, clock);
    const terms = termsOn(charter, day);
    const pricesOf = (mspId: string): MarketPrices[] =>
        slotsOf(local).map((slot) => pricesAt(terms, clock, local, slot, charter.members[mspId]?.zone));
    const settled = settlements.map((record) => settlementOf(local, pricesOf(record.mspId), record));
    const totals =
        scheduled === undefined
            ? closeDay({
                  day: local,
                  households: settlements.map(({ mspId }) => mspId),
                  rounds: rounds.map(resultOf),
                  settlements: settled,
              })
            : closeScheduledDay(scheduledToClose(charter, local, settled, scheduled)).totals;
    const { imported, exported, postings } = totals;
    const supplier = postings.find(({ account }) => account === 'supplier')?.amount ?? nanos(0n);
    return sumsToClose(
        settled,
        settlements,
        isLargeEnough(settled.length) ? undefined : { imported, exported, supplier },
    );
}

function scheduledToClose(
    charter: Charter,
    day: LocalDay,
    settlements: readonly DaySettlement[],
    { agreed, pool }: ScheduledDay,
): ScheduledDayToClose {
    const terms = termsOn(charter, day.day);
    const clock = charter.clock.map((change) => ({ ...change, fromSlot: slotOf(change.fromSlot) }));
    const prices = settlements.map(({ mspId }): [string, MicrosPerKwh[]] => {
        const bus = agreed.households.find((each) => each.mspId === mspId)?.bus;
        const own = agreed.prices.find((each) => each.bus === bus)?.pricesNanos;
        return [mspId, Array.from({ length: day.count }, (_, i) => settledPrice(nanosPerKwh(own?.[i] ?? 0n)))];
    });
    const tariffs = slotsOf(day).map((slot) => pricesAt(terms, clock, day, slot));
    return { day, settlements, ...scheduledSlots(agreed, pool, tariffs), prices: new Map(prices) };
}

const resultOf = ({ slot, status, price, volumeWh, surplusNanos }: RoundRecord): RoundResult => ({
    slot: slotOf(slot),
    status: status === 'cleared' ? 'cleared' : 'void',
    price: typeof price === 'bigint' ? microsPerKwh(price) : undefined,
    volume: volumeWh === undefined ? undefined : wattHours(volumeWh),
    surplus: surplusNanos === undefined ? undefined : nanos(surplusNanos),
});
