import { z } from 'zod';
import {
    day,
    hash,
    mspId,
    natural,
    naturalSum,
    positive,
    recordId,
    salt,
    signature,
    slot,
    sum,
    version,
} from '../wire';

/** As every private record: see records/private. A statement is signed by the bank, everything else by the member. */
const owned = { key: z.string().max(200), version, mspId, salt, signature };
const marker = { hash, version, mspId };

/** Money that is there and may not be spent otherwise. */
export const hold = z.strictObject({
    kind: z.enum(['day', 'withdrawal']),
    /** The local day that is covered, or the id of the withdrawal. */
    subject: z.string().min(1).max(40),
    amountNanos: naturalSum,
});

/** A member's money: at the member and the grid operator; the channel has its marker. */
export const accountRecord = z.strictObject({
    ...owned,
    availableNanos: naturalSum,
    /** What is reserved, by kind and subject. */
    holds: z.array(hold).max(100),
    /** Sums over the account's life; available and reserved together are what they come to. */
    turnover: z.strictObject({
        depositedNanos: naturalSum,
        withdrawnNanos: naturalSum,
        /** Out of escrow, as seller or back as buyer; into escrow, as buyer. */
        receivedNanos: naturalSum,
        escrowedNanos: naturalSum,
        /** For bills; negative where they brought more than they cost. */
        billedNanos: sum,
    }),
});
export type AccountRecord = z.output<typeof accountRecord>;
/** Without what its owner adds. */
export type AccountDraft = Omit<AccountRecord, 'signature'>;

export const accountMarker = z.strictObject(marker);
export type AccountMarker = z.output<typeof accountMarker>;

/** What the bank says happened: money came in; or a withdrawal was paid out, or was not and is the member's again. */
export const bankStatementKind = z.enum(['deposit', 'paidOut', 'returned']);
export type BankStatementKind = z.output<typeof bankStatementKind>;

/** A row of an account: it conflicts with no other, and is taken into the account by one of its owner's transactions. */
export const bankStatementRecord = z.strictObject({
    ...owned,
    kind: bankStatementKind,
    /** The bank's own for a deposit, each used once for a member; the id of the withdrawal for the others. */
    reference: recordId,
    amountNanos: positive,
});
export type BankStatementRecord = z.output<typeof bankStatementRecord>;

export const bankStatementMarker = z.strictObject({
    ...marker,
    /** `asked`: made with the withdrawal that it will answer, so that nobody else can make it; the hash is the withdrawal's. */
    kind: z.enum([...bankStatementKind.options, 'asked']),
    reference: recordId,
    /** The version of the account that has it; absent while it waits. */
    takenIn: version.optional(),
});
export type BankStatementMarker = z.output<typeof bankStatementMarker>;

/** A member asks its bank for money: at the member, the grid operator and the bank. */
export const withdrawalRecord = z.strictObject({ ...owned, id: recordId, amountNanos: positive });
export type WithdrawalRecord = z.output<typeof withdrawalRecord>;
export const withdrawalMarker = z.strictObject({ ...marker, id: recordId });
export type WithdrawalMarker = z.output<typeof withdrawalMarker>;

/** Public: that a member's trading on a day is covered. How much that takes follows from its connection and the terms. */
export const cover = z.strictObject({ day, mspId, status: z.enum(['held', 'released']) });
export type Cover = z.output<typeof cover>;

/**
 * Public: how a bill or credit note stands. Made `open` with the document, under its policy, so that nobody else can make it and say that what is
 * owed is paid.
 */
export const payment = z.strictObject({
    mspId,
    from: day,
    to: day,
    /** As of the document that it pays. */
    id: recordId,
    /** `paid`: from the account or into it; `transferred`: outside of accounts; `collected`: out of what is reserved, without its owner. */
    status: z.enum(['open', 'paid', 'transferred', 'collected']),
    /** What was collected, and whether that is all that the bill asks for. */
    collected: z.strictObject({ amountNanos: positive, isWhole: z.boolean() }).optional(),
    /** The version of the account that has it. */
    takenIn: version.optional(),
});
export type Payment = z.output<typeof payment>;

/** Public by nature, as the offer that it pays for: money of the buyer's that waits for a contract's end. */
export const escrow = z
    .strictObject({
        contract: recordId,
        buyer: mspId,
        seller: mspId,
        amountNanos: positive,
        /** The part of it that the community gets where the seller is paid. */
        feeNanos: natural,
        /** The slot of the contract and the charter under which it was bought: the key stands under their policy. */
        slot,
        charterVersion: version,
        status: z.enum(['held', 'paid', 'refunded']),
        /** The buyer's, over all of it as it was held: see `escrowStatement`. */
        signature,
    })
    .refine(({ feeNanos, amountNanos }) => feeNanos < amountNanos, 'the fee is all of it');
export type Escrow = z.output<typeof escrow>;

/**
 * Whether what left an escrow is on its receiver's account. There is one for the buyer and one for the seller, made with the escrow, so that
 * nobody else can make them and say that the money is taken.
 */
export const escrowReceipt = z.strictObject({
    contract: recordId,
    buyer: mspId,
    receiver: mspId,
    /** Absent while it waits, and for ever where the money went to the other. */
    accountVersion: version.optional(),
});
export type EscrowReceipt = z.output<typeof escrowReceipt>;

/**
 * The private inputs of whatever moves money of an account: the account as it stands (null before its first movement), the rows
 * to be taken in before, and salt and signature of the account as it will be. Client and endorsers work that out alike
 * (`nextAccount`).
 */
export const accountInputs = z.strictObject({
    account: accountRecord.nullable(),
    statements: z.array(bankStatementRecord).max(200),
    /** Escrows that ended in favour of the member. */
    escrows: z.array(z.strictObject({ contract: recordId, buyer: mspId })).max(200),
    salt,
    signature,
});
export type AccountInputs = z.output<typeof accountInputs>;
