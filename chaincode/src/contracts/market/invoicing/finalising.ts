import { billingRunKey, documentKey, documentNumberKey, keyName } from '../../../api/keys';
import {
    BILL,
    type BillingRun,
    type BillMarker,
    type Charter,
    type CreditNoteMarker,
    type DocumentReference,
} from '../../../api/records';
import type { ArgsOf, ResponseOf } from '../../../api/transactions';
import { daysSinceEpoch, isCalendarDay } from '../../../domain/calendar';
import { isActiveOn } from '../../../domain/community/roster';
import { compareStrings } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { slotAt } from '../../../domain/slot';
import { charterAt } from '../../../ledger/charter-view';
import { membersPolicy } from '../../../ledger/market-policies';
import { findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { billPolicy, daysOf } from '../billing/billed';
import { hasPolicy, requirePolicy } from '../guards';
import { issuedDocument } from './documents';

type Asked = ArgsOf<'invoicing:finalise'>;

/** The local day of the proposal's time. Refuses DAY_UNKNOWN. */
export const today = (ctx: TransactionContext, charter: Charter): string =>
    findDayOf(charter, slotAt(ctx.now))?.day ?? refuse('DAY_UNKNOWN', 'today');

/** A document's key parts as one text: its place in a run, and what may be there once. */
const nameOf = ({ mspId, from, to, id }: DocumentReference): string => [mspId, from, to, id].join('/');

/** A run that is final, if the community stood for it. Refuses KEY_POLICY_WRONG. */
async function finalRun(ctx: TransactionContext, charter: Charter, run: number): Promise<BillingRun | undefined> {
    const key = billingRunKey(run);
    const found = await ctx.ledger.find(key);
    if (found === undefined) {
        return undefined;
    }
    if (found.run !== run) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    await requirePolicy(ctx, key, membersPolicy(charterAt(charter, found.charterVersion), found.day));
    return found;
}

export interface Next {
    readonly run: number;
    readonly firstNumber: number;
}

/** The run that comes next, and its first number. Refuses KEY_POLICY_WRONG. */
export async function nextRun(ctx: TransactionContext, charter: Charter): Promise<Next> {
    const runs = (await ctx.ledger.listWithParts('billingRun')).length;
    const last = runs === 0 ? undefined : await finalRun(ctx, charter, runs);
    if (runs > 0 && last === undefined) {
        refuse('KEY_POLICY_WRONG', keyName(billingRunKey(runs)));
    }
    return { run: runs + 1, firstNumber: last === undefined ? 1 : last.firstNumber + last.count };
}

/**
 * Runs are a chain: each begins where the one before ended, and two that are made final at once meet in the key of the same run, so that
 * one of them is a conflict. Refuses RUN_NOT_NEXT, KEY_POLICY_WRONG, NUMBER_NOT_NEXT.
 */
async function requireNext(ctx: TransactionContext, charter: Charter, { run, firstNumber }: Asked): Promise<void> {
    const before = run === 1 ? undefined : await finalRun(ctx, charter, run - 1);
    const isFirst = run === 1;
    if ((await finalRun(ctx, charter, run)) !== undefined || (!isFirst && before === undefined)) {
        refuse('RUN_NOT_NEXT', `run ${run}`);
    }
    const expected = before === undefined ? 1 : before.firstNumber + before.count;
    if (firstNumber !== expected) {
        refuse('NUMBER_NOT_NEXT', `run ${run} begins at ${expected}, not at ${firstNumber}`);
    }
}

/** Refuses DOCUMENT_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, DOCUMENT_FINAL, DOCUMENT_CHANGED, DOCUMENT_PROVISIONAL. */
async function requireNumberable(ctx: TransactionContext, charter: Charter, { documents }: Asked): Promise<void> {
    const names = documents.map(nameOf);
    for (const [i, { hash, ...reference }] of documents.entries()) {
        const name = names[i] ?? '';
        const issued = await issuedDocument(ctx, charter, reference);
        if (names.indexOf(name) !== i || (await ctx.ledger.find(documentKey(reference))) !== undefined) {
            refuse('DOCUMENT_FINAL', name);
        }
        if (issued.hash !== hash) {
            refuse('DOCUMENT_CHANGED', name);
        }
        if (issued.provisional) {
            refuse('DOCUMENT_PROVISIONAL', name);
        }
    }
}

/** Everything that a run writes, checked. Refuses as the catalogue says, FORBIDDEN apart. */
export async function finalise(ctx: TransactionContext, charter: Charter, asked: Asked): Promise<BillingRun> {
    const { run, firstNumber, dueDay, documents } = asked;
    if (!isCalendarDay(dueDay)) {
        refuse('MALFORMED', `due on ${dueDay}`);
    }
    await requireNext(ctx, charter, asked);
    await requireNumberable(ctx, charter, asked);
    const policies: Uint8Array[] = [];
    for (const [i, { mspId, from, to }] of documents.entries()) {
        policies.push(await billPolicy(ctx, charter, { mspId, from, to }));
        const taken = documentNumberKey(firstNumber + i);
        if ((await ctx.ledger.find(taken)) !== undefined) {
            refuse('KEY_POLICY_WRONG', keyName(taken));
        }
    }
    const record: BillingRun = {
        run,
        firstNumber,
        count: documents.length,
        day: today(ctx, charter),
        charterVersion: charter.version,
        dueDay,
    };
    const ofMembers = membersPolicy(charter, record.day);
    await ctx.ledger.create(billingRunKey(run), record, ofMembers);
    for (const [i, { hash, ...reference }] of documents.entries()) {
        const number = firstNumber + i;
        await ctx.ledger.create(documentNumberKey(number), { number, run, ...reference }, ofMembers);
        const final = { ...reference, number, run, hash, dueDay, reminders: [] };
        await ctx.ledger.create(documentKey(reference), final, policies[i] ?? ofMembers);
    }
    return record;
}

/**
 * What a run over these days would number, in the order of its documents' names, and what stays behind. Whatever stands under another
 * policy than its parties' is nobody's document and left out. Refuses KEY_POLICY_WRONG, MALFORMED.
 */
export async function preview(
    ctx: TransactionContext,
    charter: Charter,
    period: { readonly from: string; readonly to: string },
): Promise<ResponseOf<'invoicing:preview'>> {
    const days = daysOf(period);
    const numbered = new Set((await ctx.ledger.listWithParts('document')).map(({ parts }) => parts.join('/')));
    const found = await markersWithin(ctx, charter, period);
    const open = found
        .filter((each) => !numbered.has(nameOf(each)))
        .sort((a, b) => compareStrings(nameOf(a), nameOf(b)));
    return {
        ...(await nextRun(ctx, charter)),
        documents: open
            .filter(({ provisional }) => !provisional)
            .map(({ mspId, from, to, id, hash }) => ({ mspId, from, to, id, hash })),
        provisional: open
            .filter(({ provisional }) => provisional)
            .map(({ mspId, from, to, id }) => ({ mspId, from, to, id })),
        missing: missingBills(charter, days, found),
    };
}

interface Found extends DocumentReference {
    readonly hash: string;
    readonly provisional: boolean;
}

async function markersWithin(
    ctx: TransactionContext,
    charter: Charter,
    period: { readonly from: string; readonly to: string },
): Promise<Found[]> {
    const found: Found[] = [];
    for (const type of ['bill', 'creditNote'] as const) {
        for (const { parts, record } of await ctx.ledger.listWithParts(type)) {
            const reference = referenceOf(parts);
            const isWithin = period.from <= reference.from && reference.to <= period.to;
            if (isWithin && record !== undefined && (await isParties(ctx, charter, type, reference))) {
                found.push({ ...reference, hash: record.hash, provisional: isProvisional(record) });
            }
        }
    }
    return found;
}

/** A bill's key has no id of its own. */
const referenceOf = ([mspId = '', from = '', to = '', id = BILL]: readonly string[]): DocumentReference => ({
    mspId,
    from,
    to,
    id,
});

const isProvisional = (marker: BillMarker | CreditNoteMarker): boolean => 'provisional' in marker && marker.provisional;

async function isParties(
    ctx: TransactionContext,
    charter: Charter,
    type: 'bill' | 'creditNote',
    { mspId, from, to, id }: DocumentReference,
): Promise<boolean> {
    const parts = type === 'bill' ? [mspId, from, to] : [mspId, from, to, id];
    return hasPolicy(ctx, { type, parts }, await billPolicy(ctx, charter, { mspId, from, to }));
}

/** The first day of the period on which a member was active that no bill of its reaches, by member. */
function missingBills(
    charter: Charter,
    days: readonly string[],
    found: readonly Found[],
): { mspId: string; day: string }[] {
    const bills = found.filter(({ id }) => id === BILL);
    return Object.values(charter.members)
        .flatMap(({ mspId, standings }) => {
            const own = bills.filter((bill) => bill.mspId === mspId);
            const day = days.find(
                (each) => isActiveOn(standings, each) && !own.some(({ from, to }) => from <= each && each <= to),
            );
            return day === undefined ? [] : [{ mspId, day }];
        })
        .sort((a, b) => compareStrings(a.mspId, b.mspId));
}

/** How many days a document is overdue: 0 or less where it is not. */
export const daysOverdue = (dueDay: string, day: string): number => daysSinceEpoch(day) - daysSinceEpoch(dueDay);
