import type { BusPrices, Charter, ScheduleProblem } from '../../../api/records';
import { activeMembers } from '../../../domain/community/roster';
import { refuse } from '../../../domain/refusals';
import { WATTS_PER_WATT_HOUR } from '../../../domain/schedule/network-agent';
import { ROOT } from '../../../domain/schedule/lin-dist-flow';
import { busesOf } from '../../../domain/schedule/terms';
import { memberOf } from '../guards';
import { pricesOfDay, termsOf } from '../rounds';
import type { ScheduledDay } from './schedule-of-day';

const NANOS_PER_MICRO = 1_000n;

/**
 * Who takes part in the day's schedule, under which limits, tariffs and rules. Refuses TERMS_MISSING, TERMS_INVALID, MEMBER_NOT_ACTIVE,
 * SCHEDULE_SHAPE_WRONG, PRICE_OUTSIDE_LIMITS.
 */
export function problemToOpen(
    charter: Charter,
    { local, terms }: ScheduledDay,
    firstPrices: readonly BusPrices[],
): ScheduleProblem {
    const { day, count } = local;
    const { feeder } = terms;
    const { floor, cap } = termsOf(charter, day);
    const grid = gridOf(charter, { local, terms });
    const households = activeMembers(charter.members, day).map((mspId) => {
        const { importLimitW, exportLimitW } = memberOf(charter, mspId);
        return {
            mspId,
            bus: busOf(feeder?.homes, mspId),
            importLimitWh: importLimitW / WATTS_PER_WATT_HOUR,
            exportLimitWh: exportLimitW / WATTS_PER_WATT_HOUR,
        };
    });
    if (households.length === 0) {
        refuse('MEMBER_NOT_ACTIVE', `nobody on ${day}`);
    }
    requirePrices(charter, day, { buses: busesOf(feeder), slots: count, firstPrices });
    const { iterations, primalToleranceWh, dualTolerance, overRelaxation, penalty, networkWeight, iterationSeconds } =
        terms;
    return {
        day,
        slots: count,
        households,
        grid,
        floor: floor * NANOS_PER_MICRO,
        cap: cap * NANOS_PER_MICRO,
        iterations,
        primalToleranceWh,
        dualTolerance,
        overRelaxation,
        penalty,
        networkWeight,
        iterationSeconds,
        ...(feeder === undefined ? {} : { feeder: wiresOf(feeder) }),
        firstPrices: [...firstPrices],
    };
}

function wiresOf({
    rootVolt,
    leastVolt,
    mostVolt,
    transformerW,
    lines,
}: NonNullable<ScheduledDay['terms']['feeder']>): ScheduleProblem['feeder'] {
    return { rootVolt, leastVolt, mostVolt, transformerW, lines };
}

const busOf = (homes: Readonly<Record<string, string>> | undefined, mspId: string): string =>
    homes !== undefined && Object.hasOwn(homes, mspId) ? (homes[mspId] ?? ROOT) : ROOT;

/** Tariffs and limits of the community's connection. The community never pays for what deviates: see settlement. Refuses TERMS_INVALID. */
function gridOf(charter: Charter, { local, terms }: Pick<ScheduledDay, 'local' | 'terms'>): ScheduleProblem['grid'] {
    const { shortPrice, longPrice, importLimitW, exportLimitW, feeder } = terms;
    const carried = (limitW: bigint): bigint =>
        (feeder !== undefined && feeder.transformerW < limitW ? feeder.transformerW : limitW) / WATTS_PER_WATT_HOUR;
    return pricesOfDay(charter, local).map(({ retail, feedIn }) => {
        if (feedIn > retail || shortPrice < retail || longPrice > feedIn) {
            const tariffs = `feed-in ${feedIn.toString()}, retail ${retail.toString()}`;
            refuse('TERMS_INVALID', `${tariffs}; long ${longPrice.toString()}, short ${shortPrice.toString()}`);
        }
        return {
            retail: retail * NANOS_PER_MICRO,
            feedIn: feedIn * NANOS_PER_MICRO,
            importLimitWh: carried(importLimitW),
            exportLimitWh: carried(exportLimitW),
        };
    });
}

function requirePrices(
    charter: Charter,
    day: string,
    {
        buses,
        slots,
        firstPrices,
    }: { readonly buses: readonly string[]; readonly slots: number; readonly firstPrices: readonly BusPrices[] },
): void {
    const isWhole =
        firstPrices.length === buses.length &&
        firstPrices.every(({ bus, pricesNanos }, i) => bus === buses[i] && pricesNanos.length === slots);
    if (!isWhole) {
        refuse('SCHEDULE_SHAPE_WRONG', `${slots} first prices for each of ${buses.join(', ')}`);
    }
    const { floor, cap } = termsOf(charter, day);
    const isOutside = (price: bigint): boolean => price < floor * NANOS_PER_MICRO || price > cap * NANOS_PER_MICRO;
    const outside = firstPrices.flatMap(({ pricesNanos }) => pricesNanos).find(isOutside);
    if (outside !== undefined) {
        refuse('PRICE_OUTSIDE_LIMITS', `${outside.toString()} nanos`);
    }
}
