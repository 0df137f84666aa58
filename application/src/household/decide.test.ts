import { expect, it } from '@jest/globals';
import { decide } from './decide';

const PREFERENCES = { buyLimit: 210_000n, sellLimit: 100_000n };

it.each([
    { expected: 500n, decision: { side: 'sell', energyWh: 500n, limit: 100_000n } },
    { expected: -300n, decision: { side: 'buy', energyWh: 300n, limit: 210_000n } },
    { expected: 1n, decision: { side: 'sell', energyWh: 1n, limit: 100_000n } },
    { expected: 0n, decision: undefined },
])('a home that expects $expected Wh orders accordingly', ({ expected, decision }) => {
    expect(decide(expected, PREFERENCES)).toEqual(decision);
});
