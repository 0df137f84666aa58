import { BILL, type Charter } from '@commonwatt/chaincode/api/records';
import { moneyBook, type MemberMoney, type MoneyBook } from '../audit/money-book';
import { concurrently } from '../day/concurrently';
import type { TypedCalls } from '../market/typed-calls';

const AT_ONCE = 10;

/**
 * Every account, row and escrow of the community added up, as the grid operator's own peer has them. A record that is not the one on
 * the channel is refused by the query.
 */
export async function communityMoney(operator: TypedCalls, charter: Charter): Promise<MoneyBook> {
    const members = await concurrently(Object.keys(charter.members), AT_ONCE, (mspId) =>
        memberMoney(operator, charter, mspId),
    );
    return moneyBook(members, await operator.query('accounts:escrows', {}));
}

async function memberMoney(operator: TypedCalls, charter: Charter, mspId: string): Promise<MemberMoney> {
    const { account, statements } = await operator.query('accounts:own', { mspId });
    const { payments } = await operator.query('accounts:markers', { mspId });
    const paid = payments.filter(
        ({ id, status, takenIn }) => id === BILL && status === 'paid' && takenIn !== undefined,
    );
    const bills = await Promise.all(paid.map(({ from, to }) => operator.query('billing:ownBill', { from, to, mspId })));
    const paidNanos = bills.map(({ dueMinor }) => dueMinor * charter.rules.minorUnitNanos);
    return { mspId, account, statements, paidNanos };
}
