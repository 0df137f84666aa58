import type { z } from 'zod';
import { plainBill } from '../audit/plain-bill';
import { plainDue } from '../audit/plain-tariff';
import { withoutMarket } from '../household/bill-check';
import type { money, moneyPeriod } from '../server/schemas/money';
import type { HouseholdLedger } from './household-ledger';
import { energyMoney } from './now-view';
import { ownDay, plainDay, type OwnDayView } from './own-day';

export type MoneyView = z.output<typeof money>;
type Period = z.output<typeof moneyPeriod>;

/** Paid, earned and saved on settled days, by day or by calendar month. */
export async function moneyView(
    ledger: HouseholdLedger,
    by: MoneyView['by'],
    days: readonly string[],
): Promise<MoneyView> {
    const periods: Period[] = [];
    for (const day of [...days].sort()) {
        const found = await dayMoney(ledger, day);
        if (found !== undefined) {
            periods.push(found);
        }
    }
    const groups = by === 'day' ? periods.map((each) => [each]) : [...byMonth(periods).values()];
    const total = periods.length === 0 ? null : together(periods);
    return { by, periods: groups.map(together), total, account: await accountOf(ledger) };
}

/** Undefined where the day is not settled. */
async function dayMoney(ledger: HouseholdLedger, day: string): Promise<Period | undefined> {
    const own = await ownDay(ledger, day);
    return own?.settlement === undefined
        ? undefined
        : ledger.once(`money ${day}`, () => Promise.resolve(periodOf(own, own.settlement?.provisional ?? false)));
}

function periodOf(own: OwnDayView, provisional: boolean): Period {
    const plain = plainDay(own);
    const energy = plainBill(own.slots);
    const { paidNanos, earnedNanos } = energyMoney(own.slots);
    const nanosPerMinor = own.charter.rules.minorUnitNanos;
    const due = plainDue([plain], own.payer, nanosPerMinor);
    const alone = plainDue([withoutMarket(plain)], own.payer, nanosPerMinor);
    const dueNanos = due.grossNanos + energy.contractNanos;
    const sum = (wh: (net: bigint) => bigint): bigint => own.slots.reduce((so, { netWh }) => so + wh(netWh), 0n);
    return {
        from: own.day,
        to: own.day,
        days: 1,
        takenWh: sum((net) => (net < 0n ? -net : 0n)),
        givenWh: sum((net) => (net > 0n ? net : 0n)),
        boughtWh: energy.boughtWh + energy.takenWh,
        soldWh: energy.soldWh + energy.givenWh,
        importedWh: energy.fromSupplierWh,
        exportedWh: energy.toSupplierWh,
        paidNanos,
        earnedNanos,
        chargesNanos: due.chargesNanos,
        dueNanos,
        tariffDueNanos: alone.grossNanos,
        savedNanos: alone.grossNanos - dueNanos,
        provisional,
    };
}

function byMonth(periods: readonly Period[]): ReadonlyMap<string, Period[]> {
    const months = new Map<string, Period[]>();
    for (const period of periods) {
        const month = period.from.slice(0, 7);
        months.set(month, [...(months.get(month) ?? []), period]);
    }
    return months;
}

const SUMS = [
    'takenWh',
    'givenWh',
    'boughtWh',
    'soldWh',
    'importedWh',
    'exportedWh',
    'paidNanos',
    'earnedNanos',
    'chargesNanos',
    'dueNanos',
    'tariffDueNanos',
    'savedNanos',
] as const;

/** Of days in their order. */
function together(periods: readonly Period[]): Period {
    const [first, ...others] = periods;
    if (first === undefined) {
        throw new Error('nothing to add up');
    }
    return others.reduce((so: Period, each): Period => {
        const sums = Object.fromEntries(SUMS.map((name) => [name, so[name] + each[name]])) as Pick<
            Period,
            (typeof SUMS)[number]
        >;
        return {
            ...sums,
            from: so.from,
            to: each.to,
            days: so.days + each.days,
            provisional: so.provisional || each.provisional,
        };
    }, first);
}

async function accountOf(ledger: HouseholdLedger): Promise<MoneyView['account']> {
    const { rules } = await ledger.charter();
    if (rules.coverRequired !== true) {
        return null;
    }
    const account = await ledger.account();
    const reserved = (account?.holds ?? []).reduce((so, { amountNanos }) => so + amountNanos, 0n);
    return { availableNanos: account?.availableNanos ?? 0n, reservedNanos: reserved };
}
