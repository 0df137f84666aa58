import { z } from 'zod';
import { CREDIBILITY } from '../../domain/storage/terms';
import { count, day, hash, integer, mspId, natural, positive, recordId, signature, slot, sum, version } from '../wire';

/** Ids of attestations: short, because the escrow's name of a contract holds slot, id and version. */
export const lotId = recordId.refine((id) => id.length <= 12, 'at most 12 characters');

const ppm = positive.refine((n) => n <= 1_000_000n, 'more than all of it');

/** The community's storage system and what applies to contracts with it, from a day on. */
export const storageTerms = z.strictObject({
    fromDay: day,
    /** The organisation with the role `ess`: a member with a meter of its own. */
    mspId,
    capacityWh: positive,
    /** At its meter. */
    chargeW: positive,
    dischargeW: positive,
    /** What remains of energy when it is taken in, and when it is given out, in parts per million. */
    chargePpm: ppm,
    dischargePpm: ppm,
    /**
     * `broadcast`: an attestation is on the ledger before its energy is offered. `request-response`: the offer brings it along, and the storage
     * system's peer, which must endorse the offer, asks its own service first.
     */
    credibility: z.enum(CREDIBILITY),
    /** What a seller leaves to the community, in micros per kWh of the energy that it sells. */
    fee: natural,
    /** Energy is given out at most so many days after the day on which it was taken in. */
    holdDays: count.refine((n) => n <= 7, 'at most a week'),
    /** Except in replays: an attestation is recorded at most so many slots after its slot. */
    attestSlots: count.refine((n) => n >= 1 && n <= 1_000, 'from 1 to 1000 slots'),
    /** So many slots after the slot of delivery a purchase that is not confirmed may be refunded. */
    refundSlots: count.refine((n) => n >= 1 && n <= 1_000, 'from 1 to 1000 slots'),
});
export type StorageTermsRecord = z.output<typeof storageTerms>;

/** Made when a day is opened. Whoever takes part in what it counts must be able to write it. */
export const storageDay = z.strictObject({
    day,
    mspId,
    /** The charter under which the day was opened. */
    charterVersion: version,
    /** Attestations that were recorded for the day. */
    attestations: count,
});
export type StorageDay = z.output<typeof storageDay>;

/**
 * Energy of which the storage system says that it took it in for a prosumer in a slot, and the prosumer that it gave it: each signs with its owner
 * key, because it is taken out of the meters of both.
 */
export const attestation = z.strictObject({
    /** `attestation/DAY/SLOT/ID` */
    key: z.string().max(200),
    storage: mspId,
    prosumer: mspId,
    slot,
    id: lotId,
    energyWh: positive,
    /** The storage system's, over `attestationStatement`. */
    signature,
    /** The prosumer's, over the same. */
    prosumerSignature: signature,
});
export type AttestationRecord = z.output<typeof attestation>;

/** What the market's channel state says of an attestation: the caller judges signature and policy. */
export const attestationEvidence = z.strictObject({
    attestation: attestation.nullable(),
    /** SHA-256 of the key's policy bytes. */
    policyHash: hash,
});
export type AttestationEvidence = z.output<typeof attestationEvidence>;

/** What a seller signs. */
export const offer = z.strictObject({
    /** `contract/DAY/SLOT/ID`: the parts are those of the attestation whose energy is sold. */
    key: z.string().max(200),
    /** Offers of one attestation count up: who withdrew offers again under the next. */
    version,
    seller: mspId,
    storage: mspId,
    /** What the buyer receives at its meter. */
    energyWh: positive,
    /** Micros per kWh. */
    price: integer,
    /** Of the price, for the community. */
    feeNanos: natural,
    /** Where the energy is given out. */
    deliverySlot: slot,
    signature,
});
export type OfferRecord = z.output<typeof offer>;

/** An offer as it is posted: public. */
export const contract = z.strictObject({
    day,
    slot,
    id: lotId,
    status: z.enum(['offered', 'withdrawn']),
    /** The charter under which it was first offered: the key stands under the policy of that version. */
    charterVersion: version,
    offer,
});
export type ContractRecord = z.output<typeof contract>;

/** What a buyer signs. */
export const purchaseStatement = z.strictObject({
    /** `purchase/DAY/SLOT/ID/VERSION` */
    key: z.string().max(200),
    buyer: mspId,
    /** What it receives at its meter, where, and for how much. */
    energyWh: positive,
    deliverySlot: slot,
    paymentNanos: sum,
    /** SHA-256 of the offer: what is bought is what was read. */
    offerHash: hash,
    signature,
});
export type PurchaseStatement = z.output<typeof purchaseStatement>;

/** What the storage system signs when it releases energy, and when it has left. */
export const deliveryStatement = z.strictObject({
    key: z.string().max(200),
    says: z.enum(['released', 'confirmed']),
    buyer: mspId,
    energyWh: positive,
    deliverySlot: slot,
    signature,
});
export type DeliveryStatement = z.output<typeof deliveryStatement>;

/** Who bought an offer, and what became of it: public. */
export const purchase = z.strictObject({
    day,
    slot,
    id: lotId,
    version,
    status: z.enum(['bought', 'released', 'confirmed', 'refunded']),
    /** The charter when it was bought: the key stands under the policy of that version. */
    charterVersion: version,
    seller: mspId,
    storage: mspId,
    energyWh: positive,
    deliverySlot: slot,
    statement: purchaseStatement,
    release: deliveryStatement.optional(),
    confirmation: deliveryStatement.optional(),
});
export type PurchaseRecord = z.output<typeof purchase>;
