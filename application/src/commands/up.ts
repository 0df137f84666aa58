import { networkStatus, stopNetwork } from '@commonwatt/network/topology/processes/network';
import { CommunityMembers } from '../community/members';
import { contextOf, letGo, print, type CommonOptions } from './context';
import { EXIT } from './failure';
import { isTerminal, runSteps, untilInterrupted } from './steps/run-steps';
import { upSteps, type Started } from './steps/up-steps';

/** Brings the network up and founds the community; says so where both are there. */
export async function up(options: CommonOptions): Promise<number> {
    const { json = false } = options;
    const context = contextOf(options);
    const members = new CommunityMembers(context.topology, context.layout);
    const started: Started = { wasUp: false, homes: 0 };
    const clock = [{ fromSlot: 0, offsetMinutes: context.topology.community.market.utcOffsetMinutes }];
    try {
        const signal = untilInterrupted();
        await runSteps(upSteps(context, members, clock, started, signal), isTerminal(json), signal);
    } finally {
        await letGo(members);
    }
    const status = await networkStatus(context.topology, context.layout);
    print(
        json
            ? JSON.stringify({ ...status, started: !started.wasUp, members: started.homes })
            : `The network in ${status.home} is ${status.state}. Next: npx commonwatt day. To stop: npx commonwatt down`,
    );
    return status.state === 'up' ? EXIT.done : EXIT.notUp;
}

export interface DownOptions extends CommonOptions {
    readonly keep?: boolean;
}

/** Ends what was started; unless told to keep them, ledgers and identities go too. */
export async function down(options: DownOptions): Promise<number> {
    const { layout } = contextOf(options);
    const keep = options.keep ?? false;
    await stopNetwork(layout, { keep });
    const left = keep ? 'ledgers and identities are kept' : 'what it made is removed';
    print(
        options.json === true
            ? JSON.stringify({ home: layout.home, state: 'down', kept: keep })
            : `The network in ${layout.home} is down; ${left}.`,
    );
    return EXIT.done;
}
