import type { SettlementRecord } from '../../api/records';
import { DAY, DSO, FIRST, household, ownerKey, readings, type OrderShape, type TestCommunity } from '../community';
import { testSalt } from '../identities';
import { closeDay, signedSettlement } from './closing';

const SLOTS = 96;

/** Metered net of one household: the same small consumption in every slot but those that are named. */
export type Metered = Readonly<Record<number, bigint>>;

/** Nobody orders on another day, which is opened first, and everybody uses the same. */
export async function quietDay(community: TestCommunity, day: string, first: number): Promise<SettlementRecord[]> {
    await community.submit('auction:openDay', { day, replay: true }, { endorsers: [DSO, household(1)] });
    return tradedDay(community, [], {}, { day, first });
}

/** Trade DAY: every round is cleared, readings are recorded, every household is settled and the day is closed. */
export async function tradedDay(
    community: TestCommunity,
    orders: readonly OrderShape[],
    metered: Readonly<Record<string, Metered>>,
    { day, first } = { day: DAY, first: FIRST },
): Promise<SettlementRecord[]> {
    for (const shape of orders) {
        await community.submitOrder(shape);
    }
    for (let slot = first; slot < first + SLOTS; slot += 1) {
        await community.closeRound(slot);
        await community.clearRound(slot);
    }
    const settlements: SettlementRecord[] = [];
    for (const mspId of community.households) {
        const own = metered[mspId] ?? {};
        const nets = Array.from({ length: SLOTS }, (_, i) => own[first + i] ?? -7n);
        await community.recordReadings(mspId, readings(mspId, first, nets, day));
        settlements.push(await settled(community, mspId, orders, { day, first }));
    }
    await closeDay(community, settlements, { day });
    return settlements;
}

async function settled(
    community: TestCommunity,
    mspId: string,
    orders: readonly OrderShape[],
    { day, first }: { readonly day: string; readonly first: number },
): Promise<SettlementRecord> {
    const slots = [...new Set(orders.filter((shape) => shape.mspId === mspId).map(({ slot }) => slot))];
    const own = [];
    for (const slot of slots) {
        own.push(...(await community.query('auction:ownOrders', { slot }, { by: mspId })));
    }
    const range = { from: first, to: first + SLOTS - 1 };
    const inputs = {
        readings: await community.query('metering:ownReadings', range, { by: mspId }),
        orders: own,
        salt: testSalt(`settlement ${mspId}`),
    };
    const draft = await community.query('billing:draftSettlement', { day, mspId }, { by: mspId, transient: inputs });
    const { signatures } = signedSettlement(draft, ownerKey(mspId));
    await community.submit(
        'billing:settle',
        { day, mspId },
        { by: mspId, endorsers: [mspId, DSO], transient: { ...inputs, ...signatures } },
    );
    return community.query('billing:ownSettlement', { day }, { by: mspId });
}
