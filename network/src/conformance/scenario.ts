import type { peer } from '@hyperledger/fabric-protos';
import type { Bundle } from '../fabric/channel-config';
import type { Rule } from '../fabric/policy';
import type { Version } from '../fabric/rwset';
import type { SigningIdentity } from '../fabric/signing';
import { rwset, type DefinitionSketch, type NamespaceSketch } from '../testing/rwsets';
import type { Spoil } from './stage/scripted-ordering';
import type { SignerKind, TestCommunity } from '../testing/test-community';

export type CodeName = keyof peer.TxValidationCodeMap;

/** What a scenario can look up while it is played. */
export interface Setting {
    readonly community: TestCommunity;
    /** Name of the scenario's own chaincode: its keys are nobody else's. */
    readonly chaincode: string;
    /** Package of a chaincode that can run. */
    readonly packageOf: (chaincode: string) => { readonly packageId: string; readonly bytes: Uint8Array };
    /** The configuration in force. */
    readonly bundle: Bundle;
    /** Number that the next block gets. */
    readonly next: number;
    /** Version of what a transaction of the scenario's n-th block wrote. */
    readonly version: (block: number, tx?: number) => Version;
    /** A transaction that was simulated, or made, under this name. */
    kept(name: string): Uint8Array;
    keep(name: string, envelope: Uint8Array): Uint8Array;
}

/** A value that may depend on what happened before. */
export type Made<T> = T | ((setting: Setting) => T | Promise<T>);

/** Bytes of an envelope for a block. */
export type MadeEnvelope = (setting: Setting) => Uint8Array | Promise<Uint8Array>;

/** A transaction that nobody simulated; the rest is filled in as honest clients and endorsers would. */
export interface TransactionOfScenario extends NamespaceSketch {
    /** Read and written beside the scenario's own chaincode, or instead of it. */
    readonly others?: Readonly<Record<string, NamespaceSketch>>;
    readonly chaincode?: string;
    /** Organisations whose peers endorse; the grid operator and H1 if not given. */
    readonly endorsers?: readonly string[];
    readonly client?: string;
    readonly nonce?: Uint8Array;
    readonly event?: Uint8Array;
    readonly version?: string;
    readonly ranChaincode?: string;
}

export interface BlockStep {
    readonly kind: 'block';
    readonly transactions: readonly MadeEnvelope[];
    readonly codes: readonly CodeName[];
}

/** A proposal as a client of H1 signs it; both twins get the same bytes. */
export interface Call {
    /** The chaincode that runs, if not given. */
    readonly chaincode?: string;
    readonly args: readonly (string | Uint8Array)[];
    readonly transient?: Readonly<Record<string, string>>;
    readonly client?: string;
    readonly as?: SignerKind;
    readonly signer?: SigningIdentity;
    /** Empty for what concerns the peer alone. */
    readonly channel?: string;
    /** How far the client's clock is ahead. */
    readonly aheadMs?: number;
    readonly nonce?: Uint8Array;
    readonly altered?: (signed: peer.SignedProposal) => peer.SignedProposal;
}

/** What is expected of an answer; texts are parts of what is said. */
export interface Expected {
    readonly status?: number;
    readonly message?: string;
    readonly payload?: string;
    /** The peer refuses to try: status of the connection. */
    readonly refused?: string;
}

export interface CallStep {
    readonly kind: 'call';
    readonly call: Made<Call>;
    readonly answer: Expected;
    /** What the embedded peer answers instead, where it differs. */
    readonly ours?: Expected;
    /** How to read a payload that has no one encoding. */
    readonly read?: (payload: Uint8Array) => unknown;
}

/** Has the twins simulate and endorse, and keeps the transaction under a name. */
export interface SimulateStep {
    readonly kind: 'simulate';
    readonly name: string;
    readonly call: Made<Call>;
    /** Organisations that endorse what the twins came to; H1's endorsement is the twin's own. */
    readonly endorsers: readonly string[];
    readonly answer: Expected;
}

/** A request of a client to the gateway of each twin. */
export interface GatewayStep {
    readonly kind: 'gateway';
    readonly request: 'evaluate' | 'endorse' | 'commit status';
    readonly call: Made<Call>;
    readonly organisations?: readonly string[];
    /** For 'commit status': name of the kept transaction. */
    readonly of?: string;
    readonly answer: Expected;
    readonly ours?: Expected;
}

/** A block that no peer may take, and then a good one of the same transactions in its place. */
export interface SpoiledBlockStep {
    readonly kind: 'spoiled block';
    readonly transactions: readonly MadeEnvelope[];
    readonly spoil: (setting: Setting) => Spoil;
    readonly codes: readonly CodeName[];
}

/** What ordering services say to an envelope; ours here, Fabric's with Raft where its binary is found. */
export interface BroadcastStep {
    readonly kind: 'broadcast';
    readonly envelope: MadeEnvelope;
    readonly answer: BroadcastExpected;
    /** What our ordering service answers instead, where it differs. */
    readonly ours?: BroadcastExpected;
}

export interface BroadcastExpected {
    readonly status: string;
    /** Part of what is said. */
    readonly message?: string;
}

export type Step = BlockStep | SpoiledBlockStep | BroadcastStep | CallStep | SimulateStep | GatewayStep;

export interface Scenario {
    /** A sentence; unique. */
    readonly name: string;
    /** What Fabric does. */
    readonly fabric: string;
    /** Of the scenario's own chaincode; the grid operator and any household if not given. */
    readonly policy?: string | Rule;
    readonly collections?: DefinitionSketch['collections'];
    readonly steps: readonly Step[];
    /** Not shown to a Fabric peer, because this becomes of it. */
    readonly notNative?: string;
    /** What the embedded peer does otherwise, and why; a native run has to show just that. */
    readonly differs?: string;
}

export interface Group {
    readonly title: string;
    readonly scenarios: readonly Scenario[];
}

export const block = (transactions: readonly MadeEnvelope[], ...codes: CodeName[]): BlockStep => ({
    kind: 'block',
    transactions,
    codes,
});

export const broadcast = (
    envelope: MadeEnvelope,
    status: string,
    message?: string,
    ours?: BroadcastExpected,
): BroadcastStep => ({
    kind: 'broadcast',
    envelope,
    answer: { status, ...(message === undefined ? {} : { message }) },
    ...(ours === undefined ? {} : { ours }),
});

export const call = (request: Made<Call>, answer: Expected = { status: 200 }): CallStep => ({
    kind: 'call',
    call: request,
    answer,
});

/** A call whose answer is a message with maps, which have no one encoding. */
export const query = (
    request: Made<Call>,
    message: { deserializeBinary(bytes: Uint8Array): { toObject(): unknown } },
): CallStep => ({ ...call(request), read: (payload) => message.deserializeBinary(payload).toObject() });

export const simulate = (
    name: string,
    request: Made<Call>,
    endorsers: readonly string[] = ['DSO', 'H1'],
): SimulateStep => ({
    kind: 'simulate',
    name,
    call: request,
    endorsers,
    answer: { status: 200 },
});

export const kept =
    (name: string): MadeEnvelope =>
    (setting) =>
        setting.kept(name);

/** Simulated, endorsed and ordered at once. */
export function submit(
    name: string,
    request: Made<Call>,
    code: CodeName = 'VALID',
    endorsers?: readonly string[],
): readonly [SimulateStep, BlockStep] {
    return [simulate(name, request, endorsers), block([kept(name)], code)];
}

/** A transaction as its endorsers would have signed it; kept under a name if there is one. */
export function transaction(sketch: Made<TransactionOfScenario>, name?: string): MadeEnvelope {
    return async (setting) => {
        const wanted = typeof sketch === 'function' ? await sketch(setting) : sketch;
        const envelope = made(wanted, setting);
        return name === undefined ? envelope : setting.keep(name, envelope);
    };
}

function made(sketch: TransactionOfScenario, setting: Setting): Uint8Array {
    const { others = {}, chaincode = setting.chaincode, endorsers = ['DSO', 'H1'], client = 'H1' } = sketch;
    const { reads, writes, policies, ranges, collections } = sketch;
    const own = { reads, writes, policies, ranges, collections };
    const isOwnUsed = Object.values(own).some((part) => part !== undefined);
    return setting.community.transaction({
        chaincode,
        rwset: rwset({ ...(isOwnUsed ? { [setting.chaincode]: defined(own) } : {}), ...others }),
        endorsers,
        client,
        ...defined({
            nonce: sketch.nonce,
            event: sketch.event,
            version: sketch.version,
            ranChaincode: sketch.ranChaincode,
        }),
    }).envelope;
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Partial<Defined<T>> {
    return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Partial<Defined<T>>;
}
