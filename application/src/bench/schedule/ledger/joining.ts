import { demonstrationHome } from '@commonwatt/network/topology/membership/newcomer';
import { addHousehold } from '@commonwatt/network/topology/membership/household';
import type { Topology } from '@commonwatt/network/topology/topology';
import { chosenDay, meterData } from '../../../commands/day-choice';
import { runSteps } from '../../../commands/steps/run-steps';
import { scheduleSteps, type Ahead } from '../../../commands/steps/schedule-steps';
import { admitHousehold } from '../../../community/admission';
import { CommunityMembers } from '../../../community/members';
import { householdAgent, operatorAgent, tradeRound } from '../../../community/trade';
import { SAMPLE_DAY } from '../../../data/sample';
import { Governance } from '../../../market/governance';
import { tenths } from '../../statistics';
import { benchTopology, onFoundedNetwork } from './bench-network';

/** How long one more home takes, from the command to join. Seconds. */
export interface JoiningFigures {
    readonly by: 'auction' | 'schedule';
    /** That were there before. */
    readonly homes: number;
    readonly onChannel: number;
    readonly admitted: number;
    /** Until a round was cleared, or a day agreed on, in which it took part. */
    readonly tookPart: number;
}

const NOON = 48;

/** A home joins; then all of them trade one round, or agree on a day. */
export function joining(demonstration: Topology, by: JoiningFigures['by'], homes: number): Promise<JoiningFigures> {
    const small = benchTopology(demonstration, homes);
    const id = `H${homes + 1}`;
    return onFoundedNetwork(small, async ({ members: before, layout }) => {
        const begin = performance.now();
        const since = (): number => tenths((performance.now() - begin) / 1000);
        const topology = await addHousehold(demonstrationHome(id, small), layout);
        const onChannel = since();
        const members = new CommunityMembers(topology, layout, before.horizon);
        try {
            await admitHousehold(members, id, SAMPLE_DAY);
            const admitted = since();
            await (by === 'auction' ? tradesARound(members, id) : agreesOnADay(members, id));
            return { by, homes, onChannel, admitted, tookPart: since() };
        } finally {
            members.close();
        }
    });
}

async function tradesARound(members: CommunityMembers, newcomer: string): Promise<void> {
    const charter = await new Governance(members.operator.calls).charter();
    if (charter === undefined) {
        throw new Error('the community is not founded');
    }
    const { metered } = meterData(members.topology, chosenDay({}));
    const operator = operatorAgent(members, charter);
    await operator.openDay(SAMPLE_DAY, true, members.member(newcomer).calls.mspId);
    const request = { charter, metered, progress: { report: () => undefined } };
    const agents = members.households.map((member) => householdAgent(members, member, request));
    const round = await tradeRound(members, metered.firstSlot + NOON, agents, charter);
    const { mspId } = members.member(newcomer).calls;
    if (round.status !== 'cleared' || !(round.closed ?? []).some(({ order }) => order.startsWith(mspId))) {
        throw new Error(`${newcomer} took no part in the round`);
    }
}

async function agreesOnADay(members: CommunityMembers, newcomer: string): Promise<void> {
    const ahead: Ahead = {};
    await runSteps(scheduleSteps(members, chosenDay({}), { mode: 'schedule' }, ahead), false);
    const { mspId } = members.member(newcomer).calls;
    const agreed = ahead.outcome?.record.agreed?.households.find((each) => each.mspId === mspId);
    if (agreed?.hash === undefined || agreed.hash === null) {
        throw new Error(`${newcomer} took no part in the schedule`);
    }
}
