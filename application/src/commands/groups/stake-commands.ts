import { Argument } from 'commander';
import { powers, type PowersOptions } from '../powers';
import { deposit, epoch, EPOCH_PARTS, stake, type DepositOptions, type EpochPart, type StakeOptions } from '../stake';
import { reportSilentHomes, reportUnrevealedOrders, STAKE_PARTS, type StakePart } from '../unrevealed';
import { notEmpty, type CommandGroup } from './shared';

/** Who weighs how much, who is elected, who is paid. */
export const stakeCommands: CommandGroup = (command, finish) => {
    const ofEpoch = ['--epoch <YYYY-MM-DD>', 'the epoch, a local day'] as const;
    command('stake', 'weights, the next committee and why: worked out again from the public records')
        .addArgument(
            new Argument(
                '[part]',
                'show it, or have members forfeit deposits for orders of a day that they did not open, or for not answering in the run of its schedule',
            )
                .choices(STAKE_PARTS)
                .default('show'),
        )
        .argument('[day]', 'of the orders or the schedule, as 2014-10-03; default the one that was traded last')
        .option(...ofEpoch)
        .option('--as <id>', 'whose key and peer are used, as H1; default the grid operator')
        .action(async (part: StakePart, day: string | undefined, options: StakeOptions) => {
            const parts: Readonly<Record<StakePart, () => Promise<number>>> = {
                show: () => stake(options),
                'report-unrevealed': () => reportUnrevealedOrders(day, options),
                'report-silent': () => reportSilentHomes(day, options),
            };
            finish(await parts[part]());
        });
    command('epoch', 'take an epoch further: elect the committee of the next day and pay the fees')
        .addArgument(new Argument('[part]', 'one part of it instead of all').choices(EPOCH_PARTS))
        .option(...ofEpoch)
        .option('--as <id>', 'the part of one household instead of all, as H1')
        .action(async (part: EpochPart | undefined, options: StakeOptions) => {
            finish(await epoch(part, options));
        });
    command(
        'powers',
        'give the ordering seats the weights of an epoch: each administrator works them out before it signs',
    )
        .option(...ofEpoch)
        .option('--elected <n>', 'the first so many of the draw get the seats, instead of those who have one')
        .action(async (options: PowersOptions) => {
            finish(await powers(options));
        });
    command('deposit', 'note what a household has paid in as its deposit')
        .argument('<home>', 'H1, H2, …', notEmpty)
        .argument('<amount>', 'as 12.50', notEmpty)
        .option('--withdraw', 'let the household take it from its deposit instead')
        .option('--reference <text>', 'noted beside it')
        .action(async (home: string, amount: string, options: DepositOptions) => {
            finish(await deposit(home, amount, options));
        });
};
