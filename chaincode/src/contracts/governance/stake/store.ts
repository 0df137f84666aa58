import { epochKey, stakeBookKey, stakeParametersKey } from '../../../api/keys';
import type { Charter, EpochRecord, StakeAccount, StakeBook, StakeParameters } from '../../../api/records';
import { activeMembers, memberNamed } from '../../../domain/community/roster';
import { compareStrings } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { slot as slotOf, slotStart } from '../../../domain/slot';
import { newAccount } from '../../../domain/stake/account';
import { parametersOn } from '../../../domain/stake/parameters';
import type { TransactionContext } from '../../transaction-context';

/** No epoch yet, nothing earned or paid; block 0 is the genesis block, which nobody produced. */
const EMPTY_BOOK: StakeBook = {
    latestEpoch: null,
    latestWeighed: null,
    incomeNanos: 0n,
    penaltiesNanos: 0n,
    paidNanos: 0n,
    nextBlock: 1,
};

export const bookOf = async (ctx: TransactionContext): Promise<StakeBook> =>
    (await ctx.ledger.find(stakeBookKey)) ?? EMPTY_BOOK;

/** What the community can pay from: what its days brought and penalties cost, less what was paid. */
export const balanceOf = ({ incomeNanos, penaltiesNanos, paidNanos }: StakeBook): bigint =>
    incomeNanos + penaltiesNanos - paidNanos;

export const parameterSets = async (ctx: TransactionContext): Promise<readonly StakeParameters[]> =>
    (await ctx.ledger.find(stakeParametersKey))?.sets ?? [];

/** Refuses PARAMETERS_MISSING. */
export async function parametersFor(ctx: TransactionContext, day: string): Promise<StakeParameters> {
    return parametersOn(await parameterSets(ctx), day) ?? refuse('PARAMETERS_MISSING', day);
}

/** The later of two days; epochs need not be opened in order. */
export const later = (one: string | null, other: string): string => (one !== null && one > other ? one : other);

/** Refuses EPOCH_UNKNOWN. */
export async function epochOf(ctx: TransactionContext, epoch: string): Promise<EpochRecord> {
    return (await ctx.ledger.find(epochKey(epoch))) ?? refuse('EPOCH_UNKNOWN', epoch);
}

/** Every member's account, a new one where there is none yet; in order of MSP id. */
export async function accountsOf(ctx: TransactionContext, mspIds: readonly string[]): Promise<StakeAccount[]> {
    const known = new Map((await ctx.ledger.list('stakeAccount')).map((account) => [account.mspId, account]));
    return [...mspIds].sort(compareStrings).map((mspId) => known.get(mspId) ?? newAccount(mspId));
}

/** Refuses NOT_IN_EPOCH: an outsider, or a member that was not active when the epoch was opened. */
export function requireInEpoch({ epoch, members }: EpochRecord, mspId: string): void {
    if (!members.includes(mspId)) {
        refuse('NOT_IN_EPOCH', `${mspId} in ${epoch}`);
    }
}

/**
 * Epochs are driven by whoever is there first: what comes out does not depend on who asks. Only a stranger is refused, and where
 * days are replayed, whose members have no clock to go by, everybody but the operator until nothing is left to wait for.
 * Refuses FORBIDDEN.
 */
export function requireInsider({ roles, members }: Charter, caller: string): void {
    if (caller !== roles.operator && memberNamed(members, caller) === undefined) {
        refuse('FORBIDDEN', `${caller} is neither a member nor the operator`);
    }
}

/** Whether a phase that ends with this slot is over for the caller, or ends early because nothing is left to wait for. */
export function isOver(
    { rules, roles }: Charter,
    ctx: Pick<TransactionContext, 'caller' | 'now'>,
    untilSlot: number,
    isComplete: boolean,
): boolean {
    if (isComplete) {
        return true;
    }
    return rules.replayAllowed ? ctx.caller === roles.operator : ctx.now >= slotStart(slotOf(untilSlot));
}

export const membersOn = ({ members }: Charter, day: string): string[] => activeMembers(members, day);
