import type { BillRecord, CorrectionRecord, CreditNoteRecord, Payment, SettlementRecord } from '../../api/records';
import { recordHash } from '../../contracts/market/guards';
import { parseRefusal } from '../../domain/refusals';
import type { TestCommunity } from '../community';
import { CENT, FIRST_SLOTS, MEMBERS, PERIODS, type BilledDays } from './billed-days';
import { same } from './books';

interface Billed {
    readonly bills: readonly BillRecord[];
    readonly notes: readonly CreditNoteRecord[];
    readonly corrections: readonly CorrectionRecord[];
}

/**
 * Compares what is on the ledger now with sums of its own: each bill with the settlements and corrections that it is made of, each account with what was
 * paid in and what its bills and credit notes came to, and the numbers of all documents with each other.
 */
export async function checkBills({ community, settlements }: BilledDays): Promise<void> {
    const all = new Map<string, Billed>();
    for (const mspId of MEMBERS) {
        const billed = await billedOf(community, mspId);
        checkPeriods(mspId, billed);
        billed.bills.forEach((bill) => {
            checkBill(bill, settlements, billed.corrections);
            checkCredits(bill, billed.notes);
        });
        await checkAccount(community, mspId, billed);
        all.set(mspId, billed);
    }
    await checkNumbers(community, all);
    await checkSums(community, all);
}

/** As the grid operator has it. */
async function billedOf(community: TestCommunity, mspId: string): Promise<Billed> {
    const bills: BillRecord[] = [];
    const notes: CreditNoteRecord[] = [];
    for (const period of PERIODS) {
        const bill = await unlessRefused(community.query('billing:ownBill', { mspId, ...period }));
        if (bill !== undefined) {
            bills.push(bill);
            notes.push(...(await community.query('invoicing:creditNotes', { mspId, ...period })));
            if (bill.signedBy === 'owner') {
                const own = await community.query('billing:ownBill', { ...period }, { by: mspId });
                same(`${bill.key} at both holders`, recordHash(own), recordHash(bill));
            }
        }
    }
    const corrections: CorrectionRecord[] = [];
    for (const day of Object.keys(FIRST_SLOTS)) {
        corrections.push(...(await community.query('corrections:own', { day, mspId })));
    }
    return { bills, notes, corrections };
}

/** No day and no correction stands on two bills. */
function checkPeriods(mspId: string, { bills }: Billed): void {
    const days = bills.flatMap(({ from, to }) => Object.keys(FIRST_SLOTS).filter((day) => from <= day && day <= to));
    same(`days of ${mspId} on bills`, new Set(days).size, days.length);
    const named = bills.flatMap((bill) => (bill.corrections?.of ?? []).map(({ day, number }) => `${day}/${number}`));
    same(`corrections of ${mspId} on bills`, new Set(named).size, named.length);
}

/** To the nano and to the Wh: what the bill is made of, what it takes over, and what moves with it. */
function checkBill(
    bill: BillRecord,
    settlements: readonly SettlementRecord[],
    corrections: readonly CorrectionRecord[],
): void {
    const { key, mspId, lines, postings, settledNanos, dueMinor } = bill;
    const own = settlements.filter((each) => each.mspId === mspId && bill.from <= each.day && each.day <= bill.to);
    const taken = corrections.filter((each) =>
        (bill.corrections?.of ?? []).some(({ day, number }) => day === each.day && number === each.number),
    );
    same(`the corrections on ${key}`, taken.length, bill.corrections?.of.length ?? 0);
    const onHousehold = (all: BillRecord['postings']): bigint =>
        sum(all.filter(({ account }) => account === `household:${mspId}`).map(({ amountNanos }) => amountNanos));
    const corrected = bill.corrections?.correctedNanos ?? 0n;
    same(`what ${key} takes over`, settledNanos, sum(own.map((each) => onHousehold(each.postings))));
    same(`what ${key} takes over of corrections`, corrected, sum(taken.map((each) => onHousehold(each.postings))));
    same(`the lines of ${key}`, bill.balanceNanos, sum(lines.map(({ amountNanos }) => amountNanos)));
    same(`what moves with ${key}`, sum(postings.map(({ amountNanos }) => amountNanos)), 0n);
    same(`what is due by ${key}`, settledNanos + corrected + onHousehold(postings), -dueMinor * CENT);
    const out = new Set<string>(['localSale', 'feedIn']);
    const into = new Set<string>(['localPurchase', 'retail']);
    const energy = sum(
        lines.map(({ item, energyWh, seller }) => {
            const isOut = out.has(item) || (item === 'correction' && seller === 'household');
            const isInto = into.has(item) || (item === 'correction' && seller === 'supplier');
            return isOut ? energyWh : isInto ? 0n - energyWh : 0n;
        }),
    );
    const metered = sum(own.flatMap((each) => each.slots.map(({ meteredWh }) => meteredWh)));
    const changed = sum(taken.flatMap((each) => each.slots.map(({ wasWh, meteredWh }) => meteredWh - wasWh)));
    same(`the energy on ${key}`, energy, metered + changed);
}

/** Credits go the other way than their bill, and at most undo it. */
function checkCredits(bill: BillRecord, notes: readonly CreditNoteRecord[]): void {
    const own = notes.filter(({ from, to }) => from === bill.from && to === bill.to);
    const credited = sum(own.map(grossOf));
    const [low, high] = bill.dueMinor < 0n ? [bill.dueMinor, 0n] : [0n, bill.dueMinor];
    same(`the credits of ${bill.key} are within it`, low <= credited && credited <= high, true);
}

/** What is on the account is what was paid in, less what its bills and credit notes came to. */
async function checkAccount(community: TestCommunity, mspId: string, billed: Billed): Promise<void> {
    const { account, statements } = await community.query('accounts:own', {}, { by: mspId });
    const { payments } = await community.query('accounts:markers', { mspId });
    const paidIn = sum(statements.map(({ statement, takenIn }) => (takenIn === null ? 0n : statement.amountNanos)));
    const moved = sum(payments.filter(({ takenIn }) => takenIn !== undefined).map((each) => movedBy(each, billed)));
    const holds = account?.holds ?? [];
    const [available, held] = [account?.availableNanos ?? 0n, sum(holds.map(({ amountNanos }) => amountNanos))];
    same(`the account of ${mspId}`, available + held, paidIn - moved);
    same(`the bills on the account of ${mspId}`, account?.turnover.billedNanos ?? 0n, moved);
    same(
        `nothing of ${mspId} is below zero`,
        [available, ...holds.map((h) => h.amountNanos)].every((n) => n >= 0n),
        true,
    );
    for (const { from, to, collected, takenIn } of payments) {
        if (collected !== undefined && takenIn === undefined) {
            const ofBill = holds.filter(({ kind, subject }) => kind === 'day' && from <= subject && subject <= to);
            const kept = sum(ofBill.map(({ amountNanos }) => amountNanos));
            same(`what was collected of ${mspId} is still reserved`, kept >= collected.amountNanos, true);
        }
    }
}

/** What a payment that an account has taken in came to there; negative is what it brought. */
function movedBy({ id, from, to, status, collected }: Payment, { bills, notes }: Billed): bigint {
    const isOf = (each: { readonly from: string; readonly to: string }): boolean =>
        each.from === from && each.to === to;
    if (id !== 'bill') {
        const note = notes.find((each) => isOf(each) && each.id === id);
        return -grossOf(note) * CENT;
    }
    const due = (bills.find(isOf)?.dueMinor ?? 0n) * CENT;
    return status === 'transferred' ? (collected?.amountNanos ?? 0n) : due;
}

/** From 1 on without a gap, each once, and of documents that are still what they were. */
async function checkNumbers(community: TestCommunity, all: ReadonlyMap<string, Billed>): Promise<void> {
    const documents = await community.query('invoicing:documents', {});
    same('numbers', documents.map(({ number }) => number).join(), documents.map((_, i) => i + 1).join());
    for (const { mspId, from, to, id, hash } of documents) {
        const { bills = [], notes = [] } = all.get(mspId) ?? {};
        const ofPeriod = [...bills.map((each) => ({ id: 'bill', ...each })), ...notes].filter(
            (each) => each.from === from && each.to === to && each.id === id,
        );
        same(`${mspId} ${from} ${to} ${id} is what was numbered`, ofPeriod.map(recordOf).map(recordHash).join(), hash);
        same(
            `${mspId} ${from} ${to} ${id} is no provisional one`,
            bills.some((b) => isSame(b, { from, to }) && b.provisional),
            false,
        );
    }
}

const isSame = (
    one: { readonly from: string; readonly to: string },
    { from, to }: { from: string; to: string },
): boolean => one.from === from && one.to === to;

/** A bill has no id of its own. */
function recordOf(document: { readonly id: string }): object {
    const { id, ...bill } = document;
    return id === 'bill' ? bill : document;
}

/** What was published is what the bills of the period come to, without their corrections. */
async function checkSums(community: TestCommunity, all: ReadonlyMap<string, Billed>): Promise<void> {
    for (const period of PERIODS) {
        const published = await unlessRefused(community.query('billing:billSums', { ...period }));
        if (published !== undefined) {
            const bills = [...all.values()].flatMap((each) => each.bills).filter((bill) => isSame(bill, period));
            const due = sum(bills.map(({ dueMinor, corrections }) => dueMinor - (corrections?.dueMinor ?? 0n)));
            same(`what is published of ${period.from} to ${period.to}`, published.sums.given.dueMinor, due);
        }
    }
}

const grossOf = (note: CreditNoteRecord | undefined): bigint =>
    sum((note?.parts ?? []).map(({ grossMinor }) => grossMinor));
const sum = (all: readonly bigint[]): bigint => all.reduce((total, each) => total + each, 0n);

async function unlessRefused<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
        return await asked;
    } catch (error) {
        if (error instanceof Error && parseRefusal(error.message)?.code === 'NOT_FOUND') {
            return undefined;
        }
        throw error;
    }
}
