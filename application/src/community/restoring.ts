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
    return { days: days.length, records, restored, lost };
}

function all({ orders, readings, settlements, bills }: MarkedRecords): Marked<object> {
    return [...orders, ...readings, ...settlements, ...bills];
}

function missing(held: MarkedRecords): Set<string> {
    return new Set(
        all(held)
            .filter(({ record }) => record === undefined)
            .map(({ key }) => key),
    );
}

function recordsNamed(
    { orders, readings, settlements, bills }: MarkedRecords,
    names: ReadonlySet<string>,
): PrivateRecords {
    const wanted = <R extends object>(marked: Marked<R>): R[] =>
        marked.flatMap(({ key, record }) => (record !== undefined && names.has(key) ? [record] : []));
    return {
        orders: wanted(orders),
        readings: wanted(readings),
        settlements: wanted(settlements),
        bills: wanted(bills),
    };
}
