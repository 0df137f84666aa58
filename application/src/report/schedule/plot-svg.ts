/** A line of a chart. Values that are not finite are left out. */
export interface Series {
    readonly name: string;
    readonly color: string;
    readonly values: readonly number[];
    /** Drawn dashed: a limit that the others are compared with. */
    readonly isLimit?: boolean;
    /** Each value holds until the next, as a price does for its slot. */
    readonly isStepped?: boolean;
}

export interface Chart {
    readonly title: string;
    /** Under the horizontal axis. */
    readonly across: string;
    readonly series: readonly Series[];
    readonly scale: 'linear' | 'logarithmic';
    /** Where the horizontal axis is labelled: index among the values, and what stands there. */
    readonly marks: readonly (readonly [number, string])[];
}

interface Frame {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
}

const WIDTH = 860;
const CHART_HEIGHT = 320;
const MARGIN = { left: 80, right: 20, top: 54, bottom: 44 };
const TICKS = 5;

/**
 * Charts below each other as one SVG file: text that any browser shows, the same bytes for the same figures. Two line charts do not need a
 * charting library, whose code is larger than all of ours (decision 48).
 */
export function plotSvg(charts: readonly Chart[]): string {
    const height = charts.length * CHART_HEIGHT;
    const body = charts.map((chart, index) => chartSvg(chart, frameOf(index))).join('\n');
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
        `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
        body,
        '</svg>',
        '',
    ].join('\n');
}

const frameOf = (index: number): Frame => ({
    left: MARGIN.left,
    top: index * CHART_HEIGHT + MARGIN.top,
    width: WIDTH - MARGIN.left - MARGIN.right,
    height: CHART_HEIGHT - MARGIN.top - MARGIN.bottom,
});

function chartSvg(chart: Chart, frame: Frame): string {
    const range = rangeOf(chart);
    const vertical = (value: number): number => frame.top + frame.height * (1 - place(value, range, chart.scale));
    const last = Math.max(1, ...chart.series.map(({ values, isStepped }) => values.length - (isStepped ? 0 : 1)));
    const horizontal = (index: number): number => frame.left + (frame.width * index) / last;
    return [
        text(frame.left, frame.top - 34, chart.title, 'font-weight="bold" font-size="14"'),
        ...legend(chart.series, frame),
        ...ticksOf(range, chart.scale).map((tick) => gridLine(tick, vertical(tick), frame)),
        ...chart.marks.map(([index, what]) => mark(horizontal(index), what, frame)),
        text(frame.left + frame.width, frame.top + frame.height + 36, chart.across, 'text-anchor="end"'),
        ...chart.series.map((series) => line(series, horizontal, vertical)),
        `<rect x="${frame.left}" y="${frame.top}" width="${frame.width}" height="${frame.height}" fill="none" stroke="#888"/>`,
    ].join('\n');
}

type Range = readonly [number, number];

/** From the least to the largest value; whole powers of ten where the scale is logarithmic. */
function rangeOf({ series, scale }: Chart): Range {
    const all = series
        .flatMap(({ values }) => values)
        .filter((value) => Number.isFinite(value) && (scale === 'linear' || value > 0));
    const [least, most] = [Math.min(...all, scale === 'linear' ? 0 : Infinity), Math.max(...all)];
    if (scale === 'logarithmic') {
        return all.length === 0
            ? [1, 10]
            : [10 ** Math.floor(Math.log10(least)), 10 ** (Math.floor(Math.log10(most)) + 1)];
    }
    return all.length === 0 || least === most ? [least, least + 1] : [least, most + (most - least) * 0.05];
}

/** Where in its range a value lies, 0 to 1. What a logarithm has not got lies at the bottom. */
function place(value: number, [least, most]: Range, scale: Chart['scale']): number {
    if (scale === 'linear') {
        return (value - least) / (most - least);
    }
    return value <= least ? 0 : Math.log10(value / least) / Math.log10(most / least);
}

function ticksOf([least, most]: Range, scale: Chart['scale']): number[] {
    if (scale === 'logarithmic') {
        const decades = Math.round(Math.log10(most / least));
        return Array.from({ length: decades + 1 }, (_, index) => least * 10 ** index);
    }
    const rough = (most - least) / TICKS;
    const magnitude = 10 ** Math.floor(Math.log10(rough));
    const step = magnitude * ([1, 2, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10);
    const first = Math.ceil(least / step);
    return Array.from({ length: Math.floor(most / step) - first + 1 }, (_, index) => (first + index) * step);
}

function line(
    { values, color, isLimit = false, isStepped = false }: Series,
    horizontal: (index: number) => number,
    vertical: (value: number) => number,
): string {
    const points = values.flatMap((value, index) =>
        !Number.isFinite(value)
            ? []
            : isStepped
              ? [[index, value] as const, [index + 1, value] as const]
              : [[index, value] as const],
    );
    const path = points.map(
        ([index, value], at) => `${at === 0 ? 'M' : 'L'}${short(horizontal(index))} ${short(vertical(value))}`,
    );
    const dashes = isLimit ? ' stroke-dasharray="5 4"' : '';
    return `<path d="${path.join('')}" fill="none" stroke="${color}" stroke-width="${isLimit ? 1 : 1.6}"${dashes}/>`;
}

function legend(series: readonly Series[], { left, top }: Frame): string[] {
    let at = left;
    return series.flatMap(({ name, color, isLimit = false }) => {
        const x = at;
        at += 40 + name.length * 6.6;
        const dashes = isLimit ? ' stroke-dasharray="5 4"' : '';
        return [
            `<path d="M${short(x)} ${top - 14}h18" stroke="${color}" stroke-width="2"${dashes}/>`,
            text(x + 24, top - 10, name),
        ];
    });
}

const gridLine = (value: number, y: number, { left, width }: Frame): string =>
    `<path d="M${left} ${short(y)}h${width}" stroke="#ddd"/>${text(left - 8, y + 4, label(value), 'text-anchor="end"')}`;

const mark = (x: number, what: string, { top, height }: Frame): string =>
    `<path d="M${short(x)} ${top + height}v5" stroke="#888"/>${text(x, top + height + 19, what, 'text-anchor="middle"')}`;

const text = (x: number, y: number, what: string, attributes = ''): string =>
    `<text x="${short(x)}" y="${short(y)}"${attributes === '' ? '' : ` ${attributes}`}>${escaped(what)}</text>`;

const short = (n: number): string => String(Math.round(n * 10) / 10);
const label = (value: number): string => String(Number(value.toPrecision(6)));
const escaped = (what: string): string =>
    what.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
