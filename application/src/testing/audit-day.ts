import { expect } from '@jest/globals';
import { orderName } from '@commonwatt/chaincode/api/keys';
import type { PlainSlot } from '../audit/plain-bill';
import { plainLossShares, sharersOf } from '../audit/plain-feeder';
import { plainDue, plainPrices, plainRoundPrices } from '../audit/plain-tariff';
import { payerOf } from '../household/bill-check';
import { plainRound, type PlainOrder, type PlainResult } from '../audit/plain-round';
import { netsOf, registersOf, type MeterDay } from '../data/meter-day';
import type { DayResult } from '../day/trading-day';
import { energyOf } from '../storage/contract-energy';

/**
 * Works a whole day out again from meter data, orders and tariffs, without the chaincode's code, and compares: every price,
 * every fill, every bill to the nano.
 */
export function auditDay(result: DayResult, metered: MeterDay): void {
    const { day, charter, terms, rounds, households, totals } = result;
    const orders = households.flatMap((household) => household.orders);
    const cleared = rounds.map(({ slot }) => {
        const book = orders.filter((order) => order.slot === slot);
        return plainRound(
            book.map(({ mspId, id, side, energyWh, limit, salt }): PlainOrder => {
                const worst = side === 'buy' ? terms.cap : terms.floor;
                return { name: orderName(mspId, id), owner: mspId, side, wh: energyWh, limit: limit ?? worst, salt };
            }),
            { ...terms, ...plainRoundPrices(terms, charter, slot) },
        );
    });
    expect(rounds.map(({ price }) => price ?? undefined)).toEqual(cleared.map(({ price }) => price));
    expect(totals.sums?.tradedWh).toBe(cleared.reduce((sum, { volume }) => sum + volume, 0n));
    for (const { home, mspId, bill } of households) {
        const mine = orders.filter((order) => order.mspId === mspId);
        const payer = payerOf(charter, mspId, rounds.at(-1)?.slot ?? 0);
        const contracts = energyOf(mspId, result.contracts, (status) => status === 'confirmed');
        const isStorage = result.contracts.attestations.some(({ storage }) => storage === mspId);
        const plain = netsOf(registersOf(metered, home)).map((dataWh, index): PlainSlot => {
            const slot = metered.firstSlot + index;
            const contract = contracts.get(slot);
            const netWh = dataWh + (isStorage ? (contract?.contractedWh ?? 0n) : 0n);
            const round: PlainResult | undefined = cleared[index];
            const filled = (side: string): bigint =>
                mine
                    .filter((order) => order.slot === slot && order.side === side)
                    .reduce((sum, order) => sum + (round?.fills.get(orderName(mspId, order.id)) ?? 0n), 0n);
            const [boughtWh, soldWh, price] = [filled('buy'), filled('sell'), round?.price ?? 0n];
            const money = { paidNanos: boughtWh * price, earnedNanos: soldWh * price };
            const under = contract === undefined ? {} : { contract: { ...contract, isStorage } };
            const prices = plainPrices(terms, charter, slot, payer.zone);
            return { slot, netWh, boughtWh, soldWh, ...money, ...prices, ...under };
        });
        const sharers = sharersOf(
            charter,
            households.map((each) => ({ mspId: each.mspId })),
        );
        const compared = result.feeder?.record;
        const lossesNanos = compared && plainLossShares(compared, sharers).get(mspId);
        const expected = plainDue([{ day, terms, slots: plain, lossesNanos }], payer, charter.rules.minorUnitNanos);
        expect([home, 0n - (bill?.balanceNanos ?? 0n), bill?.dueMinor]).toEqual([
            home,
            expected.netNanos,
            expected.dueMinor,
        ]);
    }
}
