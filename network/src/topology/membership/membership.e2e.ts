import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { KvHome } from '../../testing/kv-home';
import { until } from '../../testing/peer-network';
import { deploy } from '../deploy/deploy';
import { hasFabric } from '../native/binaries';
import { peerDigests } from '../peer-digests';
import { networkStatus, startNetwork, stopNetwork } from '../processes/network';
import { gridOperator, organisation, type NetworkKind } from '../topology';
import { configurationAt } from './channel';
import { addHousehold, removeHousehold, renewMember } from './household';
import { demonstrationHome } from './newcomer';

const LIMIT_MS = 300_000;

interface Case {
    readonly kind: string;
    readonly network: Partial<NetworkKind>;
}

const CASES: readonly Case[] = [
    { kind: 'embedded peers, our ordering', network: {} },
    { kind: 'a mixed channel, our ordering', network: { kind: 'native', embedded: ['DSO', 'H1'] } },
    { kind: "Fabric's peers and orderers", network: { kind: 'native', ordering: 'raft' } },
];

describe.each(CASES)('a household on a network of $kind', ({ network }) => {
    const isHere = network.kind === undefined || hasFabric(process.env, { orderer: network.ordering === 'raft' });
    const here = isHere ? test : test.skip;
    const home = new KvHome(3, 16_200, network);
    const { layout, topology: founded } = home;

    beforeAll(() => {
        home.prepare();
    });
    afterAll(() => home.remove(), LIMIT_MS);

    const sequence = async (): Promise<number> =>
        (await configurationAt(gridOperator(founded), founded, layout)).sequence;

    async function allAgree(ids: readonly string[]): Promise<void> {
        await until('all peers hold the same', async () => {
            const digests = await peerDigests(home.topology, layout);
            expect(digests.map(({ org }) => org)).toEqual(ids);
            return new Set(digests.map((digest) => JSON.stringify({ ...digest, org: undefined }))).size === 1;
        });
    }

    here(
        'joins while it runs: catches up, runs the chaincode and endorses',
        async () => {
            await startNetwork(founded, layout);
            await deploy(founded, layout);
            await home.submit('H1', 'put', ['before', 'it came']);
            const steps: string[] = [];
            home.topology = await addHousehold(demonstrationHome('H4', founded), layout, {
                onProgress: (step) => steps.push(step),
            });
            expect(steps).toContain('4 of 4 members checked the update and signed it');
            expect(await home.query('H4', 'get', 'before')).toBe('it came');
            await home.submit('H4', 'put', ['after', 'it came']);
            await home.submit('H4', 'putPrivate', ['_implicit_org_H4MSP', 'secret'], { value: 'its own' });
            await allAgree(['DSO', 'H1', 'H2', 'H3', 'H4']);
        },
        LIMIT_MS,
    );

    here(
        'that was taken in is not taken in again, and a deployment finds nothing left to do',
        async () => {
            const before = await sequence();
            home.topology = await addHousehold(demonstrationHome('H4', founded), layout);
            expect(await sequence()).toBe(before);
            expect(await deploy(home.topology, layout)).toMatchObject([{ sequence: 1, changed: false }]);
            expect((await networkStatus(home.topology, layout)).state).toBe('up');
        },
        LIMIT_MS,
    );

    here(
        'renews its certificates: it goes on with the new ones, and those before count no more',
        async () => {
            const { agent } = layout.organisation(organisation(home.topology, 'H4'));
            const before = readFileSync(agent.certificate, 'utf8');
            await renewMember('H4', layout);
            const renewed = readFileSync(agent.certificate, 'utf8');
            await until('the renewed peer endorses', () =>
                home.submit('H4', 'put', ['renewed', 'yes']).then(
                    () => true,
                    () => false,
                ),
            );
            writeFileSync(agent.certificate, before);
            await expect(home.submit('H4', 'put', ['renewed', 'no'])).rejects.toThrow();
            writeFileSync(agent.certificate, renewed);
            expect(await home.query('H1', 'get', 'renewed')).toBe('yes');
            await allAgree(['DSO', 'H1', 'H2', 'H3', 'H4']);
        },
        LIMIT_MS,
    );

    here(
        'is there again after the network was down, started as it was founded',
        async () => {
            await stopNetwork(layout, { keep: true });
            await startNetwork(founded, layout);
            await until('its peer serves', () =>
                home.query('H4', 'get', 'renewed').then(
                    (value) => value === 'yes',
                    () => false,
                ),
            );
        },
        LIMIT_MS,
    );

    here(
        'leaves: the channel does not know it any more, and the others go on',
        async () => {
            home.topology = await removeHousehold('H4', layout);
            expect((await configurationAt(gridOperator(founded), founded, layout)).msps.mspIds).not.toContain('H4MSP');
            await home.submit('H2', 'put', ['after', 'it left']);
            expect(await home.query('H3', 'get', 'after')).toBe('it left');
            await allAgree(['DSO', 'H1', 'H2', 'H3']);
        },
        LIMIT_MS,
    );
});
