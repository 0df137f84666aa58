import {
    accountOf,
    escrowStatement,
    keptOfCover,
    nextAccount,
    rowOfEscrow,
    rowOfStatement,
} from '@commonwatt/chaincode/api/accounts';
import { accountKey, bankStatementKey, keyName, withdrawalKey } from '@commonwatt/chaincode/api/keys';
import type {
    AccountInputs,
    AccountRecord,
    BankStatementKind,
    BankStatementRecord,
    BillRecord,
    Charter,
    Cover,
    Escrow,
    SettlementRecord,
    WithdrawalRecord,
} from '@commonwatt/chaincode/api/records';
import { BILL } from '@commonwatt/chaincode/api/records';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import type { ResponseOf } from '@commonwatt/chaincode/api/transactions';
import { takenIn, totalOf, type Use } from '@commonwatt/chaincode/domain/accounts/account';
import { creditOf } from '@commonwatt/chaincode/domain/billing/credit-note';
import { nanos } from '@commonwatt/chaincode/domain/quantity';
import type { OwnerKeys } from '../household/keys';
import type { TypedCalls } from './typed-calls';

/** A member's account, the rows that belong to it, and what it asked its bank for, as the own peer has them. */
export type Money = ResponseOf<'accounts:own'>;
export type EscrowView = ResponseOf<'accounts:escrows'>[number];

/** What an account's transactions take beside what they are about. */
interface Rows {
    readonly known: AccountRecord | null;
    readonly statements: readonly BankStatementRecord[];
    readonly escrows: readonly Escrow[];
}

/** A member's own money: everything it does takes in what waits, too, and signs the account that comes of it. */
export class Accounts {
    readonly #calls: TypedCalls;
    readonly #keys: OwnerKeys;
    readonly #charter: Charter;

    constructor(calls: TypedCalls, keys: OwnerKeys, charter: Charter) {
        this.#calls = calls;
        this.#keys = keys;
        this.#charter = charter;
    }

    money(): Promise<Money> {
        return this.#calls.query('accounts:own', {});
    }

    async coverOf(day: string): Promise<bigint> {
        return (await this.#calls.query('accounts:coverOf', { mspId: this.#calls.mspId, day })).amountNanos;
    }

    /** Whether the member's trading on the day is covered, or was. */
    async findCover(day: string): Promise<Cover | undefined> {
        const covers = await this.#calls.query('accounts:covers', { day });
        return covers.find(({ mspId }) => mspId === this.#calls.mspId);
    }

    async isPaid(from: string, to: string): Promise<boolean> {
        return (await this.#paymentOf(from, to))?.takenIn !== undefined;
    }

    /** Takes in what waits. Returns how many rows that were. */
    async takeIn(): Promise<number> {
        const rows = await this.#rows();
        const waiting = rows.statements.length + rows.escrows.length;
        if (waiting > 0) {
            await this.#calls.submit('accounts:takeIn', {}, this.#parties, { account: await this.#signed(rows) });
        }
        return waiting;
    }

    async reserveDay(day: string): Promise<void> {
        const hold = { kind: 'day' as const, subject: day, amount: nanos(await this.coverOf(day)) };
        const account = await this.#inputs({ kind: 'hold', hold });
        await this.#calls.submit('accounts:reserveDay', { day }, this.#parties, { account });
    }

    /** Of a day that is closed, with its settlement; or of one that was never opened, with none. */
    async releaseDay(day: string, settlement: SettlementRecord | null): Promise<void> {
        const keep = keptOfCover(this.#charter, this.#calls.mspId, settlement);
        const account = await this.#inputs({ kind: 'release', hold: { kind: 'day', subject: day }, keep });
        await this.#calls.submit('accounts:releaseDay', { day }, this.#parties, { account, settlement });
    }

    /** Of a bill that a transfer has paid nothing is due, and what was reserved for it is free again. */
    async payBill(bill: BillRecord, days: readonly string[]): Promise<void> {
        const { from, to, dueMinor } = bill;
        const payment = await this.#paymentOf(from, to);
        const isTransferred = payment?.status === 'transferred';
        const due = isTransferred
            ? (payment.collected?.amountNanos ?? 0n)
            : dueMinor * this.#charter.rules.minorUnitNanos;
        const account = await this.#inputs({ kind: 'bill', days, due: nanos(due) });
        await this.#calls.submit('accounts:payBill', { from, to }, this.#parties, { account, bill });
    }

    /** Takes in every credit note to a bill that is paid. Returns how many there were. */
    async takeCredits(from: string, to: string): Promise<number> {
        const { mspId } = this.#calls;
        const { payments } = await this.#calls.query('accounts:markers', { mspId });
        const open = payments.filter(
            (each) => each.from === from && each.to === to && each.id !== BILL && each.status === 'open',
        );
        const notes = open.length === 0 ? [] : await this.#calls.query('invoicing:creditNotes', { mspId, from, to });
        for (const { id } of open) {
            const note = notes.find((each) => each.id === id);
            if (note !== undefined) {
                const due = nanos(0n - creditOf(note.parts) * this.#charter.rules.minorUnitNanos);
                const account = await this.#inputs({ kind: 'bill', days: [], due });
                await this.#calls.submit('accounts:takeCredit', { from, to, id }, this.#parties, { account, note });
            }
        }
        return open.length;
    }

    async #paymentOf(
        from: string,
        to: string,
    ): Promise<ResponseOf<'accounts:markers'>['payments'][number] | undefined> {
        const { payments } = await this.#calls.query('accounts:markers', { mspId: this.#calls.mspId });
        return payments.find((each) => each.from === from && each.to === to && each.id === BILL);
    }

    /**
     * Asks the bank to pay out. The id is the member's own. Done again under the same id it only tells the bank again, in case that it was not reached
     * or is another by now.
     */
    async withdraw(id: string, amountNanos: bigint): Promise<void> {
        const { withdrawals } = await this.money();
        const known = withdrawals.find((each) => each.id === id && each.amountNanos === amountNanos);
        await this.#tellBank(known ?? (await this.#asked(id, amountNanos)));
    }

    /** A bank of its own endorses no change of the account, because it would see all of it: it is handed what it has to pay, and nothing else. */
    async #tellBank(withdrawal: WithdrawalRecord): Promise<void> {
        const { mspId, id } = withdrawal;
        const bank = bankOf(this.#charter);
        if (!this.#parties.includes(bank)) {
            await this.#calls.submit('accounts:tellBank', { mspId, id }, [bank], { withdrawal });
        }
    }

    async #asked(id: string, amountNanos: bigint): Promise<WithdrawalRecord> {
        const { mspId } = this.#calls;
        const key = keyName(withdrawalKey(mspId, id));
        const unsigned = { key, version: 1, mspId, salt: this.#keys.saltFor(key, 1), id, amountNanos };
        const withdrawal: WithdrawalRecord = {
            ...unsigned,
            signature: await this.#keys.sign(ownerStatement(unsigned)),
        };
        const hold = { kind: 'withdrawal' as const, subject: id, amount: nanos(amountNanos) };
        const account = await this.#inputs({ kind: 'hold', hold });
        await this.#calls.submit('accounts:withdraw', { id }, this.#parties, { account, withdrawal });
        return withdrawal;
    }

    /** What pays into escrow: for the transaction that buys a contract. The row is signed, and the account as it will be. */
    async payment(row: Omit<Escrow, 'signature'>): Promise<{ account: AccountInputs; signature: string }> {
        const signature = await this.#keys.sign(escrowStatement(row));
        const account = await this.#inputs({ kind: 'escrow', amount: nanos(row.amountNanos) });
        return { account, signature };
    }

    get #parties(): string[] {
        return [this.#calls.mspId, operatorOf(this.#charter)];
    }

    async #inputs(use: Use): Promise<AccountInputs> {
        return this.#signed(await this.#rows(), use);
    }

    /** The account and everything that waits for it. */
    async #rows(): Promise<Rows> {
        const { mspId } = this.#calls;
        const { account, statements } = await this.money();
        const escrows = await this.#calls.query('accounts:escrows', {});
        const isOurs = ({ escrow, isTakenIn }: EscrowView): boolean =>
            !isTakenIn &&
            ((escrow.status === 'paid' && escrow.seller === mspId) ||
                (escrow.status === 'refunded' && escrow.buyer === mspId));
        const waiting = statements.filter(({ takenIn }) => takenIn === null).map(({ statement }) => statement);
        const rows = { known: account, escrows: escrows.filter(isOurs).map(({ escrow }) => escrow) };
        return { ...rows, statements: withinLimit(rows, waiting, limitOf(this.#charter, mspId)) };
    }

    async #signed({ known, statements, escrows }: Rows, use?: Use): Promise<AccountInputs> {
        const { mspId } = this.#calls;
        const salt = this.#keys.saltFor(keyName(accountKey(mspId)), (known?.version ?? 0) + 1);
        const rows = [...statements.map(rowOfStatement), ...escrows.map(rowOfEscrow)];
        const next = nextAccount({ mspId, known, rows, use, salt });
        return {
            account: known,
            statements: [...statements],
            escrows: escrows.map(({ contract, buyer }) => ({ contract, buyer })),
            salt,
            signature: await this.#keys.sign(ownerStatement(next)),
        };
    }
}

const limitOf = ({ rules, members }: Charter, mspId: string): bigint | undefined =>
    members[mspId]?.accountLimitNanos ?? rules.accountLimitNanos;

/** A deposit that the account has no room for waits, or nothing else could be done with the account until there is. */
function withinLimit(
    { known, escrows }: Omit<Rows, 'statements'>,
    waiting: readonly BankStatementRecord[],
    limit: bigint | undefined,
): BankStatementRecord[] {
    const answers = waiting.filter(({ kind }) => kind !== 'deposit');
    const others = takenIn(accountOf(known), [...answers.map(rowOfStatement), ...escrows.map(rowOfEscrow)]);
    let total: bigint = totalOf(others);
    const deposits = waiting.filter(({ kind, amountNanos }) => {
        const fits = kind === 'deposit' && (limit === undefined || total + amountNanos <= limit);
        total += fits ? amountNanos : 0n;
        return fits;
    });
    return [...answers, ...deposits];
}

/** What the bank does: it says what came in, and what became of withdrawals. */
export class Bank {
    readonly #calls: TypedCalls;
    readonly #keys: OwnerKeys;
    readonly #charter: Charter;

    constructor(calls: TypedCalls, keys: OwnerKeys, charter: Charter) {
        this.#calls = calls;
        this.#keys = keys;
        this.#charter = charter;
    }

    /** The reference is the bank's own, and is used once for a member. */
    async deposit(mspId: string, reference: string, amountNanos: bigint): Promise<void> {
        const statement = await this.#statement({ mspId, kind: 'deposit', reference, amountNanos });
        await this.#calls.submit('accounts:deposit', { mspId, reference }, this.#parties(mspId), { statement });
    }

    /** What a member has asked for and has not got an answer to: nobody has stated anything about it. */
    async openWithdrawals(mspId: string): Promise<WithdrawalRecord[]> {
        const { withdrawals } = await this.#calls.query('accounts:own', { mspId });
        const { statements } = await this.#calls.query('accounts:markers', { mspId });
        const answered = statements.filter(({ kind }) => kind === 'paidOut' || kind === 'returned');
        const ended = new Set(answered.map(({ reference }) => reference));
        return withdrawals.filter(({ id }) => !ended.has(id));
    }

    /** Once the money has left the bank, or could not. */
    async confirm(withdrawal: WithdrawalRecord, kind: 'paidOut' | 'returned'): Promise<void> {
        const { mspId, id: reference, amountNanos } = withdrawal;
        const statement = await this.#statement({ mspId, kind, reference, amountNanos });
        const asked = { mspId, reference };
        await this.#calls.submit('accounts:confirmWithdrawal', asked, this.#parties(mspId), { statement, withdrawal });
    }

    #parties(mspId: string): string[] {
        return [mspId, operatorOf(this.#charter)];
    }

    async #statement(
        said: Pick<BankStatementRecord, 'mspId' | 'reference' | 'amountNanos'> & { readonly kind: BankStatementKind },
    ): Promise<BankStatementRecord> {
        const key = keyName(bankStatementKey(said.mspId, said.kind, said.reference));
        const unsigned = { key, version: 1, salt: this.#keys.saltFor(key, 1), ...said };
        return { ...unsigned, signature: await this.#keys.sign(ownerStatement(unsigned)) };
    }
}

/** Who keeps the members' money: the holder of the role, or else the supplier. */
export function bankOf({ roles }: Charter): string {
    return roles.bank ?? roles.supplier ?? missing('bank');
}

const operatorOf = ({ roles }: Charter): string => roles.dso ?? missing('dso');

function missing(role: string): never {
    throw new Error(`no organisation has the role ${role}`);
}
