import { deploy } from '@commonwatt/network/topology/deploy/deploy';
import { AlreadyUp, startNetwork } from '@commonwatt/network/topology/processes/network';
import { foundCommunity } from '../../community/founding';
import type { CommunityMembers } from '../../community/members';
import type { ClockChange } from '../../data/zone';
import type { Context } from '../context';
import type { Step } from './run-steps';

/** What the steps found, for whoever ran them. */
export interface Started {
    /** The network was up before: it is not ours to stop. */
    wasUp: boolean;
    homes: number;
}

/** From nothing to a community that can trade. Each step finds out what is there and does the rest. */
export function upSteps(
    { topology, layout }: Context,
    members: CommunityMembers,
    clock: readonly ClockChange[],
    started: Started,
    signal?: AbortSignal,
): Step[] {
    return [
        {
            title: `Starting the network of ${topology.organisations.length} organisations`,
            endsItself: true,
            run: async (say) => {
                try {
                    await startNetwork(topology, layout, {
                        onProgress: say,
                        ...(signal === undefined ? {} : { signal }),
                    });
                    return undefined;
                } catch (error) {
                    if (error instanceof AlreadyUp) {
                        started.wasUp = true;
                        return 'it is up already';
                    }
                    throw error;
                }
            },
        },
        {
            title: 'Deploying the chaincodes',
            run: async (say) => {
                const deployed = await deploy(topology, layout, { onProgress: say });
                return deployed.some(({ changed }) => changed) ? undefined : 'they are there already';
            },
        },
        {
            title: 'Founding the community',
            run: async (say) => {
                const charter = await foundCommunity(members, clock, say);
                started.homes = Object.keys(charter.members).length;
                return `${started.homes} households are members`;
            },
        },
    ];
}
