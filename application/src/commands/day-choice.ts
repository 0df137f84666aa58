import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Layout } from '@commonwatt/network/topology/layout';
import { households, type Topology } from '@commonwatt/network/topology/topology';
import { InputError } from '../data/input-error';
import type { MeterDay } from '../data/meter-day';
import { openDirectory, type DataFolder } from '../data/read-directory';
import { SAMPLE_DAY, sampleDay, type SampleHome } from '../data/sample';
import { dayBefore, isDay } from '../data/zone';
import { expectedDay, type ExpectedDay } from '../schedule/forecast/expected-day';
import { FORECAST_KINDS, forecastsOf, HISTORY_DAYS, placeOf, type ForecastKind } from '../schedule/forecast/kinds';
import { withUnattended } from '../schedule/unattended';

/** Which day is traded, with which data. Written down, so that a day that broke off can be resumed without saying it again. */
export interface DayChoice {
    readonly day: string;
    /** A folder of real data; the generated sample where there is none. */
    readonly data?: string | undefined;
    readonly zone?: string | undefined;
    readonly forecast: ForecastKind;
}

const stored = z.object({
    day: z.string(),
    data: z.string().optional(),
    zone: z.string().optional(),
    forecast: z.enum(FORECAST_KINDS),
});

export interface DayOptions {
    readonly data?: string;
    readonly day?: string;
    readonly zone?: string;
    readonly forecast?: ForecastKind;
    /** Agree on the day ahead, and so from that day on; or trade it in rounds again. Otherwise as the community has decided. */
    readonly schedule?: boolean;
    readonly auction?: boolean;
    /** Homes whose agents do nothing. */
    readonly silent?: readonly string[];
    /** Homes whose agents do not open what they have ordered. */
    readonly withholding?: readonly string[];
    /** Homes whose meters count half of what they consume. */
    readonly understating?: readonly string[];
}

/** What was asked for, made complete. */
export function chosenDay(options: DayOptions): DayChoice {
    const { data, day, zone, forecast = 'perfect' } = options;
    if (data !== undefined && day === undefined) {
        throw new InputError({ file: '--day' }, 'say which day of the data is to be traded: --day 2014-10-03');
    }
    if (data === undefined && zone !== undefined) {
        throw new InputError({ file: '--zone' }, 'says how times in --data are to be read; the sample has its own');
    }
    if (day !== undefined && !isDay(day)) {
        throw new InputError({ file: '--day' }, `'${day}' is not a day; write it as 2014-10-03`);
    }
    return { day: day ?? SAMPLE_DAY, data: data === undefined ? undefined : resolve(data), zone, forecast };
}

export function rememberDay(layout: Layout, choice: DayChoice): void {
    mkdirSync(layout.ledgers, { recursive: true });
    writeFileSync(fileIn(layout), `${JSON.stringify(choice, null, 4)}\n`);
}

/** The day that was traded last in this home. */
export function rememberedDay(layout: Layout): DayChoice | undefined {
    let text: string;
    try {
        text = readFileSync(fileIn(layout), 'utf8');
    } catch {
        return undefined; // No day has been traded here.
    }
    return stored.parse(JSON.parse(text));
}

/** The day's meter data, and what cars and appliances take where nobody steers them. */
export function meterData(topology: Topology, choice: DayChoice): { readonly metered: MeterDay } {
    return { metered: withUnattended(topology, sourceOf(topology, choice).on(choice.day)) };
}

/**
 * The same, as the homes' agents expect it from the days before.
 *
 * @throws InputError where the data have no day before it, and the forecast needs one.
 */
export async function expectedData(topology: Topology, choice: DayChoice): Promise<ExpectedDay> {
    const { day, forecast } = choice;
    const source = sourceOf(topology, choice);
    const metered = source.on(day);
    const history = forecast === 'perfect' ? [] : daysBefore(source, day);
    const by = forecast === 'perfect' ? undefined : forecastsOf(forecast, placeOf(topology));
    const expected = await expectedDay(metered, history, by);
    return { ...expected, day: withUnattended(topology, expected.day) };
}

/** Earliest first. */
function daysBefore(source: DataFolder, day: string): MeterDay[] {
    const days: string[] = [];
    for (let before = dayBefore(day); days.length < HISTORY_DAYS && source.has(before); before = dayBefore(before)) {
        days.unshift(before);
    }
    // Where there is none it says which days there are.
    return (days.length === 0 ? [dayBefore(day)] : days).map((each) => source.on(each));
}

function sourceOf(topology: Topology, { day, data, zone }: DayChoice): DataFolder {
    const homes = sitesOf(topology);
    if (!isDay(day)) {
        throw new InputError({ file: '--day' }, `'${day}' is not a day; write it as 2014-10-03`);
    }
    return data === undefined
        ? { on: (which) => sampleDay(homes, which), has: () => true }
        : openDirectory({ directory: data, homes, ...(zone === undefined ? {} : { zone }) });
}

function sitesOf(topology: Topology): SampleHome[] {
    return households(topology).map(({ id, home }) => ({
        home: id,
        consumes: home?.consumes ?? false,
        generates: home?.generates ?? false,
        peakW: (home?.generators ?? []).reduce((sum, { kind, peakW }) => sum + (kind === 'pv' ? peakW : 0), 0),
    }));
}

function fileIn(layout: Layout): string {
    // Beside the ledgers: it means nothing without them, and goes with them.
    return join(layout.ledgers, 'day.json');
}
