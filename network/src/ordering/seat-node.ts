import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerInterceptor } from '@grpc/grpc-js';
import type { common } from '@hyperledger/fabric-protos';
import { decodeBlock } from '../fabric/blocks';
import { configuredSeats, type Bundle, type ConfiguredSeat } from '../fabric/channel-config';
import { memberRoots } from '../transport/member-roots';
import { FabricOrderingApp } from './app/ordering-app';
import { ClusterLinks, type LinkedSeat } from './cluster/links';
import { DecidedBlocks } from './cluster/decided-blocks';
import { SeatSealer } from './cluster/seat-sealer';
import type { OrderingEngine } from './engine/engine';
import type { OrderingNode } from './ordering-node';
import { BlockResponses } from './service/block-responses';
import { BlockStore } from './service/block-store';
import { channelOf, keepGenesis } from './service/chain';
import { SeatKeys, type SeatCredential } from './service/seat-keys';
import { SeatServer, type SeatAddress } from './service/seat-server';

type Report = (what: { readonly status: string; readonly why: string }) => void;

/** What an engine of one seat is given. */
export interface EngineContext {
    /** The configuration in force, and the one before it for as long as its seats may still be needed. */
    readonly admits: (nodeId: string) => boolean;
    readonly report: (what: string) => void;
    readonly onFailure: (why: unknown) => void;
}

export interface SeatNodeOptions extends SeatCredential {
    readonly genesis: common.Block;
    /** Holds the blocks; made if it is not there. */
    readonly directory: string;
    /** Where clients and peers come. */
    readonly address: SeatAddress;
    /** Where the other seats come. */
    readonly cluster: SeatAddress;
    /** Looks for keys with renewed certificates, which count once the configuration names them. */
    readonly renewed?: () => SeatCredential | undefined;
    readonly engine: (context: EngineContext) => OrderingEngine;
    readonly now?: () => Date;
    readonly report?: Report;
    /** Called when disk or engine failed: what is acknowledged is safe, and the node is best ended. */
    readonly onFailure?: (why: unknown) => void;
    readonly interceptor?: ServerInterceptor;
    /** PEM: set where nobody connects without a TLS certificate; these are let in beside those of the channel's members. */
    readonly clientRoots?: readonly string[] | undefined;
    /** Told how each message that was sent in ended: a status of Fabric's. */
    readonly processed?: (status: string) => void;
    /** Told of each configuration when it comes into force. */
    readonly configured?: (bundle: Bundle) => void;
}

/** One seat of an ordering service whose seats are processes of their own: it has its own key and no other. */
export async function startSeatNode(options: SeatNodeOptions): Promise<OrderingNode> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const node = new SeatNode(options);
    try {
        await node.start();
    } catch (failure) {
        await node.stop();
        throw failure;
    }
    return node;
}

class SeatNode implements OrderingNode {
    readonly #options: SeatNodeOptions;
    readonly #report: Report;
    readonly #keys: SeatKeys;
    #store: BlockStore | undefined;
    #decided: DecidedBlocks | undefined;
    #links: ClusterLinks | undefined;
    #sealer: SeatSealer | undefined;
    #engine: OrderingEngine | undefined;
    #door: SeatServer | undefined;
    /** Of the configuration in force, and until its first blocks are sealed of the one before it. */
    #seats: readonly ConfiguredSeat[] = [];
    #former: readonly ConfiguredSeat[] = [];
    #configuredAt = 0;
    #channel: OrderingNode['channel'] | undefined;

    constructor(options: SeatNodeOptions) {
        this.#options = options;
        this.#report = options.report ?? ((): void => undefined);
        this.#keys = new SeatKeys(options, options.renewed);
    }

    get height(): number {
        return this.#store?.height ?? 0;
    }

    get channel(): OrderingNode['channel'] {
        if (this.#channel === undefined) throw new Error('the seat has not been started');
        return this.#channel;
    }

    async start(): Promise<void> {
        const { directory, genesis, engine: makeEngine } = this.#options;
        const store = await BlockStore.open(join(directory, 'blocks'));
        this.#store = store;
        await keepGenesis(genesis, store);
        this.#decided = await DecidedBlocks.open(join(directory, 'decided'));
        const app = new FabricOrderingApp(genesis, {
            sink: async (unsigned) => this.#sealer?.seal(unsigned),
            configured: (bundle) => {
                this.#configure(bundle, app.nextNumber);
            },
        });
        this.#seats = seatsOf(app.bundle);
        await this.#restore(app, store, this.#decided);
        await this.#listen(app);
        const engine = makeEngine({
            admits: (nodeId) => [...this.#seats, ...this.#former].some((seat) => seat.engine?.nodeId === nodeId),
            report: (why) => {
                this.#report({ status: 'ENGINE', why });
            },
            onFailure: (why) => {
                this.#fail(why);
            },
        });
        this.#engine = engine;
        await engine.start(app);
        await this.#open(app, engine, store);
    }

    /** Ends what takes messages before what keeps them. */
    async stop(): Promise<void> {
        this.#door?.stop();
        await this.#engine?.stop();
        this.#links?.close();
        await this.#sealer?.stop();
        await this.#decided?.close();
        await this.#store?.close();
    }

    async #listen(app: FabricOrderingApp): Promise<void> {
        this.#links = await ClusterLinks.listen({
            own: this.#keys.mspId,
            listen: this.#options.cluster,
            tls: this.#keys.namedOrFirst(app.bundle).tls,
            onMessage: (from, message) => this.#sealer?.received(from, message),
            report: (why) => {
                this.#report({ status: 'CLUSTER', why });
            },
        });
        this.#follow();
        this.#options.configured?.(app.bundle);
    }

    /** Brings the application up to the last block that is kept, sealed or not. */
    async #restore(app: FabricOrderingApp, store: BlockStore, decided: DecidedBlocks): Promise<void> {
        for (let number = 1; number < store.height; number += 1) {
            app.restore(decodeBlock(await store.get(number)));
        }
        const sealer = new SeatSealer({
            channelId: app.bundle.channelId,
            keys: this.#keys,
            store,
            decided,
            send: (to, message) => this.#links?.send(to, message) ?? false,
            report: this.#report,
            onFailure: (why) => {
                this.#fail(why);
            },
            onSealed: (number) => {
                this.#sealedTo(number);
            },
            now: () => performance.now(),
        });
        for (const bytes of await decided.from(store.height)) {
            sealer.resume(app.restore(decodeBlock(bytes)));
        }
        this.#sealer = sealer;
    }

    async #open(app: FabricOrderingApp, engine: OrderingEngine, store: BlockStore): Promise<void> {
        const { address, tls, identity, clientRoots, interceptor } = this.#options;
        const context = {
            engine,
            store,
            responses: new BlockResponses(store),
            bundle: () => app.bundle,
            now: this.#options.now ?? (() => new Date()),
            report: this.#report,
            processed: this.#options.processed ?? ((): void => undefined),
            bindsToTls: clientRoots !== undefined,
            signer: identity,
        };
        const roots = { ...tls, clientRoots: this.#rootsBy(app.bundle) };
        this.#door = await SeatServer.start(address, roots, context, interceptor === undefined ? [] : [interceptor]);
        this.#channel = channelOf(store, context);
    }

    #rootsBy(bundle: Bundle): readonly string[] | undefined {
        const { clientRoots } = this.#options;
        return clientRoots && memberRoots(bundle, 'orderer', clientRoots);
    }

    /** Those who had seats before sign the block with the configuration itself, so they are listened to until it is sealed. */
    #configure(bundle: Bundle, number: number): void {
        this.#former = number < this.height ? [] : this.#seats;
        this.#seats = seatsOf(bundle);
        this.#configuredAt = number;
        // Those who have decided this configuration take either certificate, and from who has not, none is needed.
        const named = this.#keys.named(bundle);
        if (named !== undefined) this.#links?.show(named.tls);
        this.#follow();
        this.#door?.trust(this.#rootsBy(bundle) ?? []);
        this.#options.configured?.(bundle);
    }

    #sealedTo(number: number): void {
        if (this.#former.length > 0 && number >= this.#configuredAt) {
            this.#former = [];
            this.#follow();
        }
    }

    #follow(): void {
        this.#links?.follow([...this.#former, ...this.#seats].flatMap(linked));
    }

    #fail(why: unknown): void {
        this.#options.onFailure?.(why);
    }
}

function seatsOf(bundle: Bundle): readonly ConfiguredSeat[] {
    const seats = configuredSeats(bundle);
    if (seats === undefined) {
        throw new Error(`channel '${bundle.channelId}' was made for an ordering service in one process: make it anew`);
    }
    return seats;
}

function linked({ mspId, cluster, consenter }: ConfiguredSeat): LinkedSeat[] {
    const { clientTlsPem, serverTlsPem } = consenter;
    return cluster === undefined ? [] : [{ mspId, ...cluster, clientTlsPem, serverTlsPem }];
}
