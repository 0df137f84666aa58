import type { OrderRecord } from '@commonwatt/chaincode/api/records';
import { NotDone, TransactionRefused } from '../gateway/failures';
import type { Absences } from '../gateway/endorsement/absences';
import { smallestSet, type Share } from '../gateway/endorsement/rule';
import type { Auction } from '../market/auction';

export interface Revealing {
    readonly orders: OrderRecord[];
    /** A quorum of the committee. */
    readonly share: Share;
    readonly own: string;
    readonly absences: Absences;
    /** Is to have them in any case. */
    readonly including?: string | undefined;
}

/**
 * Opens orders to seats that are a quorum of their committee and to no more than that. Each of them has to store what it endorses, so
 * whom the orders go to is part of the transaction: where one cannot be reached it is made again for others.
 *
 * @throws the last failure, where too few seats are left.
 */
export async function revealToSome(
    auction: Pick<Auction, 'revealOrders'>,
    { orders, share, own, absences, including }: Revealing,
): Promise<readonly string[]> {
    const out = new Set<string>();
    const rule = { what: 'those who get to see the order', anyOf: [[share]] };
    const wanted = including === undefined ? [] : [including];
    let failure: Error = new Error('the committee has no quorum');
    for (;;) {
        const set = smallestSet(rule, { given: new Set(wanted), out, doubtful: absences.now, own });
        if (set === undefined) {
            throw failure;
        }
        const to = [...new Set([...wanted, ...set])];
        try {
            await auction.revealOrders(orders, to);
            return to;
        } catch (error) {
            const lost = lostSeats(error, to, own);
            if (lost.length === 0 || !(error instanceof Error)) {
                throw error;
            }
            failure = error;
            for (const mspId of lost) {
                out.add(mspId);
                absences.note(mspId);
            }
        }
    }
}

/** Those who did not answer, or who have not opened their own orders yet: others may do. */
function lostSeats(error: unknown, to: readonly string[], own: string): readonly string[] {
    const others = to.filter((mspId) => mspId !== own);
    if (error instanceof TransactionRefused && error.refusal.code === 'SEAT_UNREVEALED') {
        return others.filter((mspId) => error.refusal.detail.startsWith(`${mspId}/`));
    }
    if (!(error instanceof NotDone)) {
        return [];
    }
    const named = others.filter((mspId) => error.answers.some((answer) => answer.mspId === mspId));
    return named.length > 0 ? named : others.filter((mspId) => error.message.includes(mspId));
}
