import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { orderer, peer, common } from '@hyperledger/fabric-protos';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { signedEnvelope } from '../../fabric/envelopes';
import { signingIdentity, type SigningIdentity } from '../../fabric/signing';
import { KvHome } from '../../testing/kv-home';
import { certificateHash, type TlsKeyPair } from '../../transport/client-certificates';
import { clientCredentials, clientTls } from '../client-tls';
import { deploy } from '../deploy/deploy';
import { Authority } from '../identities/authority';
import { addHousehold } from '../membership/household';
import { demonstrationHome } from '../membership/newcomer';
import { startNetwork } from '../processes/network';
import { organisation, seats, type NetworkKind } from '../topology';
import { findFabric, hasFabric } from './binaries';
import { peerEnvironment } from './peer-env';
import { hostPort } from './ports';

const LIMIT_MS = 300_000;

const CASES: readonly { kind: string; network: Partial<NetworkKind> }[] = [
    { kind: 'embedded peers, our ordering', network: {} },
    { kind: "Fabric's peers, our ordering", network: { kind: 'native' } },
    { kind: 'a mixed channel, our ordering', network: { kind: 'native', embedded: ['DSO', 'H1'] } },
    { kind: "Fabric's peers and orderers", network: { kind: 'native', ordering: 'raft' } },
];

describe.each(CASES)('TLS certificates of clients, on a network of $kind', ({ network }) => {
    const isHere = network.kind === undefined || hasFabric(process.env, { orderer: network.ordering === 'raft' });
    const here = isHere ? test : test.skip;
    const home = new KvHome(3, 26_700, { ...network, clientAuthRequired: true });
    const { layout, topology } = home;
    let stranger: TlsKeyPair;

    beforeAll(async () => {
        if (!isHere) return;
        home.prepare();
        await startNetwork(topology, layout);
        await deploy(topology, layout);
        const authority = await Authority.create({ commonName: 'tlsca.elsewhere.example' });
        const made = await authority.issue({ commonName: 'nobody', usage: 'tls', names: ['elsewhere.example'] });
        stranger = { certificate: Buffer.from(made.certificatePem), key: Buffer.from(made.privateKeyPem) };
    }, LIMIT_MS);
    afterAll(() => home.remove(), LIMIT_MS);

    const files = (id: string) => layout.organisation(organisation(home.topology, id));
    const own = (id: string): TlsKeyPair | undefined => clientTls(home.topology, files(id).agent.tls);
    const agent = (id: string): SigningIdentity =>
        signingIdentity(
            `${id}MSP`,
            readFileSync(files(id).agent.certificate, 'utf8'),
            readFileSync(files(id).agent.key, 'utf8'),
        );

    /** What a node answers an agent of H2 who asks for the first block: a status, the block, or why there is no connection. */
    async function firstBlock(
        of: 'peer' | 'orderer',
        shown: TlsKeyPair | undefined,
        binding?: Uint8Array,
    ): Promise<string> {
        const seat = seats(topology)[0];
        const [owner, address] =
            of === 'orderer' && seat
                ? [seat, hostPort(seat.orderingSeat)]
                : [organisation(topology, 'H2'), hostPort(organisation(topology, 'H2').peer)];
        const secure = clientCredentials(readFileSync(layout.organisation(owner).tlsCa.certificate), shown);
        const options = { 'grpc.ssl_target_name_override': 'localhost' };
        const client =
            of === 'orderer'
                ? new orderer.AtomicBroadcastClient(address, secure, options)
                : new peer.DeliverClient(address, secure, options);
        const oldest = new orderer.SeekPosition();
        oldest.setOldest(new orderer.SeekOldest());
        const seek = new orderer.SeekInfo();
        seek.setStart(oldest);
        seek.setStop(oldest);
        const { DELIVER_SEEK_INFO } = common.HeaderType;
        const stream = client.deliver({ deadline: Date.now() + 60_000 });
        try {
            stream.write(signedEnvelope(DELIVER_SEEK_INFO, 'community', seek.serializeBinary(), agent('H2'), binding));
            for await (const answer of stream as AsyncIterable<orderer.DeliverResponse>) {
                return answer.getBlock() ? 'block' : `status ${answer.getStatus()}`;
            }
            return 'nothing';
        } catch {
            return 'no connection';
        } finally {
            stream.on('error', () => undefined);
            stream.cancel();
            client.close();
        }
    }

    here(
        'members show theirs: transactions, blocks and private data flow as ever',
        async () => {
            await home.submit('H1', 'put', ['greeting', 'hello']);
            await home.submit('H2', 'putPrivate', ['_implicit_org_H2MSP', 'secret'], { value: 'its own' });
            expect(await home.query('H3', 'get', 'greeting')).toBe('hello');
        },
        LIMIT_MS,
    );

    const hash = (shown: TlsKeyPair | undefined): Buffer => certificateHash(shown?.certificate ?? '');

    here.each([{ of: 'peer' as const }, { of: 'orderer' as const }])(
        'a $of lets in nobody without a member’s, and wants requests for blocks to name it',
        async ({ of }) => {
            expect(await firstBlock(of, undefined)).toBe('no connection');
            expect(await firstBlock(of, stranger, hash(stranger))).toBe('no connection');
            expect(await firstBlock(of, own('H2'), hash(own('H2')))).toBe('block');
            // A member who got hold of another's signed request cannot send it on.
            expect(await firstBlock(of, own('H3'), hash(own('H2')))).toBe('status 400');
            expect(await firstBlock(of, own('H2'))).toBe('status 400');
        },
        LIMIT_MS,
    );

    here(
        'a newcomer’s authority counts as soon as the channel has it',
        async () => {
            home.topology = await addHousehold(demonstrationHome('H4', topology), layout);
            await home.submit('H4', 'put', ['after', 'it came']);
            expect(await home.query('H1', 'get', 'after')).toBe('it came');
        },
        LIMIT_MS,
    );

    (hasFabric(process.env) ? here : test.skip)(
        'the peer command finds them in its environment',
        () => {
            const folder = join(layout.home, 'command');
            mkdirSync(folder, { recursive: true });
            const block = join(folder, 'first.block');
            const orderers =
                '-o "$ORDERER_ADDRESS" --tls --cafile "$ORDERER_CA" --clientauth ' +
                '--certfile "$CORE_PEER_TLS_CLIENTCERT_FILE" --keyfile "$CORE_PEER_TLS_CLIENTKEY_FILE"';
            const peers = ['DSO', 'H2'].map(
                (id) => `--peerAddresses "$PEER_${id}" --tlsRootCertFiles "$TLS_ROOT_${id}"`,
            );
            const script = [
                peerEnvironment(home.topology, layout, organisation(topology, 'H2'), 'admin'),
                'peer channel list',
                `peer channel fetch oldest '${block}' -c "$CHANNEL"`,
                `peer channel fetch oldest '${block}' -c "$CHANNEL" ${orderers}`,
                `peer chaincode invoke ${orderers} -C "$CHANNEL" -n kv -c '{"Args":["put","by","the command"]}' --waitForEvent ${peers.join(' ')}`,
                `peer chaincode query -C "$CHANNEL" -n kv -c '{"Args":["get","by"]}'`,
            ];
            const file = join(folder, 'script.sh');
            writeFileSync(file, `set -e\n${script.join('\n')}\n`);
            const bin = dirname(findFabric(process.env, { orderer: false }).peer);
            const { status, stdout, stderr } = spawnSync('bash', [file], {
                encoding: 'utf8',
                timeout: 60_000,
                env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, FABRIC_LOGGING_SPEC: 'error' },
            });
            expect([stderr, status]).toEqual([stderr, 0]);
            expect(stdout).toMatch(/^the command$/m);
        },
        LIMIT_MS,
    );
});
