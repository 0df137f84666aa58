import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptAnswer } from './kept-answer';

const folder = mkdtempSync(join(tmpdir(), 'commonwatt-kept-answer-'));
afterAll(() => {
    rmSync(folder, { recursive: true });
});

const answer = {
    after: 3,
    prices: [80_000_000n, -5n],
    penalty: 800_000n,
    reference: [0.5, -12.25],
    energies: [1n, -7n],
};

describe('what an agent answered last', () => {
    it('is there again after it died, as it was', () => {
        const path = join(folder, 'home', 'schedule.json');
        new KeptAnswer(path).keep({ ...answer, after: 2 });
        new KeptAnswer(path).keep(answer);
        expect(new KeptAnswer(path).last).toEqual(answer);
    });

    it('is gone where it did not count', () => {
        const kept = new KeptAnswer(join(folder, 'forgotten.json'));
        kept.keep(answer);
        kept.forget();
        expect(kept.last).toBeUndefined();
        expect(new KeptAnswer(join(folder, 'forgotten.json')).last).toBeUndefined();
    });

    it.each(['', '{"after": 3', '{"after": 3}'])('is nothing where the file has broken off: %j', (text) => {
        const path = join(folder, 'broken.json');
        writeFileSync(path, text);
        expect(new KeptAnswer(path).last).toBeUndefined();
    });
});
