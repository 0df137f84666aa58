import uPlot from 'uplot';

// Loaded when the first chart is shown: the first page does not wait for it.

export type Tone = 'one' | 'two' | 'three' | 'quiet';

export interface Series {
    readonly label: string;
    /** Nulls are gaps. For painting alone: exact figures stand in the table. */
    readonly values: readonly (number | null)[];
    readonly kind: 'steps' | 'bars' | 'line';
    readonly tone: Tone;
}

/** Where something happens in a chart: lines to both axes. */
export interface Mark {
    readonly x: number;
    readonly y: number;
}

export interface Plot {
    readonly x: readonly number[];
    readonly series: readonly Series[];
    readonly formatX: (x: number) => string;
    readonly formatY: (y: number) => string;
    readonly mark?: Mark | undefined;
}

export interface Painted {
    resize(width: number): void;
    destroy(): void;
}

const HEIGHT = 220;
const AXIS_WIDTH = 74;

/** Paints into an element, in the colours that the page has now. */
export function paint(element: HTMLElement, plot: Plot): Painted {
    const style = getComputedStyle(element);
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const font = `12px ${style.fontFamily}`;
    const axis = { font, stroke: colour('quiet'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } };
    const chart = new uPlot(
        {
            width: element.clientWidth,
            height: HEIGHT,
            legend: { show: false },
            cursor: { show: false },
            scales: { x: { time: false }, y: { range: rangeOf(plot) } },
            axes: [
                { ...axis, values: (_, splits) => splits.map(plot.formatX), space: 56 },
                { ...axis, size: AXIS_WIDTH, values: (_, splits) => splits.map(plot.formatY) },
            ],
            series: [{}, ...plot.series.map((each) => seriesOptions(each, colour(`chart-${each.tone}`)))],
            hooks: {
                draw: [
                    (drawn) => {
                        drawMark(drawn, plot.mark, colour('text'));
                    },
                ],
            },
        },
        [[...plot.x], ...plot.series.map(({ values }) => [...values])],
        element,
    );
    return {
        resize: (width) => {
            chart.setSize({ width, height: HEIGHT });
        },
        destroy: () => {
            chart.destroy();
        },
    };
}

/** Bars stand on zero; everything else has a little air. */
function rangeOf({ series, mark }: Plot): [number, number] {
    const values = series.flatMap(({ values: each }) => each.filter((value) => value !== null));
    const all = [...values, ...(mark === undefined ? [] : [mark.y])];
    const hasBars = series.some(({ kind }) => kind === 'bars');
    const [low, high] = [Math.min(...all, hasBars ? 0 : Infinity), Math.max(...all, hasBars ? 0 : -Infinity)];
    const air = (high - low || Math.abs(high) || 1) / 10;
    return Number.isFinite(low) ? [low === 0 ? 0 : low - air, high === 0 ? 0 : high + air] : [0, 1];
}

function seriesOptions({ label, kind, tone }: Series, stroke: string): uPlot.Series {
    const { stepped, bars } = uPlot.paths;
    const common = { label, stroke, width: 2, points: { show: false }, dash: dashOf(tone) };
    switch (kind) {
        case 'steps':
            return stepped === undefined ? common : { ...common, paths: stepped({ align: 1 }) };
        case 'bars':
            return bars === undefined
                ? common
                : { ...common, dash: [], fill: stroke, paths: bars({ size: [0.7, 40] }) };
        case 'line':
            return common;
    }
}

/** So that series are told apart without colours, too. */
function dashOf(tone: Tone): number[] {
    switch (tone) {
        case 'one':
            return [];
        case 'two':
            return [8, 4];
        case 'three':
            return [2, 3];
        case 'quiet':
            return [1, 4];
    }
}

function drawMark(chart: uPlot, mark: Mark | undefined, colour: string): void {
    if (mark === undefined) {
        return;
    }
    const { ctx, bbox } = chart;
    const [x, y] = [chart.valToPos(mark.x, 'x', true), chart.valToPos(mark.y, 'y', true)];
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(x, y);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, y, 5 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.restore();
}
