import { Option, type Command } from 'commander';
import { SOURCES } from '../../agent/preferences';
import { FORECAST_KINDS } from '../../schedule/forecast/kinds';
import {
    blockPage,
    blocksPage,
    communityPage,
    journalPage,
    marketPage,
    moneyPage,
    nowPage,
    preferencesPage,
    pricesPage,
    transactionPage,
    type DayPageOptions,
    type ListPageOptions,
    type PageOptions,
    type PreferencesOptions,
    type RangePageOptions,
} from '../pages/page-commands';
import { homeList, notEmpty, type CommandGroup } from './shared';

/** What a household's pages show, asked with its key at its own peer. */
export const pageCommands: CommandGroup = (command, finish) => {
    const page = (name: string, description: string): Command =>
        command(name, description)
            .argument('<home>', 'H1, H2, …', notEmpty)
            .option('--watch', 'draw again on every change, until Ctrl-C');
    const range = (on: Command): Command =>
        on
            .option('--from <YYYY-MM-DD>', 'first day; default the newest days')
            .option('--to <YYYY-MM-DD>', 'last day; default the newest');
    const list = (on: Command, what: string): Command =>
        on.option('--before <n>', `only what is older than this number`).option('--limit <n>', `so many ${what}`);

    page('now', 'where energy goes now, what it costs, what the agent does').action(
        async (home: string, options: PageOptions) => {
            finish(await nowPage(home, options));
        },
    );
    range(page('money', "paid, earned and saved against the supplier's tariffs"))
        .addOption(new Option('--by <period>', 'each day or month').choices(['day', 'month']).default('day'))
        .action(async (home: string, options: RangePageOptions & { readonly by: string }) => {
            finish(await moneyPage(home, options));
        });
    page('market', "a day's rounds with the household's own orders, or one round with its curve")
        .argument('[slot]', "the slot's number, or a time as 12:15")
        .option('--day <YYYY-MM-DD>', 'the day; default the newest')
        .action(async (home: string, slot: string | undefined, options: DayPageOptions) => {
            finish(await marketPage(home, slot, options));
        });
    range(page('prices', 'prices and volumes of up to 31 days')).action(
        async (home: string, options: RangePageOptions) => {
            finish(await pricesPage(home, options));
        },
    );
    page('community', 'members, weights, committees, who produced blocks, how far the peers are').action(
        async (home: string, options: PageOptions) => {
            finish(await communityPage(home, options));
        },
    );
    list(page('blocks', 'the newest blocks'), 'blocks').action(async (home: string, options: ListPageOptions) => {
        finish(await blocksPage(home, options));
    });
    page('block', 'one block and its transactions')
        .argument('<number>', 'its number', notEmpty)
        .action(async (home: string, number: string, options: PageOptions) => {
            finish(await blockPage(home, number, options));
        });
    page('transaction', 'one transaction: who endorsed it, what became of it, what it wrote')
        .argument('<id>', 'its id', notEmpty)
        .action(async (home: string, id: string, options: PageOptions) => {
            finish(await transactionPage(home, id, options));
        });
    list(page('journal', "what a household's agent did and why"), 'entries').action(
        async (home: string, options: ListPageOptions) => {
            finish(await journalPage(home, options));
        },
    );
    command('preferences', "by what a household's agent acts; with options, change it from the next day on")
        .argument('<home>', 'H1, H2, …', notEmpty)
        .option('--buy-up-to <price>', "for each kWh, before the grid's fees, as 0.25")
        .option('--sell-from <price>', 'for each kWh of our own, as 0.08')
        .option('--sources <list>', `from where first: ${SOURCES.join(',')}`, homeList)
        .option('--battery-reserve <percent>', "of the battery's capacity that is never traded away")
        .addOption(new Option('--forecast <kind>', 'what the agent expects').choices(FORECAST_KINDS))
        .action(async (home: string, options: PreferencesOptions) => {
            finish(await preferencesPage(home, options));
        });
};
