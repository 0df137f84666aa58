import { peer } from '@hyperledger/fabric-protos';

import { parseSignedProposal } from '../../fabric/proposals';
import type { SignedData } from '../../fabric/policy';
import type { StateReader } from '../ledger/api';
import type { ClientCertificate } from '../secure-channel';
import { ChaincodeConnection, type ChaincodeLog } from './chaincode-connection';
import type { InstalledChaincodes } from './installed-chaincodes';
import { TransactionContext, type Transaction } from './transaction-context';

const { Type } = peer.ChaincodeMessage;

const ERROR = 500;
/** The key under which Fabric notes for which version a chaincode's Init has run. */
const INITIALIZED_KEY = '\u0000\u{10FFFF}initialized';

/** What an endorser has to know about a committed chaincode definition. */
export interface EndorsementInfo {
    readonly version: string;
    readonly initRequired: boolean;
    readonly packageId: string;
}

/** Finds the committed definition and this organisation's package for it, in Fabric's words when there is none. */
export type EndorsementInfoSource = (name: string, state: StateReader) => Promise<EndorsementInfo>;

export interface ChaincodeSupportOptions {
    readonly installed: InstalledChaincodes;
    readonly endorsementInfo: EndorsementInfoSource;
    /** Refuses, by throwing, a call from chaincode to chaincode that the creator of the proposal may not make. */
    readonly authoriseNested: (channelId: string, proposal: SignedData) => void;
    readonly isSystemChaincode: (name: string) => boolean;
    readonly certificate: ClientCertificate;
    readonly executeTimeoutMs: number;
    readonly log: ChaincodeLog;
}

export interface ExecutionResult {
    readonly response: peer.Response;
    readonly event?: peer.ChaincodeEvent;
}

interface Target {
    readonly chaincode: string;
    readonly channelId: string;
}

/** "name:version/channel", version and channel optional. */
function parseTarget(text: string, callerChannel: string): Target {
    const slash = text.indexOf('/');
    const name = slash < 0 ? text : text.slice(0, slash);
    const channelId = slash < 0 ? '' : text.slice(slash + 1);
    return { chaincode: name.split(':')[0] ?? '', channelId: channelId === '' ? callerChannel : channelId };
}

function why(cause: unknown): string {
    return cause instanceof Error ? cause.message : String(cause);
}

/** System chaincodes that answer a chaincode, and answer that they do not serve it. */
const CLOSED_TO_CHAINCODES: ReadonlyMap<string, string> = new Map([
    ['qscc', 'Rejecting invoke of QSCC from another chaincode because of potential for deadlocks'],
    ['cscc', 'Rejecting invoke of CSCC from another chaincode'],
]);

function rejected(chaincode: string, signed: peer.SignedProposal): peer.ChaincodeMessage {
    const response = new peer.Response();
    response.setStatus(ERROR);
    response.setMessage(
        `${CLOSED_TO_CHAINCODES.get(chaincode) ?? ''}, original invocation for '${parseSignedProposal(signed).chaincode.name}'`,
    );
    const answer = new peer.ChaincodeMessage();
    answer.setType(Type.COMPLETED);
    answer.setPayload(response.serializeBinary());
    return answer;
}

/** Runs chaincodes of the channel, each over one connection per package, and the calls they make of each other. */
export class ChaincodeSupport {
    private readonly connections = new Map<string, ChaincodeConnection>();

    constructor(private readonly options: ChaincodeSupportOptions) {}

    /** A chaincode's answer to a proposal, whatever its status; throws when there is none. */
    async execute(transaction: Transaction, name: string, input: peer.ChaincodeInput): Promise<ExecutionResult> {
        const { txId } = transaction;
        const answer = await this.invoke(transaction, name, input).catch((cause: unknown) => {
            throw new Error(`failed to execute transaction ${txId}: ${why(cause)}`, { cause });
        });
        if (answer.getType() !== Type.COMPLETED) {
            throw new Error(`transaction returned with failure: ${Buffer.from(answer.getPayload_asU8()).toString()}`);
        }
        const response = peer.Response.deserializeBinary(answer.getPayload_asU8());
        const event = answer.getChaincodeEvent();
        event?.setChaincodeId(name);
        event?.setTxId(txId);
        return { response, ...(event && { event }) };
    }

    /** Connects to a package ahead of its first transaction; failures are left for that to report. */
    async warmUp(packageId: string): Promise<void> {
        await this.connection(packageId)
            ?.launch()
            .catch((cause: unknown) => {
                this.options.log.warn(why(cause));
            });
    }

    async close(): Promise<void> {
        await Promise.all([...this.connections.values()].map((connection) => connection.close()));
    }

    private async invoke(
        transaction: Transaction,
        name: string,
        input: peer.ChaincodeInput,
    ): Promise<peer.ChaincodeMessage> {
        const { packageId, isInit } = await this.checkInvocation(transaction, name, input).catch((cause: unknown) => {
            throw new Error(`invalid invocation: ${why(cause)}`, { cause });
        });
        const connection = this.connection(packageId);
        if (!connection) throw new Error(`could not launch chaincode ${packageId}: chaincode is not installed`);
        const context = new TransactionContext(transaction, name, isInit);
        return connection.execute(context, isInit, input.serializeBinary(), this.options.executeTimeoutMs);
    }

    private async checkInvocation(
        transaction: Transaction,
        name: string,
        input: peer.ChaincodeInput,
    ): Promise<{ packageId: string; isInit: boolean }> {
        const { simulator, channelId } = transaction;
        const info = await this.options.endorsementInfo(name, simulator).catch((cause: unknown) => {
            const text = `[channel ${channelId}] failed to get chaincode container info for ${name}: ${why(cause)}`;
            throw new Error(text, { cause });
        });
        const isInit = input.getIsInit();
        if (!info.initRequired) {
            if (isInit) throw new Error(`chaincode '${name}' does not require initialization but called as init`);
            return { packageId: info.packageId, isInit };
        }
        const value = await simulator.getState(name, INITIALIZED_KEY);
        const initialized = value !== undefined && Buffer.from(value).toString() === info.version;
        if (isInit && initialized) throw new Error(`chaincode '${name}' is already initialized but called as init`);
        if (isInit) simulator.putState(name, INITIALIZED_KEY, Buffer.from(info.version));
        else if (!initialized) {
            throw new Error(`chaincode '${name}' has not been initialized for this version, must call as init first`);
        }
        return { packageId: info.packageId, isInit };
    }

    private connection(packageId: string): ChaincodeConnection | undefined {
        const known = this.connections.get(packageId);
        if (known) return known;
        const installed = this.options.installed.get(packageId);
        if (!installed) return undefined;
        const nested = (spec: Uint8Array, caller: TransactionContext): Promise<Uint8Array> => this.nested(spec, caller);
        const { certificate, log } = this.options;
        const created = new ChaincodeConnection(installed, certificate, nested, log);
        this.connections.set(packageId, created);
        return created;
    }

    /** The callee shares simulator and creator with its caller; what it answers is for the caller alone. */
    private async nested(bytes: Uint8Array, caller: TransactionContext): Promise<Uint8Array> {
        const spec = peer.ChaincodeSpec.deserializeBinary(bytes);
        const { transaction } = caller;
        const { chaincode, channelId } = parseTarget(spec.getChaincodeId()?.getName() ?? '', transaction.channelId);
        if (CLOSED_TO_CHAINCODES.has(chaincode)) {
            return rejected(chaincode, transaction.signedProposal).serializeBinary();
        }
        if (this.options.isSystemChaincode(chaincode)) {
            throw new Error(`execute failed: system chaincode ${chaincode} cannot be called from a chaincode`);
        }
        this.options.authoriseNested(channelId, transaction.proposal);
        if (channelId !== transaction.channelId) throw new Error(`failed to find ledger for channel: ${channelId}`);
        const input = spec.getInput() ?? new peer.ChaincodeInput();
        input.setIsInit(false);
        const answer = await this.invoke(transaction, chaincode, input).catch((cause: unknown) => {
            throw new Error(`execute failed: ${why(cause)}`, { cause });
        });
        return answer.serializeBinary();
    }
}
