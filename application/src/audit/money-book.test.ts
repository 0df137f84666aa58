import { describe, expect, it } from '@jest/globals';
import type { AccountRecord, BankStatementRecord, Escrow } from '@commonwatt/chaincode/api/records';
import { moneyBook, type EscrowRow, type MemberMoney } from './money-book';

const of = (mspId: string): { key: string; version: number; mspId: string; salt: string; signature: string } => ({
    key: mspId,
    version: 1,
    mspId,
    salt: '',
    signature: '',
});

const stated = (mspId: string, kind: BankStatementRecord['kind'], amountNanos: bigint): BankStatementRecord => ({
    ...of(mspId),
    kind,
    reference: 'r',
    amountNanos,
});

type Sums = Partial<AccountRecord['turnover']>;
const account = (mspId: string, availableNanos: bigint, held: bigint, sums: Sums): AccountRecord => ({
    ...of(mspId),
    availableNanos,
    holds: held === 0n ? [] : [{ kind: 'day', subject: '2014-10-03', amountNanos: held }],
    turnover: {
        depositedNanos: 0n,
        withdrawnNanos: 0n,
        receivedNanos: 0n,
        escrowedNanos: 0n,
        billedNanos: 0n,
        ...sums,
    },
});

const escrow = (status: Escrow['status'], isTakenIn: boolean): EscrowRow => ({
    escrow: {
        contract: 'c',
        buyer: 'A',
        seller: 'B',
        amountNanos: 30n,
        feeNanos: 2n,
        slot: 1,
        charterVersion: 1,
        status,
        signature: '',
    },
    isTakenIn,
});

/** A paid 100 in, put 30 into escrow, reserved 20, paid a bill of 5 and has 10 that the bank paid out; B sold to A. */
const buyer: MemberMoney = {
    mspId: 'A',
    account: account('A', 35n, 20n, { depositedNanos: 100n, withdrawnNanos: 10n, escrowedNanos: 30n, billedNanos: 5n }),
    statements: [
        { statement: stated('A', 'deposit', 100n), takenIn: 1 },
        { statement: stated('A', 'paidOut', 10n), takenIn: 2 },
        { statement: stated('A', 'deposit', 7n), takenIn: null },
    ],
    paidNanos: [5n],
};
const seller = (received: bigint): MemberMoney => ({
    mspId: 'B',
    account: account('B', received + 4n, 0n, { receivedNanos: received, billedNanos: -4n }),
    statements: [],
    paidNanos: [-4n],
});

describe('the book of all money', () => {
    it.each([
        { what: 'while it is held', row: escrow('held', false), received: 0n, inEscrow: 30n, fees: 0n },
        { what: 'when it is paid', row: escrow('paid', false), received: 0n, inEscrow: 28n, fees: 2n },
        {
            what: "when it is on the seller's account",
            row: escrow('paid', true),
            received: 28n,
            inEscrow: 0n,
            fees: 2n,
        },
    ])('balances with an escrow $what', ({ row, received, inEscrow, fees }) => {
        expect(moneyBook([buyer, seller(received)], [row])).toEqual({
            atBank: 97n,
            available: 35n + received + 4n,
            reserved: 20n,
            waiting: 7n,
            escrow: inEscrow,
            fees,
            billed: 1n,
            imbalance: 0n,
        });
    });

    it('shows money from nowhere, in total and on the account that has it', () => {
        const rich = { ...seller(0n), account: account('B', 1_004n, 0n, { receivedNanos: 1_000n, billedNanos: -4n }) };
        expect(moneyBook([buyer, rich], [escrow('held', false)]).imbalance).toBe(2_000n);
    });

    it('shows an account that does not hold what its own sums come to', () => {
        const more = { ...seller(0n), account: account('B', 5n, 0n, { billedNanos: -4n }) };
        expect(moneyBook([buyer, more], [escrow('held', false)]).imbalance).toBe(2n);
    });

    it('counts what was collected as paid, and no longer as reserved', () => {
        const collected = { ...buyer, collectedNanos: [15n] };
        const book = moneyBook([collected, seller(0n)], [escrow('held', false)]);
        expect(book).toMatchObject({ reserved: 5n, billed: 16n, imbalance: 0n });
    });

    it('shows where more was collected than is reserved', () => {
        const collected = { ...buyer, collectedNanos: [15n, 7n] };
        expect(moneyBook([collected, seller(0n)], [escrow('held', false)]).imbalance).toBe(2n);
    });
});
