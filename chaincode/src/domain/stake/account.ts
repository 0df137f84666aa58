import type { Penalty, ReputationParameters } from './parameters';
import { PPM } from './wealth';

/** What stake keeps of a member from epoch to epoch. */
export interface Account {
    readonly mspId: string;
    /** Epochs in which it stood for election since it was last elected. */
    readonly age: number;
    readonly reputation: bigint;
    readonly depositNanos: bigint;
    readonly rewardsNanos: bigint;
    readonly elected: number;
    readonly rounds: number;
    readonly blocks: number;
    readonly penalties: number;
}

/** Where everybody begins. */
export const newAccount = (mspId: string): Account => ({
    mspId,
    age: 0,
    reputation: 0n,
    depositNanos: 0n,
    rewardsNanos: 0n,
    elected: 0,
    rounds: 0,
    blocks: 0,
    penalties: 0,
});

/** More than this is no age: counts on the ledger have 32 bits. */
const OLDEST = 1_000_000;

/**
 * A member's account after an epoch's end: reputation fades and a valid reveal earns some. Age counts the epochs in which a member
 * stood for election and was not elected: who stays out keeps its age, or many could stay out together and come back with all of
 * A. Who was elected begins again at 0, whether it then serves or not, so that staying away earns no seat.
 */
export function afterEpoch(
    account: Account,
    { elected, revealed }: { readonly elected: boolean; readonly revealed: boolean },
    parameters: ReputationParameters,
): Account {
    const faded = (account.reputation * (PPM - parameters.decayPpm)) / PPM;
    return {
        ...account,
        age: elected ? 0 : Math.min(account.age + (revealed ? 1 : 0), OLDEST),
        elected: account.elected + (elected ? 1 : 0),
        reputation: capped(faded + (revealed ? parameters.perReveal : 0n), parameters),
    };
}

/** What a member has done for the community between two blocks. */
export interface Service {
    readonly rounds: number;
    readonly blocks: number;
    readonly rewardNanos: bigint;
}

/** A member's account after its service was confirmed and paid. */
export function afterService(account: Account, service: Service, parameters: ReputationParameters): Account {
    const earned = parameters.perRound * BigInt(service.rounds) + parameters.perBlock * BigInt(service.blocks);
    return {
        ...account,
        reputation: capped(account.reputation + earned, parameters),
        rewardsNanos: account.rewardsNanos + service.rewardNanos,
        rounds: account.rounds + service.rounds,
        blocks: account.blocks + service.blocks,
    };
}

export interface Punished {
    readonly account: Account;
    /** What was really taken: no more than there was. */
    readonly taken: Penalty;
}

/** A member's account after a penalty; deposit and reputation never fall below zero. */
export function afterPenalty(account: Account, penalty: Penalty): Punished {
    const taken = {
        depositNanos: lesser(account.depositNanos, penalty.depositNanos),
        reputation: lesser(account.reputation, penalty.reputation),
    };
    return {
        account: {
            ...account,
            depositNanos: account.depositNanos - taken.depositNanos,
            reputation: account.reputation - taken.reputation,
            penalties: account.penalties + 1,
        },
        taken,
    };
}

const capped = (points: bigint, { cap }: Pick<ReputationParameters, 'cap'>): bigint => lesser(points, cap);
const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);
