import { expect, it, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { spread } from './exchange-figures';
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
