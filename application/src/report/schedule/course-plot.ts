import { plotSvg, type Chart, type Series } from './plot-svg';
import type { ScheduleCourse } from './schedule-course';

const NANOS = 1e9;
const COLORS = ['#1f6fb4', '#d95f02', '#1b9e77', '#7570b3', '#e7298a', '#66a61e', '#a6761d', '#666666'];
const LIMIT = '#999999';
/** About so many labels fit under an axis. */
const MARKS = 12;

/** A day ahead as an SVG file: how the residuals fell, and the prices they ended in. */
export const coursePlot = (course: ScheduleCourse): string => plotSvg([residuals(course), prices(course)]);

/**
 * Both residuals in their own unit on one logarithmic axis: Wh, and thousandths of the currency per kWh. Exactly zero has no place on such an
 * axis and is drawn at its bottom.
 */
function residuals({ day, currency, steps, tolerances }: ScheduleCourse): Chart {
    const milli = (nanos: bigint): number => Number(nanos) / 1e6;
    const limit = (name: string, value: number): Series => ({
        name,
        color: LIMIT,
        values: steps.map(() => value),
        isLimit: true,
    });
    return {
        title: `${day}: residuals by iteration`,
        across: 'iteration',
        scale: 'logarithmic',
        marks: marksOf(steps.length).map((index) => [index, String(steps[index]?.iteration ?? '')]),
        series: [
            { name: 'largest sum, Wh', color: COLORS[0] ?? '', values: steps.map(({ primalWh }) => Number(primalWh)) },
            { name: `prices, m${currency}/kWh`, color: COLORS[1] ?? '', values: steps.map(({ dual }) => milli(dual)) },
            limit('limit, Wh', Number(tolerances.primalWh)),
            limit(`limit, m${currency}/kWh`, milli(tolerances.dual)),
        ],
    };
}

function prices({ day, currency, buses, retail, feedIn }: ScheduleCourse): Chart {
    const inCurrency = (nanos: readonly bigint[]): number[] => nanos.map((each) => Number(each) / NANOS);
    const tariff = (name: string, values: readonly bigint[]): Series => ({
        name,
        color: LIMIT,
        values: inCurrency(values),
        isLimit: true,
        isStepped: true,
    });
    const slots = Math.max(0, ...buses.map((bus) => bus.prices.length));
    return {
        title: `${day}: agreed prices, ${currency}/kWh`,
        across: 'hour of the day',
        scale: 'linear',
        // A day may have 92 or 100 slots: hours are counted from its midnight.
        marks: Array.from({ length: Math.floor(slots / 8) + 1 }, (_, index) => [index * 8, String(index * 2)]),
        series: [
            ...buses.map(({ bus, prices: of }, index) => ({
                name: buses.length === 1 ? 'price' : bus,
                color: COLORS[index % COLORS.length] ?? '',
                values: inCurrency(of),
                isStepped: true,
            })),
            tariff('from the grid', retail),
            tariff('to the grid', feedIn),
        ],
    };
}

function marksOf(count: number): number[] {
    const every = Math.max(1, Math.ceil(count / MARKS));
    return Array.from({ length: count }, (_, index) => index).filter((index) => index % every === 0);
}
