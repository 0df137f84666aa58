import type { Charter, Escrow, PurchaseRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { refuse } from '../../../domain/refusals';
import { slot as slotOf, slotEnd } from '../../../domain/slot';
import { after, type ContractAction } from '../../../domain/storage/life-cycle';
import { storageOn } from '../../../domain/storage/terms';
import { gridOperator } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { escrowEnd, requireEscrow } from '../accounts/escrow-rows';
import { requireDeadline } from '../guards';
import { isReplay, roundOf } from '../rounds';
import { escrowName } from './buying';
import { findPurchase, isDelivery } from './found';
import { dayOfSlot } from './storage-day';
import { requireUnsettled } from './unsettled';

type Delivery = ArgsOf<'contracts:release'>['purchases'][number];
type Asked = ArgsOf<'contracts:refund'>;

/** A purchase as it will stand, and its money. */
export interface Ended {
    readonly purchase: PurchaseRecord;
    readonly escrow: Escrow;
}

/** The storage system says that the energy leaves it. */
export async function released(ctx: TransactionContext, charter: Charter, asked: Delivery): Promise<PurchaseRecord> {
    const { purchase, statement } = await stated(ctx, charter, asked, 'released');
    return { ...purchase, status: 'released', release: statement };
}

/** The storage system says that the energy has left: its slot has ended, and nobody has settled it as if it had not. */
export async function confirmed(ctx: TransactionContext, charter: Charter, asked: Delivery): Promise<Ended> {
    const { purchase, statement } = await stated(ctx, charter, asked, 'confirmed');
    const { deliverySlot, storage } = purchase;
    const round = await roundOf(ctx, charter, deliverySlot);
    if (!isReplay(charter, round) && ctx.now < slotEnd(slotOf(deliverySlot))) {
        refuse('READING_IN_FUTURE', `slot ${deliverySlot}`);
    }
    await requireUnsettled(ctx, charter, dayOfSlot(charter, deliverySlot), [storage, purchase.statement.buyer]);
    const escrow = await requireEscrow(ctx, charter, escrowName(asked), purchase.statement.buyer);
    const done: PurchaseRecord = { ...purchase, status: 'confirmed', confirmation: statement };
    return { purchase: done, escrow: escrowEnd(escrow, 'paid') };
}

/** Energy that did not come by the deadline: for its buyer, the grid operator or the storage system itself to say. */
export async function refunded(ctx: TransactionContext, charter: Charter, asked: Asked): Promise<Ended> {
    const purchase = await knownPurchase(ctx, charter, asked);
    const { deliverySlot, storage } = purchase;
    const { buyer } = purchase.statement;
    if (![buyer, storage, gridOperator(charter)].includes(ctx.caller)) {
        refuse('FORBIDDEN', `${ctx.caller} is no party to the purchase of ${buyer}`);
    }
    const status = nextStatus(purchase, 'refund');
    const day = dayOfSlot(charter, purchase.slot);
    const { refundSlots } = storageOn(charter.storage, day) ?? refuse('STORAGE_MISSING', day);
    requireDeadline(deliverySlot, refundSlots, ctx.now);
    const escrow = await requireEscrow(ctx, charter, escrowName(asked), buyer);
    return { purchase: { ...purchase, status }, escrow: escrowEnd(escrow, 'refunded') };
}

/** Refuses CONTRACT_UNKNOWN, KEY_POLICY_WRONG, COMMITTEE_MISSING, FORBIDDEN, SIGNATURE_INVALID, CONTRACT_STATUS_WRONG. */
async function stated(
    ctx: TransactionContext,
    charter: Charter,
    asked: Delivery,
    says: 'released' | 'confirmed',
): Promise<{ purchase: PurchaseRecord; statement: Delivery['statement'] }> {
    const purchase = await knownPurchase(ctx, charter, asked);
    if (ctx.caller !== purchase.storage) {
        refuse('FORBIDDEN', `${ctx.caller} is not the storage system, ${purchase.storage}`);
    }
    if (!isDelivery(charter, purchase, says, asked.statement)) {
        refuse('SIGNATURE_INVALID', asked.statement.key);
    }
    nextStatus(purchase, says === 'released' ? 'release' : 'confirm');
    return { purchase, statement: asked.statement };
}

function nextStatus(
    purchase: PurchaseRecord,
    action: Exclude<ContractAction, 'offer' | 'withdraw' | 'buy'>,
): PurchaseRecord['status'] {
    const next = after(purchase.status, action);
    return next === undefined || next === 'offered' || next === 'withdrawn'
        ? refuse('CONTRACT_STATUS_WRONG', `${purchase.statement.key} is ${purchase.status}`)
        : next;
}

async function knownPurchase(
    ctx: TransactionContext,
    charter: Charter,
    asked: Pick<Delivery, 'slot' | 'id' | 'version'>,
): Promise<PurchaseRecord> {
    const found = await findPurchase(ctx, charter, asked, asked.version);
    return found ?? refuse('CONTRACT_UNKNOWN', escrowName(asked));
}
