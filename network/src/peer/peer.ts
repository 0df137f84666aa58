import { join } from 'node:path';

import type { ServerInterceptor } from '@grpc/grpc-js';
import type { common } from '@hyperledger/fabric-protos';

import type { SigningIdentity } from '../fabric/signing';
import { memberRoots } from '../transport/member-roots';
import { UNOBSERVED, type PeerObserver } from '../operations/peer-metrics';
import type { ChaincodeLog } from './chaincode/chaincode-connection';
import { ChaincodeSupport } from './chaincode/chaincode-support';
import { InstalledChaincodes } from './chaincode/installed-chaincodes';
import type { BuilderValues } from './chaincode/package-templates';
import type { ClientCertificate } from './secure-channel';
import { LedgerFailed } from './ledger/store/ledger-store';
import { BlockPuller } from './services/block-puller';
import { Endorser } from './services/endorser';
import { CommitStatuses } from './services/gateway/commit-status';
import { Gateway } from './services/gateway/gateway';
import type { Neighbours } from './services/gateway/neighbours';
import { peersOf, RemoteNodes, type Node } from './services/gateway/remote-nodes';
import type { Submission } from './services/gateway/submit';
import { Disseminator } from './services/private-data/dissemination';
import { Reconciler } from './services/private-data/reconciler';
import { PeerServer, type ServiceLimits } from './services/peer-server';
import { AccessControl } from './system/access-control';
import { Cscc } from './system/cscc';
import { Lifecycle } from './system/lifecycle/lifecycle';
import { LocalDefinitions } from './system/lifecycle/local-definitions';
import { Qscc } from './system/qscc';
import type { SystemChaincode } from './system/system-chaincode';
import { PeerChannel } from './validation/peer-channel';

const DEFAULT_TIME_WINDOW_MS = 30_000;
const DEFAULT_EXECUTE_TIMEOUT_MS = 30_000;
const ENDORSEMENT_TIMEOUT_MS = 30_000;
const BROADCAST_TIMEOUT_MS = 30_000;
/** Fabric's own: pushAckTimeout. */
const PUSH_TIMEOUT_MS = 3_000;
/** Of deliver requests, which are long-lived: Fabric's own. */
const DELIVER_TIME_WINDOW_MS = 15 * 60_000;
const DEFAULT_LIMITS: ServiceLimits = { endorser: 2_500, deliver: 2_500, gateway: 500 };

export interface PeerOptions {
    readonly identity: SigningIdentity;
    readonly host: string;
    readonly port: number;
    /** The TLS certificate that the peer shows to clients, other peers, orderers and chaincode services. */
    readonly certificate: ClientCertificate;
    /**
     * Set where nobody connects without a TLS certificate, to this peer or to the others and the orderers, to whom it then shows its own. The
     * roots, PEM, are let in beside those of the channel's members.
     */
    readonly clientAuthentication?: { readonly roots: readonly string[] } | undefined;
    /** Ledger and installed chaincodes of this peer alone. */
    readonly directory: string;
    readonly genesis: common.Block;
    /** Fills the templates of chaincode packages: where this organisation's services are. */
    readonly builder?: BuilderValues;
    /** Which orderer to turn to first, for blocks and with transactions. */
    readonly ordererOffset?: number;
    /** Default: as the channel's type of consensus asks. */
    readonly submission?: Submission;
    readonly timeWindowMs?: number;
    readonly executeTimeoutMs?: number;
    readonly limits?: ServiceLimits;
    readonly clock?: () => Date;
    /** Told what this peer does. */
    readonly observer?: PeerObserver;
    readonly interceptors?: readonly ServerInterceptor[];
    readonly log: ChaincodeLog;
    /** Peers of the same process, which are asked without a network between. This one joins them while it runs. */
    readonly neighbours?: Neighbours;
    /** The channel cannot go on; the peer still answers queries. */
    readonly halted?: (cause: Error) => void;
    /** The disk failed: this peer writes nothing any more and has to be stopped and started anew. */
    readonly failed?: (cause: Error) => void;
}

interface Parts {
    readonly channel: PeerChannel;
    readonly chaincodes: ChaincodeSupport;
    readonly definitions: LocalDefinitions;
    readonly endorser: Endorser;
    readonly access: AccessControl;
}

function systemChaincodes(
    options: PeerOptions,
    channel: PeerChannel,
    access: AccessControl,
    installed: InstalledChaincodes,
    definitions: LocalDefinitions,
): ReadonlyMap<string, SystemChaincode> {
    const { mspId } = options.identity;
    const ledgerOf = (channelId: string): PeerChannel['ledger'] | undefined =>
        channelId === channel.channelId ? channel.ledger : undefined;
    const bundle = (): PeerChannel['bundle'] => channel.bundle;
    const usesOf = (packageId: string): ReturnType<LocalDefinitions['usesOf']> => definitions.usesOf(packageId);
    const all: readonly SystemChaincode[] = [
        new Lifecycle({ mspId, bundle, access, installed, usesOf }),
        new Qscc(ledgerOf, access),
        new Cscc(() => [channel], access),
    ];
    return new Map(all.map((chaincode) => [chaincode.name, chaincode]));
}

async function assemble(options: PeerOptions, remote: RemoteNodes): Promise<Parts> {
    const { identity, directory, certificate, log, genesis } = options;
    const channel = await PeerChannel.open(
        { directory: join(directory, 'ledger'), mspId: identity.mspId, identity: identity.serialized },
        genesis,
    );
    const access = new AccessControl(identity.mspId, () => channel.bundle);
    const installed = await InstalledChaincodes.open(join(directory, 'chaincodes'), options.builder);
    const definitions = new LocalDefinitions(identity.mspId, channel, installed);
    const system = systemChaincodes(options, channel, access, installed, definitions);
    const endorsementInfo: LocalDefinitions['endorsementInfo'] = (name, state) =>
        definitions.endorsementInfo(name, state);
    const chaincodes = new ChaincodeSupport({
        installed,
        endorsementInfo,
        authoriseNested: (channelId, proposal) => {
            access.check('peer/ChaincodeToChaincode', channelId, proposal);
        },
        isSystemChaincode: (name) => system.has(name),
        certificate,
        executeTimeoutMs: options.executeTimeoutMs ?? DEFAULT_EXECUTE_TIMEOUT_MS,
        log,
    });
    const disseminator = new Disseminator({
        channel,
        identity,
        push: (node, message) => remote.pushPrivateData(node, message, new Date(Date.now() + PUSH_TIMEOUT_MS)),
    });
    const endorser = new Endorser({
        identity,
        channel,
        access,
        chaincodes,
        endorsementInfo,
        system,
        timeWindowMs: options.timeWindowMs ?? DEFAULT_TIME_WINDOW_MS,
        clock: options.clock ?? ((): Date => new Date()),
        observer: options.observer ?? UNOBSERVED,
        disseminate: (txId, written) => disseminator.disseminate(txId, written),
    });
    return { channel, chaincodes, definitions, endorser, access };
}

/** What two peers have to agree on at the same height. */
export interface PeerDigest {
    readonly mspId: string;
    readonly height: number;
    /** Hash of the last block's header, hex. */
    readonly blockHash: string;
    readonly codesDigest: string;
    readonly stateDigest: string;
}

/** What is known of how a peer is doing. */
interface Condition {
    problem: string | undefined;
}

/** What this peer shows of itself to nodes that it calls. */
function shown({ clientAuthentication, certificate }: PeerOptions): ClientCertificate | undefined {
    return clientAuthentication && certificate;
}

function follow(options: PeerOptions, { channel }: Parts, condition: Condition): BlockPuller {
    const { observer = UNOBSERVED, log, identity, ordererOffset = 0 } = options;
    observer.opened(channel.channelId, channel.ledger.height);
    return new BlockPuller({
        channel,
        reader: { identity, tls: shown(options) },
        offset: ordererOffset,
        log,
        halted: (cause) => {
            if (cause instanceof LedgerFailed) return;
            condition.problem = `the channel is halted: ${cause.message}`;
            if (options.halted) options.halted(cause);
            else log.warn(condition.problem);
        },
        committed: (event, seconds) => {
            observer.committed(channel.channelId, event, seconds);
        },
    });
}

/** One organisation's peer: identity, ledger and store of its own, whatever else runs in the process. */
export class Peer {
    private constructor(
        private readonly options: PeerOptions,
        private readonly parts: Parts,
        private readonly remote: RemoteNodes,
        private readonly puller: BlockPuller,
        private readonly server: PeerServer,
        private readonly condition: Condition,
        private readonly reconciler: Reconciler,
    ) {}

    /** Opens the ledger, serves and follows the channel. Throws when the port is taken or the ledger is another channel's. */
    static async start(options: PeerOptions): Promise<Peer> {
        const remote = new RemoteNodes(shown(options));
        const parts = await assemble(options, remote);
        try {
            const server = await serve(options, parts, remote);
            const condition: Condition = { problem: undefined };
            parts.channel.ledger.onFailure((cause) => {
                condition.problem = cause.message;
                options.failed?.(cause);
            });
            const puller = follow(options, parts, condition);
            const reconciler = new Reconciler({
                channel: parts.channel,
                identity: options.identity,
                fetch: (node, request) =>
                    remote.fetchPrivateData(node, request, new Date(Date.now() + ENDORSEMENT_TIMEOUT_MS)),
                log: options.log,
            });
            puller.start();
            reconciler.start();
            options.neighbours?.add(options, parts.endorser);
            return new Peer(options, parts, remote, puller, server, condition, reconciler);
        } catch (cause) {
            await parts.channel.close();
            throw cause;
        }
    }

    get mspId(): string {
        return this.options.identity.mspId;
    }

    get height(): number {
        return this.parts.channel.ledger.height;
    }

    /** Why this peer cannot go on; undefined while it can. */
    get problem(): string | undefined {
        return this.condition.problem;
    }

    async digest(): Promise<PeerDigest> {
        const { ledger } = this.parts.channel;
        return {
            mspId: this.mspId,
            height: ledger.height,
            blockHash: Buffer.from(ledger.lastBlockHash).toString('hex'),
            codesDigest: await ledger.codesDigest(),
            stateDigest: await ledger.stateDigest(),
        };
    }

    async stop(): Promise<void> {
        this.options.neighbours?.remove(this.options);
        await Promise.all([this.puller.stop(), this.reconciler.stop()]);
        await this.server.stop();
        await this.parts.chaincodes.close();
        this.remote.close();
        await this.parts.channel.close();
    }
}

async function serve(options: PeerOptions, parts: Parts, remote: RemoteNodes): Promise<PeerServer> {
    const { channel, endorser, definitions, chaincodes, access } = parts;
    const { host, port, certificate, log, identity, neighbours } = options;
    const self: Node = peersOf(channel.bundle, identity.mspId)[0] ?? {
        address: `${host}:${port}`,
        mspId: identity.mspId,
        roots: '',
    };
    const statuses = new CommitStatuses(channel.ledger);
    channel.ledger.onCommit((event) => {
        statuses.onCommit(event);
        if (definitions.onCommit(event)) void warmUp(definitions, chaincodes);
    });
    void warmUp(definitions, chaincodes);
    const gateway = new Gateway({
        context: {
            channel,
            self,
            endorser: (node, signed) =>
                node === self
                    ? endorser.process(signed)
                    : (neighbours?.processProposal(node, signed) ??
                      remote.processProposal(node, signed, new Date(Date.now() + ENDORSEMENT_TIMEOUT_MS))),
        },
        access,
        statuses,
        submission: {
            mode: options.submission ?? 'as the channel asks',
            offset: options.ordererOffset ?? 0,
        },
        broadcast: (node, envelope) => remote.broadcast(node, envelope, new Date(Date.now() + BROADCAST_TIMEOUT_MS)),
    });
    const clock = options.clock ?? ((): Date => new Date());
    const warn = (message: string): void => {
        log.info(message);
    };
    const { clientAuthentication } = options;
    const clientRoots = (): readonly string[] | undefined =>
        clientAuthentication && memberRoots(channel.bundle, 'peer', clientAuthentication.roots);
    const server = await PeerServer.start({
        host,
        port,
        certificate,
        clientRoots: clientRoots(),
        endorser,
        gateway,
        deliver: {
            channel,
            access,
            timeWindowMs: DELIVER_TIME_WINDOW_MS,
            clock,
            warn,
            bindsToTls: clientAuthentication !== undefined,
        },
        limits: options.limits ?? DEFAULT_LIMITS,
        interceptors: options.interceptors ?? [],
    });
    channel.ledger.onCommit(() => {
        server.trust(clientRoots() ?? []);
    });
    return server;
}

/**
 * Connects to the services of all chaincodes that this peer runs, so that the first transaction does not wait for it. What
 * fails here is tried again, and reported, by the transaction that needs it.
 */
async function warmUp(definitions: LocalDefinitions, chaincodes: ChaincodeSupport): Promise<void> {
    try {
        const packages = new Set((await definitions.runnable()).map(({ packageId }) => packageId));
        await Promise.all([...packages].map((packageId) => chaincodes.warmUp(packageId)));
    } catch {
        // The peer stops, and its ledger with it.
    }
}
