import { Option } from 'commander';
import { type CommonOptions } from '../context';
import { day, type DayCommandOptions } from '../day';
import { meterService, type MeterServiceOptions } from '../meter-service';
import { schedule, type ScheduleOptions } from '../schedule';
import { start, type StartOptions } from '../start';
import { down, up, type DownOptions } from '../up';
import { forecastOption, homeList, notEmpty, portNumber, withDay, withNetwork, type CommandGroup } from './shared';

/** The network and its days. */
export const dayCommands: CommandGroup = (command, finish) => {
    withDay(withNetwork(command('start', 'bring everything up, trade a day, settle it and print the bills')))
        .option('--exit', 'stop the network at the end instead of serving the pages')
        .option('--port <n>', 'of the pages; default the first that is free from 8080 on', portNumber)
        .action(async (options: StartOptions) => {
            finish(await start(options));
        });
    withNetwork(command('up', 'start the network, deploy the chaincodes, found the community')).action(
        async (options: CommonOptions) => {
            finish(await up(options));
        },
    );
    command('down', 'stop the network and remove what it made')
        .option('--keep', 'keep ledgers and identities for a later up')
        .action(async (options: DownOptions) => {
            finish(await down(options));
        });
    withDay(command('day', 'trade a day on a network that is up'))
        .option('--resume', 'go on with a day that was broken off; without --day the last one')
        .action(async (options: DayCommandOptions) => {
            finish(await day(options));
        });
    withDay(command('meter-service', "answer for a home's meter when its own chaincode service asks before endorsing"))
        .argument('<home>', 'H1', notEmpty)
        .action(async (home: string, options: MeterServiceOptions) => {
            finish(await meterService(home, options));
        });
};

/** The day before. */
export const scheduleCommand: CommandGroup = (command, finish) => {
    command(
        'schedule',
        'let the homes agree on a schedule and its prices for a day ahead, or go on with what was begun',
    )
        .argument('<day>', 'as 2025-04-17', notEmpty)
        .addOption(
            new Option(
                '--mode <mode>',
                'in iterations on the ledger, or off it with one transaction that proves the result',
            ).choices(['schedule', 'certificate']),
        )
        .option('--as <ids>', 'only the agents of these run here: DSO,H1; default all', homeList)
        .option('--plot <file>', 'draw residuals and prices: an SVG file')
        .option('--silent <homes>', 'homes whose agents do nothing: H3,H4', homeList)
        .option('--data <dir>', 'folder with load.csv and pv.csv; without it the generated sample')
        .option('--zone <zone>', 'clock of the data: UTC+01:00, Europe/Berlin; default UTC+01:00')
        .addOption(forecastOption('what agents plan with'))
        .action(async (day: string, options: ScheduleOptions) => {
            finish(await schedule(day, options));
        });
};
