import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { common } from '@hyperledger/fabric-protos';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { decodeBlock } from '../fabric/blocks';
import { signingIdentity } from '../fabric/signing';
import { ChannelHost, type AdministeredSeat } from '../ordering/admin/channel-host';
import type { Seat } from '../ordering/engine/engine';
import { CometEngine } from '../ordering/engine/comet/comet-engine';
import { findComet } from '../ordering/engine/comet/node/binary';
import {
    startOrderingNode,
    type OrderingNode,
    type OrderingNodeOptions,
    type OrderingSeatOptions,
} from '../ordering/ordering-node';
import { startSeatNode } from '../ordering/seat-node';
import type { SeatCredential } from '../ordering/service/seat-keys';
import { GrpcMetrics } from '../operations/calls';
import { whatTheDiskSays } from '../operations/disk';
import { certificateCheck } from '../operations/certificate-check';
import { nodeLog } from '../operations/node-log';
import { diskCheck, OperationsServer, processRegistry } from '../operations/operations-server';
import { OrderingMetrics } from '../operations/ordering-metrics';
import { engineProcess } from '../topology/comet/plans';
import { forgetProcess, killProcesses, recordProcess, recordedProcesses } from '../topology/processes/supervisor';
import { layout, type Layout, type NodeFiles } from '../topology/layout';
import { ordererPorts, seatPorts } from '../topology/native/ports';
import { seats, type Topology } from '../topology/topology';
import { readTopology } from '../topology/topology-file';

/**
 * The ordering service of one home directory: `node ordering.js --home DIR`, with all seats, or `--seat H1` with one of them and its
 * engine. Ends with code 0 on SIGTERM and SIGINT.
 */
async function main(): Promise<void> {
    const { values } = parseArgs({ options: { home: { type: 'string' }, seat: { type: 'string' } } });
    const paths = layout(values.home);
    const topology = readTopology(paths);
    const own = values.seat === undefined ? seats(topology) : [seatOf(topology, values.seat)];
    const name = values.seat === undefined ? 'ordering' : `ordering-${values.seat}`;
    const directory = values.seat === undefined ? paths.ordering : paths.seat(values.seat).directory;
    const log = nodeLog(name);
    const ready = paths.readyFile(name);
    await mkdir(paths.run, { recursive: true });
    await rm(ready, { force: true });
    const registry = processRegistry();
    const metrics = new OrderingMetrics(registry, topology.channel);
    const calls = new GrpcMetrics(registry);
    const ending = endingOn(log);
    const report = ({ status, why }: { readonly status: string; readonly why: string }): void => {
        log.info({ status }, why);
    };
    const settings = {
        directory,
        clientRoots: await clientRootsOf(topology, paths),
        report,
        interceptor: (seat: string) => calls.interceptor(seat),
        processed: (status: string) => {
            metrics.count(status);
        },
        onFailure: (why: unknown) => {
            const said = `the ordering service failed and ends: ${whatTheDiskSays(why)}; what was acknowledged is on the disk`;
            log.fatal({ err: why }, `${said}, and \`network.sh up\` starts it again`);
            process.exitCode = 1;
            ending.abort();
        },
    };
    const identities = own.map((seat) => seatOptions(seat, paths));
    const host = await ChannelHost.start({
        directory,
        genesis: await firstBlock(paths),
        start: (genesis) =>
            values.seat === undefined
                ? startOrderingNode({ ...settings, genesis, seats: identities, founding: foundingSeats(topology) })
                : startSeat(own, identities, paths, { ...settings, genesis }),
        seats: await administered(own, identities, paths),
        report,
    });
    const height = (): number => host.channel?.height() ?? 0;
    OrderingMetrics.follow(registry, topology.channel, seats(topology).length, height);
    const operations = await serveOperations(registry, own, directory, paths, {
        log: () => (ending.signal.aborted ? 'it has failed: see the log' : undefined),
        channel: () => (host.channel === undefined ? NO_CHANNEL : undefined),
    });
    await writeFile(ready, `${JSON.stringify({ pid: process.pid, blocks: height(), operations: operations.port })}\n`);
    if (host.channel === undefined) {
        log.warn(NO_CHANNEL);
    }
    log.info({ blocks: height() }, 'the ordering service is ready');
    await aborted(ending.signal);
    await rm(ready, { force: true });
    operations.stop();
    await host.stop();
}

type Seated = ReturnType<typeof seats>[number];

function seatOf(topology: Topology, id: string): Seated {
    const found = seats(topology).find((seat) => seat.id === id);
    if (found === undefined) {
        const ids = seats(topology).map((seat) => seat.id);
        throw new Error(`${id} has no ordering seat; there are those of ${ids.join(', ')}`);
    }
    return found;
}

function endingOn(log: Logger): AbortController {
    const ending = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.once(signal, () => {
            log.info({ signal }, 'the ordering service ends');
            ending.abort();
        });
    }
    return ending;
}

type Settings = Pick<
    OrderingNodeOptions,
    'directory' | 'clientRoots' | 'report' | 'interceptor' | 'processed' | 'onFailure' | 'genesis'
>;

/** One seat and its engine. */
async function startSeat(
    [seat]: readonly Seated[],
    [options]: readonly OrderingSeatOptions[],
    paths: Layout,
    { interceptor, ...settings }: Settings,
): Promise<OrderingNode> {
    if (seat === undefined || options === undefined) {
        throw new Error('which seat?');
    }
    const { host, port, identity, tls, renewed } = options;
    const program = findComet(process.env);
    const engine = engineProcess(seat);
    // One whose application was killed ends by itself, but may hang on the way, and then holds its data and its port.
    await killProcesses(
        recordedProcesses(paths).filter(({ name }) => name === engine),
        paths,
    );
    return startSeatNode({
        ...settings,
        ...(interceptor && { interceptor: interceptor(seat.mspId) }),
        address: { host, port },
        cluster: seatPorts(seat.orderingSeat).cluster,
        identity,
        tls,
        ...(renewed && { renewed }),
        engine: (context) =>
            new CometEngine({
                ...context,
                directory: paths.seat(seat.id).engine,
                program,
                logFile: paths.logFile(engine),
                // Should this process be killed before its engine has connected, `down` ends the engine.
                onProcess: (pid) => {
                    if (pid === undefined) {
                        forgetProcess(engine, paths);
                    } else {
                        recordProcess(engine, pid, paths);
                    }
                },
            }),
    });
}

/** Health and metrics of this process. `own` says what is wrong with its parts, while something is. */
function serveOperations(
    registry: Registry,
    seated: readonly Seated[],
    directory: string,
    paths: Layout,
    own: Readonly<Record<string, () => string | undefined>>,
): Promise<OperationsServer> {
    return OperationsServer.start({
        registry,
        checks: [
            diskCheck(directory),
            certificateCheck(() =>
                seated.flatMap((seat) => {
                    const { certificate, tls } = paths.organisation(seat).orderer;
                    return [certificate, tls.certificate].map((file) => ({ of: seat.id, file, isSeat: true }));
                }),
            ),
            ...Object.entries(own).map(([component, problem]) => ({
                component,
                problem: () => Promise.resolve(problem()),
            })),
        ],
    });
}

/** Also if it was aborted before, as by a disk that failed while the service was starting. */
function aborted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal.aborted) {
            resolve();
        } else {
            signal.addEventListener('abort', () => {
                resolve();
            });
        }
    });
}

const NO_CHANNEL =
    'this ordering service is in no channel: `osnadmin channel join` with the first block of the channel takes it in';

/** Of the channel that the home is made for; an ordering service that is to join later is started without it. */
async function firstBlock({ genesisBlock }: Layout): Promise<common.Block | undefined> {
    return existsSync(genesisBlock) ? decodeBlock(await readFile(genesisBlock)) : undefined;
}

/** Each seat is administered by its own organisation. */
function administered(
    seated: readonly Seated[],
    options: readonly OrderingSeatOptions[],
    paths: Layout,
): Promise<AdministeredSeat[]> {
    return Promise.all(
        seated.map(async (seat, index) => {
            const tls = options[index]?.tls;
            if (tls === undefined) {
                throw new Error(`the seat of ${seat.id} has no TLS certificate`);
            }
            return {
                ...ordererPorts(seat.orderingSeat).admin,
                mspId: seat.mspId,
                tls,
                clientRoots: await readFile(paths.organisation(seat).tlsCa.certificate),
            };
        }),
    );
}

/** The seats' own authorities, where clients are asked for TLS certificates: the channel's members come with its configuration. */
async function clientRootsOf(topology: Topology, paths: Layout): Promise<readonly string[] | undefined> {
    if (topology.network.clientAuthRequired !== true) {
        return undefined;
    }
    return Promise.all(seats(topology).map((seat) => readFile(paths.organisation(seat).tlsCa.certificate, 'utf8')));
}

/** As the network was made: later powers stand in the channel's configuration. */
function foundingSeats(topology: Topology): readonly Seat[] {
    return seats({ ...topology, ...topology.foundedAs }).map(({ mspId, orderingSeat }) => ({
        id: mspId,
        power: BigInt(orderingSeat.weight),
    }));
}

function seatOptions({ domain, mspId, orderingSeat }: Seated, paths: Layout): OrderingSeatOptions {
    const { orderer, nextOrderer } = paths.organisation({ domain });
    const { host, port, weight } = orderingSeat;
    return {
        host,
        port,
        weight: BigInt(weight),
        ...credentialIn(orderer, mspId),
        renewed: () => ifReadable(() => credentialIn(nextOrderer, mspId)),
    };
}

const NOT_READABLE = ['ENOENT', 'EACCES'];

/** Keys that are not there, or are not given to this process yet, as in a container. */
function ifReadable<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch (error) {
        if (error instanceof Error && 'code' in error && NOT_READABLE.includes(String(error.code))) return undefined;
        throw error;
    }
}

function credentialIn({ certificate, key, tls }: NodeFiles, mspId: string): SeatCredential {
    return {
        identity: signingIdentity(mspId, readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')),
        tls: { certificate: readFileSync(tls.certificate), key: readFileSync(tls.key) },
    };
}

main().catch((failure: unknown) => {
    nodeLog('ordering').fatal({ err: failure }, 'the ordering service did not start');
    process.exitCode = 1;
});
