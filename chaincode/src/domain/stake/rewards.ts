import { ACCOUNTS, assertBalanced, householdAccount, summed, type Posting } from '../postings';
import { allocate, nanos } from '../quantity';

/** Who produced how many blocks and helped to clear how many rounds. */
export interface Work {
    readonly producers: readonly { readonly mspId: string; readonly blocks: number }[];
    /** Rounds that were cleared; each pays one committee fee, whoever and however many endorsed it. */
    readonly cleared: number;
    readonly endorsed: readonly { readonly mspId: string; readonly rounds: number }[];
}

export interface Fees {
    readonly producerFeeNanos: bigint;
    readonly committeeFeeNanos: bigint;
}

export interface Payment {
    readonly mspId: string;
    readonly amountNanos: bigint;
}

export interface Payout {
    /** What the fees come to. */
    readonly owedNanos: bigint;
    /** In order of MSP id; only who is paid something. */
    readonly payments: readonly Payment[];
    /** Sums to zero: the community pays. */
    readonly postings: readonly Posting[];
}

/**
 * The fees of blocks and rounds, paid from what the community has: all of it, or where that is not enough the whole balance in
 * proportion to what is owed (largest remainder, ties by MSP id). What is not paid is not owed later. Only members are paid: an
 * ordering seat of the grid operator earns nothing.
 */
export function payout(work: Work, fees: Fees, balanceNanos: bigint, members: readonly string[]): Payout {
    const owed = owedTo(work, fees, members);
    const owedNanos = owed.reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
    const available = balanceNanos < 0n ? 0n : balanceNanos;
    const payments = (owedNanos <= available ? owed : rationed(owed, available)).filter(
        ({ amountNanos }) => amountNanos > 0n,
    );
    const paid = payments.reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
    const postings = summed([
        { account: ACCOUNTS.community, amount: nanos(-paid) },
        ...payments.map(({ mspId, amountNanos }) => ({
            account: householdAccount(mspId),
            amount: nanos(amountNanos),
        })),
    ]);
    return { owedNanos, payments, postings: assertBalanced(postings, 'rewards') };
}

function owedTo({ producers, cleared, endorsed }: Work, fees: Fees, members: readonly string[]): Payment[] {
    const byMember = new Map([...members].sort().map((mspId) => [mspId, 0n]));
    const add = (mspId: string, amount: bigint): void => {
        const before = byMember.get(mspId);
        if (before !== undefined) {
            byMember.set(mspId, before + amount);
        }
    };
    for (const { mspId, blocks } of producers) {
        add(mspId, BigInt(blocks) * fees.producerFeeNanos);
    }
    const seats = endorsed.filter(({ mspId, rounds }) => rounds > 0 && byMember.has(mspId));
    const pot = nanos(seats.length === 0 ? 0n : BigInt(cleared) * fees.committeeFeeNanos);
    const shares =
        seats.length === 0
            ? []
            : allocate(
                  pot,
                  seats.map(({ rounds }) => BigInt(rounds)),
              );
    for (const [i, { mspId }] of seats.entries()) {
        add(mspId, shares[i] ?? 0n);
    }
    return [...byMember].map(([mspId, amountNanos]) => ({ mspId, amountNanos }));
}

function rationed(owed: readonly Payment[], available: bigint): Payment[] {
    const shares = allocate(
        nanos(available),
        owed.map(({ amountNanos }) => amountNanos),
    );
    return owed.map(({ mspId }, i) => ({ mspId, amountNanos: shares[i] ?? 0n }));
}

/** Why these counts cannot be, or undefined if they can. */
export function countsFlaw(
    { producers, cleared, endorsed }: Work,
    { from, to }: { readonly from: number; readonly to: number },
): string | undefined {
    const blocks = producers.reduce((sum, each) => sum + each.blocks, 0);
    if (to < from || blocks > to - from + 1) {
        return `${blocks} blocks are counted from ${from} to ${to}`;
    }
    for (const names of [producers.map(({ mspId }) => mspId), endorsed.map(({ mspId }) => mspId)]) {
        if (names.some((name, i) => i > 0 && name <= (names[i - 1] ?? ''))) {
            return 'organisations are counted once each, in order of their names';
        }
    }
    const over = endorsed.find(({ rounds }) => rounds > cleared);
    return over === undefined ? undefined : `${over.mspId} endorsed ${over.rounds} of ${cleared} rounds`;
}
