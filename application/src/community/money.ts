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
    const minor = charter.rules.minorUnitNanos;
    const taken = payments.filter(({ takenIn }) => takenIn !== undefined);
    const credited = taken.filter(({ id }) => id !== BILL);
    const notes = await Promise.all(
        credited.map(async ({ from, to, id }) => {
            const all = await operator.query('invoicing:creditNotes', { mspId, from, to });
            return all.find((each) => each.id === id)?.parts ?? [];
        }),
    );
    const paidNanos = [
        ...bills.map(({ dueMinor }) => dueMinor * minor),
        ...notes.map((parts) => parts.reduce((sum, { grossMinor }) => sum - grossMinor * minor, 0n)),
        ...taken.flatMap(({ status, collected }) =>
            status === 'transferred' && collected !== undefined ? [collected.amountNanos] : [],
        ),
    ];
    const waiting = payments.filter(({ takenIn }) => takenIn === undefined);
    const collectedNanos = waiting.flatMap(({ collected }) => (collected === undefined ? [] : [collected.amountNanos]));
    return { mspId, account, statements, paidNanos, collectedNanos };
}
