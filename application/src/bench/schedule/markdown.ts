/** One table as Prettier leaves it: cells padded to the widest of their column. The first row is the head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
    const [head = []] = rows;
    const wide = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
    const line = (cells: readonly string[]): string =>
        `| ${wide.map((width, column) => padded(cells[column] ?? '', width)).join(' | ')} |`;
    const rule = `| ${wide.map((width) => '-'.repeat(width)).join(' | ')} |`;
    return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
}

const padded = (cell: string, width: number): string => cell.padEnd(width);

const begin = (name: string): string => `<!-- schedule bench: ${name} -->`;
const END = '<!-- end of figures -->';

/**
 * A page with the texts of these sections between their marks.
 *
 * @throws Error naming a section that has no place in the page.
 */
export function withSections(page: string, sections: Readonly<Record<string, string>>): string {
    return Object.entries(sections).reduce((text, [name, section]) => {
        const from = text.indexOf(begin(name));
        const to = text.indexOf(END, from);
        if (from < 0 || to < 0) {
            throw new Error(`the page has no place for '${name}': ${begin(name)} and ${END} mark it`);
        }
        return `${text.slice(0, from)}${begin(name)}\n\n${section}\n\n${text.slice(to)}`;
    }, page);
}
