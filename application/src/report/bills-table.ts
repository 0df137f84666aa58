import type { DayResult } from '../day/trading-day';
import { dueOfDay } from './day-summary';
import { decimal, kilowattHours, money } from './decimal';
import { left, right, table } from './table';

const NANOS_PER_MINOR = 10_000_000n;

/** Everybody's bill of a day, charges and taxes included. Only whoever has all agents' keys, as a demonstration, can print it. */
export function billsTable({ households }: DayResult, currency: string): string {
    const columns = [
        left('home'),
        right('net kWh'),
        right('bought kWh'),
        right('sold kWh'),
        right('from grid'),
        right('to grid'),
        right(`pays ${currency}`),
        right('tariffs only'),
        right('gain'),
    ];
    const rows = households.map(({ home, own, bill }) => [
        home,
        kilowattHours(own.netWh),
        kilowattHours(own.boughtWh),
        kilowattHours(own.soldWh),
        kilowattHours(own.fromSupplierWh),
        kilowattHours(own.toSupplierWh),
        money(dueOfDay(own, bill)),
        fine(own.dueWithoutMarket.grossNanos),
        fine(own.dueWithoutMarket.grossNanos - own.due.grossNanos - own.contractNanos),
    ]);
    const all = households.map((each) => each.own);
    const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
    const before = sum(all.map((own) => own.dueWithoutMarket.grossNanos));
    return table(columns, rows, [
        'all',
        kilowattHours(sum(all.map((own) => own.netWh))),
        kilowattHours(sum(all.map((own) => own.boughtWh))),
        kilowattHours(sum(all.map((own) => own.soldWh))),
        kilowattHours(sum(all.map((own) => own.fromSupplierWh))),
        kilowattHours(sum(all.map((own) => own.toSupplierWh))),
        money(sum(households.map(({ own, bill }) => dueOfDay(own, bill)))),
        fine(before),
        fine(before - sum(all.map((own) => own.due.grossNanos + own.contractNanos))),
    ]);
}

/** Nanos in the currency with three decimals, cut off: what is shown beside a bill, never billed. */
function fine(nanos: bigint): string {
    return decimal(nanos / (NANOS_PER_MINOR / 10n), 3);
}
