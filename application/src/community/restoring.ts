import type { PrivateRecords } from '@commonwatt/chaincode/api/catalogue/recovery';
import type { OrderRecord, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import { hashOf } from '../household/records';
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

/** Where else a member's records may be. */
export interface Keepers {
    /** The other party of all of them. */
    readonly other: TypedCalls;
    /** Its orders of a day, as its own agent and seats of the committee have them: before it settles the grid operator has none. */
    readonly orders?: (day: string, from: number, to: number) => Promise<readonly OrderRecord[]>;
    /** What its own agent keeps of what it agreed to a day ahead: before it settles its peer may not have it. */
    readonly agreements?: (day: string) => readonly SubmissionRecord[];
}

/**
 * Brings back what a party's own peer should hold of a member and does not, from whoever else has it: `at` is the member itself or the grid
 * operator. Day by day, each in one transaction: broken off and done again it goes on with what is still missing.
 */
export async function restoreRecords(
    at: TypedCalls,
    keepers: Keepers,
    mspId: string = at.mspId,
    say: (what: string) => void = () => undefined,
): Promise<Restored> {
    const own = new Recovery(at);
    const others = new Recovery(keepers.other);
    const days = await own.days(mspId);
    let [records, restored] = [0, 0];
    const lost: string[] = [];
    for (const [index, day] of days.entries()) {
        say(`${index + 1} of ${days.length} days, ${restored} records brought back`);
        const held = due(await own.records({ mspId, day }), at.mspId === mspId);
        const names = missing(held);
        records += all(held).length;
        if (names.size === 0) {
            continue;
        }
        const found = recordsNamed(await others.records({ mspId, day }), names);
        const orders = await ordersNamed(day, held, found, keepers.orders);
        const agreements = keepers.agreements?.(day) ?? [];
        const submissions = found.submissions.length > 0 ? found.submissions : agreed(held, agreements);
        const back = { ...found, orders: [...found.orders, ...orders], submissions };
        const count = Object.values(back).flat().length;
        if (count > 0) {
            await own.restore({ mspId, day }, back);
        }
        restored += count;
        Object.values(back)
            .flat()
            .forEach(({ key }) => names.delete(key));
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

/** What its own peer should hold: the grid operator has no order before it settles. */
function due(held: MarkedRecords, isOwner: boolean): MarkedRecords {
    return isOwner || held.settlements.length > 0 ? held : { ...held, orders: [] };
}

/** Those that the other party has not either. A record counts only as its marker says. */
async function ordersNamed(
    day: string,
    held: MarkedRecords,
    found: PrivateRecords,
    from: Keepers['orders'],
): Promise<OrderRecord[]> {
    const known = new Set(found.orders.map(({ key }) => key));
    const missed = new Map(
        held.orders.flatMap(({ key, hash, record }) =>
            record === undefined && !known.has(key) ? [[key, hash] as const] : [],
        ),
    );
    const slots = [...missed.keys()].map((key) => Number(key.split('/')[1]));
    if (from === undefined || slots.length === 0) {
        return [];
    }
    const orders: OrderRecord[] = [];
    for (const order of await from(day, Math.min(...slots), Math.max(...slots))) {
        if (missed.get(order.key) === hashOf(order)) {
            missed.delete(order.key);
            orders.push(order);
        }
    }
    return orders;
}

/** Of a day a member has one. A record counts only as its marker says. */
function agreed({ submissions }: MarkedRecords, kept: readonly SubmissionRecord[]): SubmissionRecord[] {
    const missed = submissions.filter(({ record }) => record === undefined).map(({ hash }) => hash);
    return kept.filter((each) => missed.includes(hashOf(each)));
}

/** The account, what the bank stated and was asked, credit notes, what was said in disputes: of no day. */
async function restoreMoney(own: Recovery, others: Recovery, mspId: string): Promise<Omit<Restored, 'days'>> {
    const held = Object.values(await own.money(mspId)).flat();
    const names = namesMissing(held);
    if (names.size === 0) {
        return { records: held.length, restored: 0, lost: [] };
    }
    const { accounts, bankStatements, withdrawals, creditNotes, statements } = await others.money(mspId);
    const found = {
        accounts: wanted(accounts, names),
        bankStatements: wanted(bankStatements, names),
        withdrawals: wanted(withdrawals, names),
        creditNotes: wanted(creditNotes, names),
        statements: wanted(statements, names),
    };
    const back = Object.values(found).flat();
    if (back.length > 0) {
        await own.restoreMoney(mspId, found);
    }
    back.forEach(({ key }) => names.delete(key));
    return { records: held.length, restored: back.length, lost: [...names] };
}

const all = (held: MarkedRecords): Marked<object> => Object.values(held).flat();

const missing = (held: MarkedRecords): Set<string> => namesMissing(all(held));

const namesMissing = (held: Marked<object>): Set<string> =>
    new Set(held.filter(({ record }) => record === undefined).map(({ key }) => key));

const wanted = <R extends object>(marked: Marked<R>, names: ReadonlySet<string>): R[] =>
    marked.flatMap(({ key, record }) => (record !== undefined && names.has(key) ? [record] : []));

const recordsNamed = (held: MarkedRecords, names: ReadonlySet<string>): PrivateRecords => ({
    orders: wanted(held.orders, names),
    readings: wanted(held.readings, names),
    settlements: wanted(held.settlements, names),
    bills: wanted(held.bills, names),
    corrections: wanted(held.corrections, names),
    suspicions: wanted(held.suspicions, names),
    submissions: wanted(held.submissions, names),
});
