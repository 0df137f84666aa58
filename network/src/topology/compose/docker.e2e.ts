import { afterAll, describe, expect, test } from '@jest/globals';
import { Client as GrpcClient, credentials } from '@grpc/grpc-js';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';
import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionProfile } from '../connection-profile';
import { deploy } from '../deploy/deploy';
import { layout as layoutOf } from '../layout';
import { withNetwork } from '../network-kind';
import { peerDigests } from '../peer-digests';
import { AlreadyUp, networkStatus, startNetwork, stopNetwork } from '../processes/network';
import { smallCommunity } from '../small-community';
import { canRunContainers } from './available';
import { projectName } from './files';

const here = canRunContainers() ? test : test.skip;

const LIMIT_MS = 900_000;
const layout = layoutOf(mkdtempSync(join(tmpdir(), 'docker-home-')));
const topology = withNetwork(smallCommunity(2, { portBase: 28_400 }), { kind: 'docker', embedded: 'all' });

afterAll(async () => {
    await stopNetwork(layout);
    rmSync(layout.home, { recursive: true, force: true });
}, LIMIT_MS);

/** What an unmodified client of the organisation gets from its own peer. */
async function answer(id: string): Promise<string> {
    const profile = connectionProfile(topology, layout, id);
    const client = new GrpcClient(profile.peerEndpoint, credentials.createSsl(Buffer.from(profile.tlsRootPem)), {
        'grpc.ssl_target_name_override': profile.peerName,
    });
    const gateway = connect({
        client,
        identity: { mspId: profile.mspId, credentials: readFileSync(profile.certPath) },
        signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(profile.keyPath))),
        hash: hash.sha256,
    });
    try {
        const contract = gateway.getNetwork(profile.channel).getContract('governance');
        await contract.evaluate('charter:document', {
            arguments: ['{}'],
            endorsingOrganizations: [profile.mspId],
        });
        return 'a charter';
    } catch (error) {
        return JSON.stringify(error) + String(error);
    } finally {
        gateway.close();
        client.close();
    }
}

describe('a docker network with our peers, one container for each', () => {
    here(
        'comes up, says so the second time, and deploys',
        async () => {
            expect((await startNetwork(topology, layout)).state).toBe('up');
            await expect(startNetwork(topology, layout)).rejects.toThrow(AlreadyUp);
            expect(await deploy(topology, layout)).toMatchObject([
                { name: 'governance', sequence: 1, changed: true },
                { name: 'market', sequence: 1, changed: true },
            ]);
        },
        LIMIT_MS,
    );

    here("asks each member's own chaincode service at its own peer", async () => {
        for (const id of ['DSO', 'H1', 'H2']) {
            expect(await answer(id)).toContain('NOT_ESTABLISHED');
        }
    });

    here(
        'of which a container was killed is partly up, and a start makes it whole',
        async () => {
            const filter = ['--filter', `label=com.docker.compose.project=${projectName(layout)}`];
            const only = [...filter, '--filter', 'label=com.docker.compose.service=peer-H1'];
            const id = spawnSync('docker', ['ps', '--quiet', ...only], { encoding: 'utf8' }).stdout.trim();
            expect(spawnSync('docker', ['kill', id]).status).toBe(0);
            const { state, processes } = await networkStatus(topology, layout);
            expect(state).toBe('partly up');
            expect(processes.find(({ name }) => name === 'peer-H1')?.state).toBe('ended');
            expect((await startNetwork(topology, layout)).state).toBe('up');
            expect(await answer('H1')).toContain('NOT_ESTABLISHED');
            const digests = await peerDigests(topology, layout);
            expect(new Set(digests.map((held) => JSON.stringify({ ...held, org: 'any' }))).size).toBe(1);
        },
        LIMIT_MS,
    );

    here(
        'taken down leaves neither containers nor files',
        async () => {
            await stopNetwork(layout);
            expect(existsSync(layout.var)).toBe(false);
            const filter = `label=com.docker.compose.project=${projectName(layout)}`;
            const left = spawnSync('docker', ['ps', '--all', '--quiet', '--filter', filter], { encoding: 'utf8' });
            expect(left.stdout).toBe('');
        },
        LIMIT_MS,
    );
});
