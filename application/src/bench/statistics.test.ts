import { describe, expect, it } from '@jest/globals';
import { percentile, tenths } from './statistics';

describe('percentile', () => {
    it.each([
        { values: [], percent: 50, expected: undefined },
        { values: [7], percent: 95, expected: 7 },
        { values: [4, 1, 3, 2], percent: 50, expected: 2 },
        { values: Array.from({ length: 100 }, (_, i) => 100 - i), percent: 95, expected: 95 },
        { values: [1, 2, 3], percent: 0, expected: 1 },
    ])('$percent % of $values', ({ values, percent, expected }) => {
        expect(percentile(values, percent)).toBe(expected);
    });
});

describe('tenths', () => {
    it('keeps one digit', () => {
        expect(tenths(1.26)).toBe(1.3);
    });
});
