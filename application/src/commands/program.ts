import { Command } from 'commander';
import { DEFAULT_HOME } from './context';
import { agentCommands } from './groups/agent-commands';
import { billingCommands } from './groups/billing-commands';
import { dayCommands, scheduleCommand } from './groups/day-commands';
import { feederCommands } from './groups/feeder-commands';
import { membershipCommands } from './groups/membership-commands';
import { meterCommands } from './groups/meter-commands';
import { readModelCommands } from './groups/read-model-commands';
import { pageCommands } from './groups/page-commands';
import type { CommandGroup } from './groups/shared';
import { serverCommands } from './groups/server-commands';
import { stakeCommands } from './groups/stake-commands';
import { storageCommands } from './groups/storage-commands';
import { supportCommands } from './groups/support-commands';
import { viewCommands } from './groups/view-commands';

const GROUPS: readonly CommandGroup[] = [
    dayCommands,
    agentCommands,
    scheduleCommand,
    meterCommands,
    pageCommands,
    viewCommands,
    storageCommands,
    feederCommands,
    billingCommands,
    stakeCommands,
    membershipCommands,
    serverCommands,
    readModelCommands,
    supportCommands,
];

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 the command or its input is wrong, 3 refused, 4 the network is not up, 130 interrupted.
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
    for (const add of GROUPS) {
        add(command, finish);
    }
    return program;
}
