import { Argument, Option } from 'commander';
import { dispute, DISPUTE_KINDS, DISPUTE_PARTS, type DisputeOptions, type DisputePart } from '../dispute';
import { feeder } from '../feeder';
import { type ViewOptions } from '../look';
import { notEmpty, type CommandGroup } from './shared';

/** The feeder's meter, and what members contest. */
export const feederCommands: CommandGroup = (command, finish) => {
    command('feeder', "what was lost between the members' meters and the feeder's on a day, and who pays")
        .argument('[day]', 'as 2014-10-03; default the one that was traded last')
        .option('--as <id>', 'whose key and peer are used, as H1; a home sees what it alone was told, too')
        .action(async (day: string | undefined, options: ViewOptions) => {
            finish(await feeder(day, options));
        });
    command('dispute', "a household's disputes, and what it and the grid operator do with them")
        .argument('<home>', 'H1, H2, …', notEmpty)
        .addArgument(
            new Argument('[part]', 'the home opens and withdraws, the grid operator answers and resolves')
                .choices(DISPUTE_PARTS)
                .default('list'),
        )
        .option('--id <id>', "the dispute's id; a new one is made where open has none")
        .addOption(new Option('--about <kind>', 'open: the record that is contested').choices(DISPUTE_KINDS))
        .option('--day <YYYY-MM-DD>', 'open: of the record; default the day that was traded last')
        .option('--to <YYYY-MM-DD>', 'open: last day of a bill of several days')
        .option('--slot <slot>', "open: the reading's, its number or its time as 12:15")
        .option('--number <n>', "open: the correction's")
        .option('--text <text>', 'open, answer: what is said; only home and grid operator see it')
        .option('--evidence <files...>', 'open, answer: files that stay here; their hashes go onto the ledger')
        .addOption(
            new Option('--decision <what>', 'resolve: for the home or against it').choices(['upheld', 'rejected']),
        )
        .option('--committee', 'resolve: with a quorum of the committee instead of the home')
        .action(async (home: string, part: DisputePart, options: DisputeOptions) => {
            finish(await dispute(home, part, options));
        });
};
