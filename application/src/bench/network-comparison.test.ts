import { describe, expect, it } from '@jest/globals';
import { comparison, type Subject } from './network-comparison';
import type { NetworkLoad } from './network-load';

const latency = { p50: 1, p95: 2 };

function run(transactionsPerSecond: number, peers: number): NetworkLoad {
    return {
        organisations: 4,
        startSeconds: { start: 1, deploy: 2 },
        megabytesPerOrganisation: 100,
        loads: [
            {
                transaction: 'order',
                concurrency: 60,
                transactions: 10,
                seconds: 1,
                transactionsPerSecond,
                endorseMs: latency,
                commitMs: latency,
                wholeMs: latency,
                processorMs: { client: 3, peers, ordering: 1 },
                processorsUsed: 2,
            },
        ],
    };
}

describe('a comparison of networks', () => {
    const native: Subject = { name: 'native', organisations: 4, network: { kind: 'native' } };
    const embedded: Subject = { name: 'embedded', organisations: 4, network: {}, against: 'native' };

    it('takes the median of the repetitions and compares it with that of the other network', () => {
        const compared = comparison(
            new Map([
                [embedded, [run(200, 2), run(10, 2), run(220, 2)]],
                [native, [run(100, 8), run(110, 8), run(90, 8)]],
            ]),
        );
        expect(compared.map(({ startSeconds }) => startSeconds)).toEqual([3, 3]);
        expect(compared[0]?.loads[0]).toMatchObject({
            transactionsPerSecond: 200,
            ofEachRepetition: [200, 10, 220],
            against: { network: 'native', perSecond: 2, processor: 3 },
        });
        expect(compared[1]?.loads[0]).not.toHaveProperty('against');
    });

    it('compares with nothing where the other network could not be measured', () => {
        const [alone] = comparison(new Map([[embedded, [run(200, 2)]]]));
        expect(alone?.loads[0]).not.toHaveProperty('against');
    });
});
