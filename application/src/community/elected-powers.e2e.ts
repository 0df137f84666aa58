import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasComet } from '@commonwatt/network/topology/comet/plans';
import { meterData } from '../commands/day-choice';
import { SAMPLE_DAY } from '../data/sample';
import { StakeGovernance } from '../market/stake';
import { output } from '../testing/command';
import { testNetwork, type TestNetwork } from '../testing/network';
import { governorsNow } from './admission';
import { stakeEpoch } from './epochs';
import { channelFacts } from './inspection';
import { tradeDay } from './trade';

const PAYMENTS = 30;
const isHere = hasComet(process.env);

interface Elected {
    readonly basis: string;
    readonly powers: readonly { readonly mspId: string; readonly power: string }[];
}

interface Produced {
    readonly to: string;
    readonly changedIn: readonly string[];
    readonly outOfTurn: readonly { readonly block: string }[];
    readonly producers: readonly { readonly mspId: string; readonly power: string; readonly blocks: string }[];
}

(isHere ? describe : describe.skip)('seats with CometBFT under the weights of an election', () => {
    let network: TestNetwork | undefined;

    beforeAll(async () => {
        const started = await testNetwork(4, 14_050, { ordering: 'comet' });
        network = started;
        const { members, charter } = started;
        const { metered } = meterData(members.topology, { day: SAMPLE_DAY, forecast: 'perfect' });
        await tradeDay(members, { charter, metered, progress: { report: () => undefined } });
        const governors = await governorsNow(members);
        await stakeEpoch(members, { charter, epoch: SAMPLE_DAY, homes: undefined, governors }).run();
    }, 600_000);

    afterAll(async () => {
        network?.members.close();
        await network?.stop();
    }, 300_000);

    it('produce by those weights once the administrators have worked them out from their own ledgers', async () => {
        const { members } = network ?? fail();
        const home = ['--home', members.layout.home];
        const elected = JSON.parse(await output('powers', '--epoch', SAMPLE_DAY, '--json', ...home)) as Elected;
        const total = elected.powers.reduce((sum, { power }) => sum + Number(power), 0);
        expect(new Set(elected.powers.map(({ power }) => power)).size).toBeGreaterThan(1);
        for (const { power } of elected.powers) expect(Number(power) * 3).toBeLessThan(total);

        const governance = new StakeGovernance(members.operator.calls, await governorsNow(members));
        for (let payment = 1; payment <= PAYMENTS; payment += 1) {
            await governance.deposit('H1MSP', 1n, `payment ${payment}`);
        }
        expect(await members.shared()).toEqual([]); // What follows is a process of its own.
        const produced = JSON.parse(await output('producers', '--as', 'H2', '--json', ...home)) as Produced;
        expect(produced.producers.map(({ mspId, power }) => ({ mspId, power }))).toEqual(elected.powers);
        expect(produced.changedIn).toHaveLength(1);
        expect(Number(produced.to) - Number(produced.changedIn[0])).toBeGreaterThanOrEqual(PAYMENTS);
        // Who is late is passed over, which happens on a machine with other work; nobody else takes a turn.
        console.log(`${produced.outOfTurn.length} of ${produced.to} blocks were produced out of turn`);
        expect(produced.outOfTurn.length).toBeLessThan(Number(produced.to) / 5);
        expect((await channelFacts(members)).peersAgree).toBe(true);
    }, 300_000);
});

function fail(): never {
    throw new Error('the network was not started');
}
