import { blindingOf, commitmentTo, sumOfBlindings } from '../domain/commitment/pedersen';
import { elementToHex } from '../domain/commitment/group';
import { SETTLEMENT_LAYOUT, settlementComponents } from '../domain/commitment/settlement-layout';
import { fromHex, sha256Hex } from '../domain/digest';
import type { MarketPrices } from '../domain/market-prices';
import { microsPerKwh, nanos, netEnergy, wattHours } from '../domain/quantity';
import { imbalanceOnly } from '../domain/scheduled/scheduled-slot';
import type { DaySettlement, SlotPosition } from '../domain/settlement/position';
import { daySums as summed, type DaySums, type StatedSums } from '../domain/settlement/public-day';
import { settleDay } from '../domain/settlement/settle';
import { slot as slotOf, type LocalDay } from '../domain/slot';
import type {
    DaySumsRecord,
    SettlementCommitment,
    SettlementMarker,
    SettlementRecord,
    SettlementSlot,
} from './records';
import { encodeBytes } from './wire';

/**
 * The domain's settlement out of the energy of a record. `prices` are those of the day's slots, in order of time; of slots that were scheduled
 * the record's own imbalance price counts instead.
 */
export function settlementOf(
    day: LocalDay,
    prices: readonly MarketPrices[],
    { mspId, slots }: { readonly mspId: string; readonly slots: readonly SettlementSlot[] },
): DaySettlement {
    return settleDay(
        day,
        mspId,
        slots.map((each, i) => positionOf(each, pricesAt(prices, i))),
    );
}

function pricesAt(prices: readonly MarketPrices[], i: number): MarketPrices {
    const found = prices[i];
    if (found === undefined) {
        throw new RangeError(`there are prices for ${prices.length} slots, not for slot ${i} of the day`);
    }
    return found;
}

const positionOf = (each: SettlementSlot, prices: MarketPrices): SlotPosition => ({
    slot: slotOf(each.slot),
    ...(each.imbalance === undefined
        ? { prices }
        : { prices: imbalanceOnly(microsPerKwh(each.imbalance)), scheduled: true }),
    bought: wattHours(each.boughtWh),
    sold: wattHours(each.soldWh),
    paid: nanos(each.paidNanos),
    earned: nanos(each.earnedNanos),
    ...(each.contractedWh === undefined ? {} : { contracted: netEnergy(each.contractedWh) }),
    ...(each.receivedWh === undefined ? {} : { received: wattHours(each.receivedWh) }),
    metered: netEnergy(each.meteredWh),
    estimated: each.readingKind === 'estimated',
});

type Blinded = Pick<SettlementRecord, 'key' | 'version' | 'salt'>;

const blindingOfRecord = ({ salt, key, version }: Blinded): bigint => blindingOf(fromHex(salt), key, version);

/** What the marker of a settlement commits to. */
export function commitmentOf(settled: DaySettlement, record: Blinded): SettlementCommitment {
    const element = commitmentTo(SETTLEMENT_LAYOUT, settlementComponents(settled), blindingOfRecord(record));
    return { layout: SETTLEMENT_LAYOUT, element: elementToHex(element) };
}

/** The marker of a settlement, for its owner to sign: `ownerStatement` of it. */
export function markerOfSettlement(record: SettlementRecord): Omit<SettlementMarker, 'signature'> {
    const { version, mspId, day, signedBy, provisional, commitment, pool } = record;
    const hash = sha256Hex(encodeBytes(record));
    const marker = { hash, version, mspId, day, signedBy, provisional, commitment };
    return pool === undefined ? marker : { ...marker, pool };
}

/** What closing a day takes, by who knows all its settlements: without `stated` they are opened. */
export function sumsToClose(
    settled: readonly DaySettlement[],
    records: readonly Blinded[],
    stated?: StatedSums,
): DaySumsRecord {
    const { bought, received, postings, energy } = summed(settled, stated);
    const common = {
        boughtWh: [...bought],
        ...(received.some((sum) => sum > 0n) ? { receivedWh: [...received] } : {}),
        postings: postings.map(({ account, amount }) => ({ account, amountNanos: amount })),
    };
    if (!('imported' in energy)) {
        const slots = energy.map(({ metered, short }) => ({ meteredWh: metered, shortWh: short }));
        const blinding = sumOfBlindings(records.map(blindingOfRecord));
        return { ...common, opening: { slots, blinding: blinding.toString(16).padStart(64, '0') } };
    }
    const { imported, exported, supplier } = energy;
    return { ...common, stated: { importedWh: imported, exportedWh: exported, supplierNanos: supplier } };
}

/** The sums as the domain has them; undefined where neither slots nor anything in their place is given. */
export function sumsGiven({ boughtWh, receivedWh, postings, opening, stated }: DaySumsRecord): DaySums | undefined {
    const common = {
        bought: boughtWh.map(wattHours),
        received: (receivedWh ?? boughtWh.map(() => 0n)).map(wattHours),
        postings: postings.map(({ account, amountNanos }) => ({ account, amount: nanos(amountNanos) })),
    };
    if (opening !== undefined) {
        const slots = opening.slots.map(({ meteredWh, shortWh }) => ({
            metered: netEnergy(meteredWh),
            short: wattHours(shortWh),
        }));
        return { ...common, energy: slots };
    }
    if (stated === undefined) {
        return undefined;
    }
    const { importedWh, exportedWh, supplierNanos } = stated;
    const energy = {
        imported: wattHours(importedWh),
        exported: wattHours(exportedWh),
        supplier: nanos(supplierNanos),
    };
    return { ...common, energy };
}
