import type { ArgsOf, ResponseOf } from '@commonwatt/chaincode/api/transactions';
import type { MoneyRecords, PrivateRecords } from '@commonwatt/chaincode/api/catalogue/recovery';
import type { TypedCalls } from './typed-calls';

/** A household's private records of one day: each marker, and the record where the member asked has it. */
export type MarkedRecords = ResponseOf<'recovery:records'>;

/** A household's money: each marker, and the record where the member asked has it. */
export type MarkedMoney = ResponseOf<'recovery:money'>;

/** Private records that a member has lost, or holds for another. */
export class Recovery {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    days(mspId: string): Promise<string[]> {
        return this.#calls.query('recovery:days', { mspId });
    }

    records(of: ArgsOf<'recovery:records'>): Promise<MarkedRecords> {
        return this.#calls.query('recovery:records', of);
    }

    /** Into the member's own collection: its own peer endorses, and no other gets to see them. */
    async restore(of: ArgsOf<'recovery:restore'>, records: PrivateRecords): Promise<void> {
        await this.#calls.submit('recovery:restore', of, [this.#calls.mspId], { records });
    }

    money(mspId: string): Promise<MarkedMoney> {
        return this.#calls.query('recovery:money', { mspId });
    }

    /** As `restore`, of accounts, statements and withdrawals. */
    async restoreMoney(mspId: string, records: MoneyRecords): Promise<void> {
        await this.#calls.submit('recovery:restoreMoney', { mspId }, [this.#calls.mspId], { records });
    }
}
