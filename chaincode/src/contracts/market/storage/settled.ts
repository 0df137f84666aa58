import type { Charter, OfferRecord, PurchaseRecord } from '../../../api/records';
import { Refusal, refuse } from '../../../domain/refusals';
import type { LocalDay } from '../../../domain/slot';
import { contractedEnergy, type ContractedEnergy } from '../../../domain/storage/flows';
import { isPending } from '../../../domain/storage/life-cycle';
import { storageOn } from '../../../domain/storage/terms';
import type { TransactionContext } from '../../transaction-context';
import { requireEscrow } from '../accounts/escrow-rows';
import { escrowName } from './buying';
import { attestationsOf, findContract, offerHash, purchasesAround } from './found';
import { paymentOf } from './offering';

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
    const purchases = await purchasesAround(ctx, charter, day);
    const delivered = purchases.filter(({ deliverySlot }) => deliverySlot >= first && deliverySlot < first + count);
    const open = delivered.filter(
        ({ status, storage: by, statement }) => isPending(status) && (by === mspId || statement.buyer === mspId),
    );
    for (const each of open) {
        if (await isPaidFor(ctx, charter, each)) {
            refuse('CONTRACT_PENDING', `${each.statement.key} is ${each.status}`);
        }
    }
    const given = delivered
        .filter(({ status }) => status === 'confirmed')
        .map(({ deliverySlot, energyWh, storage: by, statement: { buyer } }) => {
            return { deliverySlot, energyWh, storage: by, buyer };
        });
    return contractedEnergy(mspId, attestations, given);
}

/**
 * Whether the purchase is of the offer that stands, and its price is held for it: only such a one can be delivered or, after its deadline, refunded.
 * Any other would stop its parties' day for ever.
 */
async function isPaidFor(ctx: TransactionContext, charter: Charter, purchase: PurchaseRecord): Promise<boolean> {
    try {
        const contract = await findContract(ctx, charter, purchase);
        const { buyer, offerHash: bought, paymentNanos } = purchase.statement;
        if (contract === undefined || bought !== offerHash(contract.offer) || !isOfOffer(purchase, contract.offer)) {
            return false;
        }
        const { status, seller, amountNanos } = await requireEscrow(ctx, charter, escrowName(purchase), buyer);
        const isWhole = amountNanos === paymentOf(contract.offer) && amountNanos === paymentNanos;
        return status === 'held' && seller === contract.offer.seller && isWhole;
    } catch (error) {
        if (error instanceof Refusal) {
            return false;
        }
        throw error;
    }
}

const isOfOffer = (purchase: PurchaseRecord, offer: OfferRecord): boolean =>
    purchase.version === offer.version &&
    purchase.seller === offer.seller &&
    purchase.storage === offer.storage &&
    purchase.energyWh === offer.energyWh &&
    purchase.deliverySlot === offer.deliverySlot;
