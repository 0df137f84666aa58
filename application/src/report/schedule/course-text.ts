import { decimal } from '../decimal';
import type { ScheduleCourse } from './schedule-course';

const BARS = '▁▂▃▄▅▆▇█';
/** Columns of the line of residuals. */
const WIDE = 64;

/** A day ahead for the terminal: each curve in one line, with its first and last value or its range. */
export function courseText(course: ScheduleCourse): string {
    const { steps, tolerances, buses, currency } = course;
    const [first, last] = [steps[0], steps.at(-1)];
    if (first === undefined || last === undefined) {
        return 'No iteration was closed.';
    }
    const price = (nanos: bigint): string => decimal(nanos / 1000n, 6);
    const label = (bus: string): string => (buses.length === 1 ? 'price' : bus);
    const wide = Math.max(...['sums', ...buses.map(({ bus }) => label(bus))].map(({ length }) => length));
    const curves = buses.map(({ bus, prices }) => {
        const [least, most] = [lowest(prices), highest(prices)];
        return `  ${label(bus).padEnd(wide)}  ${bars(prices.map(Number))}  ${price(least)} to ${price(most)}`;
    });
    return [
        `Residuals by iteration, 1 to ${last.iteration}, each line on a logarithmic scale of its own:`,
        `  ${'sums'.padEnd(wide)}  ${bars(thinned(steps.map(({ primalWh }) => logarithm(primalWh))))}  ${first.primalWh} Wh to ${last.primalWh} Wh, limit ${tolerances.primalWh} Wh`,
        `  ${'rest'.padEnd(wide)}  ${bars(thinned(steps.map(({ dual }) => logarithm(dual))))}  ${price(first.dual)} to ${price(last.dual)}, limit ${price(tolerances.dual)} ${currency}/kWh`,
        `Prices by quarter of an hour, ${currency}/kWh:`,
        ...curves,
    ].join('\n');
}

/** Zero has none and stands at the bottom. */
const logarithm = (n: bigint): number => Math.log10(Math.max(1, Number(n)));

/** At most as many values as there are columns, the last one among them. */
function thinned(values: readonly number[]): number[] {
    const columns = Math.min(values.length, WIDE);
    const at = (column: number): number =>
        columns === 1 ? values.length - 1 : Math.round((column * (values.length - 1)) / (columns - 1));
    return Array.from({ length: columns }, (_, column) => values[at(column)] ?? 0);
}

function bars(values: readonly number[]): string {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const step = (value: number): number =>
        most === least ? 0 : Math.round(((value - least) / (most - least)) * (BARS.length - 1));
    return values.map((value) => BARS[step(value)] ?? '').join('');
}

const lowest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a), values[0] ?? 0n);
const highest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a), values[0] ?? 0n);
