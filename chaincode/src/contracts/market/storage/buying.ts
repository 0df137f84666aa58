import { keyName, purchaseKey } from '../../../api/keys';
import type { Charter, ContractRecord, PurchaseRecord } from '../../../api/records';
import type { ArgsOf, TransientOf } from '../../../api/transactions';
import { refuse } from '../../../domain/refusals';
import { after } from '../../../domain/storage/life-cycle';
import type { TransactionContext } from '../../transaction-context';
import { planEscrow, type EscrowPlan } from '../accounts/escrow';
import { activeMember } from '../guards';
import { requireUnsettled } from './attesting';
import { findContract, isSignedBy, offerHash } from './found';
import { paymentOf, requireBeforeGate, statusOf } from './offering';
import { dayOfSlot } from './storage-day';

type Asked = ArgsOf<'contracts:buy'>;

export interface Bought {
    readonly purchase: PurchaseRecord;
    readonly escrow: EscrowPlan;
}

/** A purchase, checked in the order in which the catalogue lists what is refused: balance, signature, not the seller. */
export async function bought(
    ctx: TransactionContext,
    charter: Charter,
    asked: Asked,
    { account, escrowSignature }: TransientOf<'contracts:buy'>,
): Promise<Bought> {
    const contract = (await findContract(ctx, charter, asked)) ?? refuse('CONTRACT_UNKNOWN', `slot ${asked.slot}`);
    const { offer } = contract;
    const { seller, storage, energyWh, deliverySlot, feeNanos } = offer;
    if (asked.statement.buyer !== ctx.caller) {
        refuse('FORBIDDEN', `${ctx.caller} buys for itself only`);
    }
    activeMember(charter, ctx.caller, deliverySlot);
    const status = await statusOf(ctx, charter, contract);
    const next = after(status, 'buy');
    if (next !== 'bought' || asked.version !== offer.version) {
        refuse('CONTRACT_STATUS_WRONG', `${offer.key} version ${offer.version} is ${status}`);
    }
    await requireUnsettled(ctx, dayOfSlot(charter, deliverySlot), [ctx.caller, storage]);
    await requireBeforeGate(ctx, charter, deliverySlot);
    const escrow = await planEscrow(
        ctx,
        charter,
        {
            contract: escrowName(asked),
            seller,
            amountNanos: paymentOf(offer),
            feeNanos,
            slot: deliverySlot,
            charterVersion: charter.version,
        },
        { account, signature: escrowSignature },
    );
    requireStatement(charter, contract, asked);
    if (ctx.caller === seller || ctx.caller === storage) {
        refuse('CONTRACT_OWN', `${ctx.caller} cannot buy ${offer.key}`);
    }
    const { day, slot, id } = contract;
    const terms = { seller, storage, energyWh, deliverySlot };
    const { version, statement } = asked;
    const purchase = { day, slot, id, version, status: next, charterVersion: charter.version, ...terms, statement };
    return { purchase, escrow };
}

/** Money of a purchase is held under this name. */
export const escrowName = ({ slot, id, version }: Pick<Asked, 'slot' | 'id' | 'version'>): string =>
    `${slot}-${id}-${version}`;

/** Refuses PAYMENT_WRONG, SIGNATURE_INVALID. */
function requireStatement(charter: Charter, { day, offer }: ContractRecord, asked: Asked): void {
    const { statement, version } = asked;
    const key = keyName(purchaseKey({ ...asked, day }, version));
    if (statement.paymentNanos !== paymentOf(offer)) {
        refuse('PAYMENT_WRONG', `${paymentOf(offer).toString()} nanos for ${offer.key}`);
    }
    const isOfOffer = statement.key === key && statement.offerHash === offerHash(offer);
    if (!isOfOffer || !isSignedBy(charter, statement.buyer, statement)) {
        refuse('SIGNATURE_INVALID', key);
    }
}
