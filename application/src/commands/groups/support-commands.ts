import { Argument } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion';
import { print, type CommonOptions } from '../context';
import { doctor } from '../doctor/doctor';
import { EXIT } from '../failure';
import { withNetwork, type CommandGroup } from './shared';

/** What helps with the command line itself. */
export const supportCommands: CommandGroup = (command, finish) => {
    withNetwork(command('doctor', 'look at what usually is in the way, and say what to do next')).action(
        async (options: CommonOptions) => {
            finish(await doctor(options));
        },
    );
    const completion = command('completion', "print what a shell needs to complete this program's commands and options")
        .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
        .action((shell: Shell) => {
            const program = completion.parent ?? completion;
            print(completionScript(program, shell).trimEnd());
            finish(EXIT.done);
        });
};
