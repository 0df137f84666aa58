import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { blockSignaturesValue, newBlock, signHeader } from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import { configUpdateEnvelope, signConfigUpdate } from '../../fabric/config-update';
import { parseEnvelope } from '../../fabric/envelopes';
import { BlockPuller } from '../../peer/services/block-puller';
import { orderersOf } from '../../peer/services/gateway/remote-nodes';
import { PeerChannel } from '../../peer/validation/peer-channel';
import { updateFor } from '../../topology/membership/change';
import { presentSeats, withPowers } from '../../topology/membership/seat-change';
import { seatPorts } from '../../topology/native/ports';
import { organisation, seats as seatsOf } from '../../topology/topology';
import { headerOf } from '../app/block-header';
import { configurationOf } from '../app/config-messages';
import { frame } from '../cluster/frames';
import { encodeClusterMessage } from '../cluster/messages';
import { installedComet } from '../engine/comet/testing/installed-comet';
import { OrderingCommunity } from '../testing/community';
import { startHostileSeat, type HostileSeat } from '../testing/hostile-seat';
import { chainOf, heightOf } from '../testing/load';
import { SeatProcesses, until } from '../testing/seat-processes';
import { indexOutOfRange, metadata } from '../testing/wrong-envelopes';

// Shared machines are slow at times.
jest.setTimeout(600_000);

const PORT = 17_200;
const GOOD = ['H1', 'H2', 'H3'];
const LIMIT_MS = 240_000;
const program = installedComet();
const described = program === undefined ? describe.skip : describe;

described('three good seats and a bad one', () => {
    let community: OrderingCommunity;
    let seats: SeatProcesses;
    let bad: HostileSeat | undefined;
    let bundle: Bundle;

    beforeAll(async () => {
        process.env['COMETBFT_BIN'] = program;
        community = await OrderingCommunity.create(
            4,
            PORT,
            { timeoutMs: 30, maxMessageCount: 20 },
            { ordering: 'comet' },
        );
        bundle = Bundle.fromConfigBlock(community.written());
        seats = new SeatProcesses(community);
        await seats.start(...GOOD);
    });

    afterAll(async () => {
        await bad?.node.stop();
        await seats.stop();
        community.remove();
    });

    const said = (words: string): boolean => GOOD.every((id) => seats.log(id).includes(words));

    /** Until every seat has produced, so that what the bad one wants has been proposed; in the end all have one chain without it. */
    async function goOn(without: readonly string[], until_: () => boolean): Promise<void> {
        await until(async () => {
            await seats.client('H1').broadcast(community.transaction());
            return until_();
        }, LIMIT_MS);
        const last = (await heightOf('H1', community, seats)) - 1;
        const chains = await Promise.all(GOOD.map((id) => chainOf(id, last, community, seats)));
        expect(chains[1]?.hashes).toEqual(chains[0]?.hashes);
        expect(chains[2]?.hashes).toEqual(chains[0]?.hashes);
        for (const txId of without) expect(chains[0]?.txIds).not.toContain(txId);
    }

    const txIdOf = (message: Uint8Array): string => parseEnvelope(message).txId;

    describe('over its connection to another seat', () => {
        let socket: TLSSocket | undefined;

        /** As the seat of H4, whose process does not run. */
        beforeAll(async () => {
            await seats.client('H1').broadcast(community.transaction());
            await until(async () => (await heightOf('H1', community, seats)) > 1, LIMIT_MS);
            const { tls } = community.layout.organisation(organisation(community.topology, 'H4')).orderer;
            socket = await connected(readFileSync(tls.certificate), readFileSync(tls.key));
        });

        afterAll(() => {
            socket?.destroy();
        });

        function connected(cert: Buffer, key: Buffer): Promise<TLSSocket> {
            const { orderingSeat } = organisation(community.topology, 'H1');
            if (orderingSeat === undefined) throw new Error('H1 has a seat');
            const { host, port } = seatPorts(orderingSeat).cluster;
            return new Promise((resolve) => {
                const made = connect(
                    { host, port, cert, key, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
                    () => {
                        resolve(made);
                    },
                );
                made.on('error', () => undefined);
            });
        }

        async function sends(header: common.BlockHeader, signer: string): Promise<void> {
            const { blocks } = await seats.client('H1').deliver(community.client('H1'), { from: 1, to: 1 });
            const value = blockSignaturesValue(blocks[0] ?? community.genesis());
            const signatures = [signHeader(header, value, community.orderer(signer))];
            socket?.write(frame(encodeClusterMessage('community', { kind: 'signed', header, value, signatures })));
        }

        test('it signs another block than the one that was decided', async () => {
            const next = await heightOf('H1', community, seats);
            await sends(headerOf(newBlock(next, new Uint8Array(32), [Buffer.from('a wish')])), 'H4');
            await goOn([], () => seats.log('H1').includes('WRONG_HEADER'));
            expect(seats.log('H1')).toContain(`H4MSP: another block ${next} than the one that was decided`);
        });

        test('it replays signatures of old blocks, or sends what cannot be read', async () => {
            const { blocks } = await seats.client('H1').deliver(community.client('H1'), { from: 1, to: 1 });
            for (let times = 0; times < 50; times += 1) await sends(headerOf(blocks[0] ?? community.genesis()), 'H4');
            socket?.write(frame(Buffer.from('ff00ff00', 'hex')));
            await goOn([], () => seats.log('H1').includes('UNREADABLE'));
        });

        test('a stranger gets no word in, whatever certificate it shows', async () => {
            const { tls } = community.layout.organisation(organisation(community.topology, 'DSO')).peer;
            const stranger = await connected(readFileSync(tls.certificate), readFileSync(tls.key));
            await goOn([], () => seats.log('H1').includes('UNKNOWN_SEAT'));
            stranger.destroy();
        });

        test('it withholds its signatures, and is named', async () => {
            await goOn([], () => said('SIGNATURES_WITHHELD'));
            expect(seats.log('H1')).toContain('H4MSP: no signature after block');
        });
    });

    describe('with its turns to propose', () => {
        beforeAll(async () => {
            bad = await startHostileSeat('H4', community, program ?? '');
        });

        test('it proposes a transaction that would halt every peer: no seat votes for it, and they say whose it was', async () => {
            const poison = community.transaction({ namespaces: [metadata(indexOutOfRange())] }).serializeBinary();
            await bad?.propose(poison);
            await goOn([txIdOf(poison)], () => said('the proposal of H4MSP for height'));
        });

        test('it proposes what was ordered before', async () => {
            const { blocks } = await seats.client('H1').deliver(community.client('H1'), { from: 1, to: 1 });
            const [old = new Uint8Array()] = blocks[0]?.getData()?.getDataList_asU8() ?? [];
            const refusals = (): number => seats.log('H1').split('the proposal of H4MSP').length;
            const before = refusals();
            await bad?.propose(old);
            await goOn([], () => refusals() > before);
        });

        test('it votes itself more power: a configuration that the others have not signed is not voted for', async () => {
            const refusals = (): number => seats.log('H2').split('the proposal of H4MSP').length;
            const before = refusals();
            await bad?.propose(selfElected());
            await goOn([], () => refusals() > before);
            expect(
                (await chainOf('H1', (await heightOf('H1', community, seats)) - 1, community, seats)).txIds,
            ).not.toContain('');
        });

        test('it withholds blocks: a peer that follows it says so, and has them from another', async () => {
            const channel = await PeerChannel.open(
                {
                    directory: join(community.layout.home, 'peer'),
                    mspId: 'H1MSP',
                    identity: community.peer('H1').serialized,
                },
                community.written(),
            );
            const address = ordererAddress('H4');
            const said: string[] = [];
            const log = { info: () => undefined, warn: (message: string) => said.push(message) };
            const offset = orderersOf(channel.bundle).findIndex((orderer) => orderer.address === address);
            const reader = { identity: community.peer('H1') };
            const halted = (cause: Error): void => void said.push(`halted: ${cause.message}`);
            const puller = new BlockPuller({ channel, reader, offset, patienceMs: 300, log, halted });
            puller.start();
            try {
                await goOn([], () => channel.ledger.height > 2);
                expect(said).toEqual([]);
                bad?.withholdBlocks();
                await goOn([], () => said.length > 0);
                expect(said.join('\n')).toMatch(
                    new RegExp(`^blocks stopped coming: ${address} withholds a block that 127.0.0.1:\\d+ has$`),
                );
                const height = await heightOf('H1', community, seats);
                await until(() => channel.ledger.height >= height, LIMIT_MS);
            } finally {
                await puller.stop();
                await channel.close();
            }
        });

        function ordererAddress(id: string): string {
            const { orderingSeat } = organisation(community.topology, id);
            return `${orderingSeat?.host ?? ''}:${orderingSeat?.port ?? 0}`;
        }

        /** By its own administrator alone, made into a configuration as if it were authorised. */
        function selfElected(): Uint8Array {
            const powers = seatsOf(community.topology).map(({ mspId }) => ({
                mspId,
                power: mspId === 'H4MSP' ? 7n : 6n,
            }));
            const update = updateFor(bundle, { kind: 'seats', seats: withPowers(presentSeats(bundle) ?? [], powers) });
            const all = ['H1', 'H2', 'H3', 'H4'].map((id) => signConfigUpdate(update, community.admin(id)));
            const authorised = configUpdateEnvelope('community', update, all, community.admin('H4')).serializeBinary();
            const message = configurationOf(authorised, bundle, community.orderer('H4'));
            return withoutOthers(message, update);
        }

        function withoutOthers(message: Uint8Array, update: Uint8Array): Uint8Array {
            const envelope = common.Envelope.deserializeBinary(message);
            const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
            const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
            const own = [signConfigUpdate(update, community.admin('H4'))];
            config.setLastUpdate(configUpdateEnvelope('community', update, own, community.admin('H4')));
            payload.setData(config.serializeBinary());
            envelope.setPayload(payload.serializeBinary());
            envelope.setSignature(community.orderer('H4').sign(payload.serializeBinary()));
            return envelope.serializeBinary();
        }
    });
});
