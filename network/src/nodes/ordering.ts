import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { decodeBlock } from '../fabric/blocks';
import { signingIdentity } from '../fabric/signing';
import { startOrderingNode, type OrderingSeatOptions } from '../ordering/ordering-node';
import { GrpcMetrics } from '../operations/calls';
import { certificateCheck } from '../operations/certificate-check';
import { diskCheck, OperationsServer, processRegistry } from '../operations/operations-server';
import { OrderingMetrics } from '../operations/ordering-metrics';
import { layout, type Layout } from '../topology/layout';
import { ordererPorts } from '../topology/native/ports';
import { seats, type Topology } from '../topology/topology';
import { readTopology } from '../topology/topology-file';

/** The ordering service of one home directory: `node ordering.js --home DIR`. Ends with code 0 on SIGTERM and SIGINT. */
async function main(): Promise<void> {
    const { values } = parseArgs({ options: { home: { type: 'string' } } });
    const log = pino({ name: 'ordering' });
    const paths = layout(values.home);
    const ready = paths.readyFile('ordering');
    await mkdir(paths.run, { recursive: true });
    await rm(ready, { force: true });
    const topology = readTopology(paths);
    const registry = processRegistry();
    const metrics = new OrderingMetrics(registry, topology.channel);
    const calls = new GrpcMetrics(registry);
    const ending = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.once(signal, () => {
            log.info({ signal }, 'the ordering service ends');
            ending.abort();
        });
    }
    const node = await startOrderingNode({
        genesis: decodeBlock(await readFile(paths.genesisBlock)),
        directory: paths.ordering,
        seats: await seatsOf(topology, paths),
        clientRoots: await clientRootsOf(topology, paths),
        report: ({ status, why }) => {
            log.info({ status }, why);
        },
        interceptor: (seat) => calls.interceptor(seat),
        processed: (status) => {
            metrics.count(status);
        },
        onFailure: (why) => {
            log.fatal({ err: why }, 'the ordering service failed and ends');
            process.exitCode = 1;
            ending.abort();
        },
    });
    OrderingMetrics.follow(registry, topology.channel, seats(topology).length, () => node.height);
    const operations = await OperationsServer.start({
        registry,
        checks: [
            diskCheck(paths.ordering),
            certificateCheck(() =>
                seats(topology).flatMap((seat) => {
                    const { certificate, tls } = paths.organisation(seat).orderer;
                    return [certificate, tls.certificate].map((file) => ({ of: seat.id, file }));
                }),
            ),
            {
                component: 'log',
                problem: () => Promise.resolve(ending.signal.aborted ? 'it has failed: see the log' : undefined),
            },
        ],
    });
    await writeFile(
        ready,
        `${JSON.stringify({ pid: process.pid, blocks: node.height, operations: operations.port })}\n`,
    );
    log.info({ blocks: node.height }, 'the ordering service is ready');
    await aborted(ending.signal);
    await rm(ready, { force: true });
    operations.stop();
    await node.stop();
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

/** The seats' own authorities, where clients are asked for TLS certificates: the channel's members come with its configuration. */
async function clientRootsOf(topology: Topology, paths: Layout): Promise<readonly string[] | undefined> {
    if (topology.network.clientAuthRequired !== true) {
        return undefined;
    }
    return Promise.all(seats(topology).map((seat) => readFile(paths.organisation(seat).tlsCa.certificate, 'utf8')));
}

function seatsOf(topology: Topology, paths: Layout): Promise<OrderingSeatOptions[]> {
    return Promise.all(
        seats(topology).map(async (organisation) => {
            const { orderer, tlsCa } = paths.organisation(organisation);
            const { certificate, key, tls } = orderer;
            const { host, port, weight } = organisation.orderingSeat;
            return {
                host,
                port,
                weight: BigInt(weight),
                identity: signingIdentity(
                    organisation.mspId,
                    await readFile(certificate, 'utf8'),
                    await readFile(key, 'utf8'),
                ),
                tls: { certificate: await readFile(tls.certificate), key: await readFile(tls.key) },
                admin: {
                    ...ordererPorts(organisation.orderingSeat).admin,
                    clientRoots: await readFile(tlsCa.certificate),
                },
            };
        }),
    );
}

main().catch((failure: unknown) => {
    pino({ name: 'ordering' }).fatal({ err: failure }, 'the ordering service did not start');
    process.exitCode = 1;
});
