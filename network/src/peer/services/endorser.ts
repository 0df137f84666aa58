import { peer } from '@hyperledger/fabric-protos';

import type { Identity } from '../../fabric/msp';
import type { SignedData } from '../../fabric/policy';
import { endorsedResponse, proposalResponsePayload, type ParsedProposal, type Simulated } from '../../fabric/proposals';
import type { PvtRwSet } from '../../fabric/rwset';
import type { SigningIdentity } from '../../fabric/signing';
import type { ChaincodeSupport, EndorsementInfoSource } from '../chaincode/chaincode-support';
import type { PeerObserver } from '../../operations/peer-metrics';
import type { CollectionPermission, Transaction } from '../chaincode/transaction-context';
import type { SimulationResults, Simulator } from '../ledger/api';
import type { AccessControl } from '../system/access-control';
import { response, SYSTEM_CHAINCODE_VERSION, type SystemChaincode } from '../system/system-chaincode';
import type { PeerChannel } from '../validation/peer-channel';
import { collectionPermission } from './collection-permission';
import { chaincodeInterest } from './interest';
import { checkProposal, checkTimes, errorText, parseProposal, ProposalRefused } from './proposal-checks';

/** Status from which a response says that the chaincode refused: nothing is endorsed. */
const ERROR_THRESHOLD = 400;
const ERROR = 500;
/** These read the ledger themselves and get no simulator. */
const WITHOUT_SIMULATOR: ReadonlySet<string> = new Set(['qscc', 'cscc']);

export interface EndorserOptions {
    readonly identity: SigningIdentity;
    readonly channel: PeerChannel;
    readonly access: AccessControl;
    readonly chaincodes: ChaincodeSupport;
    readonly endorsementInfo: EndorsementInfoSource;
    readonly system: ReadonlyMap<string, SystemChaincode>;
    readonly timeWindowMs: number;
    readonly clock: () => Date;
    readonly observer: PeerObserver;
    /** Brings private writes to the other members of their collections. */
    readonly disseminate: (txId: string, written: PvtRwSet) => Promise<void>;
}

interface Execution {
    readonly response: peer.Response;
    readonly event?: peer.ChaincodeEvent;
}

function signedData({ creator, proposalBytes, signature }: ParsedProposal): SignedData {
    return { identity: creator, data: proposalBytes, signature };
}

function failure(message: string): peer.ProposalResponse {
    const result = new peer.ProposalResponse();
    result.setResponse(response(ERROR, message));
    return result;
}

/**
 * Simulates proposals and signs what came of them. Nothing is signed unless the creator may propose, the chaincode agreed, and
 * the private part of the result is on this peer's disk.
 */
export class Endorser {
    constructor(private readonly options: EndorserOptions) {}

    /** Throws ProposalRefused for proposals that are not tried; everything else is in the response's status and message. */
    async process(signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
        const { observer } = this.options;
        observer.proposalReceived();
        const begin = performance.now();
        const proposal = this.observed(() => parseProposal(signed));
        const answer = await this.answer(proposal, signed);
        observer.proposalEnded({
            channel: proposal.channelId,
            chaincode: proposal.chaincode.name,
            seconds: (performance.now() - begin) / 1000,
            isSuccess: (answer.getResponse()?.getStatus() ?? ERROR) < ERROR_THRESHOLD,
        });
        return answer;
    }

    private async answer(proposal: ParsedProposal, signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
        const { channelId } = proposal;
        const isServed = this.observed(() => this.checked(proposal));
        if (!isServed) return failure(`channel '${channelId}' not found`);
        try {
            return await this.endorse(proposal, signed);
        } catch (cause) {
            return failure(errorText(cause));
        }
    }

    /** Whether the proposal's channel is ours. Throws ProposalRefused. */
    private checked(proposal: ParsedProposal): boolean {
        const creator = this.creator(proposal);
        checkTimes(proposal, creator, this.options.clock(), this.options.timeWindowMs);
        const { channelId } = proposal;
        if (channelId !== '' && channelId !== this.options.channel.channelId) return false;
        checkProposal(proposal, creator);
        if (channelId !== '') this.checkChannel(proposal);
        return true;
    }

    private observed<T>(check: () => T): T {
        try {
            return check();
        } catch (cause) {
            this.options.observer.proposalRefused();
            throw cause;
        }
    }

    private creator({ channelId, creator }: ParsedProposal): Identity | undefined {
        const { access, channel } = this.options;
        try {
            return channelId === '' ? access.localIdentity(creator) : channel.bundle.msps.identity(creator);
        } catch {
            return undefined;
        }
    }

    private checkChannel(proposal: ParsedProposal): void {
        const { channel, access, system } = this.options;
        const { txId, channelId, creator } = proposal;
        if (channel.ledger.hasTransaction(txId)) {
            const hex = Buffer.from(creator).toString('hex');
            throw new ProposalRefused('check', `duplicate transaction found [${txId}]. Creator [${hex}]`);
        }
        if (system.has(proposal.chaincode.name)) return;
        try {
            access.check('peer/Propose', channelId, signedData(proposal));
        } catch (cause) {
            throw new ProposalRefused('check', errorText(cause), { cause });
        }
    }

    private async endorse(proposal: ParsedProposal, signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
        const { channel } = this.options;
        const { name } = proposal.chaincode;
        if (proposal.channelId === '' || WITHOUT_SIMULATOR.has(name)) {
            return this.respond(proposal, await this.version(proposal, undefined), await this.runSystem(proposal));
        }
        const simulator = channel.ledger.simulator(proposal.txId);
        try {
            const version = await this.version(proposal, simulator);
            const execution = await this.run(proposal, signed, simulator).catch((cause: unknown) => {
                throw new Error(`error in simulation: ${errorText(cause)}`, { cause });
            });
            const results = simulator.done();
            const isRefusal = execution.response.getStatus() >= ERROR_THRESHOLD;
            if (results.private && !isRefusal) {
                await channel.ledger.persistTransient(proposal.txId, results.private);
                await this.options.disseminate(proposal.txId, results.private);
            }
            return this.respond(proposal, version, execution, results);
        } finally {
            await simulator.close();
        }
    }

    private async version({ chaincode, channelId }: ParsedProposal, simulator?: Simulator): Promise<string> {
        if (this.options.system.has(chaincode.name)) return SYSTEM_CHAINCODE_VERSION;
        try {
            if (!simulator) throw new Error(`chaincode ${chaincode.name} not found`);
            return (await this.options.endorsementInfo(chaincode.name, simulator)).version;
        } catch (cause) {
            throw new Error(
                `make sure the chaincode ${chaincode.name} has been successfully defined on channel ${channelId} and try again: ${errorText(cause)}`,
                { cause },
            );
        }
    }

    private run(proposal: ParsedProposal, signed: peer.SignedProposal, simulator: Simulator): Promise<Execution> {
        if (this.options.system.has(proposal.chaincode.name)) return this.runSystem(proposal, simulator);
        const { channel } = this.options;
        const transaction: Transaction = {
            channelId: proposal.channelId,
            txId: proposal.txId,
            signedProposal: signed,
            proposal: signedData(proposal),
            simulator,
            history: (namespace, key) => channel.ledger.history(namespace, key),
            collectionPermission: (namespace, collection): Promise<CollectionPermission> =>
                collectionPermission({ namespace, collection }, proposal.creator, simulator, channel.bundle),
        };
        const input = new peer.ChaincodeInput();
        input.setArgsList([...proposal.args]);
        input.setIsInit(proposal.isInit);
        for (const [name, value] of proposal.decorations) input.getDecorationsMap().set(name, value);
        return this.options.chaincodes.execute(transaction, proposal.chaincode.name, input);
    }

    private async runSystem(proposal: ParsedProposal, simulator?: Simulator): Promise<Execution> {
        const chaincode = this.options.system.get(proposal.chaincode.name);
        if (!chaincode) throw new Error(`chaincode ${proposal.chaincode.name} not found`);
        const { args, channelId, txId } = proposal;
        const call = { args, channelId, txId, signed: signedData(proposal), ...(simulator && { simulator }) };
        try {
            return { response: await chaincode.invoke(call) };
        } catch (cause) {
            return { response: response(ERROR, errorText(cause)) };
        }
    }

    private respond(
        proposal: ParsedProposal,
        version: string,
        { response: answer, event }: Execution,
        results?: SimulationResults,
    ): peer.ProposalResponse {
        const simulated: Simulated = {
            proposalHash: proposal.hash,
            response: {
                status: answer.getStatus(),
                message: answer.getMessage(),
                payload: answer.getPayload_asU8(),
            },
            results: results?.publicBytes ?? new Uint8Array(),
            events: event?.serializeBinary() ?? new Uint8Array(),
            chaincode: { name: proposal.chaincode.name, version },
        };
        const result = this.signedIfEndorsed(simulated, proposal.channelId);
        result.setResponse(answer);
        if (results && result.getPayload_asU8().length > 0) {
            result.setInterest(chaincodeInterest(results, (name) => this.options.system.has(name)));
        }
        return result;
    }

    /** Refusals are not endorsed; those of status 500 and above carry the simulation's results all the same, as in Fabric. */
    private signedIfEndorsed(simulated: Simulated, channelId: string): peer.ProposalResponse {
        const { status } = simulated.response;
        if (status < ERROR_THRESHOLD && channelId !== '') return endorsedResponse(simulated, this.options.identity);
        const result = new peer.ProposalResponse();
        if (status >= ERROR) result.setPayload(proposalResponsePayload(simulated));
        return result;
    }
}
