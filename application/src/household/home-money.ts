import type { BillRecord, SettlementRecord } from '@commonwatt/chaincode/api/records';
import { Refusal, type RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';
import type { Accounts } from '../market/accounts';

/** Of a bill: paid now or before; provisional, so that it waits for the final one; or there is too little on the account. */
export type Paid = 'paid' | 'provisional' | 'unpaid';

/**
 * What a household's agent does with its money around a day: covers it, frees what is not owed, pays the bill. Everything may be
 * done again: what is on the ledger already stays as it is.
 */
export class HomeMoney {
    readonly #accounts: Accounts;

    constructor(accounts: Accounts) {
        this.#accounts = accounts;
    }

    /** Returns whether the day is covered: it is not where too little is on the account. */
    async cover(day: string): Promise<boolean> {
        if ((await this.#accounts.findCover(day)) !== undefined) {
            return true;
        }
        return (await unlessOneOf(['BALANCE_TOO_SMALL'], this.#accounts.reserveDay(day))) === 'done';
    }

    /** Of a day that is closed no more stays reserved than is owed for it. */
    async release(day: string, settlement: SettlementRecord): Promise<void> {
        if ((await this.#accounts.findCover(day))?.status === 'held') {
            // What was collected of the day's bill stays reserved: paying the bill frees the rest.
            await unlessOneOf(['BILL_COLLECTED'], this.#accounts.releaseDay(day, settlement));
        }
    }

    async pay(bill: BillRecord, days: readonly string[]): Promise<Paid> {
        if (bill.provisional) {
            return 'provisional';
        }
        const { from, to } = bill;
        if (!(await this.#accounts.isPaid(from, to))) {
            const paid = await unlessOneOf(['BALANCE_TOO_SMALL'], this.#accounts.payBill(bill, days));
            if (paid !== 'done') {
                return 'unpaid';
            }
        }
        await this.#accounts.takeCredits(from, to);
        return 'paid';
    }
}

/** What is refused for want of money is an answer; everything else goes on. Our own arithmetic refuses it as the peers do. */
async function unlessOneOf(codes: readonly RefusalCode[], action: Promise<void>): Promise<RefusalCode | 'done'> {
    try {
        await action;
        return 'done';
    } catch (error) {
        const code = error instanceof TransactionRefused ? error.refusal.code : codeOf(error);
        if (code !== undefined && codes.includes(code)) {
            return code;
        }
        throw error;
    }
}

const codeOf = (error: unknown): RefusalCode | undefined => (error instanceof Refusal ? error.code : undefined);
