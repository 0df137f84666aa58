import type { Charter, PoolRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { refuse } from '../../../domain/refusals';
import { roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { openedUnder } from '../rounds';
import { openTotals } from './agreeing';
import { finishedDay } from './finished-day';
import { hasPrices, poolOf } from './pool';

/** A statement that turns out wrong is made again, but not for ever: each makes all settle again. */
const MOST_STATEMENTS = 20;

/** A statement of how the community stood to its schedule, and who may write it from then on. */
export interface StatedPool {
    readonly record: PoolRecord;
    readonly policy: Uint8Array;
}

/**
 * The next statement. Nobody can check it before everybody is settled, because nobody but the grid operator has all readings; who closes the day
 * checks it against the sums that the settlements' commitments open to. Refuses DAY_UNKNOWN, COMMITTEE_MISSING, KEY_POLICY_WRONG, DAY_CLOSED,
 * SCHEDULE_OPEN, SCHEDULE_MISSING, MALFORMED, POOL_UNCHANGED, TOO_MANY_VERSIONS.
 */
export async function statedPool(
    ctx: TransactionContext,
    charter: Charter,
    { day, sides }: ArgsOf<'billing:statePool'>,
): Promise<StatedPool> {
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    await openTotals(ctx, charter, day);
    const { agreed } = await finishedDay(ctx, charter, day);
    if (agreed === undefined) {
        refuse('SCHEDULE_MISSING', day);
    }
    if (sides.length !== local.count) {
        refuse('MALFORMED', `${sides.length} sides for the ${local.count} slots of ${day}`);
    }
    const view = await openedUnder(ctx, charter, day);
    const { shortPrice, longPrice } = agreed.imbalance;
    const policy = roundPolicy(view, day, local.first);
    const known = await poolOf(ctx, charter, day);
    if (known?.sides.join() === sides.join() && hasPrices(known, agreed.imbalance)) {
        refuse('POOL_UNCHANGED', `${day}, version ${known.version}`);
    }
    const version = (known?.version ?? 0) + 1;
    if (version > MOST_STATEMENTS) {
        refuse('TOO_MANY_VERSIONS', `the pool of ${day} was stated ${MOST_STATEMENTS} times`);
    }
    return { record: { day, version, sides: [...sides], shortPrice, longPrice }, policy };
}
