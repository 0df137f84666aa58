import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeBlock, headerHash, blockHeader } from '../../fabric/blocks';
import { KvHome } from '../../testing/kv-home';
import { until } from '../../testing/peer-network';
import { deploy } from '../deploy/deploy';
import { repositoryRoot } from '../layout';
import { peerDigests } from '../peer-digests';
import { startNetwork } from '../processes/network';
import type { NetworkKind } from '../topology';
import { findFabric, hasFabric } from './binaries';

const LIMIT_MS = 300_000;
const NETWORK = join(repositoryRoot, 'test-network-scripts', 'network.sh');
const ORDERER = '-o "$ORDERER_ADDRESS" --tls --cafile "$ORDERER_CA"';
const POLICY = '--channel-config-policy /Channel/Application/Market';
const here = hasFabric(process.env) ? test : test.skip;

const CASES: readonly { kind: string; network: Partial<NetworkKind> }[] = [
    { kind: 'embedded peers', network: { kind: 'embedded' } },
    { kind: "Fabric's peers", network: { kind: 'native' } },
    { kind: 'a mixed channel', network: { kind: 'native', embedded: ['DSO', 'H1'] } },
];

/** Fabric's own command must not be able to tell which peers it speaks to: the same table for all. */
describe.each(CASES)("Fabric's peer command with $kind", ({ network }) => {
    const home = new KvHome(3, 29_050, network);
    const { topology, layout } = home;
    let packageId: string;

    beforeAll(async () => {
        home.prepare();
        await startNetwork(topology, layout);
        const [deployed] = await deploy(topology, layout);
        packageId = deployed?.packageId ?? '';
        await home.submit('H1', 'put', ['greeting', 'hello']);
        await level();
    }, LIMIT_MS);

    afterAll(() => home.remove(), LIMIT_MS);

    /** A command that waits for its transaction waits for the peers it has asked. */
    const level = (): Promise<void> =>
        until(
            'all peers at one height',
            async () => new Set((await peerDigests(topology, layout)).map(({ height }) => height)).size === 1,
        );

    const environments = new Map<string, string>();

    /** What a person evaluates before using the command; the same every time. */
    function environment(id: string, as: string): string {
        const made = environments.get(`${id} ${as}`);
        if (made !== undefined) return made;
        const args = ['peer-env', id, '--as', as, '--home', layout.home];
        const { stdout, stderr } = spawnSync(NETWORK, args, { encoding: 'utf8' });
        expect([stderr, stdout]).toEqual(['', expect.stringContaining('export CORE_PEER_ADDRESS=')]);
        environments.set(`${id} ${as}`, stdout);
        return stdout;
    }

    /** A line of a shell after `eval "$(network.sh peer-env …)"`. */
    function shell(id: string, line: string, as = 'Admin'): { code: number | null; said: string } {
        const { peer } = findFabric(process.env, { orderer: false });
        const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -e; eval "$MADE"; ${line}`], {
            encoding: 'utf8',
            timeout: 60_000,
            env: {
                ...process.env,
                MADE: environment(id, as),
                PATH: `${dirname(peer)}:${process.env.PATH ?? ''}`,
                FABRIC_LOGGING_SPEC: 'error',
            },
        });
        return { code: status, said: `${stdout}${stderr}` };
    }

    function done(id: string, line: string, as?: string): string {
        const { code, said } = shell(id, line, as);
        expect([line, code, said]).toEqual([line, 0, said]);
        return said;
    }

    const at = (...ids: readonly string[]): string =>
        ids.map((id) => `--peerAddresses "$PEER_${id}" --tlsRootCertFiles "$TLS_ROOT_${id}"`).join(' ');
    const call = (...args: readonly string[]): string => `-C "$CHANNEL" -n kv -c '${JSON.stringify({ Args: args })}'`;
    const invoke = (options: string, ...args: readonly string[]): string =>
        `peer chaincode invoke ${ORDERER} ${call(...args)} --waitForEvent ${options}`;

    here('channel: list, getinfo, fetch from the peer and from the orderer', () => {
        expect(done('H2', 'peer channel list')).toContain('community');
        const info = /Blockchain info: (\{.*\})/.exec(done('H2', 'peer channel getinfo -c "$CHANNEL"'));
        const { height, currentBlockHash } = JSON.parse(info?.[1] ?? '{}') as Record<string, unknown>;
        const newest = join(layout.home, 'newest.block');
        done('H2', `peer channel fetch newest '${newest}' -c "$CHANNEL"`);
        const block = decodeBlock(readFileSync(newest));
        expect(blockHeader(block).getNumber()).toBe(Number(height) - 1);
        expect(Buffer.from(headerHash(blockHeader(block))).toString('base64')).toBe(currentBlockHash);
        for (const source of ['', ORDERER]) {
            const fetched = join(layout.home, 'fetched.block');
            done('H2', `peer channel fetch oldest '${fetched}' -c "$CHANNEL" ${source}`);
            expect(blockHeader(decodeBlock(readFileSync(fetched))).getNumber()).toBe(0);
            done('H2', `peer channel fetch config '${fetched}' -c "$CHANNEL" ${source}`);
            expect(blockHeader(decodeBlock(readFileSync(fetched))).getNumber()).toBe(0);
            done('H2', `peer channel fetch 2 '${fetched}' -c "$CHANNEL" ${source}`);
            expect(blockHeader(decodeBlock(readFileSync(fetched))).getNumber()).toBe(2);
        }
    });

    here('channel: what is not there is said at once', () => {
        const elsewhere = join(layout.home, 'none.block');
        for (const source of ['', ORDERER]) {
            expect(shell('H2', `peer channel fetch 9999 '${elsewhere}' -c "$CHANNEL" ${source}`)).toMatchObject({
                code: 1,
                said: expect.stringContaining('NOT_FOUND'),
            });
        }
        expect(shell('H2', `peer channel fetch 0 '${elsewhere}' -c other`).said).toContain('NOT_FOUND');
        expect(shell('H1', 'peer channel getinfo -c other').said).toContain('Invalid chain ID, other');
        expect(shell('H1', `peer channel join -b '${layout.genesisBlock}'`).said).toContain(
            'ledger [community] already exists with state [ACTIVE]',
        );
        expect(done('H1', 'peer channel joinbysnapshotstatus')).toContain('No joinbysnapshot operation is in progress');
    });

    here('chaincode query: as an administrator and as an agent; refusals are the chaincode’s words', () => {
        expect(done('H1', `peer chaincode query ${call('get', 'greeting')}`).trim()).toBe('hello');
        expect(done('H2', `peer chaincode query ${call('creator')}`, 'Agent').trim()).toBe('H2MSP');
        expect(done('H1', `peer chaincode query --hex ${call('get', 'greeting')}`).trim()).toBe('68656c6c6f');
        expect(shell('H1', `peer chaincode query ${call('fail', 'no such thing')}`)).toMatchObject({
            code: 1,
            said: expect.stringContaining('status:500  message:"no such thing"'),
        });
        expect(shell('H1', 'peer chaincode query -C "$CHANNEL" -n none -c \'{"Args":["get"]}\'')).toMatchObject({
            code: 1,
            said: expect.stringContaining('chaincode none not found'),
        });
        expect(shell('H1', `peer chaincode query -C other -n kv -c '{"Args":["get"]}'`).code).toBe(1);
    });

    here('chaincode invoke: several peers, waiting for the event, transient data', async () => {
        done('H2', invoke(at('DSO', 'H2'), 'put', 'by', 'the command'), 'Agent');
        await level();
        expect(done('H3', `peer chaincode query ${call('get', 'by')}`).trim()).toBe('the command');
        const secret = Buffer.from('kept at home').toString('base64');
        const transient = `--transient '{"value":"${secret}"}' ${at('H2')}`;
        done('H2', invoke(transient, 'putPrivate', '_implicit_org_H2MSP', 'secret'), 'Agent');
        const own = call('getPrivate', '_implicit_org_H2MSP', 'secret');
        expect(done('H2', `peer chaincode query ${own}`).trim()).toBe('kept at home');
        const newest = join(layout.home, 'newest.block');
        done('H2', `peer channel fetch newest '${newest}' -c "$CHANNEL"`);
        expect(readFileSync(newest).includes('kept at home')).toBe(false);
        await level();
        expect(shell('H3', `peer chaincode query ${own}`).said).not.toContain('kept at home');
    });

    here('chaincode invoke: what the channel refuses is said', () => {
        expect(shell('H2', invoke(at('H2'), 'put', 'by', 'one alone'))).toMatchObject({
            code: 1,
            said: expect.stringContaining('ENDORSEMENT_POLICY_FAILURE'),
        });
        expect(shell('H2', invoke(at('DSO', 'H2'), 'refuse', '403', 'not yours'))).toMatchObject({
            code: 1,
            said: expect.stringContaining('not yours'),
        });
        expect(shell('H2', `export CORE_PEER_LOCALMSPID=H3MSP; peer channel getinfo -c "$CHANNEL"`)).toMatchObject({
            code: 1,
            said: expect.stringContaining('access denied'),
        });
    });

    here(
        'lifecycle: a new definition is approved by all, checked, committed and used',
        async () => {
            const definition = `-C "$CHANNEL" -n kv -v 2 --sequence 2 ${POLICY}`;
            const commands = 'peer lifecycle chaincode';
            expect(done('H1', `${commands} queryinstalled`)).toContain(`Package ID: ${packageId}`);
            const approve = `${commands} approveformyorg ${ORDERER} ${definition} --package-id '${packageId}'`;
            done('H1', approve);
            done('DSO', approve);
            await level();
            const readiness = `${commands} checkcommitreadiness ${definition} -O json`;
            expect(JSON.parse(done('H2', readiness))).toEqual({
                approvals: { DSOMSP: true, H1MSP: true, H2MSP: false, H3MSP: false },
            });
            const commit = `${commands} commit ${ORDERER} ${definition} ${at('DSO', 'H1', 'H2')}`;
            expect(shell('DSO', commit)).toMatchObject({
                code: 1,
                said: expect.stringContaining('chaincode definition not agreed to by this org (H2MSP)'),
            });
            done('H2', approve);
            done('H3', approve);
            await level();
            done('DSO', commit);
            await level();
            expect(done('H3', `${commands} querycommitted -C "$CHANNEL"`)).toContain(
                'Name: kv, Version: 2, Sequence: 2',
            );
            expect(done('H3', `${commands} queryapproved -C "$CHANNEL" -n kv --sequence 2`)).toContain(packageId);
            expect(shell('H3', approve).said).toContain('attempted to redefine the current committed sequence (2)');
            done('H3', invoke(at('DSO', 'H3'), 'put', 'by', 'version 2'), 'Agent');
            await level();
            expect(done('H1', `peer chaincode query ${call('get', 'by')}`).trim()).toBe('version 2');
        },
        LIMIT_MS,
    );
});
