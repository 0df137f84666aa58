import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerInterceptor } from '@grpc/grpc-js';
import type { common } from '@hyperledger/fabric-protos';
import type { Bundle } from '../fabric/channel-config';
import { memberRoots } from '../transport/member-roots';
import type { OrderedChannel } from './admin/participation';
import { FabricOrderingApp } from './app/ordering-app';
import type { Seat } from './engine/engine';
import { LocalEngine } from './engine/local-engine';
import { BlockResponses } from './service/block-responses';
import { BlockStore } from './service/block-store';
import { channelOf, keepGenesis } from './service/chain';
import { BlockSealer } from './service/sealing';
import { SeatKeys, type SeatCredential } from './service/seat-keys';
import { SeatServer, type SeatAddress } from './service/seat-server';

export interface OrderingSeatOptions extends SeatAddress, SeatCredential {
    readonly weight: bigint;
    /** Looks for keys with renewed certificates, which count once the configuration names them. */
    readonly renewed?: () => SeatCredential | undefined;
}

export interface OrderingNodeOptions {
    readonly genesis: common.Block;
    /** Holds the log and the blocks; made if it is not there. */
    readonly directory: string;
    readonly seats: readonly OrderingSeatOptions[];
    /** Powers on channels whose configuration has none; those of the seats if not given. */
    readonly founding?: readonly Seat[];
    readonly now?: () => Date;
    /** Told what was refused and why. */
    readonly report?: (what: { readonly status: string; readonly why: string }) => void;
    /** Called when the disk failed: the node serves blocks but takes nothing more, and is best ended. */
    readonly onFailure?: (why: unknown) => void;
    /** Counts calls. */
    readonly interceptor?: (node: string) => ServerInterceptor;
    /** PEM: set where nobody connects without a TLS certificate; these are let in beside those of the channel's members. */
    readonly clientRoots?: readonly string[] | undefined;
    /** Told how each message that was sent in ended: a status of Fabric's. */
    readonly processed?: (status: string) => void;
}

export interface OrderingNode {
    /** Number of blocks. */
    readonly height: number;
    readonly channel: OrderedChannel;
    stop(): Promise<void>;
}

/** An ordering service with the local engine: all seats in this process, each at its own address. */
export async function startOrderingNode(options: OrderingNodeOptions): Promise<OrderingNode> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const store = await BlockStore.open(join(options.directory, 'blocks'));
    const engine = new LocalEngine({
        directory: options.directory,
        ...(options.onFailure === undefined ? {} : { onFailure: options.onFailure }),
    });
    const doors: SeatServer[] = [];
    const { clientRoots } = options;
    const rootsBy = (bundle: Bundle): readonly string[] | undefined =>
        clientRoots && memberRoots(bundle, 'orderer', clientRoots);
    const stop = async (): Promise<void> => {
        doors.forEach((door) => {
            door.stop();
        });
        await engine.stop();
        await store.close();
    };
    try {
        const app = await openChain(options, store, engine, (bundle) => {
            doors.forEach((door) => {
                door.trust(rootsBy(bundle) ?? []);
            });
        });
        const context = {
            engine,
            store,
            responses: new BlockResponses(store),
            bundle: () => app.bundle,
            now: options.now ?? (() => new Date()),
            report: options.report ?? (() => undefined),
            processed: options.processed ?? (() => undefined),
            bindsToTls: clientRoots !== undefined,
        };
        for (const seat of options.seats) {
            const interceptors = options.interceptor ? [options.interceptor(seat.identity.mspId)] : [];
            const tls = { ...seat.tls, clientRoots: rootsBy(app.bundle) };
            doors.push(await SeatServer.start(seat, tls, { ...context, signer: seat.identity }, interceptors));
        }
        const [first] = options.seats;
        if (first === undefined) {
            throw new Error('an ordering service without a seat');
        }
        const channel = channelOf(store, { ...context, signer: first.identity });
        return {
            get height() {
                return store.height;
            },
            channel,
            stop,
        };
    } catch (failure) {
        await stop();
        throw failure;
    }
}

/** Brings application and stored blocks up to the end of the log. */
async function openChain(
    { genesis, seats, founding }: OrderingNodeOptions,
    store: BlockStore,
    engine: LocalEngine,
    configured: (bundle: Bundle) => void,
): Promise<FabricOrderingApp> {
    await keepGenesis(genesis, store);
    const keys = seats.map((seat) => new SeatKeys(seat, seat.renewed));
    const sealer = new BlockSealer(store, keys);
    const app = new FabricOrderingApp(genesis, {
        held: () => keys.flatMap((each) => each.all().map(({ identity }) => identity.serialized)),
        founding: founding ?? seats.map(({ identity, weight }) => ({ id: identity.mspId, power: weight })),
        sink: (decided) => sealer.seal(decided),
        configured,
        stored: store.height,
    });
    await engine.start(app);
    if (store.height > app.nextNumber) {
        throw new Error(
            `the ordering log ends at block ${app.nextNumber - 1}, but ${store.height} blocks were made: the log is damaged`,
        );
    }
    return app;
}
