import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvTable } from './csv-table';
import { csvText } from './csv-text';

describe('a table as text', () => {
    it.each([
        { cell: 'H1', text: 'H1' },
        { cell: '-12', text: '-12' },
        { cell: '-12.5', text: '-12.5' },
        { cell: '=1+1', text: "'=1+1" },
        { cell: '+49 1', text: "'+49 1" },
        { cell: '-2+3', text: "'-2+3" },
        { cell: '@SUM(A1)', text: "'@SUM(A1)" },
        { cell: '\t=1', text: "'\t=1" },
        { cell: '=HYPERLINK("x","y")', text: `"'=HYPERLINK(""x"",""y"")"` },
        { cell: 'a,b', text: '"a,b"' },
    ])('has no cell that a spreadsheet would run: $cell', ({ cell, text }) => {
        expect(csvText(['a'], [[cell]])).toBe(`a\r\n${text}\r\n`);
    });

    it('is read again as it was', () => {
        const cell = fc.string({ maxLength: 8 }).filter((text) => text.trim() === text && text !== '');
        fc.assert(
            fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
                const table = csvTable('test', csvText(['one', 'other'], rows));
                const plain = (text: string): string => text.replace(/^'(?=[=+\-@])/, '');
                expect(table.rows.map(({ cells }) => [...cells.values()].map(plain))).toEqual(
                    rows.map((row) => row.map(plain)),
                );
            }),
            { numRuns: 200, seed: 20_250_416 },
        );
    });
});
