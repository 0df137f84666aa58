import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { common } from '@hyperledger/fabric-protos';
import { blockSignatures, decodeBlock } from '../../fabric/blocks';
import { serializeIdentity } from '../../fabric/signing';
import { installedComet } from '../../ordering/engine/comet/testing/installed-comet';
import { KvHome } from '../../testing/kv-home';
import { until } from '../../testing/peer-network';
import { deploy } from '../deploy/deploy';
import { repositoryRoot } from '../layout';
import { AdminClient } from '../native/admin-client';
import { hasFabric } from '../native/binaries';
import { seatPorts } from '../native/ports';
import { peerDigests } from '../peer-digests';
import { networkStatus, startNetwork, stopNetwork } from '../processes/network';
import { gridOperator, organisation, type Endpoint, type NetworkKind } from '../topology';
import { configurationAt } from './channel';
import { addHousehold } from './household';
import { demonstrationHome } from './newcomer';
import { renewSeat } from './seat-renewal';

const LIMIT_MS = 400_000;
const CALL_LIMIT_MS = 20_000;
const BUILT = join(repositoryRoot, 'network', 'dist', 'topology');
const program = installedComet();

const CHANGE = ['the update is signed', 'the update is ordered', 'the update is in force'];
const SEAT = ['the new keys are in their place', 'the seat has ended', 'the seat runs'];
/** Where a renewal is broken off, in this order. */
const STEPS = ['the seat has new keys', ...CHANGE, ...SEAT, ...CHANGE];
/** In force, and nothing done on the disk since. */
const IN_FORCE = 3;

interface Case {
    readonly kind: string;
    readonly network: Partial<NetworkKind>;
    readonly isHere: boolean;
    /** A seat of four takes seconds to start with its engine. */
    readonly steps: readonly number[];
}

const CASES: readonly Case[] = [
    { kind: 'one process for all seats', network: {}, isHere: true, steps: [0, 1, 2, 3, 4, 5, 6, 8] },
    {
        kind: 'a process for each seat',
        network: { ordering: 'comet' },
        isHere: program !== undefined,
        steps: [0, 2, 3, 4, 5],
    },
    {
        kind: "a process for each seat, Fabric's peers",
        network: { kind: 'native', ordering: 'comet' },
        isHere: program !== undefined && hasFabric(process.env),
        steps: [IN_FORCE],
    },
];

describe.each(CASES)('a seat whose certificates are renewed, $kind', ({ network, isHere, steps }) => {
    const here = isHere ? test : test.skip;
    const home = new KvHome(4, 14_000, network);
    const { layout, topology: founded } = home;
    const member = organisation(founded, 'H2');
    const { orderer, nextOrderer } = layout.organisation(member);
    const former: string[] = [];

    beforeAll(async () => {
        if (!isHere) return;
        if (program !== undefined) process.env['COMETBFT_BIN'] = program;
        home.prepare();
        await startNetwork(founded, layout);
        await deploy(founded, layout);
        former.push(readFileSync(orderer.certificate, 'utf8'));
    }, LIMIT_MS);
    afterAll(() => home.remove(), LIMIT_MS);

    /** As H1's own peer has it. */
    async function call(fcn: string, ...args: string[]): Promise<Uint8Array> {
        const client = new AdminClient(organisation(founded, 'H1'), founded, layout);
        try {
            return await client.call(founded.channel, 'qscc', [fcn, founded.channel, ...args], CALL_LIMIT_MS);
        } finally {
            client.close();
        }
    }
    const height = async (): Promise<number> =>
        common.BlockchainInfo.deserializeBinary(await call('GetChainInfo')).getHeight();

    /** The certificates by which H2's seat has signed a block. */
    async function signedBy(number: number): Promise<string[]> {
        const block = decodeBlock(await call('GetBlockByNumber', String(number)));
        const creators = blockSignatures(block).map((signature) =>
            common.SignatureHeader.deserializeBinary(signature.getSignatureHeader_asU8()).getCreator_asU8(),
        );
        const pems = [...former, ...[orderer, nextOrderer].flatMap(({ certificate }) => readIfThere(certificate))];
        return [...new Set(pems)].filter((pem) =>
            creators.some((creator) => Buffer.from(serializeIdentity('H2MSP', pem)).equals(creator)),
        );
    }

    /** Not every block has every seat's signature: orders until one has H2's, and tells by which certificate. */
    async function signsBy(): Promise<string[]> {
        let found: string[] = [];
        await until('the seat signs', async () => {
            await home.submit('H1', 'put', ['counted', String(await height())]);
            found = await signedBy((await height()) - 1);
            return found.length > 0;
        });
        return found;
    }

    const inConfiguration = async (): Promise<string | undefined> =>
        (await configurationAt(gridOperator(founded), founded, layout)).consenters.find(
            ({ mspId }) => mspId === 'H2MSP',
        )?.identityPem;

    function shownAt({ host, port }: Endpoint): Promise<Buffer | undefined> {
        return new Promise((resolve, reject) => {
            const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] }, () => {
                resolve(socket.getPeerX509Certificate()?.raw);
                socket.destroy();
            });
            socket.once('error', reject);
        });
    }

    /** Runs the command in a process of its own that kills itself at this step. */
    function killedAt(step: number): string {
        const script = `
            const { renewSeat } = require('${BUILT}/membership/seat-renewal.js');
            const layout = require('${BUILT}/layout.js').layout(${JSON.stringify(layout.home)});
            let left = ${step};
            const reached = (what) => {
                if (left-- > 0) return;
                require('node:fs').writeSync(1, what);
                process.kill(process.pid, 'SIGKILL');
            };
            renewSeat('H2', layout, { reached }).catch((error) => { console.error(error); process.exitCode = 1; });
        `;
        const { signal, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
        expect([stderr, signal]).toEqual(['', 'SIGKILL']);
        return stdout;
    }

    async function allAgree(): Promise<void> {
        await until('all peers hold the same', async () => {
            const digests = await peerDigests(home.topology, layout);
            return new Set(digests.map((digest) => JSON.stringify({ ...digest, org: undefined }))).size === 1;
        });
    }

    here(
        'goes on with the new key while it runs, and shows the new certificate to all',
        async () => {
            const [before] = former;
            expect(await signsBy()).toEqual([before]);
            const last = (await height()) - 1;
            const said: string[] = [];
            await renewSeat('H2', layout, { onProgress: (step) => said.push(step) });
            expect(said).toContain('4 of 4 members checked the update and signed it');
            const renewed = readFileSync(orderer.certificate, 'utf8');
            expect(renewed).not.toBe(before);
            expect(await inConfiguration()).toBe(renewed);
            expect(await signsBy()).toEqual([renewed]);
            expect(await signedBy(last)).toEqual([before]);
            const tls = new X509Certificate(readFileSync(orderer.tls.certificate)).raw;
            const { orderingSeat = { host: '', port: 0 } } = member;
            expect(await shownAt(orderingSeat)).toEqual(tls);
            if (network.ordering === 'comet') {
                expect(await shownAt(seatPorts({ ...orderingSeat, weight: 1, consenterId: 1 }).cluster)).toEqual(tls);
            }
        },
        LIMIT_MS,
    );

    here(
        'has had the certificates before revoked, and what they signed counts for whoever comes later',
        async () => {
            const { msps } = await configurationAt(gridOperator(founded), founded, layout);
            const [before = ''] = former;
            const standing = msps.deserialize(serializeIdentity('H2MSP', before)).refusal;
            expect(standing).toMatch(/revoked/);
            home.topology = await addHousehold(demonstrationHome('H5', founded), layout);
            await home.submit('H5', 'put', ['newcomer', 'has all blocks']);
            await allAgree();
        },
        LIMIT_MS,
    );

    here(
        'is renewed to the end by the same command, wherever that was killed',
        async () => {
            for (const step of steps) {
                former.push(readFileSync(orderer.certificate, 'utf8'));
                expect(killedAt(step)).toBe(STEPS[step]);
                if (step === IN_FORCE) {
                    const next = readFileSync(nextOrderer.certificate, 'utf8');
                    expect(await signsBy()).toEqual([next]);
                }
                await renewSeat('H2', layout);
                const renewed = readFileSync(orderer.certificate, 'utf8');
                expect(former).not.toContain(renewed);
                expect(await inConfiguration()).toBe(renewed);
                expect(await signsBy()).toEqual([renewed]);
            }
            expect((await networkStatus(home.topology, layout)).state).toBe('up');
        },
        LIMIT_MS,
    );

    here(
        'is the same after a restart of everything, and nobody else has a word in it',
        async () => {
            await stopNetwork(layout, { keep: true });
            await startNetwork(founded, layout);
            expect(await signsBy()).toEqual([readFileSync(orderer.certificate, 'utf8')]);
            await allAgree();
            await expect(renewSeat('H5', layout)).rejects.toThrow('UNKNOWN_SEAT: H5 has no ordering seat');
        },
        LIMIT_MS,
    );
});

function readIfThere(file: string): string[] {
    try {
        return [readFileSync(file, 'utf8')];
    } catch {
        return [];
    }
}
