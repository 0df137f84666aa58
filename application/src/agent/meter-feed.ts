import { differences, netsOf, type HomeRegisters, type MeterDay } from '../data/meter-day';
import type { HomeForecast } from '../day-ahead/own-schedule';

/** A day as one home's meter and forecast have it. */
export interface HomeDay {
    readonly day: string;
    /** ⌊unix seconds / 900⌋ of the day's first quarter hour. */
    readonly firstSlot: number;
    /** 92, 96 or 100. */
    readonly slotCount: number;
    readonly registers: HomeRegisters;
    /** What is expected of each slot, Wh: positive is towards the grid. */
    readonly expectedWh: readonly bigint[];
    /** The same, load and generation apart. */
    readonly forecast: HomeForecast;
}

/** Where an agent gets its home's days from: a meter's store, or the files of a replay. */
export interface MeterFeed {
    /** Undefined where the meter has nothing of the day. */
    day(day: string): Promise<HomeDay | undefined>;
}

/** One day from the files of a replay; `before` is what the agent expects by, where it does not know the day itself. */
export const replayFeed = (home: string, metered: MeterDay, before: MeterDay = metered): MeterFeed => {
    const of = (data: MeterDay): HomeRegisters | undefined => data.homes.find((each) => each.home === home);
    return {
        day: (day) => {
            const [registers, expected] = [of(metered), of(before)];
            const isThere = day === metered.day && registers !== undefined && expected !== undefined;
            const { firstSlot, slotCount } = metered;
            return Promise.resolve(
                isThere
                    ? {
                          day,
                          firstSlot,
                          slotCount,
                          registers,
                          expectedWh: netsOf(expected),
                          forecast: {
                              load: differences(expected.consumed),
                              generation: differences(expected.produced),
                          },
                      }
                    : undefined,
            );
        },
    };
};
