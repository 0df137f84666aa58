import { z } from 'zod';
import { FORECAST_KINDS } from '../schedule/forecast/kinds';
import { count, integer, type Decoded } from '@commonwatt/chaincode/api/wire';

/** Where a home's need may come from, besides its own roof and battery: its neighbours' rounds, contracts with the community's storage, the supplier. */
export const SOURCES = ['local', 'green', 'grid'] as const;
export type Source = (typeof SOURCES)[number];

/**
 * What a household states once; the agent decides everything else. On the wire and on the disk integers are decimal strings; prices are micros of
 * the currency per kWh.
 */
export const preferencesSchema = z.strictObject({
    /** The most that a kWh of others may cost, before the grid's fees. */
    buyUpTo: integer,
    /** The least that a kWh of our own has to bring. */
    sellFrom: integer,
    /** From where first: what stands behind the grid is only taken where it is cheaper than the grid. */
    sources: z
        .array(z.enum(SOURCES))
        .refine(
            (given) => new Set(given).size === SOURCES.length && given.length === SOURCES.length,
            'each source once',
        ),
    /** So much of the battery's capacity is never traded away. With 100 the battery rests on days that are traded in rounds. */
    batteryReservePercent: count.refine((percent) => percent <= 100, 'is more than all of it'),
    forecast: z.enum(FORECAST_KINDS),
});

export type AgentPreferences = Decoded<typeof preferencesSchema>;

/** What holds for a home that has stated no more than its limits. */
export const DEFAULTS = {
    sources: [...SOURCES],
    batteryReservePercent: 100,
    forecast: 'perfect',
} as const satisfies Partial<AgentPreferences>;
