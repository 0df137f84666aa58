import { Argument, Option } from 'commander';
import { billing, BILLING_PARTS, type BillingOptions, type BillingPart } from '../billing';
import { type CommandGroup } from './shared';

/** What the grid operator does with bills, as the keeper of the community's books. */
export const billingCommands: CommandGroup = (command, finish) => {
    command(
        'billing',
        'runs of bills: preview, final, open items, monthly statement, reminders, payments, collecting, credit notes, SEPA',
    )
        .addArgument(new Argument('<part>', 'what is to be done').choices(BILLING_PARTS))
        .option('--from <YYYY-MM-DD>', 'preview, final: first day of the bills; default the day that was traded last')
        .option('--to <YYYY-MM-DD>', 'preview, final: last day')
        .option('--due <YYYY-MM-DD>', 'final: when the documents are due')
        .option('--month <YYYY-MM>', 'statement: the month')
        .option('--as-of <YYYY-MM-DD>', 'open, remind, paid, sepa: another day than today')
        .option('--number <n>', 'paid, credit-note: the number of the document')
        .option('--reference <text>', "paid: the payment's reference")
        .option('--id <text>', 'credit-note: its id')
        .option(
            '--amount <12.50>',
            'credit-note: what is taken back, tax included; negative where the bill was paid out',
        )
        .addOption(
            new Option('--payee <who>', 'credit-note: who takes it back').choices(['supplier', 'grid', 'community']),
        )
        .option('--vat <percent>', 'credit-note: the rate of tax in it', '0')
        .option('--reason <text>', 'credit-note: why')
        .option('--accounts <file>', 'sepa: names and IBANs of the community and its homes, JSON')
        .action(async (part: BillingPart, options: BillingOptions) => {
            finish(await billing(part, options));
        });
};
