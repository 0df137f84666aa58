import type { OrderRecord, ReadingRecord, SettlementRecord } from '../api/records';
import { ownerStatement } from '../api/statements';
import { DAY, DSO, FIRST, ownerKey, readings, type OrderShape, type TestCommunity } from './community';
import { testSalt } from './identities';

export const SLOTS = 96;

/** A day of which one slot is of interest; in the others nobody orders. */
export interface DayScript {
    readonly slot: number;
    readonly orders: readonly OrderShape[];
    /** Metered net energy of each household in that slot; in the others it consumes a little. */
    readonly nets: ReadonlyMap<string, bigint>;
}

export interface PlayedDay {
    /** As the grid operator has them. */
    readonly orders: readonly OrderRecord[];
    readonly metered: ReadonlyMap<string, readonly ReadingRecord[]>;
    readonly settlements: readonly SettlementRecord[];
}

/** The day that the community has open, from its orders to its totals, on the ledger in memory. */
export async function playDay(community: TestCommunity, script: DayScript): Promise<PlayedDay> {
    for (const shape of script.orders) {
        await community.submitOrder(shape);
    }
    await community.closeRound(script.slot);
    const orders = await community.query('auction:ownOrders', { slot: script.slot });
    await community.clearRound(script.slot, orders);
    for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
        if (slot !== script.slot) {
            await community.closeRound(slot);
            await community.clearRound(slot, []);
        }
    }
    const metered = new Map<string, ReadingRecord[]>();
    for (const [mspId, net] of script.nets) {
        metered.set(mspId, readings(mspId, FIRST, netsOf(net, script.slot - FIRST)));
        await community.recordReadings(mspId, metered.get(mspId) ?? []);
    }
    const settlements: SettlementRecord[] = [];
    for (const mspId of community.households) {
        settlements.push(await settled(community, mspId, script.slot));
    }
    await community.submit('billing:closeDay', { day: DAY }, { endorsers: [DSO], transient: { settlements } });
    return { orders, metered, settlements };
}

const netsOf = (net: bigint, at: number): bigint[] =>
    Array.from({ length: SLOTS }, (_, i) => (i === at ? net : i % 3 === 0 ? -100n : -7n));

async function settled(community: TestCommunity, mspId: string, slot: number): Promise<SettlementRecord> {
    const inputs = {
        readings: await community.query('metering:ownReadings', { from: FIRST, to: FIRST + SLOTS - 1 }, { by: mspId }),
        orders: await community.query('auction:ownOrders', { slot }, { by: mspId }),
        salt: testSalt(`settlement ${mspId}`),
    };
    const draft = await community.query(
        'billing:draftSettlement',
        { day: DAY, mspId },
        { by: mspId, transient: inputs },
    );
    const signature = ownerKey(mspId).sign(ownerStatement(draft));
    await community.submit(
        'billing:settle',
        { day: DAY, mspId },
        { by: mspId, endorsers: [mspId, DSO], transient: { ...inputs, signature } },
    );
    return community.query('billing:ownSettlement', { day: DAY }, { by: mspId });
}
