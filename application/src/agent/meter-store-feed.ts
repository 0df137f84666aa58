import type { Charter } from '@commonwatt/chaincode/api/records';
import { localDay, slot } from '@commonwatt/chaincode/domain/slot';
import { forecastFrom } from '../community/day-ahead';
import { netsOf, registersOf, type MeterDay } from '../data/meter-day';
import { dayBefore } from '../data/zone';
import type { MeterStore } from '../meters/meter-store';
import { expectedDay } from '../schedule/forecast/expected-day';
import { forecastsOf, HISTORY_DAYS, type ForecastKind } from '../schedule/forecast/kinds';
import type { Place } from '../schedule/forecast/clear-sky';
import type { MeterFeed } from './meter-feed';

/** What the home's own meter has told its store. `place`: where the community stands, for forecasts of the sun. */
export const meterStoreFeed = (home: string, store: MeterStore, place: Place): MeterFeed => ({
    day: async (day, forecast, clock) => {
        const metered = readDay(home, store, day, clock);
        if (metered === undefined) {
            return undefined;
        }
        const { firstSlot, slotCount } = metered;
        const expected = await expectedOf(metered, forecast, place, () => daysBefore(home, store, day, clock));
        return {
            day,
            firstSlot,
            slotCount,
            registers: registersOf(metered, home),
            isReplay: false,
            expectedWh: netsOf(registersOf(expected, home)),
            forecast: forecastFrom(expected)(home),
        };
    },
});

async function expectedOf(
    metered: MeterDay,
    forecast: ForecastKind,
    place: Place,
    history: () => MeterDay[],
): Promise<MeterDay> {
    if (forecast === 'perfect') {
        return metered;
    }
    return (await expectedDay(metered, history(), forecastsOf(forecast, place))).day;
}

/** The unbroken days before, earliest first. */
function daysBefore(home: string, store: MeterStore, day: string, clock: Charter['clock']): MeterDay[] {
    const days: MeterDay[] = [];
    for (let before = dayBefore(day); days.length < HISTORY_DAYS; before = dayBefore(before)) {
        const found = readDay(home, store, before, clock);
        if (found === undefined) {
            break;
        }
        days.unshift(found);
    }
    return days;
}

/** Undefined while one of its slots is unknown. */
function readDay(home: string, store: MeterStore, day: string, clock: Charter['clock']): MeterDay | undefined {
    const changes = clock.map((change) => ({ ...change, fromSlot: slot(change.fromSlot) }));
    const { first, count } = localDay(day, changes);
    const range = { firstSlot: Number(first), slotCount: count };
    const registers = store.registersOf(home, range);
    return registers && { day, source: "the home's meter", zone: '', clock: [...clock], ...range, homes: [registers] };
}
