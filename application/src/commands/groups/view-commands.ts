import { Argument } from 'commander';
import { account, ACCOUNT_PARTS, type AccountOptions, type AccountPart } from '../account';
import { check } from '../check';
import { type CommonOptions } from '../context';
import { correct } from '../correct';
import { enrol } from '../enrol';
import { bill, members, round, type BillOptions, type RoundOptions, type ViewOptions } from '../look';
import { producers, type ProducersOptions } from '../producers';
import { restore } from '../restore';
import { notEmpty, type CommandGroup } from './shared';

/** What there is to see, each with the key of whoever may see it. */
export const viewCommands: CommandGroup = (command, finish) => {
    const asMember = ['--as <id>', 'whose key and peer are used, as H1; default the grid operator'] as const;
    command('bill', "a household's own bill")
        .argument('<home>', 'H1, H2, …', notEmpty)
        .option('--day <YYYY-MM-DD>', 'the day; default the one that was traded last')
        .option('--from <YYYY-MM-DD>', 'first day of a longer period')
        .option('--to <YYYY-MM-DD>', 'its last day')
        .action(async (home: string, options: BillOptions) => {
            finish(await bill(home, options));
        });
    command('account', "a household's account of money, and what it and its bank do with it")
        .argument('<home>', 'H1, H2, …', notEmpty)
        .addArgument(
            new Argument('[part]', 'the bank states a deposit, or what came of withdrawals; the home asks for one')
                .choices(ACCOUNT_PARTS)
                .default('statement'),
        )
        .argument('[amount]', 'of a deposit or withdrawal, as 12.50')
        .option('--reference <id>', "the bank's reference of a deposit; the id of a withdrawal")
        .action(async (home: string, part: AccountPart, amount: string | undefined, options: AccountOptions) => {
            finish(await account(home, part, amount, options));
        });
    command('round', 'what everybody may know of a round')
        .argument('<slot>', "the slot's number, or a time as 12:15", notEmpty)
        .option('--day <YYYY-MM-DD>', 'the day of a time; default the one that was traded last')
        .option(...asMember)
        .action(async (slot: string, options: RoundOptions) => {
            finish(await round(slot, options));
        });
    command(
        'check',
        "check a day's totals from public data alone: that energy and money sum to zero, and nobody is left out",
    )
        .argument('[day]', 'as 2014-10-03; default the one that was traded last')
        .option(...asMember)
        .action(async (day: string | undefined, options: ViewOptions) => {
            finish(await check(day, options));
        });
    command('enrol', "have a household's own certificate authority certify its agent, on a docker network")
        .argument('<home>', 'H1', notEmpty)
        .action(async (home: string, options: CommonOptions) => {
            finish(await enrol(home, options));
        });
    command('members', 'who takes part')
        .option(...asMember)
        .action(async (options: ViewOptions) => {
            finish(await members(options));
        });
    command('producers', 'who produced which blocks, against the powers in ordering')
        .option('--from <block>', 'the first block that counts', '0')
        .option(...asMember)
        .action(async (options: ProducersOptions) => {
            finish(await producers(options));
        });
    command('correct', 'a home that was silent on the last day is back: its meter takes the place of the estimates')
        .argument('<home>', 'H1, H2, …', notEmpty)
        .action(async (home: string, options: CommonOptions) => {
            finish(await correct(home, options));
        });
    command('restore', "brings back what a household's peer lost with its disk")
        .argument('<home>', 'H1, H2, …', notEmpty)
        .action(async (home: string, options: CommonOptions) => {
            finish(await restore(home, options));
        });
};
