import { afterAll, expect, it } from '@jest/globals';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '@commonwatt/network/topology/layout';
import { readTopology } from '@commonwatt/network/topology/topology-file';
import { networkStatus } from '@commonwatt/network/topology/processes/network';
import { randomNumbers } from '../data/random';
import { command, output, testHome, type TestHome } from '../testing/command';
import { RunningAgents } from '../testing/running-agents';

const HOMES = ['H1', 'H2', 'H3', 'H4'];
/** Each in a process of its own: what dies together. */
const TOGETHER = [['DSO', 'H1'], ['H2', 'H3'], ['H4']];
const FIRST_PORT = 26_200;
const SEED = 'agents that are killed';
/** In the course of the day about 1,100 things are noted. So many of them lie between two kills, and up to as many more by chance. */
const APART = 100;

type Victim = RunningAgents | 'peers' | 'ordering';

const broken = testHome(HOMES.length, FIRST_PORT);
const whole = testHome(HOMES.length, FIRST_PORT);
const running: RunningAgents[] = [];
afterAll(async () => {
    running.forEach((each) => {
        each.kill();
    });
    for (const home of [broken, whole]) {
        await command('down', '--home', home.directory);
        home.remove();
    }
}, 300_000);

const at = (home: TestHome): string[] => ['--home', home.directory];

const bills = (home: TestHome): Promise<string[]> =>
    Promise.all(HOMES.map((name) => output('bill', name, '--json', ...at(home))));

/** The ordering service or all peers, without asking; then whatever is left is started anew. */
async function killNode(home: TestHome, name: string): Promise<void> {
    const place = layout(home.directory);
    const { processes } = await networkStatus(readTopology(place), place);
    const victim = processes.find((each) => each.name === name);
    expect(victim?.pid).toBeDefined();
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await output('up', ...at(home));
}

it('agents that are killed at random, with their peers and the ordering service, come to the bills of an undisturbed day', async () => {
    await output('up', ...at(broken), '--community', broken.community);
    // The same members with the same keys, for a day that nothing happens to.
    cpSync(join(broken.directory, 'organizations'), join(whole.directory, 'organizations'), { recursive: true });

    const agents = TOGETHER.map((ids) => new RunningAgents(ids, broken.directory));
    running.push(...agents);
    const noted = (): number => agents.reduce((sum, each) => sum + each.noted, 0);
    const random = randomNumbers(SEED);
    const victims: Victim[] = [...agents, 'peers', 'ordering'];
    for (let place = 0; victims.length > 0;) {
        place += APART + Math.floor(random() * APART);
        await Promise.race(agents.map((each) => each.until(() => noted() >= place)));
        const [victim] = victims.splice(Math.floor(random() * victims.length), 1);
        await (victim instanceof RunningAgents ? victim.restart() : killNode(broken, victim ?? ''));
    }
    expect(await Promise.all(agents.map((each) => each.ended))).toEqual([0, 0, 0]);
    const disturbed = await bills(broken);
    await output('down', ...at(broken));

    await output('start', '--json', ...at(whole), '--community', whole.community);
    expect(disturbed).toEqual(await bills(whole));
}, 400_000);
