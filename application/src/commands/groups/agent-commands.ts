import { InvalidArgumentError, Option } from 'commander';
import { FORECAST_KINDS } from '../../schedule/forecast/kinds';
import { agent, type AgentOptions } from '../agent';
import type { CommandGroup } from './shared';

/** What runs unattended. */
export const agentCommands: CommandGroup = (command, finish) => {
    command('agent', "run organisations' agents unattended: each with its own keys and peer, until it is told to end")
        .argument('[ids...]', 'DSO, H1, …; without any all whose keys are here')
        .option('--day <YYYY-MM-DD>', 'the local day to replay; default the one that is under way, else the sample')
        .option('--data <dir>', 'folder with load.csv and pv.csv; without it the generated sample')
        .option('--meters', "what each home's own meter has told its store (commonwatt meter), instead of data")
        .option('--zone <zone>', 'clock of the data: UTC+01:00, Europe/Berlin; default UTC+01:00')
        .addOption(new Option('--forecast <kind>', 'what agents order by').choices([...FORECAST_KINDS]))
        .option('--schedule', 'have the homes agree on the day ahead instead of trading it in rounds, from that day on')
        .option('--auction', 'have it traded in rounds again, from that day on')
        .option('--pace <seconds>', 'between one round and the next; without it all rounds of the day at once', seconds)
        .option('--patience <seconds>', 'how long others are waited for before it goes on without them', seconds, 600)
        .option('--no-election', 'do not elect the next committee after the day')
        .option('--exit', 'end once everything is done for the day')
        .action(async (ids: string[], options: AgentOptions) => {
            finish(await agent(ids, options));
        });
};

function seconds(text: string): number {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
        throw new InvalidArgumentError('not a number of seconds');
    }
    return value;
}
