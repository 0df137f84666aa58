import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { account, ACCOUNT_PARTS, type AccountOptions, type AccountPart } from './account';
import { billing, BILLING_PARTS, type BillingOptions, type BillingPart } from './billing';
import { DEFAULT_HOME, type CommonOptions } from './context';
import { check } from './check';
import { correct } from './correct';
import { day, type DayCommandOptions } from './day';
import { dispute, DISPUTE_KINDS, DISPUTE_PARTS, type DisputeOptions, type DisputePart } from './dispute';
import { enrol } from './enrol';
import { feeder } from './feeder';
import { bill, members, round, type BillOptions, type RoundOptions, type ViewOptions } from './look';
import { admit, leave, type AdmitOptions, type LeaveOptions } from './membership';
import { meterService, type MeterServiceOptions } from './meter-service';
import { powers, type PowersOptions } from './powers';
import { producers, type ProducersOptions } from './producers';
import { restore } from './restore';
import { storage, STORAGE_PARTS, type StorageOptions, type StoragePart } from './storage';
import { deposit, epoch, EPOCH_PARTS, stake, type DepositOptions, type EpochPart, type StakeOptions } from './stake';
import { reportUnrevealedOrders, STAKE_PARTS, type StakePart } from './unrevealed';
import { schedule, type ScheduleOptions } from './schedule';
import { start, type StartOptions } from './start';
import { down, up, type DownOptions } from './up';

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 the command or its input is wrong, 3 refused, 4 the network is not up.
With --json standard output holds one JSON object and nothing else; progress goes to standard error.`;

/** The command line. What a command returns becomes the exit code. */
export function commandLine(finish: (exitCode: number) => void): Command {
    const program = new Command('commonwatt')
        .description('Electricity trading in a local energy community on Hyperledger Fabric')
        .addHelpText('after', EXIT_CODES)
        .showHelpAfterError()
        .exitOverride();
    const command = (usage: string, description: string): Command =>
        program
            .command(usage)
            .description(description)
            .option('--home <dir>', 'where identities, ledgers and logs are', DEFAULT_HOME)
            .option('--json', 'print one JSON object')
            .exitOverride();
    const withNetwork = (on: Command): Command =>
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

    withDay(withNetwork(command('start', 'bring everything up, trade a day, settle it and print the bills')))
        .option('--exit', 'stop the network at the end')
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
    scheduleCommand(command, finish);
    withDay(command('meter-service', "answer for a home's meter when its own chaincode service asks before endorsing"))
        .argument('<home>', 'H1', notEmpty)
        .action(async (home: string, options: MeterServiceOptions) => {
            finish(await meterService(home, options));
        });
    const groups = [viewCommands, storageCommands, feederCommands, billingCommands, stakeCommands, membershipCommands];
    for (const add of groups) {
        add(command, finish);
    }
    return program;
}

/** The day before. */
function scheduleCommand(
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
): void {
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
        .addOption(
            new Option('--forecast <kind>', 'what agents plan with')
                .choices(['perfect', 'yesterday'])
                .default('perfect'),
        )
        .action(async (day: string, options: ScheduleOptions) => {
            finish(await schedule(day, options));
        });
}

/** What there is to see, each with the key of whoever may see it. */
function viewCommands(
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
): void {
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
}

/** The storage system's operator. */
function storageCommands(
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
): void {
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
}

/** The feeder's meter, and what members contest. */
function feederCommands(
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
): void {
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
}

/** What the grid operator does with bills, as the keeper of the community's books. */
function billingCommands(
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
): void {
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
}

/** Who weighs how much, who is elected, who is paid. */
function stakeCommands(
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
): void {
    const ofEpoch = ['--epoch <YYYY-MM-DD>', 'the epoch, a local day'] as const;
    command('stake', 'weights, the next committee and why: worked out again from the public records')
        .addArgument(
            new Argument(
                '[part]',
                'show it, or have members forfeit deposits for orders of a day that they did not open',
            )
                .choices(STAKE_PARTS)
                .default('show'),
        )
        .argument('[day]', 'of the orders, as 2014-10-03; default the one that was traded last')
        .option(...ofEpoch)
        .option('--as <id>', 'whose key and peer are used, as H1; default the grid operator')
        .action(async (part: StakePart, day: string | undefined, options: StakeOptions) => {
            finish(await (part === 'show' ? stake(options) : reportUnrevealedOrders(day, options)));
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
}

/** Members come and go: the channel's part is `network.sh add-household`, this is the community's. */
function membershipCommands(
    command: (usage: string, description: string) => Command,
    finish: (exitCode: number) => void,
): void {
    const fromDay = ['--from-day <YYYY-MM-DD>', 'the first day that it counts for'] as const;
    command('admit', 'admit a household that network.sh add-household has brought onto the channel')
        .argument('<home>', 'H21', notEmpty)
        .option(...fromDay)
        .action(async (home: string, options: AdmitOptions) => {
            finish(await admit(home, options));
        });
    command('leave', 'end the membership of a household')
        .argument('<home>', 'H21', notEmpty)
        .option(...fromDay)
        .option('--reason <text>', 'noted beside it')
        .option('--expel', 'by the grid operator instead of the household itself')
        .action(async (home: string, options: LeaveOptions) => {
            finish(await leave(home, options));
        });
}

/** Which day, with which data. */
const withDay = (on: Command): Command =>
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
        .addOption(
            new Option('--forecast <kind>', 'what agents order by')
                .choices(['perfect', 'yesterday'])
                .default('perfect'),
        );

function homeList(text: string): string[] {
    return text.split(',').map((home) => notEmpty(home));
}

function notEmpty(text: string): string {
    if (text.trim() === '') {
        throw new InvalidArgumentError('it is empty');
    }
    return text;
}
