import { keyName, slotPart, type LedgerKey } from '../../../api/keys';
import type { Charter } from '../../../api/records';
import { TRANSACTIONS } from '../../../api/transactions';
import { refuse } from '../../../domain/refusals';
import { slotsOf, type LocalDay } from '../../../domain/slot';
import type { PrivateType } from '../../../ledger/ledger';
import { BaseContract } from '../../base-contract';
import { findDay } from '../../clock';
import { answer, argumentOf } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { memberOf } from '../guards';
import { today } from '../invoicing/finalising';

/** Ten years after the end of the year: what tax law asks for in most of the countries that have such communities. */
const USUAL_YEARS = 10;

/** Private records go when they need no longer be kept. What each function refuses, in order of precedence, stands in the catalogue. */
export class RetentionContract extends BaseContract {
    constructor() {
        super('market', 'retention');
    }

    async purge(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['retention:purge'];
        const { mspId, day } = argumentOf(specification, args);
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
        requireTermOver(charter, day, today(ctx, charter));
        const keys = await recordsOf(ctx, mspId, local);
        for (const key of keys) {
            await ctx.ledger.purgePrivate(ctx.caller, key);
        }
        ctx.emit({ type: 'RecordsPurged', by: ctx.caller, mspId, day });
        return answer(specification, { purged: keys.length });
    }
}

/** Refuses TERM_NOT_OVER. */
function requireTermOver({ rules }: Charter, day: string, now: string): void {
    const kept = Number(day.slice(0, 4)) + (rules.keepYears ?? USUAL_YEARS);
    if (Number(now.slice(0, 4)) <= kept) {
        refuse('TERM_NOT_OVER', `records of ${day} are kept until the end of ${kept}`);
    }
}

/**
 * Every private record that a marker of the day names: readings, orders, the settlement and its corrections, and the bills and credit
 * notes whose period ends on the day; of a day agreed on ahead its answer and the coordinators' book. The caller may hold some of them only; what it does not hold is not there to be removed.
 */
async function recordsOf(ctx: TransactionContext, mspId: string, local: LocalDay): Promise<LedgerKey<PrivateType>[]> {
    const { day } = local;
    const keys: LedgerKey<PrivateType>[] = [
        ...(await keysOf(ctx, 'reading', mspId, day)),
        ...(await keysOf(ctx, 'settlement', day, mspId)),
        ...(await keysOf(ctx, 'correction', day, mspId)),
        ...(await keysOf(ctx, 'submission', day, mspId)),
        ...(await keysOf(ctx, 'schedule', day)),
    ];
    for (const slot of slotsOf(local)) {
        keys.push(...(await keysOf(ctx, 'order', slotPart(slot), mspId)));
    }
    const ending = [...(await keysOf(ctx, 'bill', mspId)), ...(await keysOf(ctx, 'creditNote', mspId))];
    keys.push(...ending.filter(({ parts }) => parts[2] === day));
    return [...new Map(keys.map((key) => [keyName(key), key])).values()];
}

async function keysOf<T extends PrivateType>(
    ctx: TransactionContext,
    type: T,
    ...prefix: string[]
): Promise<LedgerKey<T>[]> {
    return (await ctx.ledger.listWithParts(type, ...prefix)).map(({ parts }) => ({ type, parts }));
}
