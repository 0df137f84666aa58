import { settlementKey, totalsKey } from '../../../api/keys';
import type { Charter } from '../../../api/records';
import type { ResponseOf } from '../../../api/transactions';
import { compareStrings } from '../../../domain/quantity';
import type { TransactionContext } from '../../transaction-context';
import { standingBills } from './standing-bills';

/** What no bill of a member has yet, as keys and markers say it: whoever bills checks all of it again. */
export async function unbilled(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
): Promise<ResponseOf<'billing:unbilled'>> {
    const found = await standingBills(ctx, charter, mspId);
    const bills = found.map(({ from, to, provisional }) => ({ from, to, provisional }));
    const isBilled = (day: string): boolean => bills.some(({ from, to }) => from <= day && day <= to);
    const days: string[] = [];
    for (const { record } of await ctx.ledger.listWithParts('day')) {
        if (record !== undefined && !isBilled(record.day) && (await isSettled(ctx, record.day, mspId))) {
            days.push(record.day);
        }
    }
    const taken = found.flatMap(({ corrections }) => corrections?.of ?? []);
    const made = (await ctx.ledger.listWithParts('correction')).flatMap(({ parts: [day = '', owner] }) =>
        owner === mspId && isBilled(day) ? [day] : [],
    );
    const corrected = [...new Set(made)].flatMap((day) => {
        const billed = taken.filter((each) => each.day === day).length;
        return billed < made.filter((each) => each === day).length ? [{ day, billed }] : [];
    });
    return { days: days.sort(compareStrings), corrected, bills };
}

/** On a day that is closed. */
async function isSettled(ctx: TransactionContext, day: string, mspId: string): Promise<boolean> {
    const totals = await ctx.ledger.find(totalsKey(day));
    return totals?.status === 'closed' && (await ctx.ledger.find(settlementKey(day, mspId))) !== undefined;
}
