import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
    naivelySimulated,
    simulated,
    type SimulatedMember,
    type Simulation,
    type Tally,
} from '../../testing/stake/community';
import {
    decimal,
    exact,
    largestQuotientLaw,
    lastRevealerLaw,
    proportionalLaw,
    text,
    type Exact,
} from '../../testing/stake/exact-laws';
import { DEFAULT_PARAMETERS } from './parameters';

/** The page's text, with runs of blanks as one: prettier pads tables. */
const page = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'concepts', 'stake.md'), 'utf8').replaceAll(
    / +/g,
    ' ',
);
const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const EPOCHS = 10_000;
const stays = (mspId: string, tokens: bigint): SimulatedMember => ({ mspId, tokens, fromEpoch: 0, toEpoch: EPOCHS });
/** One with almost half of all energy, seven usual ones, four without panels, and eight that come and go, two or three at a time. */
const MEMBERS: readonly SimulatedMember[] = [
    stays('A', 40n),
    ...Array.from({ length: 7 }, (_, i) => stays(`B${i}`, 6n)),
    ...Array.from({ length: 4 }, (_, i) => stays(`C${i}`, 0n)),
    ...Array.from({ length: 8 }, (_, i) => ({
        mspId: `D${i}`,
        tokens: BigInt(i),
        fromEpoch: 1_000 * i + 300,
        toEpoch: 1_000 * i + 2_500,
    })),
];
const SHOWN = ['A', 'B0', 'C0', 'D0', 'D7'];

describe('ten thousand epochs with members joining and leaving', () => {
    let simulation: Simulation;
    const meanWeight = ({ weight, epochs }: Tally): number => Number(weight) / epochs / 1_000_000;

    beforeAll(() => {
        simulation = simulated(MEMBERS, EPOCHS, DEFAULT_PARAMETERS);
    }, 60_000);

    it('starve nobody', () => {
        expect(simulation.tallies).toHaveLength(MEMBERS.length);
        expect(Math.max(...simulation.tallies.map(({ longestWait }) => longestWait))).toBeLessThan(30);
    });

    it('draw everybody first as often as its weight says', () => {
        for (const tally of simulation.tallies) {
            const expected = meanWeight(tally) * tally.epochs;
            expect(Math.abs(tally.first - expected)).toBeLessThan(4 * Math.sqrt(expected));
        }
    });

    it('leave the largest where it began', () => {
        expect(simulation.course.every((weight) => weight > 220_000n && weight < 300_000n)).toBe(true);
    });

    it('are in the docs', () => {
        for (const tally of simulation.tallies.filter(({ mspId }) => SHOWN.includes(mspId))) {
            const { mspId, epochs, first, seats, longestWait } = tally;
            const tokens = MEMBERS.find((each) => each.mspId === mspId)?.tokens ?? 0n;
            const shares = [meanWeight(tally), first / epochs, seats / epochs].map(percent);
            expect(page).toContain(row(mspId, tokens.toString(), epochs.toString(), ...shares, longestWait.toString()));
        }
    });
});

describe('the naive rule', () => {
    it('makes the largest everything, and the docs say so', () => {
        const { course, won } = naivelySimulated(MEMBERS.slice(0, 8), EPOCHS, 10n);
        const [early = 0n, late = 0n] = [course[0], course.at(-1)];
        expect(late).toBeGreaterThan(950_000n);
        const share = (ppm: bigint): string => percent(Number(ppm) / 1_000_000);
        expect(page).toContain(
            `after 1,000 epochs ${share(early)} of all wealth, after 10,000 ${share(late)}, and won ${(won.get('A') ?? 0).toString()} of them`,
        );
    });
});

describe('the laws in the docs', () => {
    const WEIGHTS = [
        [3n, 1n],
        [2n, 1n],
        [5n, 3n, 2n],
        [4n, 3n, 2n, 1n],
    ];
    it.each(WEIGHTS.map((weights) => ({ weights })))('are those of $weights', ({ weights }) => {
        const list = (law: readonly Exact[]): string => law.map(text).join(', ');
        expect(page).toContain(
            row(weights.join(', '), list(proportionalLaw(weights)), list(largestQuotientLaw(weights))),
        );
    });

    it.each([
        { own: exact(1n, 3n), accomplice: exact(0n) },
        { own: exact(1n, 4n), accomplice: exact(0n) },
        { own: exact(1n, 4n), accomplice: exact(1n, 4n) },
        { own: exact(1n, 10n), accomplice: exact(1n, 4n) },
    ])('are those of the last to reveal', ({ own, accomplice }) => {
        const { honest, staying, leaving } = lastRevealerLaw(own, accomplice);
        expect(decimal(leaving)).toBeLessThanOrEqual(decimal(staying));
        const cells = [own, accomplice, honest, staying, leaving].map((each) =>
            each.numerator === 0n ? 'none' : text(each),
        );
        expect(page).toContain(row(...cells));
    });
});
