import type { Argument, Command, Option } from 'commander';

/** Options whose defaults are places on one machine. */
const PLACES = new Set(['--home']);

const EXIT_CODES = [
    ['0', 'done'],
    ['1', 'failed; of `doctor`: something is in the way; of `check`: something does not hold'],
    ['2', 'the command or its input is wrong; nothing was changed'],
    ['3', 'refused, by the rules or because it does not go with what is there'],
    ['4', 'the network is not up'],
    ['130', 'interrupted'],
] as const;

/** docs/reference/commands.md: every command with its arguments and options, as the program itself declares them. */
export function commandsPage(program: Command): string {
    const codes = EXIT_CODES.map(([code, meaning]) => `| ${code} | ${meaning} |`);
    return [
        '# Commands',
        '`npx commonwatt <command>`. With `--json` standard output holds one JSON object and nothing else; progress goes to standard error. Nothing is coloured where ' +
            '`NO_COLOR` is set. `commonwatt completion bash|zsh|fish` prints what a shell needs to complete them.',
        ['| exit code | meaning |', '| --- | --- |', ...codes].join('\n'),
        ...program.commands.flatMap((command) => sections(command, command.name())),
    ].join('\n\n');
}

function sections(command: Command, path: string): string[] {
    if (command.commands.length > 0) {
        const common = command.options.map(optionLine).join('\n');
        const own = `## \`${path}\`\n\n${sentence(command.description())} Its parts take these options, too:\n\n${common}`;
        return [own, ...command.commands.flatMap((part) => sections(part, `${path} ${part.name()}`))];
    }
    const usage = [path, ...command.registeredArguments.map(argumentText)].join(' ');
    const lines = [...command.registeredArguments.flatMap(argumentLine), ...command.options.map(optionLine)];
    return [
        `## \`${usage}\`\n\n${[sentence(command.description()), lines.join('\n')].filter((part) => part !== '').join('\n\n')}`,
    ];
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function argumentText(argument: Argument): string {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
}

const argumentLine = (argument: Argument): string[] =>
    argument.description === '' && argument.argChoices === undefined
        ? []
        : [
              `- \`${argument.name()}\`: ${[argument.description, choices(argument)].filter((part) => part !== '').join('; ')}`,
          ];

function optionLine(option: Option): string {
    const parts = [option.description, choices(option), defaultText(option)].filter((part) => part !== '');
    return `- \`${option.flags}\`: ${parts.join('; ')}`;
}

const choices = ({ argChoices }: Argument | Option): string =>
    argChoices === undefined ? '' : argChoices.map((choice) => `\`${choice}\``).join(', ');

function defaultText({ long, defaultValue }: Option): string {
    const isTold = typeof defaultValue === 'string' || typeof defaultValue === 'number';
    return isTold && !PLACES.has(long ?? '') ? `default \`${String(defaultValue)}\`` : '';
}
