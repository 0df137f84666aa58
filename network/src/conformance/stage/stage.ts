import { setTimeout as sleep } from 'node:timers/promises';
import type { common, peer } from '@hyperledger/fabric-protos';
import { definitionWrites, type DefinitionSketch } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import type { FabricBinaries } from '../../topology/native/binaries';
import { startOrderers, type BroadcastAnswer, type OrderersOfStage } from './orderers';
import type { Answered, PeerKind, PeerUnderTest } from './peer-under-test';
import { ScriptedOrdering, type Spoil } from './scripted-ordering';
import { startService, type Service } from './services';
import { HOUSEHOLD, startEmbedded, startNative } from './twins';

/** What each twin did with the same request; an Error where it did nothing within the limit. */
export type Seen<T> = ReadonlyMap<{ readonly kind: PeerKind }, T | Error>;

/** What undoes the start of each part, the last one first. */
type Stops = (() => Promise<void>)[];

/** Chaincodes that run; both twins call the same services. */
export const RUNNING = 'market';
export const CALLED = 'governance';
/** Defined beside the scenarios' own chaincodes, for transactions that concern two; never runs. */
export const NEIGHBOUR = 'neighbour';
const HOUSEHOLDS = 3;
/** A sound block is committed within a tenth of it. */
const TEMPTING_MS = 600;

/** The community, its scripted ordering service, and the twins: everything that scenarios share. */
export class Stage {
    /** Whether the twins have come to different states: commit hashes are chained, so none after it is the same. */
    hasDiverged = false;
    #orderers: Promise<OrderersOfStage> | undefined;

    private constructor(
        readonly community: TestCommunity,
        readonly ordering: ScriptedOrdering,
        readonly services: readonly Service[],
        readonly peers: readonly PeerUnderTest[],
        private readonly started: Stops,
        private readonly fabric: FabricBinaries | undefined,
    ) {}

    /** @param fabric without it there is no native twin. */
    static async open(portBase: number, fabric: FabricBinaries | undefined): Promise<Stage> {
        const community = await TestCommunity.create(HOUSEHOLDS, portBase);
        const started: Stops = [
            () => {
                community.remove();
                return Promise.resolve();
            },
        ];
        const starting = async <T>(start: Promise<T>, stop: (one: T) => Promise<void>): Promise<T> => {
            const one = await start;
            started.unshift(() => stop(one));
            return one;
        };
        try {
            const ordering = await starting(ScriptedOrdering.start(community), (one) => one.stop());
            const services = await Promise.all(
                [RUNNING, CALLED].map((name) => starting(startService(community, name), (one) => one.stop())),
            );
            const twins = [startEmbedded(community), ...(fabric === undefined ? [] : [startNative(community, fabric)])];
            const outcomes = await Promise.allSettled(twins.map((twin) => starting(twin, (one) => one.stop())));
            const peers = outcomes.map((outcome) => {
                if (outcome.status === 'rejected') throw outcome.reason as Error;
                return outcome.value;
            });
            for (const each of peers) each.follow(community.topology.channel, community.signer(HOUSEHOLD, 'admin'));
            return new Stage(community, ordering, services, peers, started, fabric);
        } catch (cause) {
            for (const stop of started) await stop();
            throw cause;
        }
    }

    /** Defines chaincodes in one block, as if everybody had agreed. */
    async define(definitions: readonly DefinitionSketch[]): Promise<void> {
        const endorsers = this.community.topology.organisations.map(({ id }) => id);
        const envelopes = definitions.map(
            (definition) =>
                this.community.transaction({
                    chaincode: '_lifecycle',
                    rwset: definitionWrites(definition),
                    endorsers,
                }).envelope,
        );
        for (const outcome of (await this.order(envelopes)).values()) {
            if (outcome instanceof Error) throw outcome;
        }
    }

    /** Puts a block of these before the twins and waits until both have committed it. */
    async order(envelopes: readonly Uint8Array[]): Promise<Seen<common.Block>> {
        const number = await this.ordering.order(envelopes);
        return this.each((twin) => twin.block(number));
    }

    /** Puts a spoiled block before the twins, waits whether one takes it, and lets a good one of the same height heal it. */
    async tempt(
        envelopes: readonly Uint8Array[],
        spoil: Spoil,
    ): Promise<{ readonly taken: Seen<boolean>; readonly healed: Seen<common.Block> }> {
        const { number, heal } = await this.ordering.tempt(envelopes, spoil);
        await sleep(TEMPTING_MS);
        const taken = await this.each((twin) => Promise.resolve(twin.has(number)));
        await heal();
        return { taken, healed: await this.each((twin) => twin.block(number)) };
    }

    /** Twin ordering services of one seat, on a channel of their own; started for the first scenario that needs them. */
    orderers(): Promise<OrderersOfStage> {
        this.#orderers ??= startOrderers(this.community, this.fabric?.orderer).then((made) => {
            this.started.unshift(...made.orderers.map((each) => () => each.stop()));
            return made;
        });
        return this.#orderers;
    }

    async broadcast(envelope: Uint8Array): Promise<Seen<BroadcastAnswer>> {
        const { orderers } = await this.orderers();
        return inParallel(orderers, (one) => one.broadcast(envelope));
    }

    propose(signed: peer.SignedProposal): Promise<Seen<Answered>> {
        return this.each((twin) => twin.propose(signed));
    }

    each<T>(ask: (twin: PeerUnderTest) => Promise<T>): Promise<Seen<T>> {
        return inParallel(this.peers, ask);
    }

    async close(): Promise<void> {
        for (const stop of this.started) await stop();
    }
}

async function inParallel<N extends { readonly kind: PeerKind }, T>(
    nodes: readonly N[],
    ask: (node: N) => Promise<T>,
): Promise<Seen<T>> {
    const answers = nodes.map(
        async (node) => [node, await ask(node).catch((cause: unknown) => asError(cause))] as const,
    );
    return new Map<{ readonly kind: PeerKind }, T | Error>(await Promise.all(answers));
}

function asError(cause: unknown): Error {
    return cause instanceof Error ? cause : new Error(String(cause));
}
