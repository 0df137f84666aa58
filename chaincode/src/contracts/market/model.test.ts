import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BEGINNINGS } from '../../testing/model/commands';
import { Market } from '../../testing/model/market';
import { Model } from '../../testing/model/model';
import { shortDay, SHORT_DAY } from '../../testing/model/short-day';
import { SEED } from '../../testing/property';

const RUNS = 15;

describe('whatever households, grid operator and committee do in whatever order', () => {
    it('happens in a day of four slots', () => {
        expect(SHORT_DAY).toHaveLength(4);
    });

    it.each(Object.entries(BEGINNINGS))(
        'every account and every watt-hour stays balanced, with conflicts, duplicates and crashes, from %s on',
        async (_, { acts, sequences }) => {
            const law = fc.asyncProperty(sequences, async (sequence) => {
                const [model, real] = [new Model(), new Market(await shortDay())];
                for (const act of acts) {
                    await act.run(model, real);
                }
                await fc.asyncModelRun(() => ({ model, real }), sequence);
            });
            await fc.assert(law, { numRuns: RUNS, seed: SEED });
        },
        120_000,
    );
});
