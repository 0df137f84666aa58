import type { AccountRecord, BankStatementRecord, Escrow } from '@commonwatt/chaincode/api/records';

/** What is known of one member's money: by the member itself, or by the grid operator of every member. */
export interface MemberMoney {
    readonly mspId: string;
    readonly account: AccountRecord | null;
    readonly statements: readonly { readonly statement: BankStatementRecord; readonly takenIn: number | null }[];
    /** What each bill that was paid came to; negative where it was paid out to the member. */
    readonly paidNanos: readonly bigint[];
    /** What was collected for bills that it does not pay, and is still in its holds. */
    readonly collectedNanos?: readonly bigint[];
}

export interface EscrowRow {
    readonly escrow: Escrow;
    readonly isTakenIn: boolean;
}

/** Where the money is that members have paid in. All in nanos. */
export interface MoneyBook {
    /** What the bank says came in, less what it says it paid out. */
    readonly atBank: bigint;
    readonly available: bigint;
    readonly reserved: bigint;
    /** Stated by the bank, and on no account yet. */
    readonly waiting: bigint;
    /** In escrow, or out of it and on no account yet. */
    readonly escrow: bigint;
    /** The community's part of contracts. */
    readonly fees: bigint;
    readonly billed: bigint;
    /** What cannot be explained, and what any single account says otherwise than the rows that went into it. Zero, or something is wrong. */
    readonly imbalance: bigint;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

/** Adds up every account, row and escrow, without the chaincode's arithmetic, and compares with what the bank says. */
export function moneyBook(members: readonly MemberMoney[], escrows: readonly EscrowRow[]): MoneyBook {
    const statements = members.flatMap((member) => member.statements);
    const accounts = members.flatMap(({ account }) => (account === null ? [] : [account]));
    const collected = sum(members.flatMap(({ collectedNanos = [] }) => collectedNanos));
    const book = {
        atBank: sum(statements.map(({ statement }) => atBank(statement))),
        available: sum(accounts.map(({ availableNanos }) => availableNanos)),
        reserved: sum(accounts.map(reservedOn)) - collected,
        waiting: sum(statements.map(({ statement, takenIn }) => (takenIn === null ? atBank(statement) : 0n))),
        escrow: sum(escrows.map(({ escrow, isTakenIn }) => (isTakenIn ? 0n : receivable(escrow)))),
        fees: sum(escrows.map(({ escrow }) => (escrow.status === 'paid' ? escrow.feeNanos : 0n))),
        billed: sum(members.flatMap(({ paidNanos }) => paidNanos)) + collected,
    };
    const explained = book.available + book.reserved + book.waiting + book.escrow + book.fees + book.billed;
    const ofMembers = sum(members.map((member) => differenceOf(member, escrows)));
    return { ...book, imbalance: magnitude(book.atBank - explained) + ofMembers };
}

const reservedOn = ({ holds }: AccountRecord): bigint => sum(holds.map(({ amountNanos }) => amountNanos));

const atBank = ({ kind, amountNanos }: BankStatementRecord): bigint =>
    kind === 'deposit' ? amountNanos : kind === 'paidOut' ? -amountNanos : 0n;

/** What whoever gets an escrow's money has or will have on its account. */
const receivable = ({ status, amountNanos, feeNanos }: Escrow): bigint =>
    status === 'paid' ? amountNanos - feeNanos : amountNanos;

/** How far an account's own sums are from the rows that went into it and the bills that were paid with it. */
function differenceOf(member: MemberMoney, escrows: readonly EscrowRow[]): bigint {
    const { mspId, account, statements, paidNanos, collectedNanos = [] } = member;
    const beyond = sum(collectedNanos) - (account === null ? 0n : reservedOn(account));
    const taken = statements.flatMap(({ statement, takenIn }) => (takenIn === null ? [] : [statement]));
    const of = (kind: BankStatementRecord['kind']): bigint =>
        sum(taken.map((each) => (each.kind === kind ? each.amountNanos : 0n)));
    const received = escrows.filter(({ escrow, isTakenIn }) => isTakenIn && receiverOf(escrow) === mspId);
    const given = escrows.filter(({ escrow }) => escrow.buyer === mspId);
    const expected = [
        of('deposit'),
        of('paidOut'),
        sum(received.map(({ escrow }) => receivable(escrow))),
        sum(given.map(({ escrow }) => escrow.amountNanos)),
        sum(paidNanos),
    ];
    const { depositedNanos, withdrawnNanos, receivedNanos, escrowedNanos, billedNanos } =
        account?.turnover ?? NO_TURNOVER;
    const said = [depositedNanos, withdrawnNanos, receivedNanos, escrowedNanos, billedNanos];
    const held = account === null ? 0n : account.availableNanos + reservedOn(account);
    const comesTo = depositedNanos + receivedNanos - withdrawnNanos - escrowedNanos - billedNanos;
    const differences = said.map((each, index) => magnitude(each - (expected[index] ?? 0n)));
    return sum(differences) + magnitude(held - comesTo) + (beyond > 0n ? beyond : 0n);
}

const receiverOf = ({ status, seller, buyer }: Escrow): string => (status === 'paid' ? seller : buyer);

const NO_TURNOVER = {
    depositedNanos: 0n,
    withdrawnNanos: 0n,
    receivedNanos: 0n,
    escrowedNanos: 0n,
    billedNanos: 0n,
};
