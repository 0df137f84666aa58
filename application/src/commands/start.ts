import { existsSync } from 'node:fs';
import { stopNetwork } from '@commonwatt/network/topology/processes/network';
import { CommunityMembers } from '../community/members';
import { contextOf, letGo, print, type CommonOptions, type Context } from './context';
import { chosenDay, meterData, type DayOptions } from './day-choice';
import { aheadAsked, dayOutput, daySteps, isSound, type Traded } from './steps/day-steps';
import { EXIT } from './failure';
import { isTerminal, runSteps, untilInterrupted } from './steps/run-steps';
import { servePages } from './steps/serve-pages';
import { upSteps, type Started } from './steps/up-steps';

export interface StartOptions extends CommonOptions, DayOptions {
    readonly exit?: boolean;
    readonly election?: boolean;
    /** Of the pages; without one the first that is free from 8080 on. */
    readonly port?: number;
}

/** The whole demonstration: network, community, a day, its bills. A network that is up, and a day that is open, are gone on with. */
export async function start(options: StartOptions): Promise<number> {
    const begin = performance.now();
    const { json = false } = options;
    const context = contextOf(options);
    const choice = chosenDay(options);
    const { metered } = meterData(context.topology, choice); // Bad input is told before anything is started.
    const hadLedgers = existsSync(context.layout.ledgers);
    const members = new CommunityMembers(context.topology, context.layout);
    const started: Started = { wasUp: false, homes: 0 };
    const traded: Traded = {};
    const signal = untilInterrupted();
    try {
        await runSteps(upSteps(context, members, metered.clock, started, signal), isTerminal(json), signal);
        const startSeconds = (performance.now() - begin) / 1000;
        const dayOptions = {
            mayResume: true,
            elects: options.election ?? true,
            startSeconds: () => startSeconds,
            ahead: aheadAsked(options),
            silent: options.silent,
            withholding: options.withholding,
            understating: options.understating,
        };
        await runSteps(daySteps(members, choice, dayOptions, traded), isTerminal(json), signal);
        print(dayOutput(traded, options));
    } finally {
        await letGo(members);
        if (options.exit === true && !started.wasUp) {
            await stopNetwork(context.layout, { keep: hadLedgers });
        }
    }
    if (options.exit !== true && !json) {
        print(whatNow(context));
        await servePages(context, members, options.port);
    }
    return isSound(traded) ? EXIT.done : EXIT.failed;
}

function whatNow({ layout, topology }: Context): string {
    const home = topology.homes[0] ?? 'H1';
    return [
        '',
        `The network stays up (${topology.organisations.length} peers, logs in ${layout.logs}). Here all agents run in one process; a household of a real`,
        'community has its own keys only, and sees its own bill only. To look at it from another terminal, and to stop it:',
        '',
        `  npx commonwatt bill ${home}        the bill of ${home}, from its own peer, with its own key`,
        '  npx commonwatt round 12:00    what everybody may know of a round',
        '  npx commonwatt members        who takes part',
        '  npx commonwatt stake          who weighs how much, the next committee and why',
        '  npx commonwatt producers      who produced which blocks',
        '  npx commonwatt down           stop it and remove what it made',
    ].join('\n');
}
