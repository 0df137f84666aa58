import { admit, leave, type AdmitOptions, type LeaveOptions } from '../membership';
import { notEmpty, type CommandGroup } from './shared';

/** Members come and go: the channel's part is `network.sh add-household`, this is the community's. */
export const membershipCommands: CommandGroup = (command, finish) => {
    const fromDay = ['--from-day <YYYY-MM-DD>', 'the first day that it counts for'] as const;
    command('admit', 'admit a household that network.sh add-household has brought onto the channel')
        .argument('<home>', 'H21', notEmpty)
        .option(...fromDay)
        .action(async (home: string, options: AdmitOptions) => {
            finish(await admit(home, options));
        });
    command('leave', 'end the membership of a household')
        .argument('<home>', 'H21', notEmpty)
        .option(...fromDay)
        .option('--reason <text>', 'noted beside it')
        .option('--expel', 'by the grid operator instead of the household itself')
        .action(async (home: string, options: LeaveOptions) => {
            finish(await leave(home, options));
        });
};
