import { existsSync, readFileSync } from 'node:fs';
import { decodeBlock } from '../../fabric/blocks';
import { Bundle, configuredSeats } from '../../fabric/channel-config';
import { parseEnvelope } from '../../fabric/envelopes';
import { findComet } from '../../ordering/engine/comet/node/binary';
import { writeEngineFiles, type EngineGenesis } from '../../ordering/engine/comet/node/files';
import { seenByNodes } from '../compose/names';
import { engineIdentityIn } from '../genesis';
import { type Layout, nodeScript } from '../layout';
import { hostPort, seatPorts } from '../native/ports';
import type { ProcessPlan } from '../processes/supervisor';
import { seats, type Topology } from '../topology';

type Seated = ReturnType<typeof seats>[number];

/** Name of the process of a seat, and of its ready file. */
export const seatProcess = ({ id }: Pick<Seated, 'id'>): string => `ordering-${id}`;

/** Name of its engine's process, which the seat's starts. */
export const engineProcess = ({ id }: Pick<Seated, 'id'>): string => `engine-${id}`;

/** What the engine that a seat's process starts is called where processes and logs are listed. */
export function engineOf(process: string): string | undefined {
    return process.startsWith('ordering-') ? process.replace('ordering-', 'engine-') : undefined;
}

/**
 * One process for each seat; writes the files of their engines.
 *
 * @throws Error when CometBFT is not there, or of another version.
 */
export function cometPlans(topology: Topology, layout: Layout): readonly ProcessPlan[] {
    const seated = cometSeats(topology);
    if (seated.length === 0) {
        return [];
    }
    const program = findComet(process.env);
    writeAllEngineFiles(topology, layout);
    return seated.map((seat) => {
        const name = seatProcess(seat);
        const ready = layout.readyFile(name);
        return {
            name,
            command: [nodeScript('ordering'), '--home', layout.home, '--seat', seat.id],
            directory: layout.home,
            environment: { COMETBFT_BIN: program },
            endpoints: endpointsOf(seat),
            staleFiles: [ready],
            isReady: () => Promise.resolve(existsSync(ready)),
        };
    });
}

/** What the processes of the seats serve. */
export function cometEndpoints(topology: Topology): readonly (readonly [string, readonly string[]])[] {
    return cometSeats(topology).map((seat) => [seatProcess(seat), endpointsOf(seat)] as const);
}

/** Organisations whose seats have a process and an engine of their own. */
export function cometSeats(topology: Topology): readonly Seated[] {
    return topology.network.ordering === 'comet' ? seats(topology) : [];
}

/** Whether '--ordering comet' can be started here. */
export function hasComet(environment: NodeJS.ProcessEnv): boolean {
    try {
        findComet(environment);
        return true;
    } catch {
        return false;
    }
}

function endpointsOf({ orderingSeat }: Seated): readonly string[] {
    return [orderingSeat, seatPorts(orderingSeat).engine].map(hostPort);
}

/** Where engines are. */
interface EnginePlace {
    /** With the addresses by which seats find each other. */
    readonly seen: Topology;
    readonly layout: Layout;
    /** The home as the engines find it. */
    readonly inside: Layout;
}

/**
 * Writes the files of the engines of all seats.
 *
 * @param inside the home as the engines find it, where that is elsewhere: in containers.
 */
export function writeAllEngineFiles(topology: Topology, layout: Layout, inside: Layout = layout): void {
    if (cometSeats(topology).length === 0) return;
    const genesis = engineGenesis(layout);
    const seen = seenByNodes(topology);
    for (const seat of cometSeats(seen)) {
        writeFiles(seat, genesis, { seen, layout, inside });
    }
}

function writeFiles(seat: Seated, genesis: EngineGenesis, { seen, layout, inside }: EnginePlace): void {
    const others = cometSeats(seen).filter(({ id }) => id !== seat.id);
    writeEngineFiles({
        directory: layout.seat(seat.id).engine,
        seenAs: inside.seat(seat.id).engine,
        keys: inside.organisation(seat).engine,
        listen: seatPorts(seat.orderingSeat).engine,
        peers: others.map((other) => ({
            nodeId: engineIdentityIn(layout.organisation(other).engine).nodeId,
            ...seatPorts(other.orderingSeat).engine,
        })),
        genesis,
        batchTimeoutMs: seen.batch.timeoutMs,
    });
}

/** The engines begin with the powers and at the time of the channel's first block, so that all of them begin with the same bytes. */
function engineGenesis(layout: Layout): EngineGenesis {
    const block = decodeBlock(readFileSync(layout.genesisBlock));
    const [envelope = new Uint8Array()] = block.getData()?.getDataList_asU8() ?? [];
    const { timestamp, channelId } = parseEnvelope(envelope);
    const seated = configuredSeats(Bundle.fromConfigBlock(block)) ?? [];
    if (timestamp === undefined || seated.length === 0) {
        throw new Error('the first block of the channel does not say who orders, or when it was made');
    }
    return {
        chainId: channelId,
        time: timestamp,
        seats: seated.map(({ mspId, power, engine }) => {
            if (engine === undefined) {
                throw new Error(`the first block of the channel names no engine key of ${mspId}`);
            }
            return { id: mspId, publicKey: engine.publicKey, power };
        }),
    };
}
