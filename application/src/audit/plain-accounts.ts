import type { EpochRecord, RewardRecord } from '@commonwatt/chaincode/api/records';

/** What stake keeps of a member, worked out a second time from the epochs and rewards on the ledger. */
export interface PlainAccount {
    readonly age: number;
    readonly reputation: bigint;
    readonly depositNanos: bigint;
    readonly rewardsNanos: bigint;
}

export type PlainAccounts = ReadonlyMap<string, PlainAccount>;

const MILLION = 1_000_000n;
const NEW: PlainAccount = { age: 0, reputation: 0n, depositNanos: 0n, rewardsNanos: 0n };

/** The members' accounts after an epoch was closed: who was elected is young again, who stood for it in vain older; silence costs. */
export function afterClosing(accounts: PlainAccounts, { members, parameters, result }: EpochRecord): PlainAccounts {
    const { decayPpm, perReveal, cap } = parameters.reputation;
    const seats = (result?.committee?.seats ?? []).map(({ mspId }) => mspId);
    return changed(accounts, members, (account, mspId) => {
        const faded = (account.reputation * (MILLION - decayPpm)) / MILLION;
        const revealed = result?.revealed.includes(mspId) === true;
        const earned = least(faded + (revealed ? perReveal : 0n), cap);
        const silent = result?.unrevealed.includes(mspId) === true;
        const age = seats.includes(mspId) ? 0 : account.age + (revealed ? 1 : 0);
        const grown = { ...account, age, reputation: earned };
        return silent ? fined(grown, parameters.penalties.unrevealed) : grown;
    });
}

/** The same after the fees of the epoch were paid: blocks and rounds earn, a seat that did nothing pays. */
export function afterReward(
    accounts: PlainAccounts,
    { members, parameters }: EpochRecord,
    reward: RewardRecord,
): PlainAccounts {
    const { perRound, perBlock, cap } = parameters.reputation;
    const payments = plainPayments(reward, parameters, members);
    return changed(accounts, members, (account, mspId) => {
        const rounds = reward.counts.endorsed.find((each) => each.mspId === mspId)?.rounds ?? 0;
        const blocks = reward.counts.producers.find((each) => each.mspId === mspId)?.blocks ?? 0;
        const earned = account.reputation + perRound * BigInt(rounds) + perBlock * BigInt(blocks);
        const paid = {
            ...account,
            reputation: least(earned, cap),
            rewardsNanos: account.rewardsNanos + (payments.get(mspId) ?? 0n),
        };
        return reward.missedDuty.includes(mspId) ? fined(paid, parameters.penalties.missedDuty) : paid;
    });
}

/**
 * Who is paid what: a fee for each block to its producer, a fee for each round to those who endorsed rounds, by how many. Where the
 * community has less than that, all it has, in proportion. Members only.
 */
export function plainPayments(
    { counts, balanceNanos }: Pick<RewardRecord, 'counts' | 'balanceNanos'>,
    { producerFeeNanos, committeeFeeNanos }: EpochRecord['parameters'],
    members: readonly string[],
): ReadonlyMap<string, bigint> {
    const inOrder = members.toSorted((one, other) => (one < other ? -1 : 1));
    const helpers = counts.endorsed.filter(({ mspId, rounds }) => rounds > 0 && members.includes(mspId));
    const pot = helpers.length === 0 ? 0n : BigInt(counts.cleared) * committeeFeeNanos;
    const shares = shared(
        pot,
        helpers.map(({ rounds }) => BigInt(rounds)),
    );
    const owed = inOrder.map((mspId) => {
        const blocks = counts.producers.find((each) => each.mspId === mspId)?.blocks ?? 0;
        const helped = helpers.findIndex((each) => each.mspId === mspId);
        return BigInt(blocks) * producerFeeNanos + (shares[helped] ?? 0n);
    });
    const whole = owed.reduce((sum, each) => sum + each, 0n);
    const available = balanceNanos > 0n ? balanceNanos : 0n;
    const paid = whole <= available ? owed : shared(available, owed);
    return new Map(inOrder.map((mspId, at) => [mspId, paid[at] ?? 0n]));
}

/** A whole amount in proportion to the parts: rounded down, then one more for the largest remainders, the first first. */
function shared(whole: bigint, parts: readonly bigint[]): bigint[] {
    const sum = parts.reduce((total, each) => total + each, 0n);
    if (sum === 0n) {
        return parts.map(() => 0n);
    }
    const shares = parts.map((part) => (whole * part) / sum);
    const left = Number(whole - shares.reduce((total, each) => total + each, 0n));
    const lucky = parts
        .map((part, at) => ({ at, remainder: (whole * part) % sum }))
        .sort((one, other) => Number(other.remainder - one.remainder) || one.at - other.at)
        .slice(0, left)
        .map(({ at }) => at);
    return shares.map((share, at) => (lucky.includes(at) ? share + 1n : share));
}

function changed(
    accounts: PlainAccounts,
    members: readonly string[],
    change: (account: PlainAccount, mspId: string) => PlainAccount,
): PlainAccounts {
    return new Map([
        ...accounts,
        ...members.map((mspId) => [mspId, change(accounts.get(mspId) ?? NEW, mspId)] as const),
    ]);
}

function fined(
    account: PlainAccount,
    fine: { readonly depositNanos: bigint; readonly reputation: bigint },
): PlainAccount {
    return {
        ...account,
        depositNanos: account.depositNanos - least(account.depositNanos, fine.depositNanos),
        reputation: account.reputation - least(account.reputation, fine.reputation),
    };
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
