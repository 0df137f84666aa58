import { describe, expect, it } from '@jest/globals';
import { coursePlot } from './course-plot';
import { courseText } from './course-text';
import type { ScheduleCourse } from './schedule-course';

/** Four slots that a generator's price of 0.10, the two tariffs and one in between settle. */
const course: ScheduleCourse = {
    day: '2025-04-16',
    currency: 'EUR',
    steps: [
        { iteration: 1, primalWh: 7000n, dual: 133_333_333n },
        { iteration: 2, primalWh: 700n, dual: 13_333_333n },
        { iteration: 3, primalWh: 0n, dual: 0n },
    ],
    tolerances: { primalWh: 2n, dual: 1_000_000n },
    buses: [{ bus: 'root', prices: [100_000_000n, 80_000_000n, 300_000_000n, 190_000_000n] }],
    retail: Array<bigint>(4).fill(300_000_000n),
    feedIn: Array<bigint>(4).fill(80_000_000n),
};

describe('a day ahead in the terminal', () => {
    it('is a line for each curve', () => {
        expect(courseText(course)).toBe(
            [
                'Residuals by iteration, 1 to 3, each line on a logarithmic scale of its own:',
                '  sums   █▆▁  7000 Wh to 0 Wh, limit 2 Wh',
                '  rest   █▇▁  0.133333 to 0.000000, limit 0.001000 EUR/kWh',
                'Prices by quarter of an hour, EUR/kWh:',
                '  price  ▂▁█▅  0.080000 to 0.300000',
            ].join('\n'),
        );
    });

    it('names the buses where there are several, and says of none that there was nothing', () => {
        const two = { ...course, buses: [...course.buses, { bus: 'end of the street', prices: [1n, 2n, 3n, 4n] }] };
        expect(courseText(two)).toContain('  end of the street  ▁▃▆█  0.000000 to 0.000000');
        expect(courseText({ ...course, steps: [] })).toBe('No iteration was closed.');
    });

    it('shows the last iteration however many there were', () => {
        const steps = Array.from({ length: 300 }, (_, index) => ({
            iteration: index + 1,
            primalWh: 10n ** BigInt(Math.floor((299 - index) / 100)),
            dual: 1n,
        }));
        const [, sums = ''] = courseText({ ...course, steps }).split('\n');
        expect(sums).toMatch(/^ {2}sums {3}█{21}▅{22}▁{21} {2}100 Wh to 1 Wh/);
    });
});

describe('the plot of a day ahead', () => {
    /** The corners of the n-th path that is drawn for a series. */
    const corners = (svg: string, color: string): string[] =>
        [...svg.matchAll(new RegExp(`<path d="([^"]*)" fill="none" stroke="${color}"`, 'g'))].map(
            ([, path = '']) => path,
        );

    it('draws the residuals from the top of their axis to its bottom, and prices as steps between the tariffs', () => {
        const svg = coursePlot(course);
        const [sums = '', price = ''] = corners(svg, '#1f6fb4');
        expect(sums.split(/[ML]/)).toHaveLength(4);
        expect(sums.endsWith('L840 276')).toBe(true); // Zero lies at the bottom.
        expect(price.split(/[ML]/)).toHaveLength(9); // Two corners for each of four slots.
        expect(svg).toContain('>2025-04-16: agreed prices, EUR/kWh</text>');
        expect(coursePlot(course)).toBe(svg);
    });

    it('is well formed whatever buses are called, and where nothing was closed', () => {
        const svg = coursePlot({
            ...course,
            steps: [],
            buses: [...course.buses, { bus: '<"&', prices: [5n] }],
        });
        expect(svg).toContain('&lt;&quot;&amp;');
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    });
});
