/**
 * Everything that the chaincodes can refuse. Codes are part of the API: never renamed, never reused. Where several apply the
 * caller gets the one that stands first in the list of the transaction (reference/transactions).
 */
export const REFUSALS = {
    MALFORMED: 'the argument is not what the function takes',
    TOO_LARGE: 'the argument or a transient field is larger than allowed',
    TRANSIENT_MISSING: 'a private input is missing from the transient data',
    TRANSIENT_MALFORMED: 'a private input is not what the function takes',
    NOT_ESTABLISHED: 'the community is not established',
    ALREADY_ESTABLISHED: 'the community is established already',
    FORBIDDEN: 'the caller may not do this',
    MEMBER_UNKNOWN: 'there is no such member',
    MEMBER_EXISTS: 'the organisation is a member already',
    MEMBER_NOT_ACTIVE: 'the member is not active on that day',
    ROLE_TAKEN: 'the role is assigned to this organisation already',
    ROLE_FIXED: 'the role cannot change hands while the community has members',
    STANDING_UNCHANGED: 'the member has that standing already, or a later change is recorded',
    EFFECT_TOO_EARLY: 'the change would take effect on a day that has begun or may be open already',
    OUTSIDE_AREA: 'the connection point lies neither in the area nor on one of its feeders',
    NO_GRID_CONNECTION: 'at least one connection to the public grid is needed',
    NO_GENERATION_METER: 'a prosumer needs a virtual generation meter',
    MONITOR_SILENT: 'the monitor has not reported recently',
    GENERATOR_NOT_COMMON: 'a generation device is not registered as common property of the community',
    KEY_INVALID: 'not a P-256 public key',
    TERMS_OVERLAP: 'other terms apply on some of these days',
    TERMS_INVALID: 'the terms contradict each other',
    TERMS_MISSING: 'no terms apply on that day',
    COMMITTEE_EXISTS: 'a committee is appointed from that day, or from a later one',
    COMMITTEE_INVALID: 'the committee cannot be formed like this',
    COMMITTEE_MISSING: 'no committee is appointed for that day',
    COMMITTEE_NOT_ELECTED: 'the committee of that day has not been elected yet',
    REPLAY_FORBIDDEN: 'this community does not allow replays, or the day is not over',
    DAY_UNKNOWN: 'that day has not been opened',
    DAY_EXISTS: 'that day is open already',
    DAY_PAST: 'the day has begun',
    DAY_TOO_FAR: 'the day lies too far ahead',
    DAY_CLOSED: 'the day is closed',
    DAY_NOT_CLOSED: 'the day is not closed',
    ROUND_UNKNOWN: 'there is no such round',
    ROUND_NOT_OPEN: 'the round no longer takes orders',
    ROUND_NOT_CLOSED: 'the round is not closed',
    ROUND_FINAL: 'the round is cleared or void',
    ROUND_NOT_FINAL: 'a round of the day is neither cleared nor void',
    GATE_CLOSED: 'the gate of the slot has passed',
    GATE_OPEN: 'the gate of the slot has not passed',
    DEADLINE_OPEN: 'the deadline has not passed',
    ORDER_EXISTS: 'an order with this id is already in the book',
    ORDER_UNKNOWN: 'there is no such order in the book',
    ORDER_CANCELLED: 'the order is cancelled already',
    TOO_MANY_ORDERS: 'the member has as many orders in the round as it may',
    PRICE_OUTSIDE_LIMITS: 'the price lies outside floor and cap',
    OPENING_UNKNOWN: 'an opening belongs to nothing that was closed, or is given twice',
    OPENING_MISMATCH: 'an opening differs from the record that its marker names',
    OPENING_MISSING: 'an opening is missing',
    COALITION_TOO_LIGHT: 'those named are no quorum of the committee',
    SEAT_UNREVEALED: 'a seat of the committee reveals its own orders of a round before it endorses those of others',
    READING_IN_FUTURE: 'the slot has not ended',
    READINGS_OUT_OF_ORDER: 'the slots are not in rising order',
    READING_VERSION_EXISTS: 'this version of the reading is recorded already',
    READING_VERSION_SKIPPED: 'versions of a reading count up by one',
    TOO_MANY_VERSIONS: 'the reading has been corrected as often as it may',
    CORRECTION_WITHOUT_REASON: 'a correction states its reason',
    READING_KIND_WRONG: 'the evidence does not make a reading of that kind',
    READING_ENERGY_WRONG: 'the energy is not what the registers say',
    READING_ABOVE_LIMIT: 'the energy is more than the connection carries in a slot',
    METER_UNKNOWN: 'the meter is not on file for this member in that slot',
    METER_EXISTS: 'a meter of that id is on file, or a later one is',
    METER_DISAGREES: 'the registers do not continue where the slot before ended',
    READINGS_MISSING: 'a slot of the day has no reading',
    SIGNATURE_INVALID: 'the signature does not verify with the key on file',
    RECORD_WRONG: 'the private record does not say what the transaction says',
    KEY_POLICY_WRONG: 'a key stands under another policy than its parties, or holds what does not belong there',
    SETTLEMENT_EXISTS: 'the day is settled for this member already',
    SETTLEMENT_MISSING: 'the day is not settled for a member',
    SETTLEMENT_WRONG: 'the settlement does not add up',
    COMMITMENT_MISMATCH: 'the commitments do not open to these sums',
    TOTALS_WRONG: 'the sums of the day contradict each other, the rounds or the tariffs',
    BILL_MISSING: 'a household that took part has no bill of exactly that period',
    BILLS_PUBLISHED: 'the sums of that period are published already',
    BILL_EXISTS: 'a bill for some of these days is issued already',
    NOTHING_TO_BILL: 'no day of the period is settled',
    RUN_NOT_NEXT: 'billing runs count up by one, and each is made final once',
    NUMBER_NOT_NEXT: 'numbers of documents go on where the run before ended',
    DOCUMENT_UNKNOWN: 'there is no such document',
    DOCUMENT_FINAL: 'the document has its number already, or is named twice',
    DOCUMENT_CHANGED: 'the document is another than was previewed',
    DOCUMENT_PROVISIONAL: 'a provisional bill gets no number',
    DOCUMENT_PAID: 'the document is paid',
    DOCUMENT_NOT_DUE: 'the document is not overdue',
    REMINDED_ENOUGH: 'the payment was asked for today already, or as often as it may be',
    CREDIT_NOTE_EXISTS: 'a credit note with this id exists',
    CREDIT_OF_CREDIT: 'a credit note corrects a bill, never another credit note',
    CREDIT_TOO_LARGE: 'the credit is not a part of the bill, or more than is left of it',
    TERM_NOT_OVER: 'the record must be kept longer',
    PARAMETERS_INVALID: 'the parameters of stake contradict each other',
    PARAMETERS_MISSING: 'no parameters of stake apply on that day',
    EPOCH_EXISTS: 'that epoch is open already, or was',
    EPOCH_PAST: 'the time for commitments of that epoch has passed',
    EPOCH_UNKNOWN: 'that epoch has not been opened',
    EPOCH_CLOSED: 'the epoch is closed',
    EPOCH_NOT_CLOSED: 'the epoch is not closed',
    NOT_IN_EPOCH: 'the organisation is no member of that epoch',
    COMMITMENTS_OPEN: 'commitments are still taken',
    COMMITMENTS_CLOSED: 'commitments are no longer taken',
    COMMITMENT_EXISTS: 'the member has committed itself already',
    COMMITMENT_MISSING: 'the member has not committed itself',
    REVEALS_OPEN: 'secrets or orders may still be revealed',
    REVEALS_CLOSED: 'secrets or orders are no longer revealed',
    REVEAL_EXISTS: 'the member has revealed its secret or its order to them already',
    REVEAL_MISMATCH: 'the secret is not what the member committed itself to',
    SEED_NOT_FIXED: 'the seed of the epoch is not known yet',
    ENERGY_EXISTS: 'the energy of that epoch is published already',
    DEPOSIT_TOO_SMALL: 'the deposit is smaller than that',
    DEPOSIT_LOCKED:
        'a member that has a seat, had one until a week ago or takes part in an open epoch does not withdraw its deposit',
    EVIDENCE_INVALID: 'the evidence does not prove the misconduct',
    MISCONDUCT_PUNISHED: 'this misconduct is punished already',
    COUNTS_INVALID: 'the counts contradict each other or the ledger',
    CONFIRMATION_EXISTS: 'the member has confirmed the counts of that epoch already',
    CONFIRMATIONS_OPEN: 'counts may still be confirmed',
    CONFIRMATIONS_MISSING: 'no majority has confirmed the same counts',
    REWARD_EXISTS: 'the rewards of that epoch are paid already',
    INCOME_EXISTS: 'the income of that day is counted already',
    SUBSTITUTE_MISSING: 'no seat of the committee is vacant, or nobody can take it',
    RUN_EXISTS: 'a run of that id is there already',
    CORRECTION_UNKNOWN: 'there is no such correction, or it is named twice',
    CORRECTION_PUBLISHED: 'the correction stands in a run already',
    CORRECTION_BILLED: 'no correction of that day is left to be billed',
    NOTHING_TO_CORRECT: 'no reading of the day has changed since it was settled',
    LOSSES_NOT_GOVERNED: 'the terms of that day say nothing of losses',
    GROUP_TOO_SMALL: 'too few households stand in the sum to publish it',
    FEEDER_EXISTS: 'the day is compared with the feeder already',
    FEEDER_MISSING: 'the day is not compared with the feeder',
    FEEDER_FITS: 'nothing is missing at the feeder on that day',
    SUSPICION_UNFOUNDED: 'the meter explains too little of what is missing',
    SUSPICION_EXISTS: 'the household was told about that day already',
    DISPUTE_EXISTS: 'a dispute of that id is there already',
    DISPUTE_UNKNOWN: 'there is no such dispute',
    DISPUTE_NOT_ANSWERED: 'the dispute is not answered',
    DISPUTE_OVER: 'the dispute is decided or withdrawn',
    BANK_MISSING: "no organisation keeps the members' accounts",
    STATEMENT_EXISTS: 'the bank has stated that already',
    STATEMENT_TAKEN: 'the statement is on the account already',
    WITHDRAWAL_EXISTS: 'a withdrawal with this id was asked for already',
    WITHDRAWAL_UNKNOWN: 'there is no such withdrawal',
    BALANCE_TOO_SMALL: 'the account has not got that much available',
    ACCOUNT_LIMIT: 'the account would hold more than the member may have on it',
    HOLD_EXISTS: 'money is reserved for that already',
    HOLD_UNKNOWN: 'no money is reserved for that',
    TOO_MANY_HOLDS: 'money is reserved for as much as it may be',
    NOT_COVERED: "the member's trading on that day is not covered",
    BILL_UNKNOWN: 'there is no such bill',
    BILL_PROVISIONAL: 'the bill is provisional',
    BILL_PAID: 'the bill is paid already',
    ESCROW_EXISTS: 'the buyer has money in escrow for that contract already, or had',
    ESCROW_UNKNOWN: 'there is no such escrow',
    ESCROW_OPEN: 'the escrow has not ended, or not in favour of this member',
    ESCROW_ENDED: 'the escrow has ended',
    ESCROW_TAKEN: 'what left the escrow is on the account already',
    STORAGE_MISSING: 'the community has no storage system on that day',
    STORAGE_POWER: 'the power of the storage system does not suffice in that slot',
    STORAGE_FULL: 'the storage system has no room for that energy',
    ATTESTATION_UNKNOWN: 'the storage system attests no such energy',
    ATTESTATION_EXISTS: 'an attestation of that id is on the ledger already',
    ATTESTATION_FORGED: 'the attestation is not what the storage system and the prosumer have signed',
    ATTESTATION_STALE: 'the attestation comes too late, or its energy would be delivered too late',
    ATTESTATION_SPENT: 'the energy of the attestation is offered or sold already',
    ATTESTATION_NOT_OWN: 'the energy was attested to another prosumer',
    ENERGY_NOT_COVERED: 'the attestation covers less energy than that, after losses',
    FEE_WRONG: 'the fee is not what the community asks',
    DELIVERY_WRONG: 'the energy cannot be delivered in that slot',
    CONTRACT_UNKNOWN: 'there is no such offer',
    CONTRACT_STATUS_WRONG: 'the contract does not stand where that can be done',
    CONTRACT_OWN: 'neither the seller nor the storage system buys its own contract',
    CONTRACT_PENDING: 'a contract of the day is neither confirmed nor refunded',
    PAYMENT_WRONG: 'the payment is not what the offer asks',
    NOT_FOUND: 'there is no such record',
    ATTESTATION_REFUSED: 'the own service of an endorsing organisation does not confirm it',
    ATTESTATION_MISSING: 'the own service of an endorsing organisation did not answer as it must, or not in time',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/**
 * A refusal that the caller can act on. Only the message leaves the chaincode (the shim drops name, code and stack), so
 * the code is in the message, in a form that `parseRefusal` reads back. The detail never quotes a private input.
 */
export class Refusal extends Error {
    override readonly name = 'Refusal';

    constructor(
        readonly code: RefusalCode,
        readonly detail: string,
    ) {
        super(`[${code}] ${REFUSALS[code]}: ${detail}`);
    }
}

export function refuse(code: RefusalCode, detail: string): never {
    throw new Refusal(code, detail);
}

/** The refusal in a message that came back through a peer, or undefined if the chaincode did not say it. */
export function parseRefusal(message: string): Refusal | undefined {
    for (const match of message.matchAll(/\[([A-Z_]+)\] /g)) {
        const code = match[1] ?? '';
        if (isRefusalCode(code)) {
            const said = message.slice(match.index + match[0].length);
            const text = `${REFUSALS[code]}: `;
            return new Refusal(code, said.startsWith(text) ? said.slice(text.length) : said);
        }
    }
    return undefined;
}

function isRefusalCode(code: string): code is RefusalCode {
    return Object.hasOwn(REFUSALS, code);
}
