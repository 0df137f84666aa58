import { describe, expect, test } from '@jest/globals';
import { comparedOrdering, orderingText, type OrderingFigures } from './ordering';

const figures = (
    ordering: OrderingFigures['ordering'],
    seats: number,
    perSecond: number,
    p50: number,
): OrderingFigures => ({
    ordering,
    seats,
    startSeconds: 1,
    loads: [
        {
            concurrency: 10,
            transactionsPerSecond: perSecond,
            takenMs: { p50: 1, p95: 2 },
            blockMs: { p50, p95: 2 * p50 },
            refusals: 0,
            processorMs: 3,
        },
    ],
    idle: { ordering: { processorPercent: 0.4, megabytes: 90 }, engine: { processorPercent: 2.5, megabytes: 60 } },
});

describe('ordering services in one run', () => {
    const compared = comparedOrdering([
        figures('own', 4, 100, 50),
        figures('comet', 4, 50, 100),
        figures('comet', 7, 10, 200),
    ]);

    test('are compared with the local engine of as many seats, and with themselves where there is none', () => {
        expect(compared.map(({ name, againstLocal }) => [name, againstLocal])).toEqual([
            ['4 × ours, local engine', [{ perSecond: 1, blockMs: 1 }]],
            ['4 × ours, CometBFT', [{ perSecond: 0.5, blockMs: 2 }]],
            ['7 × ours, CometBFT', [{ perSecond: 1, blockMs: 1 }]],
        ]);
    });

    test('are told in words with all their processes together', () => {
        const [, comet] = compared;
        expect(comet && orderingText(comet)).toContain('idle 2.9 % of a processor and 150 MB in 2 processes');
        expect(comet && orderingText(comet)).toContain(
            '10 at a time 50/s (× 0.5), in a block p50 100 p95 200 ms (× 2)',
        );
    });
});
