import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { genesisBlock } from '../../fabric/channel-config';
import { startOrderingNode } from '../../ordering/ordering-node';
import type { TestCommunity } from '../../testing/test-community';
import { channelDefinition } from '../../topology/genesis';
import { withoutFabricSettings } from '../../topology/native/binaries';
import { joinOrderers } from '../../topology/native/join-orderers';
import { writeOrdererYaml } from '../../topology/native/node-files';
import type { Layout } from '../../topology/layout';
import { seats, type Topology } from '../../topology/topology';
import { end, own } from './children';
import type { PeerKind } from './peer-under-test';

/** One seat is enough to ask what an orderer says to an envelope. */
const SEAT = 'H1';
const OWN_PORT = 60;
const NATIVE_PORT = 62;
const LARGEST_ENVELOPE = 1024 * 1024;
const JOIN_LIMIT_MS = 60_000;
const RETRY_MS = 200;
const ANSWER_LIMIT_MS = 20_000;

export interface BroadcastAnswer {
    readonly status: string;
    readonly info: string;
}

/** An ordering service as a client sees it. */
export interface OrdererUnderTest {
    readonly kind: PeerKind;
    broadcast(envelope: Uint8Array): Promise<BroadcastAnswer>;
    stop(): Promise<void>;
}

/** The community with one ordering seat, at another port: both orderers are of the same organisation, each on a channel of its own. */
function withOneSeat(topology: Topology, distance: number): Topology {
    return {
        ...topology,
        network: { kind: 'native', ordering: 'raft', embedded: [] },
        batch: { ...topology.batch, absoluteMaxBytes: LARGEST_ENVELOPE, preferredMaxBytes: LARGEST_ENVELOPE / 2 },
        organisations: topology.organisations.map(({ orderingSeat, ...rest }) =>
            rest.id === SEAT && orderingSeat !== undefined
                ? { ...rest, orderingSeat: { ...orderingSeat, port: orderingSeat.port + distance, weight: 1 } }
                : rest,
        ),
    };
}

export interface OrderersOfStage {
    readonly genesis: common.Block;
    readonly orderers: readonly OrdererUnderTest[];
}

/** @param program Fabric's `orderer`; without it there is ours alone. */
export async function startOrderers(community: TestCommunity, program: string | undefined): Promise<OrderersOfStage> {
    const topology = withOneSeat(community.topology, OWN_PORT);
    const genesis = genesisBlock(channelDefinition(topology, community.layout));
    const ours = await startOurs(community, topology, genesis);
    try {
        return {
            genesis,
            orderers: [ours, ...(program === undefined ? [] : [await startFabrics(community, program)])],
        };
    } catch (cause) {
        await ours.stop();
        throw cause;
    }
}

async function startOurs(
    community: TestCommunity,
    topology: Topology,
    genesis: common.Block,
): Promise<OrdererUnderTest> {
    const { layout } = community;
    const node = await startOrderingNode({
        genesis,
        directory: join(layout.home, 'our-orderer'),
        seats: seats(topology).map((seat) => {
            const { tls } = layout.organisation(seat).orderer;
            const { host, port } = seat.orderingSeat;
            return {
                host,
                port,
                weight: 1n,
                identity: community.signer(seat.id, 'orderer'),
                tls: { certificate: readFileSync(tls.certificate), key: readFileSync(tls.key) },
            };
        }),
    });
    return client('embedded', topology, layout, () => node.stop());
}

async function startFabrics(community: TestCommunity, program: string): Promise<OrdererUnderTest> {
    const topology = withOneSeat(community.topology, NATIVE_PORT);
    const layout: Layout = {
        ...community.layout,
        genesisBlock: join(community.layout.home, 'raft.block'),
        ordering: join(community.layout.home, 'raft'),
    };
    const [seat] = seats(topology);
    if (seat === undefined) throw new Error('the community has no ordering seat');
    writeFileSync(layout.genesisBlock, genesisBlock(channelDefinition(topology, layout)).serializeBinary());
    const log = openSync(join(layout.home, 'native-orderer.log'), 'w');
    const node = own(
        spawn(program, ['start'], {
            stdio: ['ignore', log, log],
            env: {
                ...withoutFabricSettings(process.env),
                FABRIC_CFG_PATH: writeOrdererYaml(seat, layout),
                FABRIC_LOGGING_SPEC: 'warning',
            },
        }),
    );
    closeSync(log);
    try {
        await joined(topology, layout);
    } catch (cause) {
        await end(node);
        throw cause;
    }
    return client('native', topology, layout, () => end(node));
}

async function joined(topology: Topology, layout: Layout): Promise<void> {
    const deadline = AbortSignal.timeout(JOIN_LIMIT_MS);
    for (;;) {
        try {
            await joinOrderers(topology, layout, { progress: () => undefined, deadline });
            return;
        } catch (cause) {
            if (deadline.aborted) throw cause;
            await sleep(RETRY_MS);
        }
    }
}

function client(kind: PeerKind, topology: Topology, layout: Layout, stopNode: () => Promise<void>): OrdererUnderTest {
    const [seat] = seats(topology);
    if (seat === undefined) throw new Error('the community has no ordering seat');
    const { host, port } = seat.orderingSeat;
    const roots = readFileSync(layout.organisation(seat).tlsCa.certificate);
    const stub = new orderer.AtomicBroadcastClient(`${host}:${port}`, credentials.createSsl(roots), {
        'grpc.ssl_target_name_override': `orderer0.${seat.domain}`,
    });
    return {
        kind,
        broadcast: (envelope) => broadcast(stub, envelope),
        stop: async () => {
            stub.close();
            await stopNode();
        },
    };
}

/** The bytes as they are: what is wrong with them is the scenario's point. */
function broadcast(stub: orderer.AtomicBroadcastClient, envelope: Uint8Array): Promise<BroadcastAnswer> {
    const { path, responseDeserialize } = orderer.AtomicBroadcastService.broadcast;
    return new Promise((resolve, reject) => {
        const stream = stub.makeBidiStreamRequest(
            path,
            (bytes: Uint8Array) => Buffer.from(bytes),
            responseDeserialize,
            { deadline: Date.now() + ANSWER_LIMIT_MS },
        );
        stream.on('data', (response: orderer.BroadcastResponse) => {
            const [name = String(response.getStatus())] =
                Object.entries(common.Status).find(([, code]) => code === response.getStatus()) ?? [];
            resolve({ status: name, info: response.getInfo() });
        });
        stream.on('error', reject);
        stream.on('end', () => {
            reject(new Error('the orderer ends the stream without an answer'));
        });
        stream.write(envelope);
        stream.end();
    });
}
