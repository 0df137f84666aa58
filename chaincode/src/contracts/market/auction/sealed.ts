import { orderKey, roundKey } from '../../../api/keys';
import type { Charter } from '../../../api/records';
import type { ArgsOf, ResponseOf } from '../../../api/transactions';
import { findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { ownerOf } from './revealing';

/** The orders of closed rounds that count and are not revealed, in the order of the slots: two batches of reads, however many rounds and orders there are. */
export async function sealedOrders(
    ctx: TransactionContext,
    charter: Charter,
    { from, to, of }: ArgsOf<'auction:sealedOrders'>,
): Promise<ResponseOf<'auction:sealedOrders'>> {
    const keys = Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((slot) => {
        const day = findDayOf(charter, slot)?.day;
        return day === undefined ? [] : [roundKey(day, slot)];
    });
    const closed = (await ctx.ledger.findAll(keys))
        .filter((round) => round?.status === 'closed')
        .flatMap((round) => (round?.closed ?? []).map(({ order }) => ({ slot: round?.slot ?? 0, order })))
        .filter(({ order }) => of === undefined || of.includes(ownerOf(order)));
    const markers = await ctx.ledger.findAll(
        closed.map(({ slot, order }) => orderKey(slot, ownerOf(order), order.slice(order.indexOf('/') + 1))),
    );
    return closed.filter((_, i) => markers[i]?.holders === undefined);
}
