import type { Charter, PurchaseRecord } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import type { LocalDay } from '../../../domain/slot';
import { contractedEnergy, type ContractedEnergy } from '../../../domain/storage/flows';
import { isPending } from '../../../domain/storage/life-cycle';
import { storageOn } from '../../../domain/storage/terms';
import type { TransactionContext } from '../../transaction-context';
import { attestationsOf, daysAround, purchasesOf } from './found';

/**
 * What a member gave and took under contracts on a day, from what is public: attested, and confirmed by the storage system. Who
 * settles while a purchase of its own is neither confirmed nor refunded would settle what may still change: refuses
 * CONTRACT_PENDING.
 */
export async function contractedOn(
    ctx: TransactionContext,
    charter: Charter,
    { day, first, count }: LocalDay,
    mspId: string,
): Promise<ReadonlyMap<number, ContractedEnergy>> {
    const { storage = [] } = charter;
    if (storage.length === 0) {
        return new Map();
    }
    const terms = storageOn(storage, day);
    const attestations = terms === undefined ? [] : await attestationsOf(ctx, charter, day, terms.mspId);
    const longest = Math.max(...storage.map(({ holdDays }) => holdDays));
    const purchases: PurchaseRecord[] = [];
    for (const each of daysAround(day, longest, 0)) {
        purchases.push(...(await purchasesOf(ctx, charter, each)));
    }
    const delivered = purchases.filter(({ deliverySlot }) => deliverySlot >= first && deliverySlot < first + count);
    const open = delivered.find(
        ({ status, storage: by, statement }) => isPending(status) && (by === mspId || statement.buyer === mspId),
    );
    if (open !== undefined) {
        refuse('CONTRACT_PENDING', `${open.statement.key} is ${open.status}`);
    }
    const given = delivered
        .filter(({ status }) => status === 'confirmed')
        .map(({ deliverySlot, energyWh, storage: by, statement: { buyer } }) => {
            return { deliverySlot, energyWh, storage: by, buyer };
        });
    return contractedEnergy(mspId, attestations, given);
}
