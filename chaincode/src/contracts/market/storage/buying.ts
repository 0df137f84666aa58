import { keyName, purchaseKey } from '../../../api/keys';
import type { Charter, ContractRecord, OfferRecord, PurchaseRecord } from '../../../api/records';
import type { ArgsOf, TransientOf } from '../../../api/transactions';
import { wattHours } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { after } from '../../../domain/storage/life-cycle';
import type { TransactionContext } from '../../transaction-context';
import { requireCovered } from '../accounts/covering';
import { planEscrow, type EscrowPlan, type EscrowTerms } from '../accounts/escrow';
import { activeMember, memberOf } from '../guards';
import { requireCarried } from './attesting';
import { findContract, isSignedBy, offerHash, purchasesAround } from './found';
import { paymentOf, requireBeforeGate, requireLawfulOffer, statusOf } from './offering';
import { dayOfSlot } from './storage-day';
import { requireUnsettled } from './unsettled';

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
    const { seller, storage, deliverySlot } = offer;
    if (asked.statement.buyer !== ctx.caller) {
        refuse('FORBIDDEN', `${ctx.caller} buys for itself only`);
    }
    activeMember(charter, ctx.caller, deliverySlot);
    const status = await statusOf(ctx, charter, contract);
    const next = after(status, 'buy');
    if (next !== 'bought' || asked.version !== offer.version) {
        refuse('CONTRACT_STATUS_WRONG', `${offer.key} version ${offer.version} is ${status}`);
    }
    await requireLawfulOffer(ctx, charter, contract);
    await requireUnsettled(ctx, charter, dayOfSlot(charter, deliverySlot), [ctx.caller, storage]);
    await requireBeforeGate(ctx, charter, deliverySlot);
    await requireWithinConnection(ctx, charter, contract);
    await requireCovered(ctx, charter, dayOfSlot(charter, deliverySlot), ctx.caller);
    const payment = { account, signature: escrowSignature };
    const escrow = await planEscrow(ctx, charter, escrowTerms(charter, asked, offer), payment);
    requireStatement(charter, contract, asked);
    if (ctx.caller === seller || ctx.caller === storage) {
        refuse('CONTRACT_OWN', `${ctx.caller} cannot buy ${offer.key}`);
    }
    return { purchase: purchaseOf(charter, contract, asked.statement), escrow };
}

function purchaseOf(
    charter: Charter,
    { day, slot, id, offer }: ContractRecord,
    statement: Asked['statement'],
): PurchaseRecord {
    const { version, seller, storage, energyWh, deliverySlot } = offer;
    const terms = { seller, storage, energyWh, deliverySlot };
    return { day, slot, id, version, status: 'bought', charterVersion: charter.version, ...terms, statement };
}

const escrowTerms = (
    { version: charterVersion }: Charter,
    asked: Asked,
    { seller, feeNanos, deliverySlot: slot, ...offer }: OfferRecord,
): EscrowTerms => {
    return { contract: escrowName(asked), seller, amountNanos: paymentOf(offer), feeNanos, slot, charterVersion };
};

/** A buyer receives no more than its connection carries, over all that it bought for the slot and that is not refunded. Refuses READING_ABOVE_LIMIT. */
async function requireWithinConnection(
    ctx: TransactionContext,
    charter: Charter,
    { offer: { deliverySlot, energyWh } }: ContractRecord,
): Promise<void> {
    const bought = (await purchasesAround(ctx, charter, dayOfSlot(charter, deliverySlot))).filter(
        (each) =>
            each.statement.buyer === ctx.caller && each.deliverySlot === deliverySlot && each.status !== 'refunded',
    );
    const received = [energyWh, ...bought.map((each) => each.energyWh)].map((wh) => ({ energy: wattHours(wh) }));
    const { importLimitW } = memberOf(charter, ctx.caller);
    requireCarried(`${ctx.caller} in slot ${deliverySlot}`, received, importLimitW);
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
    const isOfOffer =
        statement.key === key &&
        statement.offerHash === offerHash(offer) &&
        statement.energyWh === offer.energyWh &&
        statement.deliverySlot === offer.deliverySlot;
    if (!isOfOffer || !isSignedBy(charter, statement.buyer, statement)) {
        refuse('SIGNATURE_INVALID', key);
    }
}
