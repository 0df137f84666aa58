import type { z } from 'zod';
import type { BillRecord } from '@commonwatt/chaincode/api/records';
import { plainImbalance } from '../audit/plain-schedule';
import { daysFrom } from '../household/period-bills';
import type { Period } from '../market/billing';
import type { bill, billEvidence, billSummary, evidenceDay } from '../server/schemas/bills';
import type { HouseholdLedger } from './household-ledger';
import { ownDay, type OwnDayView } from './own-day';

export type BillView = z.output<typeof bill>;
export type BillSummaryView = z.output<typeof billSummary>;
export type EvidenceView = z.output<typeof billEvidence>;
type EvidenceDayView = z.output<typeof evidenceDay>;

/** A bill is named by its days. */
export const billIdOf = ({ from, to }: Period): string => (from === to ? from : `${from}_${to}`);

export function periodOf(id: string): Period {
    const [from = '', to = from] = id.split('_');
    return { from, to };
}

/** The newest first. */
export async function billsView(ledger: HouseholdLedger): Promise<BillSummaryView[]> {
    const { bills } = await ledger.unbilled();
    const found: BillSummaryView[] = [];
    for (const { from, to } of bills) {
        const record = await ledger.bill({ from, to });
        if (record !== undefined) {
            const { provisional, dueMinor } = record;
            found.push({ id: billIdOf(record), from, to, provisional, dueMinor, paid: await paidOf(ledger, record) });
        }
    }
    return found.sort((a, b) => (a.to === b.to ? compared(b.from, a.from) : compared(b.to, a.to)));
}

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Undefined where the household has no such bill. */
export async function billView(
    ledger: HouseholdLedger,
    id: string,
    issuedIn: (period: Period) => Promise<string | null>,
): Promise<BillView | undefined> {
    const record = await ledger.bill(periodOf(id));
    if (record === undefined) {
        return undefined;
    }
    const { rules } = await ledger.charter();
    const shown = shownOf(record);
    return {
        id,
        household: ledger.home,
        currency: rules.currency,
        minorUnitNanos: rules.minorUnitNanos,
        bill: shown,
        paid: await paidOf(ledger, record),
        issuedIn: await issuedIn(record),
        rounds: await roundsOf(ledger, record),
    };
}

/** What a page needs of it: not what proves it, which is in the evidence. */
function shownOf(record: BillRecord): BillView['bill'] {
    const proving = new Set(['key', 'salt', 'signature', 'commitment']);
    return Object.fromEntries(Object.entries(record).filter(([name]) => !proving.has(name))) as BillView['bill'];
}

/** Each slot that a line names, with the transaction that decided it. */
async function roundsOf(ledger: HouseholdLedger, record: BillRecord): Promise<BillView['rounds']> {
    const named = new Set(record.lines.flatMap(({ rounds }) => rounds));
    const known: BillView['rounds'] = [];
    for (const day of daysFrom(record)) {
        for (const { slot, price, attempt } of await ledger.rounds(day)) {
            if (named.has(slot)) {
                known.push({ slot, day, price: price ?? null, transaction: attempt ?? null });
            }
        }
    }
    return known;
}

async function paidOf(ledger: HouseholdLedger, period: Period): Promise<boolean | null> {
    const { rules } = await ledger.charter();
    return rules.coverRequired === true ? ledger.isPaid(period) : null;
}

/** Undefined where the household has no such bill. */
export async function evidenceView(ledger: HouseholdLedger, id: string): Promise<EvidenceView | undefined> {
    const record = await ledger.bill(periodOf(id));
    if (record === undefined) {
        return undefined;
    }
    const within = new Set(daysFrom(record));
    const earlier = [...new Set((record.corrections?.of ?? []).map(({ day }) => day))].filter(
        (day) => !within.has(day),
    );
    const ofBill = new Set((record.corrections?.of ?? []).map(({ day, number }) => `${day} ${number}`));
    const evidence = async (days: Iterable<string>): Promise<EvidenceDayView[]> => {
        const found: EvidenceDayView[] = [];
        for (const day of days) {
            const own = await ownDay(ledger, day);
            if (own !== undefined) {
                found.push(await evidenceOf(ledger, own, ofBill));
            }
        }
        return found;
    };
    return {
        id,
        mspId: ledger.mspId,
        bill: record,
        charter: await ledger.charter(),
        days: await evidence(within),
        corrected: await evidence(earlier.sort()),
    };
}

/** Corrections stand on bills in their order: those with a number below the first of this bill's are on others. */
async function evidenceOf(
    ledger: HouseholdLedger,
    own: OwnDayView,
    ofBill: ReadonlySet<string>,
): Promise<EvidenceDayView> {
    const { day, opened, rounds, orders, readings, settlement } = own;
    const corrections = [...(await ledger.corrections(day))];
    const first = corrections.findIndex(({ number }) => ofBill.has(`${day} ${number}`));
    const { attestations, contracts, purchases } = await ledger.contracts(day);
    return {
        day,
        first: opened.first,
        count: opened.count,
        rounds: rounds.map((round) => ofOwn(round, ledger.mspId)),
        orders: orders.map(({ order }) => order),
        readings: [...readings.values()],
        settlement: settlement ?? null,
        corrections,
        billed: first === -1 ? corrections.length : first,
        contracts: { attestations: [...attestations], contracts: [...contracts], purchases: [...purchases] },
        schedule: await scheduleOf(ledger, own),
        lossesNanos: own.lossesNanos,
    };
}

/** Neighbours' orders count in a round, too: their names, hashes and masked outcomes say nothing to this household. */
function ofOwn(round: OwnDayView['rounds'][number], mspId: string): EvidenceDayView['rounds'][number] {
    const isOwn = ({ order }: { readonly order: string }): boolean => order.startsWith(`${mspId}/`);
    return {
        ...round,
        ...(round.closed && { closed: round.closed.filter(isOwn) }),
        ...(round.outcomes && { outcomes: round.outcomes.filter(isOwn) }),
        ...(round.dropped && { dropped: round.dropped.filter(isOwn) }),
    };
}

async function scheduleOf(ledger: HouseholdLedger, own: OwnDayView): Promise<EvidenceDayView['schedule']> {
    const record = await ledger.schedule(own.day);
    const pool = await ledger.pool(own.day);
    const agreed = record?.agreed;
    if (record === undefined || agreed === undefined || pool === undefined) {
        return null;
    }
    const bus = agreed.households.find(({ mspId }) => mspId === ledger.mspId)?.bus;
    const prices = agreed.prices.find((each) => each.bus === bus)?.pricesNanos ?? agreed.gridWh.map(() => 0n);
    const energies = (await ledger.scheduledWh(record)) ?? prices.map(() => 0n);
    return {
        energiesWh: [...energies],
        pricesNanos: [...prices],
        imbalance: plainImbalance(pool.sides, pool),
    };
}
