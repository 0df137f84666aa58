import { describe, expect, it, test } from '@jest/globals';
import { feederFlaw, flow, flowFlaw, ROOT, type Feeder } from './lin-dist-flow';

const line = (
    from: string,
    bus: string,
    resistanceMilliohm: bigint,
    reactanceMilliohm: bigint,
): Feeder['lines'][number] => ({
    from,
    bus,
    resistanceMilliohm,
    reactanceMilliohm,
    limitW: 100_000n,
});
const FEEDER: Feeder = {
    rootVolt: 400n,
    leastVolt: 360n,
    mostVolt: 440n,
    transformerW: 100_000n,
    lines: [line(ROOT, 'b1', 100n, 30n), line('b1', 'b2', 100n, 30n), line('b1', 'b3', 150n, 40n)],
};
const LOADS = new Map([
    ['b1', { activeW: 8000n, reactiveVar: 0n }],
    ['b2', { activeW: 12_000n, reactiveVar: 3000n }],
    ['b3', { activeW: 10_000n, reactiveVar: 0n }],
]);

test('the worked feeder: power through its lines and the voltages behind them', () => {
    expect(flow(FEEDER, LOADS)).toEqual([
        { bus: 'b1', activeW: 30_000n, reactiveVar: 3000n, squaredMilliVolt: 153_820_000n },
        { bus: 'b2', activeW: 12_000n, reactiveVar: 3000n, squaredMilliVolt: 151_240_000n },
        { bus: 'b3', activeW: 10_000n, reactiveVar: 0n, squaredMilliVolt: 150_820_000n },
    ]);
    expect(flowFlaw(FEEDER, LOADS)).toBeUndefined();
});

describe('limits', () => {
    it.each([
        {
            what: 'the transformer',
            feeder: { ...FEEDER, transformerW: 29_999n },
            flaw: { kind: 'transformer', activeW: 30_000n },
        },
        {
            what: 'a line',
            feeder: {
                ...FEEDER,
                lines: FEEDER.lines.map((each) => ({ ...each, limitW: each.bus === 'b2' ? 11_999n : 30_000n })),
            },
            flaw: { kind: 'line', bus: 'b2', activeW: 12_000n },
        },
        {
            what: 'the voltage',
            feeder: { ...FEEDER, leastVolt: 389n },
            flaw: { kind: 'voltage', bus: 'b2', squaredMilliVolt: 151_240_000n },
        },
    ])('$what is broken by one watt too many', ({ feeder, flaw }) => {
        expect(flowFlaw(feeder, LOADS)).toEqual(flaw);
    });

    it('hold for what is fed in, too: voltage rises towards a roof', () => {
        const roof = new Map([['b3', { activeW: -60_000n, reactiveVar: 0n }]]);
        expect(flowFlaw({ ...FEEDER, mostVolt: 435n }, roof)).toEqual({
            kind: 'voltage',
            bus: 'b3',
            squaredMilliVolt: 190_000_000n,
        });
    });
});

describe('a feeder is a tree', () => {
    it.each([
        { lines: [line('b1', 'b2', 1n, 1n)], flaw: /comes from b1/ },
        { lines: [line(ROOT, 'b1', 1n, 1n), line(ROOT, 'b1', 1n, 1n)], flaw: /fed twice/ },
    ])('$flaw', ({ lines, flaw }) => {
        expect(feederFlaw({ ...FEEDER, lines })).toMatch(flaw);
    });

    it('of which this is one', () => {
        expect(feederFlaw(FEEDER)).toBeUndefined();
    });
});
