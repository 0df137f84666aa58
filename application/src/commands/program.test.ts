import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { completionScript, SHELLS } from './completion';
import { commandLine } from './program';
import { commandsPage } from './reference-page';

const program = commandLine(() => undefined);
const names = program.commands.map((command) => command.name());
const leaves = (command: Command): Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

describe('the command line', () => {
    it('says of every command, argument and option what it is', () => {
        for (const command of leaves(program)) {
            expect([command.name(), command.description()]).toEqual([command.name(), expect.stringMatching(/\w/)]);
            for (const { flags, description } of command.options) {
                expect([command.name(), flags, description]).toEqual([
                    command.name(),
                    flags,
                    expect.stringMatching(/\w/),
                ]);
            }
        }
        expect(new Set(names).size).toBe(names.length);
    });

    it('prints JSON for whoever asks, in every command', () => {
        for (const command of leaves(program)) {
            const all = [...command.options, ...(command.parent?.options ?? [])];
            expect([command.name(), all.map(({ long }) => long)]).toEqual([
                command.name(),
                expect.arrayContaining(['--json']),
            ]);
        }
    });

    it.each([
        ['unknown'],
        ['bill'],
        ['meter', 'import', 'H1', 'f', '--format', 'exe'],
        ['completion', 'tcsh'],
        ['now', 'H1', '--x'],
    ])('does not take %s', async (...args) => {
        const strict = commandLine(() => undefined);
        const quiet = (command: Command): void => {
            command.configureOutput({ writeErr: () => undefined });
            command.commands.forEach(quiet);
        };
        quiet(strict);
        await expect(strict.parseAsync(['node', 'commonwatt', ...args])).rejects.toBeInstanceOf(CommanderError);
    });

    it('has everything in its reference, and no place of this machine', () => {
        const page = commandsPage(program);
        for (const command of leaves(program)) {
            const parent = command.parent === program ? '' : `${command.parent?.name() ?? ''} `;
            expect(page).toMatch(new RegExp(`^## \`${parent}${command.name()}[ \`]`, 'm'));
        }
        expect(page).not.toContain(process.cwd());
    });
});

describe('completion', () => {
    it.each(SHELLS)('for %s knows every command and option', (shell) => {
        const script = completionScript(program, shell);
        for (const command of leaves(program)) {
            expect(script).toContain(command.name());
            for (const { long } of command.options) {
                expect(script).toContain((long ?? '').slice(2));
            }
        }
    });

    const completed = (...words: readonly string[]): string[] => {
        const typed = words.map((word) => `'${word}'`).join(' ');
        const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _commonwatt; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const { stdout, status } = spawnSync('bash', ['-c', `${completionScript(program, 'bash')}\n${ask}`]);
        expect(status).toBe(0);
        return stdout
            .toString()
            .split('\n')
            .filter((word) => word !== '');
    };

    it('completes in bash what is typed', () => {
        expect(completed('commonwatt', 'met').sort()).toEqual(['meter', 'meter-service']);
        expect(completed('commonwatt', 'meter', 'ex')).toEqual(['export']);
        expect(completed('commonwatt', 'meter', 'export', 'H1', '--for')).toEqual(['--format']);
        expect(completed('commonwatt', 'meter', 'export', 'H1', '--format', 'gr')).toEqual(['green-button']);
        expect(completed('commonwatt', 'meter', 'show', '--js')).toEqual(['--json']);
        expect(completed('commonwatt', 'no-such-command', '--js')).toEqual([]);
    });
});
