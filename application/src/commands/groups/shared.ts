import { InvalidArgumentError, Option, type Command } from 'commander';
import { FORECAST_KINDS } from '../../schedule/forecast/kinds';

/** Adds its commands. What one of them returns becomes the exit code. */
export type CommandGroup = (
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
) => void;

/** Of which community and on which kind of network. */
export const withNetwork = (on: Command): Command =>
    on
        .option('--community <file>', 'another community than organizations/community.yaml')
        .option(
            '--network <kind>',
            "embedded (the default), native: Fabric's own peers, from FABRIC_BIN or PATH, or docker: in containers",
        )
        .option(
            '--ordering <kind>',
            'own (the default), comet: each seat in a process of its own with CometBFT beside it, or, unless the network is ' +
                "embedded, raft: Fabric's orderers",
        )
        .option('--embedded <ids>', "organisations whose peers are ours among Fabric's: DSO,H1")
        .option('--own-chaincode <ids>', 'embedded peers with chaincode services of their own: H1,H2')
        .option('--tls-client-auth', "peers and orderers let in nobody without a member's TLS certificate")
        .option('--peers <kind>', 'of a docker network: fabric (the default) or embedded, one container for each');

/** Which day, with which data. */
export const withDay = (on: Command): Command =>
    on
        .option('--data <dir>', 'folder with load.csv and pv.csv; without it the generated sample')
        .option('--day <YYYY-MM-DD>', 'the local day to trade')
        .option('--silent <homes>', 'homes whose agents do nothing on the day: H3,H4', homeList)
        .option('--withholding <homes>', 'homes whose agents do not open what they have ordered: H5', homeList)
        .option('--understating <homes>', 'homes whose meters count half of what they consume: H6', homeList)
        .option('--schedule', 'let the homes agree on the day ahead instead of trading it in rounds, from that day on')
        .option('--auction', 'trade it in rounds again, from that day on')
        .option('--no-election', 'do not elect the next committee after the day')
        .option('--zone <zone>', 'clock of the data: UTC+01:00, Europe/Berlin; default UTC+01:00')
        .addOption(forecastOption('what agents order by, or plan with'));

/** `perfect` knows the day. The others tell it from the two weeks before: as yesterday, the same weekday, smoothed, by the sun's path. */
export const forecastOption = (what: string): Option =>
    new Option('--forecast <kind>', what).choices([...FORECAST_KINDS]).default('perfect');

export function homeList(text: string): string[] {
    return text.split(',').map((home) => notEmpty(home));
}

export function notEmpty(text: string): string {
    if (text.trim() === '') {
        throw new InvalidArgumentError('it is empty');
    }
    return text;
}

export function portNumber(text: string): number {
    const port = Number(text);
    if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) {
        throw new InvalidArgumentError('it is no port');
    }
    return port;
}
