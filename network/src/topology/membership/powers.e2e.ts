import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configuredSeats } from '../../fabric/channel-config';
import { installedComet } from '../../ordering/engine/comet/testing/installed-comet';
import { KvHome } from '../../testing/kv-home';
import { until } from '../../testing/peer-network';
import { deploy } from '../deploy/deploy';
import { peerDigests } from '../peer-digests';
import { startNetwork, stopNetwork } from '../processes/network';
import { gridOperator, type NetworkKind } from '../topology';
import { configurationAt } from './channel';
import { changePowers } from './powers';
import { readPowers } from './read-powers';

const LIMIT_MS = 180_000;
const program = installedComet();

interface Case {
    readonly kind: string;
    readonly network: Partial<NetworkKind>;
    readonly isHere: boolean;
}

const CASES: readonly Case[] = [
    { kind: 'one process for all seats', network: {}, isHere: true },
    { kind: 'a process for each seat', network: { ordering: 'comet' }, isHere: program !== undefined },
];

describe.each(CASES)('the powers of $kind', ({ network, isHere }) => {
    const here = isHere ? test : test.skip;
    const home = new KvHome(5, 17_300, network);
    const { layout, topology: founded } = home;

    beforeAll(() => {
        if (program !== undefined) process.env['COMETBFT_BIN'] = program;
        home.prepare();
    });
    afterAll(() => home.remove(), LIMIT_MS);

    const powers = async (): Promise<string> => {
        const present = await configurationAt(gridOperator(founded), founded, layout);
        return (configuredSeats(present) ?? []).map(({ mspId, power }) => `${mspId}=${power}`).join(',');
    };

    const change = async (text: string): Promise<void> => {
        home.topology = await changePowers(readPowers(text, home.topology), layout);
    };

    here(
        'change while it runs, and blocks go on',
        async () => {
            await startNetwork(founded, layout);
            await deploy(founded, layout);
            await home.submit('H1', 'put', ['before', 'the change']);
            await change('H1=32,H2=28,H3=24,H4=16');
            expect(await powers()).toBe('H1MSP=32,H2MSP=28,H3MSP=24,H4MSP=16');
            await home.submit('H1', 'put', ['after', 'the change']);
        },
        LIMIT_MS,
    );

    here.each([
        { what: 'a third for one', text: 'H1=2,H2=2,H3=1,H4=1', why: 'A_THIRD_OF_THE_POWER' },
        { what: 'none for all', text: 'H1=0', why: 'NO_POWER' },
    ])('are refused: $what', async ({ text, why }) => {
        await expect(change(text)).rejects.toThrow(why);
    });

    here(
        'are signed by nobody whose own ledger says otherwise',
        async () => {
            const asked = readPowers('H1=25,H2=25,H3=25,H4=25', home.topology);
            const recompute = () => Promise.resolve(readPowers('H1=26,H2=25,H3=25,H4=24', home.topology));
            await expect(changePowers({ powers: asked, basis: 3, recompute }, layout)).rejects.toThrow();
            expect(await powers()).toBe('H1MSP=32,H2MSP=28,H3MSP=24,H4MSP=16');
        },
        LIMIT_MS,
    );

    here(
        'go to a member that gets a seat, and from one that gives its up',
        async () => {
            await change('H2=28,H3=24,H4=24,H5=24');
            expect(await powers()).toBe('H2MSP=28,H3MSP=24,H4MSP=24,H5MSP=24');
            await home.submit('H1', 'put', ['with', 'other seats']);
        },
        LIMIT_MS,
    );

    here(
        'are the same after a restart, and so is the ledger of all',
        async () => {
            await stopNetwork(layout, { keep: true });
            await startNetwork(founded, layout);
            await home.submit('H1', 'put', ['again', 'up']);
            await until('all peers hold the same', async () => {
                const digests = await peerDigests(home.topology, layout);
                return new Set(digests.map((digest) => JSON.stringify({ ...digest, org: undefined }))).size === 1;
            });
            expect(await powers()).toBe('H2MSP=28,H3MSP=24,H4MSP=24,H5MSP=24');
        },
        LIMIT_MS,
    );
});
