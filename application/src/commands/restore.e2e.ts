import { afterAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { deploy } from '@commonwatt/network/topology/deploy/deploy';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import { peerDigests } from '@commonwatt/network/topology/peer-digests';
import { startNetwork, stopNetwork } from '@commonwatt/network/topology/processes/network';
import { readTopology } from '@commonwatt/network/topology/topology-file';
import { agree } from '../community/inspection';
import { command, output, testHome } from '../testing/command';

const HOMES = 3; // With the grid operator: four organisations.
interface Restored {
    readonly days: number;
    readonly records: number;
    readonly restored: number;
    readonly lost: readonly string[];
}

const RESTORED = 'a household whose disk is gone gets its private records back, byte for byte';

const CASES: readonly { peers: string; kind: readonly string[]; isHere: boolean; firstPort: number }[] = [
    { peers: 'embedded', kind: [], isHere: true, firstPort: 10_300 },
    { peers: "Fabric's", kind: ['--network', 'native'], isHere: hasFabric(process.env), firstPort: 15_000 },
];

describe.each(CASES)('a network of $peers peers', ({ kind, isHere, firstPort }) => {
    if (!isHere) {
        // Leaves no folder behind.
        it.skip(RESTORED, () => undefined);
        return;
    }
    const home = testHome(HOMES, firstPort);
    const layout = layoutOf(home.directory);
    const at = ['--home', home.directory];
    afterAll(async () => {
        await command('down', ...at);
        home.remove();
    }, 300_000);

    const restoreOf = async (id: string): Promise<Restored> =>
        JSON.parse(await output('restore', id, '--json', ...at)) as Restored;

    async function allPeersAgree(): Promise<boolean> {
        const topology = readTopology(layout);
        for (let tries = 0; tries < 1_000; tries += 1) {
            const digests = await peerDigests(topology, layout);
            if (new Set(digests.map(({ height }) => height)).size === 1) {
                return agree(digests);
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return false;
    }

    it(
        RESTORED,
        async () => {
            await output('start', '--json', ...at, '--community', home.community, ...kind);
            const bill = await output('bill', 'H2', '--json', ...at);
            const money = await output('account', 'H2', '--json', ...at);
            const topology = readTopology(layout);

            await stopNetwork(layout, { keep: true });
            rmSync(layout.ledger('H2'), { recursive: true });
            await startNetwork(topology, layout);
            // From block 0: the public state is everybody's, what was private is gone, and so are the chaincode packages.
            expect(await allPeersAgree()).toBe(true);
            expect((await command('bill', 'H2', '--json', ...at)).exitCode).not.toBe(0);

            expect((await command('restore', 'H9', ...at)).exitCode).toBe(2);

            const first = await restoreOf('H2');
            expect(first).toMatchObject({ days: 1, lost: [] });
            expect(first.restored).toBe(first.records);
            expect(first.records).toBeGreaterThan(96 + 1 + 1); // Readings, settlement, bill, and orders.
            expect(await output('bill', 'H2', '--json', ...at)).toBe(bill);
            expect(await output('account', 'H2', '--json', ...at)).toBe(money);

            expect(await restoreOf('H2')).toEqual({ ...first, restored: 0 });
            expect(await allPeersAgree()).toBe(true);
            // Nobody had to agree to the chaincodes anew.
            expect((await deploy(topology, layout)).map(({ sequence, changed }) => ({ sequence, changed }))).toEqual([
                { sequence: 1, changed: false },
                { sequence: 1, changed: false },
            ]);
        },
        600_000,
    );
});
