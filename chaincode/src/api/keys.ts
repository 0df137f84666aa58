/** One part of a ledger key catalogue entry: what docs/reference/ledger-keys lists. */
export interface KeyKind {
    readonly chaincode: 'governance' | 'market';
    /** First part of the composite key. On the ledger for ever: never changed, never reused. */
    readonly type: string;
    readonly parts: readonly string[];
    readonly holds: string;
    readonly privateAt?: string;
    readonly writtenBy: string;
}

const PARTIES = 'household and grid operator; or grid operator and committee quorum';
const ROUND = 'committee quorum; or grid operator and a majority of the active households';
const COMMUNITY = 'grid operator and a majority of the households (chaincode policy)';
const OWNER = 'the member alone';
const BOTH = 'household, grid operator';
const TOGETHER = 'household and grid operator';

export const LEDGER_KEYS = {
    charter: {
        chaincode: 'governance',
        type: 'charter',
        parts: ['document'],
        holds: 'the whole of governance as one document',
        writtenBy: COMMUNITY,
    },
    stakeParameters: {
        chaincode: 'governance',
        type: 'stakeParameters',
        parts: ['document'],
        holds: 'the parameters of stake with the days from which they apply',
        writtenBy: COMMUNITY,
    },
    stakeBook: {
        chaincode: 'governance',
        type: 'stakeBook',
        parts: ['document'],
        holds: "where stake stands: the latest epochs, the community's account, the next block to be rewarded",
        writtenBy: COMMUNITY,
    },
    epoch: {
        chaincode: 'governance',
        type: 'epoch',
        parts: ['epoch'],
        holds: 'an epoch: members, weights, seed, draw',
        writtenBy: COMMUNITY,
    },
    seedCommitment: {
        chaincode: 'governance',
        type: 'seedCommitment',
        parts: ['epoch', 'mspId'],
        holds: "a member's commitment to its part of the seed",
        writtenBy: OWNER,
    },
    seedReveal: {
        chaincode: 'governance',
        type: 'seedReveal',
        parts: ['epoch', 'mspId'],
        holds: "a member's part of the seed",
        writtenBy: OWNER,
    },
    matchedEnergy: {
        chaincode: 'governance',
        type: 'matchedEnergy',
        parts: ['epoch', 'mspId'],
        holds: "tokens for a household's matched energy, in coarse steps",
        writtenBy: TOGETHER,
    },
    producerConfirmation: {
        chaincode: 'governance',
        type: 'producerConfirmation',
        parts: ['epoch', 'mspId'],
        holds: 'who produced which blocks and endorsed which clearings, as a member saw it',
        writtenBy: OWNER,
    },
    stakeAccount: {
        chaincode: 'governance',
        type: 'stakeAccount',
        parts: ['mspId'],
        holds: "a member's age, reputation, deposit and rewards",
        writtenBy: COMMUNITY,
    },
    communityIncome: {
        chaincode: 'governance',
        type: 'communityIncome',
        parts: ['day'],
        holds: 'what a closed day brought the community, counted once',
        writtenBy: COMMUNITY,
    },
    reward: {
        chaincode: 'governance',
        type: 'reward',
        parts: ['epoch'],
        holds: 'what was paid for producing blocks and clearing rounds, and the evidence',
        writtenBy: COMMUNITY,
    },
    misconduct: {
        chaincode: 'governance',
        type: 'misconduct',
        parts: ['mspId', 'kind', 'subject'],
        holds: 'a misconduct that was punished',
        writtenBy: COMMUNITY,
    },
    day: { chaincode: 'market', type: 'day', parts: ['day'], holds: 'a day that was opened', writtenBy: ROUND },
    round: {
        chaincode: 'market',
        type: 'round',
        parts: ['day', 'slot'],
        holds: 'a round and its result',
        writtenBy: ROUND,
    },
    totals: { chaincode: 'market', type: 'totals', parts: ['day'], holds: 'sums of a day', writtenBy: ROUND },
    order: {
        chaincode: 'market',
        type: 'order',
        parts: ['slot', 'mspId', 'id'],
        holds: 'marker of an order: the commitment to it, and who holds its opening',
        privateAt: 'household and the seats that it was revealed to; grid operator from the settlement on',
        writtenBy: "a quorum of the round's committee",
    },
    reading: {
        chaincode: 'market',
        type: 'reading',
        parts: ['mspId', 'day', 'slot'],
        holds: 'marker of the newest version of a reading',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    settlement: {
        chaincode: 'market',
        type: 'settlement',
        parts: ['day', 'mspId'],
        holds: 'marker of the settlement of a household and day',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    storageDay: {
        chaincode: 'market',
        type: 'storageDay',
        parts: ['day'],
        holds: 'that attestations are taken for a day, and how many there are',
        writtenBy: 'storage system and grid operator; by broadcast also grid operator and committee quorum',
    },
    attestation: {
        chaincode: 'market',
        type: 'attestation',
        parts: ['day', 'slot', 'id'],
        holds: 'energy that the storage system took in for a prosumer, signed by it',
        writtenBy: 'nobody again',
    },
    contract: {
        chaincode: 'market',
        type: 'contract',
        parts: ['day', 'slot', 'id'],
        holds: "the newest offer of an attestation's energy, signed by its seller",
        writtenBy: 'seller and grid operator; or grid operator and committee quorum',
    },
    purchase: {
        chaincode: 'market',
        type: 'purchase',
        parts: ['day', 'slot', 'id', 'version'],
        holds: 'who bought an offer, signed by the buyer, and what became of it, signed by the storage system',
        writtenBy: 'storage system and grid operator; or grid operator and committee quorum',
    },
    bill: {
        chaincode: 'market',
        type: 'bill',
        parts: ['mspId', 'from', 'to'],
        holds: 'marker of a bill',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    correction: {
        chaincode: 'market',
        type: 'correction',
        parts: ['day', 'mspId', 'number'],
        holds: 'marker of what changed readings add to a settlement',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    billSums: {
        chaincode: 'market',
        type: 'billSums',
        parts: ['from', 'to'],
        holds: "what all bills of a period come to, proved by the bills' commitments",
        writtenBy: 'grid operator and any household, once (chaincode policy); then as a round',
    },
    correctionRun: {
        chaincode: 'market',
        type: 'correctionRun',
        parts: ['run'],
        holds: 'what corrections of several households came to, account by account',
        writtenBy: 'grid operator and any household, once (chaincode policy); then as a round',
    },
    correctionInRun: {
        chaincode: 'market',
        type: 'correctionInRun',
        parts: ['day', 'mspId', 'number'],
        holds: 'in which run a correction stands',
        writtenBy: PARTIES,
    },
    feeder: {
        chaincode: 'market',
        type: 'feeder',
        parts: ['day'],
        holds: "the day's meters compared with the feeder's, and who pays for what was lost",
        writtenBy: 'grid operator and any household, once (chaincode policy); then as a round',
    },
    suspicion: {
        chaincode: 'market',
        type: 'suspicion',
        parts: ['day', 'mspId'],
        holds: 'marker of what a household was told about its meter',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    dispute: {
        chaincode: 'market',
        type: 'dispute',
        parts: ['mspId', 'id'],
        holds: 'a dispute: what is contested, hashes of evidence, how it stands',
        writtenBy: PARTIES,
    },
    statement: {
        chaincode: 'market',
        type: 'statement',
        parts: ['mspId', 'id', 'version'],
        holds: 'marker of a statement of a dispute',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    account: {
        chaincode: 'market',
        type: 'account',
        parts: ['mspId'],
        holds: "marker of a member's account of money",
        privateAt: BOTH,
        writtenBy: TOGETHER,
    },
    bankStatement: {
        chaincode: 'market',
        type: 'bankStatement',
        parts: ['mspId', 'about', 'reference'],
        holds: "marker of what the bank says of a member's deposit or withdrawal: a row of the account",
        privateAt: BOTH,
        writtenBy: TOGETHER,
    },
    withdrawal: {
        chaincode: 'market',
        type: 'withdrawal',
        parts: ['mspId', 'id'],
        holds: 'marker of what a member asked its bank to pay out',
        privateAt: 'household, grid operator, bank',
        writtenBy: TOGETHER,
    },
    cover: {
        chaincode: 'market',
        type: 'cover',
        parts: ['day', 'mspId'],
        holds: "that a member's trading on a day is covered",
        writtenBy: TOGETHER,
    },
    payment: {
        chaincode: 'market',
        type: 'payment',
        parts: ['mspId', 'from', 'to'],
        holds: 'that a bill was paid',
        writtenBy: TOGETHER,
    },
    escrow: {
        chaincode: 'market',
        type: 'escrow',
        parts: ['contract', 'buyer'],
        holds: "a buyer's money that waits for the end of a contract",
        writtenBy: 'buyer, seller and grid operator; or grid operator and committee quorum',
    },
    escrowReceipt: {
        chaincode: 'market',
        type: 'escrowReceipt',
        parts: ['contract', 'buyer'],
        holds: 'that what left an escrow is on the account of its receiver',
        writtenBy: 'receiver and grid operator',
    },
    creditNote: {
        chaincode: 'market',
        type: 'creditNote',
        parts: ['mspId', 'from', 'to', 'id'],
        holds: 'marker of a credit note to the bill of that period',
        privateAt: BOTH,
        writtenBy: PARTIES,
    },
    document: {
        chaincode: 'market',
        type: 'document',
        parts: ['mspId', 'from', 'to', 'id'],
        holds: 'a final bill or credit note: its number, when it is due, reminders, payment',
        writtenBy: PARTIES,
    },
    documentNumber: {
        chaincode: 'market',
        type: 'documentNumber',
        parts: ['number'],
        holds: 'which document has the number',
        writtenBy: 'grid operator and a majority of the households; never again',
    },
    billingRun: {
        chaincode: 'market',
        type: 'billingRun',
        parts: ['run'],
        holds: 'a billing run: its first number, how many documents',
        writtenBy: 'grid operator and a majority of the households; never again',
    },
} as const satisfies Record<string, KeyKind>;

export type KeyType = keyof typeof LEDGER_KEYS;

/** A ledger key before the stub joins its parts. The kind is in its type, so that a record read by it has one too. */
export interface LedgerKey<T extends KeyType = KeyType> {
    readonly type: T;
    readonly parts: readonly string[];
}

/** Slots as key parts: fixed width, so that key order is time order. */
export function slotPart(slot: number): string {
    return slot.toString().padStart(10, '0');
}

export const charterKey: LedgerKey<'charter'> = { type: 'charter', parts: ['document'] };
export const stakeParametersKey: LedgerKey<'stakeParameters'> = { type: 'stakeParameters', parts: ['document'] };
export const stakeBookKey: LedgerKey<'stakeBook'> = { type: 'stakeBook', parts: ['document'] };
export const epochKey = (epoch: string): LedgerKey<'epoch'> => ({ type: 'epoch', parts: [epoch] });
export const seedCommitmentKey = (epoch: string, mspId: string): LedgerKey<'seedCommitment'> => ({
    type: 'seedCommitment',
    parts: [epoch, mspId],
});
export const seedRevealKey = (epoch: string, mspId: string): LedgerKey<'seedReveal'> => ({
    type: 'seedReveal',
    parts: [epoch, mspId],
});
export const matchedEnergyKey = (epoch: string, mspId: string): LedgerKey<'matchedEnergy'> => ({
    type: 'matchedEnergy',
    parts: [epoch, mspId],
});
export const producerConfirmationKey = (epoch: string, mspId: string): LedgerKey<'producerConfirmation'> => ({
    type: 'producerConfirmation',
    parts: [epoch, mspId],
});
export const stakeAccountKey = (mspId: string): LedgerKey<'stakeAccount'> => ({ type: 'stakeAccount', parts: [mspId] });
export const communityIncomeKey = (day: string): LedgerKey<'communityIncome'> => ({
    type: 'communityIncome',
    parts: [day],
});
export const rewardKey = (epoch: string): LedgerKey<'reward'> => ({ type: 'reward', parts: [epoch] });
export const misconductKey = (mspId: string, kind: string, subject: string): LedgerKey<'misconduct'> => ({
    type: 'misconduct',
    parts: [mspId, kind, subject],
});
export const dayKey = (day: string): LedgerKey<'day'> => ({ type: 'day', parts: [day] });
export const roundKey = (day: string, slot: number): LedgerKey<'round'> => ({
    type: 'round',
    parts: [day, slotPart(slot)],
});
export const totalsKey = (day: string): LedgerKey<'totals'> => ({ type: 'totals', parts: [day] });
export const orderKey = (slot: number, mspId: string, id: string): LedgerKey<'order'> => ({
    type: 'order',
    parts: [slotPart(slot), mspId, id],
});
export const readingKey = (mspId: string, day: string, slot: number): LedgerKey<'reading'> => ({
    type: 'reading',
    parts: [mspId, day, slotPart(slot)],
});
export const settlementKey = (day: string, mspId: string): LedgerKey<'settlement'> => ({
    type: 'settlement',
    parts: [day, mspId],
});
export const billKey = (mspId: string, from: string, to: string): LedgerKey<'bill'> => ({
    type: 'bill',
    parts: [mspId, from, to],
});
export const accountKey = (mspId: string): LedgerKey<'account'> => ({ type: 'account', parts: [mspId] });
/** A withdrawal is paid out or returned, never both: one key for the two. */
export const bankStatementKey = (
    mspId: string,
    kind: 'deposit' | 'paidOut' | 'returned',
    reference: string,
): LedgerKey<'bankStatement'> => ({
    type: 'bankStatement',
    parts: [mspId, kind === 'deposit' ? 'deposit' : 'withdrawal', reference],
});
export const withdrawalKey = (mspId: string, id: string): LedgerKey<'withdrawal'> => ({
    type: 'withdrawal',
    parts: [mspId, id],
});
export const coverKey = (day: string, mspId: string): LedgerKey<'cover'> => ({ type: 'cover', parts: [day, mspId] });
export const paymentKey = (mspId: string, from: string, to: string): LedgerKey<'payment'> => ({
    type: 'payment',
    parts: [mspId, from, to],
});
export const escrowKey = (contract: string, buyer: string): LedgerKey<'escrow'> => ({
    type: 'escrow',
    parts: [contract, buyer],
});
export const escrowReceiptKey = (contract: string, buyer: string): LedgerKey<'escrowReceipt'> => ({
    type: 'escrowReceipt',
    parts: [contract, buyer],
});

export const correctionKey = (day: string, mspId: string, number: number): LedgerKey<'correction'> => ({
    type: 'correction',
    parts: [day, mspId, number.toString().padStart(2, '0')],
});
export const billSumsKey = (from: string, to: string): LedgerKey<'billSums'> => ({
    type: 'billSums',
    parts: [from, to],
});
export const correctionRunKey = (run: string): LedgerKey<'correctionRun'> => ({ type: 'correctionRun', parts: [run] });
export const correctionInRunKey = (day: string, mspId: string, number: number): LedgerKey<'correctionInRun'> => ({
    type: 'correctionInRun',
    parts: [day, mspId, number.toString().padStart(2, '0')],
});
export const feederKey = (day: string): LedgerKey<'feeder'> => ({ type: 'feeder', parts: [day] });
export const suspicionKey = (day: string, mspId: string): LedgerKey<'suspicion'> => ({
    type: 'suspicion',
    parts: [day, mspId],
});
export const disputeKey = (mspId: string, id: string): LedgerKey<'dispute'> => ({
    type: 'dispute',
    parts: [mspId, id],
});
export const statementKey = (mspId: string, id: string, version: number): LedgerKey<'statement'> => ({
    type: 'statement',
    parts: [mspId, id, version.toString().padStart(3, '0')],
});
export const storageDayKey = (day: string): LedgerKey<'storageDay'> => ({ type: 'storageDay', parts: [day] });
export const attestationKey = (day: string, slot: number, id: string): LedgerKey<'attestation'> => ({
    type: 'attestation',
    parts: [day, slotPart(slot), id],
});
export const contractKey = (day: string, slot: number, id: string): LedgerKey<'contract'> => ({
    type: 'contract',
    parts: [day, slotPart(slot), id],
});
export const purchaseKey = (
    { day, slot, id }: { readonly day: string; readonly slot: number; readonly id: string },
    version: number,
): LedgerKey<'purchase'> => ({ type: 'purchase', parts: [day, slotPart(slot), id, version.toString()] });

interface OfDocument {
    readonly mspId: string;
    readonly from: string;
    readonly to: string;
    readonly id: string;
}
export const creditNoteKey = ({ mspId, from, to, id }: OfDocument): LedgerKey<'creditNote'> => ({
    type: 'creditNote',
    parts: [mspId, from, to, id],
});
export const documentKey = ({ mspId, from, to, id }: OfDocument): LedgerKey<'document'> => ({
    type: 'document',
    parts: [mspId, from, to, id],
});
export const documentNumberKey = (number: number): LedgerKey<'documentNumber'> => ({
    type: 'documentNumber',
    parts: [slotPart(number)],
});
export const billingRunKey = (run: number): LedgerKey<'billingRun'> => ({ type: 'billingRun', parts: [slotPart(run)] });

/** The key as a private record names it and as clients salt by it: `order/0001567200/H1MSP/o1`. */
export function keyName(key: LedgerKey): string {
    return [key.type, ...key.parts].join('/');
}

/** What a round calls an order: unique within the round. */
export function orderName(mspId: string, id: string): string {
    return `${mspId}/${id}`;
}
