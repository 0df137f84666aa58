import type { SettlementRecord } from '../../api/records';
import { DAY, DSO, FIRST, ownerKey, readings, type OrderShape, type TestCommunity } from '../community';
import { testSalt } from '../identities';
import { closeDay, signedSettlement } from './closing';

const SLOTS = 96;

/** Metered net of one household: the same small consumption in every slot but those that are named. */
export type Metered = Readonly<Record<number, bigint>>;

/** Trade DAY: every round is cleared, readings are recorded, every household is settled and the day is closed. */
export async function tradedDay(
    community: TestCommunity,
    orders: readonly OrderShape[],
    metered: Readonly<Record<string, Metered>>,
): Promise<SettlementRecord[]> {
    for (const shape of orders) {
        await community.submitOrder(shape);
    }
    for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
        await community.closeRound(slot);
        await community.clearRound(slot);
    }
    const settlements: SettlementRecord[] = [];
    for (const mspId of community.households) {
        const own = metered[mspId] ?? {};
        const nets = Array.from({ length: SLOTS }, (_, i) => own[FIRST + i] ?? -7n);
        await community.recordReadings(mspId, readings(mspId, FIRST, nets));
        settlements.push(await settled(community, mspId, orders));
    }
    await closeDay(community, settlements);
    return settlements;
}

async function settled(
    community: TestCommunity,
    mspId: string,
    orders: readonly OrderShape[],
): Promise<SettlementRecord> {
    const slots = [...new Set(orders.filter((shape) => shape.mspId === mspId).map(({ slot }) => slot))];
    const own = [];
    for (const slot of slots) {
        own.push(...(await community.query('auction:ownOrders', { slot }, { by: mspId })));
    }
    const range = { from: FIRST, to: FIRST + SLOTS - 1 };
    const inputs = {
        readings: await community.query('metering:ownReadings', range, { by: mspId }),
        orders: own,
        salt: testSalt(`settlement ${mspId}`),
    };
    const draft = await community.query(
        'billing:draftSettlement',
        { day: DAY, mspId },
        { by: mspId, transient: inputs },
    );
    const { signatures } = signedSettlement(draft, ownerKey(mspId));
    await community.submit(
        'billing:settle',
        { day: DAY, mspId },
        { by: mspId, endorsers: [mspId, DSO], transient: { ...inputs, ...signatures } },
    );
    return community.query('billing:ownSettlement', { day: DAY }, { by: mspId });
}
