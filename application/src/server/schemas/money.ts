import { count, day, naturalSum, sum } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';

/** What a day or a month came to. Energy in Wh, money in nanos where nothing is rounded yet. */
export const moneyPeriod = z.strictObject({
    from: day,
    to: day,
    /** Settled days in it. */
    days: count,
    /** Metered at the connection. */
    takenWh: naturalSum,
    givenWh: naturalSum,
    boughtWh: naturalSum,
    soldWh: naturalSum,
    importedWh: naturalSum,
    exportedWh: naturalSum,
    /** Energy with its fees; without charges and taxes. */
    paidNanos: naturalSum,
    earnedNanos: naturalSum,
    chargesNanos: sum,
    /** With charges and taxes, before anything is rounded. Negative: comes to the household. */
    dueNanos: sum,
    /** The same, if all energy had been the supplier's at its tariffs. */
    tariffDueNanos: sum,
    /** The second less the first. */
    savedNanos: sum,
    /** Some readings are estimates, or the grid operator settled for the household. */
    provisional: z.boolean(),
});
export type MoneyPeriod = z.input<typeof moneyPeriod>;

export const money = z.strictObject({
    by: z.enum(['day', 'month']),
    periods: z.array(moneyPeriod).max(400),
    /** Over all of these periods. */
    total: moneyPeriod.nullable(),
    /** On the household's account with the community; null where members have none. */
    account: z.strictObject({ availableNanos: sum, reservedNanos: sum }).nullable(),
});
export type Money = z.input<typeof money>;
