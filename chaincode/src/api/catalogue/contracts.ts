import { z } from 'zod';
import { day, hash, signature, slot, version } from '../wire';
import * as record from '../records';
import { once, OPENED } from './accounts';
import { query, submit } from './market';
import { ALWAYS, GOVERNANCE, HOUSEHOLD_AND_OPERATOR, OWN_PEER, PRIVATE, specify } from './specification';

const storageChanged = {
    chaincode: 'governance',
    kind: 'submit',
    transient: {},
    response: z.strictObject({ version }),
    endorsers: GOVERNANCE,
    attested: 'Do you agree to this decision of the community?',
} as const;
const STORAGE_AND_OPERATOR = 'storage system and grid operator';
const OPERATOR_AND_COMMITTEE = 'grid operator and a quorum of the committee of the slot of delivery';

/** What every transaction about a day with storage can refuse after its argument. */
const STORAGE_DAY = [
    ...ALWAYS,
    'NOT_ESTABLISHED',
    'DAY_UNKNOWN',
    'STORAGE_MISSING',
    'COMMITTEE_MISSING',
    'KEY_POLICY_WRONG',
] as const;
/** What every transaction about a purchase can. */
const PURCHASE = [...ALWAYS, 'NOT_ESTABLISHED', 'DAY_UNKNOWN', 'CONTRACT_UNKNOWN', 'KEY_POLICY_WRONG'] as const;

/** The parts of an attestation's key; its day follows from the slot. */
const lot = { slot, id: record.lotId };
const purchased = { ...lot, version };
const deliveries = z.strictObject({
    purchases: z
        .array(z.strictObject({ ...purchased, statement: record.deliveryStatement }))
        .min(1)
        .max(100),
});

/** Sell and purchase contracts with storage: concepts/contracts-with-storage. */
export const CONTRACT_TRANSACTIONS = {
    'storage:schedule': specify({
        ...storageChanged,
        name: 'storage:schedule',
        does: 'let a storage system and the terms of its contracts apply from a day on',
        args: record.storageTerms,
        events: ['StorageScheduled'],
        refusals: [
            ...ALWAYS,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'MEMBER_UNKNOWN',
            'STORAGE_MISSING',
            'EFFECT_TOO_EARLY',
            'TERMS_OVERLAP',
        ],
    }),
    'storage:list': specify({
        chaincode: 'governance',
        kind: 'evaluate',
        transient: {},
        events: [],
        endorsers: OWN_PEER,
        name: 'storage:list',
        does: 'all storage terms, earliest first',
        args: z.strictObject({}),
        response: z.array(record.storageTerms),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED'],
    }),
    'contracts:attest': specify({
        ...submit,
        name: 'contracts:attest',
        does: 'put attestations of energy that the storage system took in on the ledger, all or none; their prosumers have signed them too',
        args: z.strictObject({ day, attestations: z.array(record.attestation).min(1).max(100) }),
        response: z.strictObject({ attested: z.array(z.string()) }),
        events: ['EnergyAttested'],
        refusals: [
            ...STORAGE_DAY,
            'FORBIDDEN',
            'ATTESTATION_FORGED',
            'MEMBER_NOT_ACTIVE',
            'ATTESTATION_STALE',
            'READING_IN_FUTURE',
            'ATTESTATION_EXISTS',
            'SETTLEMENT_EXISTS',
            'READING_ABOVE_LIMIT',
            'STORAGE_POWER',
            'STORAGE_FULL',
        ],
        endorsers: STORAGE_AND_OPERATOR,
        attested: 'Did the storage system take in this energy?',
    }),
    'contracts:offer': specify({
        ...submit,
        name: 'contracts:offer',
        does: 'post the energy of an attestation for sale: the offer is public; by request and response it brings its attestation along',
        args: z.strictObject({ ...lot, offer: record.offer, attestation: record.attestation.optional() }),
        response: z.strictObject({ offerHash: hash }),
        events: ['ContractOffered', 'EnergyAttested'],
        refusals: [
            ...STORAGE_DAY,
            'FORBIDDEN',
            'MEMBER_NOT_ACTIVE',
            'SIGNATURE_INVALID',
            'FEE_WRONG',
            'ATTESTATION_UNKNOWN',
            'ATTESTATION_FORGED',
            'ATTESTATION_STALE',
            'READING_IN_FUTURE',
            'SETTLEMENT_EXISTS',
            'READING_ABOVE_LIMIT',
            'STORAGE_POWER',
            'STORAGE_FULL',
            'ATTESTATION_NOT_OWN',
            'ENERGY_NOT_COVERED',
            'ATTESTATION_SPENT',
            'CONTRACT_STATUS_WRONG',
            'TERMS_MISSING',
            'PRICE_OUTSIDE_LIMITS',
            'DELIVERY_WRONG',
            'ROUND_UNKNOWN',
            'ROUND_NOT_OPEN',
            'GATE_CLOSED',
        ],
        endorsers: 'seller and grid operator; by request and response the storage system as well',
        attested: 'Does the storage system hold this energy for the seller?',
    }),
    'contracts:withdraw': specify({
        ...submit,
        name: 'contracts:withdraw',
        does: 'take an offer back that nobody has bought',
        args: z.strictObject(purchased),
        response: record.contract,
        events: ['ContractWithdrawn'],
        refusals: [...PURCHASE, 'FORBIDDEN', 'CONTRACT_STATUS_WRONG'],
        endorsers: 'seller and grid operator',
    }),
    'contracts:release': specify({
        ...submit,
        name: 'contracts:release',
        does: 'the storage system says that it gives the energy of purchases out in their slots',
        args: deliveries,
        response: z.array(record.purchase),
        events: ['ContractReleased'],
        refusals: [...PURCHASE, 'FORBIDDEN', 'SIGNATURE_INVALID', 'CONTRACT_STATUS_WRONG'],
        endorsers: STORAGE_AND_OPERATOR,
    }),
    'contracts:buy': specify({
        ...submit,
        name: 'contracts:buy',
        does: 'buy an offer: its price goes from the account of the buyer into escrow',
        args: z.strictObject({ ...purchased, statement: record.purchaseStatement }),
        transient: { account: record.accountInputs, escrowSignature: signature },
        response: record.purchase,
        events: ['ContractBought'],
        refusals: once(
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'DAY_UNKNOWN',
            'CONTRACT_UNKNOWN',
            'KEY_POLICY_WRONG',
            'FORBIDDEN',
            'MEMBER_NOT_ACTIVE',
            'CONTRACT_STATUS_WRONG',
            'STORAGE_MISSING',
            'FEE_WRONG',
            'ATTESTATION_UNKNOWN',
            'ATTESTATION_NOT_OWN',
            'ENERGY_NOT_COVERED',
            'DELIVERY_WRONG',
            'TERMS_MISSING',
            'PRICE_OUTSIDE_LIMITS',
            'SETTLEMENT_EXISTS',
            'ROUND_UNKNOWN',
            'ROUND_NOT_OPEN',
            'GATE_CLOSED',
            'READING_ABOVE_LIMIT',
            'NOT_COVERED',
            'ESCROW_EXISTS',
            ...OPENED,
            'BALANCE_TOO_SMALL',
            'PAYMENT_WRONG',
            'SIGNATURE_INVALID',
            'CONTRACT_OWN',
        ),
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'contracts:confirm': specify({
        ...submit,
        name: 'contracts:confirm',
        does: 'the storage system says that the energy of purchases has left it: their sellers are paid',
        args: deliveries,
        response: z.array(record.purchase),
        events: ['ContractConfirmed'],
        refusals: [
            ...PURCHASE,
            'FORBIDDEN',
            'SIGNATURE_INVALID',
            'CONTRACT_STATUS_WRONG',
            'READING_IN_FUTURE',
            'SETTLEMENT_EXISTS',
        ],
        endorsers: OPERATOR_AND_COMMITTEE,
    }),
    'contracts:refund': specify({
        ...submit,
        name: 'contracts:refund',
        does: 'after the deadline: give the money of a purchase that is not confirmed back',
        args: z.strictObject(purchased),
        response: record.purchase,
        events: ['ContractRefunded'],
        refusals: [...PURCHASE, 'FORBIDDEN', 'CONTRACT_STATUS_WRONG', 'STORAGE_MISSING', 'DEADLINE_OPEN'],
        endorsers: OPERATOR_AND_COMMITTEE,
    }),
    'contracts:attestationEvidence': specify({
        ...query,
        name: 'contracts:attestationEvidence',
        does: 'what the channel says of an attestation, with the hash of the policy that it stands under; governance calls this',
        args: z.strictObject({ ...lot, day }),
        response: record.attestationEvidence,
        refusals: [...ALWAYS],
    }),
    'contracts:of': specify({
        ...query,
        name: 'contracts:of',
        does: "attestations, offers and purchases of energy that was taken in on a day; what is under another policy than its parties', or not signed, is left out",
        args: z.strictObject({ day }),
        response: z.strictObject({
            attestations: z.array(record.attestation),
            contracts: z.array(record.contract),
            purchases: z.array(record.purchase),
        }),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED'],
    }),
} as const;
