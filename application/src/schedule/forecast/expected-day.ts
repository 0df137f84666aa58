import { differences, registerOf, type HomeRegisters, type MeterDay } from '../../data/meter-day';
import { forecastError, type Forecast, type ForecastError, type MeteredDay } from './forecast';
import type { MeterForecasts } from './kinds';
import { perfect } from './perfect';

/** A day as the homes' agents expect it, and how far that is from what their meters will say. */
export interface ExpectedDay {
    /** Registers that begin where the day's do. */
    readonly day: MeterDay;
    /** Mean of all homes with such a meter; undefined where there is none. */
    readonly errors: ForecastErrors;
}

export interface ForecastErrors {
    readonly load: ForecastError | undefined;
    readonly pv: ForecastError | undefined;
}

/**
 * Each home's day told from its own days before, earliest first; without forecasts, the day itself.
 *
 * @throws RangeError where a forecast needs a history and there is none.
 */
export async function expectedDay(
    metered: MeterDay,
    history: readonly MeterDay[],
    forecasts: MeterForecasts | undefined,
): Promise<ExpectedDay> {
    const told: Told[] = await Promise.all(
        metered.homes.map(async (registers, index) => {
            const past = history.map((day) => ({ of: day, registers: day.homes[index] }));
            const predict = async (of: Side, forecast: Forecast | undefined): Promise<Prediction> => {
                const energies = differences(registers[of]);
                const days = past.map((each): MeteredDay => ({
                    day: each.of.day,
                    firstSlot: each.of.firstSlot,
                    slotCount: each.of.slotCount,
                    energies: differences(each.registers?.[of] ?? []),
                }));
                return { energies, predicted: await (forecast ?? perfect(energies)).predict(days, metered) };
            };
            return {
                registers,
                load: await predict('consumed', forecasts?.load),
                pv: await predict('produced', forecasts?.pv),
            };
        }),
    );
    const homes = told.map(({ registers, load, pv }): HomeRegisters => ({
        home: registers.home,
        consumed: registerOf(registers.consumed[0] ?? 0n, load.predicted),
        produced: registerOf(registers.produced[0] ?? 0n, pv.predicted),
    }));
    return {
        day: { ...metered, homes },
        errors: { load: meanError(told.map(({ load }) => load)), pv: meanError(told.map(({ pv }) => pv)) },
    };
}

type Side = 'consumed' | 'produced';

interface Prediction {
    readonly energies: readonly bigint[];
    readonly predicted: readonly bigint[];
}

interface Told {
    readonly registers: HomeRegisters;
    readonly load: Prediction;
    readonly pv: Prediction;
}

/** Homes without such a meter are left out: nobody is praised for telling that they take nothing. */
function meanError(of: readonly Prediction[]): ForecastError | undefined {
    const errors = of
        .filter((each) => [...each.energies, ...each.predicted].some((energy) => energy > 0n))
        .map(({ energies, predicted }) => forecastError(predicted, energies));
    const mean = (what: keyof ForecastError): number =>
        errors.reduce((sum, each) => sum + each[what], 0) / errors.length;
    return errors.length === 0 ? undefined : { mae: mean('mae'), bias: mean('bias') };
}
