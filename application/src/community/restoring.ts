import type { PrivateRecords } from '@commonwatt/chaincode/api/catalogue/recovery';
import { Recovery, type MarkedRecords } from '../market/recovery';
import type { TypedCalls } from '../market/typed-calls';

export interface Restored {
    readonly days: number;
    /** Records of the household that have a marker on the channel. */
    readonly records: number;
    readonly restored: number;
    /** Names of those of which the other copy is gone too, or was never there. */
    readonly lost: readonly string[];
}

type Marked<R> = readonly { readonly key: string; readonly hash: string; readonly record?: R | undefined }[];

/**
 * Brings back what a member's own peer should hold and does not, from another party's copy. Day by day, each in one transaction:
 * broken off and done again it goes on with what is still missing.
 */
export async function restoreRecords(
    owner: TypedCalls,
    keeper: TypedCalls,
    say: (what: string) => void = () => undefined,
): Promise<Restored> {
    const { mspId } = owner;
    const own = new Recovery(owner);
    const others = new Recovery(keeper);
    const days = await own.days(mspId);
    let [records, restored] = [0, 0];
    const lost: string[] = [];
    for (const [index, day] of days.entries()) {
        say(`${index + 1} of ${days.length} days, ${restored} records brought back`);
        const held = await own.records({ mspId, day });
        const names = missing(held);
        records += all(held).length;
        if (names.size === 0) {
            continue;
        }
        const found = recordsNamed(await others.records({ mspId, day }), names);
        const back = Object.values(found).flat();
        if (back.length > 0) {
            await own.restore({ mspId, day }, found);
        }
        restored += back.length;
        back.forEach(({ key }) => names.delete(key));
        lost.push(...names);
    }
    const money = await restoreMoney(own, others, mspId);
    return {
        days: days.length,
        records: records + money.records,
        restored: restored + money.restored,
        lost: [...lost, ...money.lost],
    };
}

/** The account, what the bank stated and what was asked of it: of no day. */
async function restoreMoney(own: Recovery, others: Recovery, mspId: string): Promise<Omit<Restored, 'days'>> {
    const held = Object.values(await own.money(mspId)).flat();
    const names = namesMissing(held);
    if (names.size === 0) {
        return { records: held.length, restored: 0, lost: [] };
    }
    const { accounts, bankStatements, withdrawals } = await others.money(mspId);
    const found = {
        accounts: wanted(accounts, names),
        bankStatements: wanted(bankStatements, names),
        withdrawals: wanted(withdrawals, names),
    };
    const back = Object.values(found).flat();
    if (back.length > 0) {
        await own.restoreMoney(mspId, found);
    }
    back.forEach(({ key }) => names.delete(key));
    return { records: held.length, restored: back.length, lost: [...names] };
}

function all({ orders, readings, settlements, bills }: MarkedRecords): Marked<object> {
    return [...orders, ...readings, ...settlements, ...bills];
}

const missing = (held: MarkedRecords): Set<string> => namesMissing(all(held));

const namesMissing = (held: Marked<object>): Set<string> =>
    new Set(held.filter(({ record }) => record === undefined).map(({ key }) => key));

const wanted = <R extends object>(marked: Marked<R>, names: ReadonlySet<string>): R[] =>
    marked.flatMap(({ key, record }) => (record !== undefined && names.has(key) ? [record] : []));

function recordsNamed(
    { orders, readings, settlements, bills }: MarkedRecords,
    names: ReadonlySet<string>,
): PrivateRecords {
    return {
        orders: wanted(orders, names),
        readings: wanted(readings, names),
        settlements: wanted(settlements, names),
        bills: wanted(bills, names),
    };
}
