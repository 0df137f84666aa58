import type { DayResult, HouseholdResult } from '../../day/trading-day';
import { decimal, exactNumber } from '../decimal';

/** What became of agreeing on a day ahead, in the JSON of a day. */
export interface DayScheduleSummary {
    readonly mode: string;
    readonly status: string;
    readonly iterations: number;
    readonly seconds: Readonly<Record<'solving' | 'ledger' | 'waiting', number>>;
    /** Σ |agreed − metered| of all homes and slots, Wh, and Σ |agreed|; zero where nothing was agreed. */
    readonly deviationWh: number;
    readonly agreedWh: number;
}

/** Undefined of a day that was not to be agreed on ahead. */
export function dayScheduleSummary({ ahead, households }: DayResult): DayScheduleSummary | undefined {
    if (ahead === undefined) {
        return undefined;
    }
    const { record, steps, seconds } = ahead;
    const settled = record.status === 'converged' ? households.flatMap(slotsOf) : [];
    const tenths = (of: number): number => Math.round(of * 10) / 10;
    return {
        mode: record.mode,
        status: record.status,
        iterations: steps.at(-1)?.iteration ?? 0,
        seconds: {
            solving: tenths(seconds.solving),
            ledger: tenths(seconds.ledger),
            waiting: tenths(seconds.waiting),
        },
        deviationWh: exactNumber(sum(settled.map(({ meteredWh, agreedWh }) => size(meteredWh - agreedWh)))),
        agreedWh: exactNumber(sum(settled.map(({ agreedWh }) => size(agreedWh)))),
    };
}

const slotsOf = ({ settlement }: HouseholdResult): { readonly meteredWh: bigint; readonly agreedWh: bigint }[] =>
    settlement.slots.map(({ meteredWh, soldWh, boughtWh }) => ({ meteredWh, agreedWh: soldWh - boughtWh }));

export function dayScheduleText(day: DayScheduleSummary): string {
    const { status, mode, iterations, seconds, deviationWh, agreedWh } = day;
    const how = mode === 'certificate' ? 'off the ledger, certified in one transaction' : 'on the ledger';
    const took = `Seconds: ${seconds.solving} for the homes' own problems, ${seconds.ledger} for the ledger, ${seconds.waiting} waiting.`;
    if (status !== 'converged') {
        return `No agreement ahead after ${iterations} iterations ${how}: the day was traded by auction. ${took}`;
    }
    const kilowattHours = (wh: number): string => `${decimal(BigInt(wh), 3)} kWh`;
    return `Agreed on ahead in ${iterations} iterations ${how}; the meters differ by ${kilowattHours(deviationWh)} from ${kilowattHours(agreedWh)} that were agreed on. ${took}`;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((so, value) => so + value, 0n);
const size = (n: bigint): bigint => (n < 0n ? -n : n);
