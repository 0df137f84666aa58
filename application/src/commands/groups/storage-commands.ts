import { Argument } from 'commander';
import { storage, STORAGE_PARTS, type StorageOptions, type StoragePart } from '../storage';
import { type CommandGroup } from './shared';

/** The storage system's operator. */
export const storageCommands: CommandGroup = (command, finish) => {
    command(
        'storage',
        "the storage system's state of charge and contracts, and what its operator does with them by hand",
    )
        .addArgument(
            new Argument(
                '[part]',
                'look, release what was bought, confirm, refund after the deadline, or answer its peer',
            )
                .choices(STORAGE_PARTS)
                .default('show'),
        )
        .option('--day <YYYY-MM-DD>', 'until the end of which day; default the one that was traded last')
        .option('--id <id>', 'release, confirm, refund: one contract instead of all')
        .option(
            '--stored <file>',
            "serve: what the storage's controller has, JSON; without it the demonstration's plan",
        )
        .action(async (part: StoragePart, options: StorageOptions) => {
            finish(await storage(part, options));
        });
};
