import { setTimeout as pause } from 'node:timers/promises';
import type { OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { NotDone, TransactionRefused } from '../gateway/failures';
import type { Absences } from '../gateway/endorsement/absences';
import { smallestSet, type Share } from '../gateway/endorsement/rule';
import type { Auction } from '../market/auction';

export interface Revealing {
    readonly orders: OrderRecord[];
    /** The closed rounds of these orders. */
    readonly rounds: readonly RoundRecord[];
    /** A quorum of the committee. */
    readonly share: Share;
    readonly own: string;
    readonly absences: Absences;
    /** Is to have them in any case. */
    readonly including?: string | undefined;
    /** How long to wait, in ms and again and again, for seats to open their own where too few have. */
    readonly waitsMs?: readonly number[] | undefined;
}

/** Our own peer may be some blocks behind those of the seats. */
const WAITS_MS = [100, 200, 400, 800, 1_600];

/**
 * Opens orders to seats that are a quorum of their committee and to no more than that. Each of them has to store what it endorses, so
 * whom the orders go to is part of the transaction: where one cannot be reached it is made again for others. What a peer refuses it has
 * seen all the same, so a seat that has not opened its own orders, as our own peer knows, is not sent ours in the first place.
 *
 * @throws the last failure, where too few seats are left.
 */
export async function revealToSome(
    auction: Pick<Auction, 'revealOrders' | 'sealedOrders'>,
    revealing: Revealing,
): Promise<readonly string[]> {
    const { orders, share, own, absences, including } = revealing;
    const rule = { what: 'those who get to see the order', anyOf: [[share]] };
    const wanted = including === undefined ? [] : [including];
    const setWithout = (out: ReadonlySet<string>): string[] | undefined =>
        including !== undefined && out.has(including)
            ? undefined
            : smallestSet(rule, { given: new Set(wanted), out, doubtful: absences.now, own });
    const out = new Set(await sealedSeats(auction, revealing, (sealed) => setWithout(sealed) !== undefined));
    let failure: Error = new Error(`the committee has no quorum without ${[...out].join(', ') || 'anybody'}`);
    for (;;) {
        const set = setWithout(out);
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

/**
 * Seats that have closed orders of these rounds which they have not opened; read again for a while where the others are not enough.
 * Nobody, where we have a seat ourselves: among the seats somebody has to begin.
 */
async function sealedSeats(
    auction: Pick<Auction, 'sealedOrders'>,
    { rounds, share, own, waitsMs = WAITS_MS }: Revealing,
    isEnoughWithout: (sealed: ReadonlySet<string>) => boolean,
): Promise<ReadonlySet<string>> {
    const seats = new Set(share.of.map(({ mspId }) => mspId));
    if (seats.has(own)) {
        return new Set();
    }
    const read = (): Promise<ReadonlySet<string>> => sealedIn(auction, rounds, [...seats]);
    let sealed = await read();
    for (const wait of waitsMs) {
        if (isEnoughWithout(sealed)) {
            break;
        }
        await pause(wait);
        sealed = await read();
    }
    return sealed;
}

async function sealedIn(
    auction: Pick<Auction, 'sealedOrders'>,
    rounds: readonly RoundRecord[],
    seats: readonly string[],
): Promise<ReadonlySet<string>> {
    const slots = rounds
        .filter(({ closed = [] }) => seats.some((seat) => closed.some(({ order }) => isOf(seat, order))))
        .map(({ slot }) => slot);
    if (slots.length === 0) {
        return new Set();
    }
    const sealed = await auction.sealedOrders(Math.min(...slots), Math.max(...slots), seats);
    const counted = sealed.filter(({ slot }) => slots.includes(slot));
    return new Set(seats.filter((seat) => counted.some(({ order }) => isOf(seat, order))));
}

const isOf = (mspId: string, order: string): boolean => order.startsWith(`${mspId}/`);

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
