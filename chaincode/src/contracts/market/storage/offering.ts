import { keyName, contractKey } from '../../../api/keys';
import type { AttestationRecord, Charter, ContractRecord, OfferRecord, StorageTermsRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { cost, microsPerKwh, wattHours } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { after, tiesEnergy, type ContractStatus } from '../../../domain/storage/life-cycle';
import { givingFlaw, releasable } from '../../../domain/storage/storage';
import { storageOn } from '../../../domain/storage/terms';
import type { TransactionContext } from '../../transaction-context';
import { activeMember, gateOf } from '../guards';
import { isReplay, roundOf, termsOf } from '../rounds';
import { requireAttestations } from './attesting';
import { contractsOf, daysAround, findAttestation, findContract, isOffer, lawfulPurchase } from './found';
import { dayOfSlot, type StorageOfDay } from './storage-day';

type Asked = ArgsOf<'contracts:offer'>;

export interface Offered {
    readonly contract: ContractRecord;
    /** Of this lot there was an offer before. */
    readonly isKnown: boolean;
    /** Attestations that the offer brought along and that stand on the ledger with it. */
    readonly brought: readonly AttestationRecord[];
}

/** An offer, checked in the order in which the catalogue lists what is refused. */
export async function offered(
    ctx: TransactionContext,
    charter: Charter,
    at: StorageOfDay,
    asked: Asked,
): Promise<Offered> {
    const { offer, slot, id } = asked;
    const { day } = at.local;
    if (ctx.caller !== offer.seller) {
        refuse('FORBIDDEN', `${ctx.caller} offers for itself only`);
    }
    activeMember(charter, offer.seller, slot);
    if (offer.storage !== at.terms.mspId || !isOffer(charter, day, asked, offer)) {
        refuse('SIGNATURE_INVALID', keyName(contractKey(day, slot, id)));
    }
    requireFee(at.terms, offer);
    const onLedger = await findAttestation(ctx, charter, day, asked);
    const brought = onLedger === undefined ? await broughtAlong(ctx, charter, at, asked) : [];
    requireAttested(at.terms, onLedger ?? brought[0], offer);
    const known = await findContract(ctx, charter, asked);
    await requireUnspent(ctx, charter, known, offer);
    await requireTerms(ctx, charter, at, asked);
    const charterVersion = known?.charterVersion ?? at.record.charterVersion;
    const contract: ContractRecord = { day, slot, id, status: 'offered', charterVersion, offer };
    return { contract, isKnown: known !== undefined, brought };
}

/** Exactly what the community asks, and not more than what the buyer pays. */
function requireFee(terms: StorageTermsRecord, { energyWh, price, feeNanos }: OfferRecord): void {
    const due = cost(wattHours(energyWh), microsPerKwh(terms.fee));
    if (feeNanos !== due || feeNanos >= paymentOf({ energyWh, price })) {
        refuse('FEE_WRONG', `${due.toString()} nanos, and less than the price`);
    }
}

/** What a buyer pays. */
export const paymentOf = ({ energyWh, price }: Pick<OfferRecord, 'energyWh' | 'price'>): bigint =>
    cost(wattHours(energyWh), microsPerKwh(price));

/** By broadcast there is none beside the ledger. By request and response it is checked as if it were attested now. */
async function broughtAlong(
    ctx: TransactionContext,
    charter: Charter,
    at: StorageOfDay,
    { slot, id, attestation }: Asked,
): Promise<AttestationRecord[]> {
    const isOfLot = attestation?.slot === slot && attestation.id === id;
    if (at.terms.credibility === 'broadcast' || !isOfLot) {
        refuse('ATTESTATION_UNKNOWN', `slot ${slot}, ${id}, ${at.terms.credibility}`);
    }
    await requireAttestations(ctx, charter, at, [attestation]);
    return [attestation];
}

/** Refuses ATTESTATION_UNKNOWN, ATTESTATION_NOT_OWN, ENERGY_NOT_COVERED. */
function requireAttested(
    terms: StorageTermsRecord,
    attestation: AttestationRecord | undefined,
    { seller, key, energyWh }: OfferRecord,
): void {
    if (attestation?.storage !== terms.mspId) {
        refuse('ATTESTATION_UNKNOWN', key);
    }
    if (attestation.prosumer !== seller) {
        refuse('ATTESTATION_NOT_OWN', `${key}: to ${attestation.prosumer}`);
    }
    const covered = releasable(wattHours(attestation.energyWh), terms);
    if (energyWh > covered) {
        refuse('ENERGY_NOT_COVERED', `${energyWh.toString()} Wh of ${covered.toString()} Wh after losses`);
    }
}

/**
 * What makes an offer on the ledger one that a buyer may rely on, as when it was posted: the grid operator and any household could have put it
 * there otherwise. Refuses STORAGE_MISSING, SIGNATURE_INVALID where it is of another storage system, FEE_WRONG, ATTESTATION_UNKNOWN, ATTESTATION_NOT_OWN,
 * ENERGY_NOT_COVERED, DELIVERY_WRONG, TERMS_MISSING, PRICE_OUTSIDE_LIMITS.
 */
export async function requireLawfulOffer(
    ctx: TransactionContext,
    charter: Charter,
    contract: ContractRecord,
): Promise<void> {
    const { day, slot, offer } = contract;
    const terms = storageOn(charter.storage, day) ?? refuse('STORAGE_MISSING', day);
    if (offer.storage !== terms.mspId) {
        refuse('SIGNATURE_INVALID', `${offer.key}: ${offer.storage} is not the storage system, ${terms.mspId}`);
    }
    requireFee(terms, offer);
    requireAttested(terms, await findAttestation(ctx, charter, day, contract), offer);
    requireDeliveryAndPrice(charter, { day, slot, terms }, offer);
}

/** Refuses KEY_POLICY_WRONG, ATTESTATION_SPENT, CONTRACT_STATUS_WRONG for a version that is not the next. */
async function requireUnspent(
    ctx: TransactionContext,
    charter: Charter,
    known: ContractRecord | undefined,
    { key, version }: OfferRecord,
): Promise<void> {
    const status = known === undefined ? undefined : await statusOf(ctx, charter, known);
    if (tiesEnergy(status)) {
        refuse('ATTESTATION_SPENT', `${key} is ${status ?? 'new'}`);
    }
    const next = (known?.offer.version ?? 0) + 1;
    if (after(status, 'offer') === undefined || version !== next) {
        refuse('CONTRACT_STATUS_WRONG', `${key}: the next version is ${next}, not ${version}`);
    }
}

/** Where a contract stands: its offer says until it is bought, then its purchase does. */
export async function statusOf(
    ctx: TransactionContext,
    charter: Charter,
    contract: ContractRecord,
): Promise<ContractStatus> {
    const purchase = await lawfulPurchase(ctx, charter, contract, contract.offer.version);
    return purchase?.status ?? contract.status;
}

/**
 * Refuses DELIVERY_WRONG, TERMS_MISSING, PRICE_OUTSIDE_LIMITS, ROUND_UNKNOWN, ROUND_NOT_OPEN, GATE_CLOSED, STORAGE_POWER, SETTLEMENT_EXISTS.
 */
async function requireTerms(
    ctx: TransactionContext,
    charter: Charter,
    at: StorageOfDay,
    { slot, id, offer }: Asked,
): Promise<void> {
    const { deliverySlot, energyWh } = offer;
    requireDeliveryAndPrice(charter, { day: at.local.day, slot, terms: at.terms }, offer);
    await requireBeforeGate(ctx, charter, deliverySlot);
    const promised = await promisedIn(ctx, charter, at, deliverySlot);
    const others = promised.filter((each) => each.slot !== slot || each.id !== id);
    const flaw = givingFlaw(
        { slot: deliverySlot, energy: wattHours(energyWh) },
        others.map((each) => ({ slot: deliverySlot, energy: wattHours(each.offer.energyWh) })),
        at.terms,
    );
    if (flaw !== undefined) {
        refuse(flaw.code, flaw.detail);
    }
}

/** Refuses DELIVERY_WRONG, TERMS_MISSING, PRICE_OUTSIDE_LIMITS. */
function requireDeliveryAndPrice(
    charter: Charter,
    taken: { readonly day: string; readonly slot: number; readonly terms: StorageTermsRecord },
    offer: OfferRecord,
): void {
    const { deliverySlot, price } = offer;
    const { holdDays } = taken.terms;
    const deliveryDay = dayOfSlot(charter, deliverySlot);
    if (deliverySlot <= taken.slot || !daysAround(taken.day, 0, holdDays).some((each) => each === deliveryDay)) {
        refuse('DELIVERY_WRONG', `slot ${deliverySlot}: after slot ${taken.slot}, within ${holdDays} days`);
    }
    const { floor, cap } = termsOf(charter, deliveryDay);
    if (price < floor || price > cap || paymentOf(offer) <= 0n) {
        refuse('PRICE_OUTSIDE_LIMITS', `above zero, ${floor.toString()} to ${cap.toString()} micros per kWh`);
    }
}

/**
 * Contracts for a slot are made while its round takes orders, so that everybody can order what is left. Refuses ROUND_UNKNOWN,
 * ROUND_NOT_OPEN, TERMS_MISSING, GATE_CLOSED.
 */
export async function requireBeforeGate(ctx: TransactionContext, charter: Charter, slot: number): Promise<void> {
    const round = await roundOf(ctx, charter, slot);
    if (round.status !== 'open') {
        refuse('ROUND_NOT_OPEN', `slot ${slot} is ${round.status}`);
    }
    const { gateSlots } = termsOf(charter, round.day);
    if (!isReplay(charter, round) && ctx.now >= gateOf(slot, gateSlots)) {
        refuse('GATE_CLOSED', `slot ${slot}, ${gateSlots} slots before it begins`);
    }
}

/** Offers for delivery in the slot that are not withdrawn: what is refunded lies behind its slot, so it needs no power any more. */
async function promisedIn(
    ctx: TransactionContext,
    charter: Charter,
    { terms }: StorageOfDay,
    deliverySlot: number,
): Promise<ContractRecord[]> {
    const found: ContractRecord[] = [];
    for (const day of daysAround(dayOfSlot(charter, deliverySlot), terms.holdDays, 0)) {
        found.push(...(await contractsOf(ctx, charter, day)));
    }
    return found.filter(({ status, offer }) => status === 'offered' && offer.deliverySlot === deliverySlot);
}
