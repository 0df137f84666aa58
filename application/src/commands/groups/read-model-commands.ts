import { Argument } from 'commander';
import { readModel, READ_MODEL_PARTS, type ReadModelOptions, type ReadModelPart } from '../read-model';
import type { CommandGroup } from './shared';

/** What stands on the channel, in a database. */
export const readModelCommands: CommandGroup = (command, finish) => {
    command(
        'read-model',
        "the database of the channel's blocks that pages are made from: look, keep it up, make it anew",
    )
        .addArgument(
            new Argument(
                '[part]',
                'how far it is; take in blocks as they come; from block 0, compared with what was there',
            )
                .choices(READ_MODEL_PARTS)
                .default('status'),
        )
        .option('--database <where>', 'a file or postgres://…; default var/read-model/H1.sqlite')
        .option('--digest', 'status: SHA-256 of all that is in it, the same wherever the chain is')
        .option('--once', 'follow: end when everything is in that the peer has now')
        .option('--as <id>', 'whose peer the blocks come from, as H2; default the first household')
        .action(async (part: ReadModelPart, options: ReadModelOptions) => {
            finish(await readModel(part, options));
        });
};
