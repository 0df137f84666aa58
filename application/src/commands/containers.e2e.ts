import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { canRunContainers } from '@commonwatt/network/topology/compose/available';
import { composeCommand } from '@commonwatt/network/topology/compose/engine';
import { layout as layoutOf, repositoryRoot } from '@commonwatt/network/topology/layout';
import { findFabric, hasFabric } from '@commonwatt/network/topology/native/binaries';
import { peerDigests } from '@commonwatt/network/topology/peer-digests';
import { networkStatus, startNetwork, stopNetwork } from '@commonwatt/network/topology/processes/network';
import { organisation, type Topology } from '@commonwatt/network/topology/topology';
import { readTopology } from '@commonwatt/network/topology/topology-file';
import { agree } from '../community/inspection';
import { command, output, testHome } from '../testing/command';

const LIMIT_MS = 900_000;
const NETWORK = join(repositoryRoot, 'test-network-scripts', 'network.sh');
const ORDERER = '-o "$ORDERER_ADDRESS" --tls --cafile "$ORDERER_CA"';

interface Case {
    readonly kind: string;
    readonly wish: readonly string[];
    readonly isHere: boolean;
}

const CASES: readonly Case[] = [
    { kind: 'our peers', wish: ['--peers', 'embedded'], isHere: canRunContainers() },
    { kind: "Fabric's peers", wish: [], isHere: canRunContainers({ pulled: ['fabric-peer'] }) },
];

/** Three homes and the grid operator, each with a peer and two chaincode services in containers: what a person does with them in commands. */
describe.each(CASES)('with $kind in containers', ({ wish, isHere }) => {
    const here = isHere ? test : test.skip;
    const home = testHome(3, 31_250);
    // Where all tests are skipped nothing is run afterwards either.
    if (!isHere) home.remove();
    const layout = layoutOf(home.directory);
    const at = ['--home', home.directory];
    let bill: string;

    afterAll(async () => {
        if (isHere) await command('down', ...at);
        home.remove();
    }, LIMIT_MS);

    const topology = (): Topology => readTopology(layout);
    const network = (...args: readonly string[]): string =>
        execFileSync(NETWORK, [...args, ...at], { encoding: 'utf8' });
    const billOf = (id: string): Promise<string> => output('bill', id, '--json', ...at);
    const agentOf = (id: string): string =>
        readFileSync(layout.organisation(organisation(topology(), id)).agent.certificate, 'utf8');

    /** When each container was started. */
    async function since(): Promise<ReadonlyMap<string, string | undefined>> {
        const { processes } = await networkStatus(topology(), layout);
        return new Map(processes.map(({ name, since: when }) => [name, when]));
    }

    async function allPeersAgree(): Promise<boolean> {
        for (let tries = 0; tries < 300; tries += 1) {
            const digests = await peerDigests(topology(), layout);
            if (new Set(digests.map(({ height }) => height)).size === 1) return agree(digests);
            await pause(100);
        }
        return false;
    }

    here(
        'a day is traded and billed',
        async () => {
            const asked = ['--network', 'docker', ...wish, '--community', home.community];
            await output('start', '--json', ...at, ...asked);
            bill = await billOf('H2');
            expect(await allPeersAgree()).toBe(true);
        },
        LIMIT_MS,
    );

    here(
        'a household whose disk is gone gets its private records back',
        async () => {
            await stopNetwork(layout, { keep: true });
            rmSync(layout.ledger('H2'), { recursive: true });
            await startNetwork(topology(), layout);
            expect(await allPeersAgree()).toBe(true);
            expect((await command('bill', 'H2', '--json', ...at)).exitCode).not.toBe(0);
            const restored = JSON.parse(await output('restore', 'H2', '--json', ...at)) as Record<string, unknown>;
            expect(restored).toMatchObject({ days: 1, lost: [], restored: restored.records });
            expect(await billOf('H2')).toBe(bill);
            expect(await allPeersAgree()).toBe(true);
        },
        LIMIT_MS,
    );

    here(
        'a member renews its certificates, and the others notice nothing',
        async () => {
            const before = agentOf('H2');
            const started = await since();
            network('renew', 'H2');
            expect(agentOf('H2')).not.toBe(before);
            expect(await billOf('H2')).toBe(bill);
            expect(await allPeersAgree()).toBe(true);
            const anew = [...(await since())].filter(([name, when]) => started.get(name) !== when);
            expect(anew.map(([name]) => name)).toEqual(['peer-H2']);
        },
        LIMIT_MS,
    );

    const withAuthority = isHere && canRunContainers({ pulled: ['fabric-ca'] }) ? test : test.skip;
    withAuthority(
        "a member's own certificate authority certifies its agent, who goes on with the key that it had",
        async () => {
            const before = agentOf('H1');
            const [program = '', ...args] = await composeCommand();
            const up = ['--profile', 'ca', 'up', '--detach', 'ca-H1'];
            execFileSync(program, [...args, ...up], { cwd: layout.compose, stdio: 'pipe' });
            const enrolled = await answered(() => output('enrol', 'H1', '--json', ...at));
            expect(JSON.parse(enrolled)).toMatchObject({ organisation: 'H1' });
            expect(agentOf('H1')).not.toBe(before);
            expect(JSON.parse(await billOf('H1'))).toBeDefined();
        },
        LIMIT_MS,
    );

    const withFabric = isHere && hasFabric(process.env) ? test : test.skip;
    withFabric(
        "Fabric's peer command asks, fetches, approves and commits a new definition",
        () => {
            expect(peer('H1', 'peer channel list')).toContain('community');
            const block = join(layout.home, 'newest.block');
            peer('H1', `peer channel fetch newest '${block}' -c "$CHANNEL" ${ORDERER}`);
            expect(readFileSync(block).length).toBeGreaterThan(0);
            const charter = `peer chaincode query -C "$CHANNEL" -n governance -c '{"Args":["charter:document","{}"]}'`;
            expect(peer('H3', charter, 'Agent')).toContain('H3MSP');
            const commands = 'peer lifecycle chaincode';
            const [, id = ''] = /Package ID: (market\S+),/.exec(peer('H1', `${commands} queryinstalled`)) ?? [];
            const definition =
                '-C "$CHANNEL" -n market -v 2 --sequence 2 --channel-config-policy /Channel/Application/Market';
            for (const member of ['DSO', 'H1', 'H2', 'H3']) {
                peer(member, `${commands} approveformyorg ${ORDERER} ${definition} --package-id '${id}'`);
            }
            const endorsers = ['DSO', 'H1', 'H3'].map(
                (each) => `--peerAddresses "$PEER_${each}" --tlsRootCertFiles "$TLS_ROOT_${each}"`,
            );
            peer('DSO', `${commands} commit ${ORDERER} ${definition} ${endorsers.join(' ')}`);
            expect(peer('H2', `${commands} querycommitted -C "$CHANNEL" -n market`)).toContain('Sequence: 2');
        },
        LIMIT_MS,
    );

    withFabric(
        'what the new definition runs answers as before',
        async () => {
            expect(await billOf('H2')).toBe(bill);
            expect(await allPeersAgree()).toBe(true);
        },
        LIMIT_MS,
    );

    /** What a line of a shell says after `eval "$(network.sh peer-env …)"`. */
    function peer(id: string, line: string, as = 'Admin'): string {
        const folder = dirname(findFabric(process.env, { orderer: false }).peer);
        const MADE = network('peer-env', id, '--as', as);
        const env = { ...process.env, MADE, PATH: `${folder}:${process.env.PATH ?? ''}`, FABRIC_LOGGING_SPEC: 'error' };
        const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -e; eval "$MADE"; ${line}`], {
            encoding: 'utf8',
            env,
        });
        expect([line, status, stderr]).toEqual([line, 0, expect.any(String)]);
        return stdout + stderr;
    }
});

/** An authority takes a moment to start. */
async function answered(ask: () => Promise<string>): Promise<string> {
    for (let tries = 0; ; tries += 1) {
        try {
            return await ask();
        } catch (error) {
            if (tries === 60) throw error;
            await pause(500);
        }
    }
}
