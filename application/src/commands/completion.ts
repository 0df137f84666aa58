import type { Argument, Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Words {
    /** `meter import`; empty for the program itself. */
    readonly path: string;
    readonly description: string;
    readonly subcommands: readonly { readonly name: string; readonly description: string }[];
    readonly options: readonly { readonly flag: string; readonly description: string; readonly takesValue: boolean }[];
    /** What arguments and options may be, where there is a choice. */
    readonly choices: readonly string[];
}

/** What a shell needs to complete the command line, out of the program itself: it cannot know less than the program does. */
export function completionScript(program: Command, shell: Shell): string {
    const all = wordsOf(program, '');
    switch (shell) {
        case 'bash':
            return bash(all);
        case 'zsh':
            return `#compdef commonwatt\nautoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
        case 'fish':
            return fish(all);
    }
}

function wordsOf(command: Command, path: string): Words[] {
    const inherited = path.includes(' ') ? (command.parent?.options ?? []) : [];
    const own: Words = {
        path,
        description: command.description(),
        subcommands: command.commands.map((each) => ({ name: each.name(), description: each.description() })),
        options: [...command.options, ...inherited].map((option) => ({
            flag: option.long ?? option.flags,
            description: option.description,
            takesValue: option.required || option.optional,
        })),
        choices: [...command.registeredArguments, ...command.options].flatMap(
            (each: Argument | Option) => each.argChoices ?? [],
        ),
    };
    return [own, ...command.commands.flatMap((each) => wordsOf(each, `${path} ${each.name()}`.trim()))];
}

const candidates = ({ subcommands, options, choices }: Words): string =>
    [...subcommands.map(({ name }) => name), ...options.map(({ flag }) => flag), ...new Set(choices)].join(' ');

/** Words of commands are letters, digits and hyphens: nothing in them means anything to a shell. */
function bash(all: readonly Words[]): string {
    const cases = all.map((words) => `        '${words.path}') words='${candidates(words)}' ;;`);
    const paths = all.map(({ path }) => `'${path}'`).join(' | ');
    return `# Completion of commonwatt, made by \`commonwatt completion\`.
_commonwatt() {
    local path='' words='' word next
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        next="\${path:+$path }$word"
        case "$next" in
        ${paths}) path="$next" ;;
        esac
    done
    case "$path" in
${cases.join('\n')}
    esac
    COMPREPLY=()
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _commonwatt commonwatt
`;
}

function fish(all: readonly Words[]): string {
    const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    const lines = all.flatMap(({ path, subcommands, options, choices }) => {
        const seen = path.split(' ').filter((word) => word !== '');
        const at = seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
        const others = subcommands.map(({ name }) => name).join(' ');
        const here = [at, others === '' ? '' : `not __fish_seen_subcommand_from ${others}`].filter(
            (part) => part !== '',
        );
        const when = quoted(here.join('; and '));
        return [
            ...subcommands.map(
                ({ name, description }) => `complete -c commonwatt -n ${when} -f -a ${name} -d ${quoted(description)}`,
            ),
            ...options.map(
                ({ flag, description, takesValue }) =>
                    `complete -c commonwatt -n ${when} -l ${flag.replace(/^--/, '')}${takesValue ? ' -r' : ''} -d ${quoted(description)}`,
            ),
            ...(choices.length === 0
                ? []
                : [`complete -c commonwatt -n ${when} -a ${quoted([...new Set(choices)].join(' '))}`]),
        ];
    });
    return `# Completion of commonwatt, made by \`commonwatt completion fish\`.\n${lines.join('\n')}\n`;
}
