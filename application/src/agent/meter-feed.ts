import type { Charter } from '@commonwatt/chaincode/api/records';
import { forecastFrom } from '../community/day-ahead';
import { netsOf, type HomeRegisters, type MeterDay } from '../data/meter-day';
import type { ForecastKind } from '../schedule/forecast/kinds';
import type { HomeForecast } from '../day-ahead/own-schedule';

/** A day as one home's meter and forecast have it. */
export interface HomeDay {
    readonly day: string;
    /** ⌊unix seconds / 900⌋ of the day's first quarter hour. */
    readonly firstSlot: number;
    /** 92, 96 or 100. */
    readonly slotCount: number;
    readonly registers: HomeRegisters;
    /** The registers are those of load and panels alone: what batteries do is added to them. */
    readonly isReplay: boolean;
    /** What is expected of each slot, Wh: positive is towards the grid. */
    readonly expectedWh: readonly bigint[];
    /** The same, load and generation apart. */
    readonly forecast: HomeForecast;
}

/** Where an agent gets its home's days from: a meter's store, or the files of a replay. */
export interface MeterFeed {
    /** With what is expected by this forecast; undefined where the meter has nothing of the day. */
    day(day: string, forecast: ForecastKind, clock: Charter['clock']): Promise<HomeDay | undefined>;
}

/** One day from the files of a replay. Homes that forecast alike share the work. */
export const replayFeed = (
    home: string,
    metered: MeterDay,
    expectedBy: (forecast: ForecastKind) => Promise<MeterDay>,
): MeterFeed => {
    const of = (data: MeterDay): HomeRegisters | undefined => data.homes.find((each) => each.home === home);
    return {
        day: async (day, forecast) => {
            const [registers, expected] = [of(metered), of(await expectedBy(forecast))];
            const { firstSlot, slotCount } = metered;
            return day === metered.day && registers !== undefined && expected !== undefined
                ? {
                      day,
                      firstSlot,
                      slotCount,
                      registers,
                      isReplay: true,
                      expectedWh: netsOf(expected),
                      forecast: forecastFrom({ ...metered, homes: [expected] })(home),
                  }
                : undefined;
        },
    };
};
