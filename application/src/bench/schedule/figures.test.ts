import { describe, expect, it, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { agreeingText } from './agreeing-text';
import { commandText } from './command';
import { spread } from './exchange-figures';
import type { AgreeingFigures } from './ledger/agreeing';
import { FiguresFile, merged, NO_FIGURES } from './figures';
import { markdownTable, withSections } from './markdown';
import { sectionsOf } from './tables';

const PAGE = join(repositoryRoot, 'docs', 'guides', 'measurements-day-ahead.md');

test('newer figures take the place of older ones of the same thing', () => {
    const joined = { by: 'auction', homes: 4, onChannel: 1, admitted: 2, tookPart: 3 } as const;
    const known = merged(NO_FIGURES, { joining: [joined, { ...joined, by: 'schedule' }] });
    const more = merged(known, {
        joining: [
            { ...joined, tookPart: 9 },
            { ...joined, homes: 6 },
        ],
    });
    expect(more.joining.map(({ by, homes, tookPart }) => [by, homes, tookPart])).toEqual([
        ['auction', 4, 9],
        ['schedule', 4, 3],
        ['auction', 6, 3],
    ]);
});

it('spreads slots over the day, also where the search ends early', () => {
    expect(spread(96, 4)).toEqual([0, 48, 24, 72]);
    expect(spread(3, 100)).toEqual([0, 2, 1]);
});

test('a table is as wide as its widest cells', () => {
    expect(
        markdownTable([
            ['a', 'bcd'],
            ['12345', ''],
        ]),
    ).toBe('| a     | bcd |\n| ----- | --- |\n| 12345 |     |');
});

test('sections stand between their marks and nowhere else', () => {
    const page = 'before\n<!-- schedule bench: a -->\nold\n<!-- end of figures -->\nafter';
    expect(withSections(page, { a: 'new' })).toBe(
        'before\n<!-- schedule bench: a -->\n\nnew\n\n<!-- end of figures -->\nafter',
    );
    expect(() => withSections(page, { b: 'new' })).toThrow("the page has no place for 'b'");
});

test('the page of measurements says what the figures beside it say', () => {
    const figures = new FiguresFile(PAGE.replace(/\.md$/, '.schedule.json')).read();
    const page = readFileSync(PAGE, 'utf8');
    expect(figures && withSections(page, sectionsOf(figures))).toBe(page);
});

const RUN: AgreeingFigures = {
    homes: 20,
    batteries: 8,
    mode: 'schedule',
    start: 'cold',
    status: 'converged',
    iterations: 23,
    seconds: { total: 60, solving: 20, ledger: 30, waiting: 4 },
    secondsPerIteration: 2,
    transactions: 480,
    channelKilobytes: 1,
};
const STOPPED: AgreeingFigures = { ...RUN, homes: 50, status: 'notConverged', iterations: 4, mostIterations: 4 };

test('parts of the time add up to the whole', () => {
    expect(agreeingText([RUN], [])).toMatch(/\| 60 +\| 20 +\| 30 +\| 4 +\| 6 +\| 2 /);
});

describe('iterations or a certificate', () => {
    it('follows from what was measured, and says what was extrapolated', () => {
        const certified: AgreeingFigures = { ...STOPPED, mode: 'certificate', status: 'converged', iterations: 30 };
        const text = agreeingText([STOPPED, RUN, certified], []);
        expect(text).toContain('- 20 homes: 60 s, measured whole.');
        expect(text).toContain('- 50 homes: 112 s, extrapolated from 4 measured iterations (2 s each');
        expect(text).toContain('iterations for 20, a certificate for 50 homes.');
        expect(agreeingText([{ ...RUN, seconds: { ...RUN.seconds, total: 61 } }], [])).toContain(
            'iterations for no measured size, a certificate for 20 homes.',
        );
    });

    it('says where it was not measured', () => {
        expect(agreeingText([{ ...STOPPED, secondsPerIteration: null }, RUN], [])).toContain(
            'was not measured for 50 homes',
        );
    });
});

test('a command is told without where the data lie', () => {
    expect(commandText(['schedule', '--data', 'some/where', '--fresh'])).toBe(
        'npm run bench -- schedule --data DIR --fresh',
    );
});

test('what is missing is named', () => {
    const figures = {
        ...NO_FIGURES,
        machine: 'm',
        measuredOn: 'd',
        command: 'c --fresh',
        minutes: 3,
        missing: ['a', 'b'],
    };
    expect(sectionsOf(figures)['machine']).toContain('Missing, since the run ended before them or they failed: a; b.');
});
