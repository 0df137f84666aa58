import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { startNetwork, stopNetwork } from '@commonwatt/network/topology/processes/network';
import { meterData } from '../commands/day-choice';
import { SAMPLE_DAY } from '../data/sample';
import { Auction } from '../market/auction';
import { Metering } from '../market/metering';
import { output } from '../testing/command';
import { testNetwork, type TestNetwork } from '../testing/network';
import { CommunityMembers } from './members';
import { householdAgent, operatorAgent, tradeRound } from './trade';

const FIRST_PORT = 12_500;
const NOON = 48;

describe('a peer that is lost before its day is settled', () => {
    let network: TestNetwork;
    let members: CommunityMembers;
    let slot: number;

    /** As if its disk were gone; what its agent keeps goes with a household's. */
    async function lose(id: string): Promise<void> {
        const { layout, topology } = members;
        members.close();
        await stopNetwork(layout, { keep: true });
        rmSync(layout.ledger(id), { recursive: true });
        rmSync(layout.agentFolder(id), { recursive: true, force: true });
        await startNetwork(topology, layout);
        members = new CommunityMembers(topology, layout);
    }

    const restored = async (id: string): Promise<{ restored: number; records: number; lost: string[] }> =>
        JSON.parse(await output('restore', id, '--json', '--home', members.layout.home)) as never;

    beforeAll(async () => {
        network = await testNetwork(3, FIRST_PORT);
        ({ members } = network);
        const { charter } = network;
        const { metered } = meterData(members.topology, { day: SAMPLE_DAY, forecast: 'perfect' });
        slot = metered.firstSlot + NOON;
        await operatorAgent(members, charter).openDay(SAMPLE_DAY, true, members.member('H1').calls.mspId);
        const request = { charter, metered, progress: { report: () => undefined } };
        const agents = members.households.map((member) => householdAgent(members, member, request));
        await tradeRound(members, slot, agents, charter);
        await Promise.all(agents.map((agent) => agent.recordReadings()));
    }, 300_000);

    afterAll(async () => {
        members.close();
        await network.stop();
    }, 300_000);

    it("gets a household's order back from the seats that it was opened to, and its readings from the grid operator", async () => {
        const orders = await new Auction(members.member('H2').calls).ownOrders(slot);
        const readings = await new Metering(members.member('H2').calls).ownReadings(slot, slot + 3);
        expect([orders.length, readings.length]).toEqual([1, 4]);
        await lose('H2');
        // 96 readings and the order; the account and the bank's statement of its opening deposit.
        expect(await restored('H2')).toMatchObject({ restored: 99, lost: [] });
        expect(await new Auction(members.member('H2').calls).ownOrders(slot)).toEqual(orders);
        expect(await new Metering(members.member('H2').calls).ownReadings(slot, slot + 3)).toEqual(readings);
    }, 300_000);

    it('gets the readings of all homes back to the grid operator, and no order: it has none before it settles', async () => {
        const { mspId } = members.member('H3').calls;
        const readings = await new Metering(members.operator.calls).ownReadings(slot, slot, mspId);
        await lose('DSO');
        const back = await restored('DSO');
        expect(back.lost).toEqual([]);
        expect(back.restored).toBeGreaterThanOrEqual(3 * 96);
        expect(await new Metering(members.operator.calls).ownReadings(slot, slot, mspId)).toEqual(readings);
        expect(await new Auction(members.operator.calls).openings(slot)).toEqual([]);
        expect((await restored('DSO')).restored).toBe(0);
    }, 300_000);
});
