import type { Charter, DaySumsRecord, RoundRecord, SettlementRecord } from '@commonwatt/chaincode/api/records';
import { settlementOf, sumsToClose } from '@commonwatt/chaincode/api/settlements';
import { microsPerKwh, nanos, wattHours } from '@commonwatt/chaincode/domain/quantity';
import { closeDay, type RoundResult } from '@commonwatt/chaincode/domain/settlement/close-day';
import { isLargeEnough } from '@commonwatt/chaincode/domain/settlement/public-day';
import type { MarketPrices } from '@commonwatt/chaincode/domain/market-prices';
import { localDay, slot as slotOf, slotsOf } from '@commonwatt/chaincode/domain/slot';
import { pricesAt } from '@commonwatt/chaincode/domain/tariff/bands';
import { termsOn } from './trading-day';

/**
 * The sums of a day for all to check. Who states them has seen every settlement, and compares all that can be compared only in the
 * clear, household by household, before it does: an `Imbalance` where something differs.
 */
export function sumsOfDay(
    charter: Charter,
    day: string,
    rounds: readonly RoundRecord[],
    settlements: readonly SettlementRecord[],
): DaySumsRecord {
    const clock = charter.clock.map((change) => ({ ...change, fromSlot: slotOf(change.fromSlot) }));
    const local = localDay(day, clock);
    const terms = termsOn(charter, day);
    const pricesOf = (mspId: string): MarketPrices[] =>
        slotsOf(local).map((slot) => pricesAt(terms, clock, local, slot, charter.members[mspId]?.zone));
    const settled = settlements.map((record) => settlementOf(local, pricesOf(record.mspId), record));
    const totals = closeDay({
        day: local,
        households: settlements.map(({ mspId }) => mspId),
        rounds: rounds.map(resultOf),
        settlements: settled,
    });
    const { imported, exported, postings } = totals;
    const supplier = postings.find(({ account }) => account === 'supplier')?.amount ?? nanos(0n);
    return sumsToClose(
        settled,
        settlements,
        isLargeEnough(settled.length) ? undefined : { imported, exported, supplier },
    );
}

const resultOf = ({ slot, status, price, volumeWh, surplusNanos }: RoundRecord): RoundResult => ({
    slot: slotOf(slot),
    status: status === 'cleared' ? 'cleared' : 'void',
    price: typeof price === 'bigint' ? microsPerKwh(price) : undefined,
    volume: volumeWh === undefined ? undefined : wattHours(volumeWh),
    surplus: surplusNanos === undefined ? undefined : nanos(surplusNanos),
});
