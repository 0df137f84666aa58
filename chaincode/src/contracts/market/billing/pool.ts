import { keyName, poolKey } from '../../../api/keys';
import type { Charter, PoolRecord, ScheduleRecord } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { requirePolicy } from '../guards';
import { openedUnder } from '../rounds';

/** The newest statement, if only a quorum can have changed it since it was made. Refuses KEY_POLICY_WRONG. */
export async function poolOf(ctx: TransactionContext, charter: Charter, day: string): Promise<PoolRecord | undefined> {
    const key = poolKey(day);
    const found = await ctx.ledger.find(key);
    if (found === undefined) {
        return undefined;
    }
    const { first } = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    await requirePolicy(ctx, key, roundPolicy(await openedUnder(ctx, charter, day), day, first));
    return found.day === day ? found : refuse('KEY_POLICY_WRONG', keyName(key));
}

/**
 * To settle by. Its prices are those of the schedule: the first write of a key stands under no policy, so others may have made a statement with prices
 * of their own. Refuses POOL_UNSTATED, KEY_POLICY_WRONG.
 */
export async function requirePool(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    imbalance: ScheduleRecord['imbalance'],
): Promise<PoolRecord> {
    const pool = (await poolOf(ctx, charter, day)) ?? refuse('POOL_UNSTATED', day);
    return hasPrices(pool, imbalance) ? pool : refuse('KEY_POLICY_WRONG', keyName(poolKey(day)));
}

export const hasPrices = (pool: PoolRecord, { shortPrice, longPrice }: ScheduleRecord['imbalance']): boolean =>
    pool.shortPrice === shortPrice && pool.longPrice === longPrice;
