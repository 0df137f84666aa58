import { Metadata } from '@grpc/grpc-js';
import { type Contract, type Gateway, connect, hash } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { readFileSync } from 'node:fs';
import { buildProposal } from '../../fabric/proposals';
import { type SigningIdentity, signingIdentity } from '../../fabric/signing';
import { clientCredentials, clientTls } from '../client-tls';
import type { Layout } from '../layout';
import type { Organisation, Topology } from '../topology';

/** What a channel knows of a chaincode, and what every organisation has to agree to. */
export interface Definition {
    readonly name: string;
    readonly version: string;
    readonly sequence: number;
    /** Bytes of the ApplicationPolicy. */
    readonly validationParameter: Uint8Array;
}

export interface Approval extends Definition {
    readonly packageId: string | undefined;
}

const LIFECYCLE = '_lifecycle';
const OK = 200;
const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;
const CALL_LIMIT_MS = 30_000;

/** Fabric's chaincode life cycle as the administrator of one organisation goes through it, at the organisation's own peer. */
export class LifecycleClient {
    readonly mspId: string;
    private readonly admin: SigningIdentity;
    private readonly endorser: peer.EndorserClient;
    private readonly gateway: Gateway;
    private readonly lifecycle: Contract;

    constructor(
        topology: Topology,
        layout: Layout,
        readonly organisation: Organisation,
    ) {
        const files = layout.organisation(organisation);
        this.mspId = organisation.mspId;
        const certificate = readFileSync(files.admin.certificate, 'utf8');
        const admin = signingIdentity(this.mspId, certificate, readFileSync(files.admin.key, 'utf8'));
        this.admin = admin;
        const { host, port } = organisation.peer;
        this.endorser = new peer.EndorserClient(
            `${host}:${port}`,
            clientCredentials(readFileSync(files.tlsCa.certificate), clientTls(topology, files.admin.tls)),
            {
                // A TLS server name is never an address.
                'grpc.ssl_target_name_override': `peer0.${organisation.domain}`,
                'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
                'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
            },
        );
        this.gateway = connect({
            client: this.endorser,
            identity: { mspId: this.mspId, credentials: Buffer.from(certificate) },
            hash: hash.none,
            signer: (message) => Promise.resolve(admin.sign(message)),
            evaluateOptions: deadline,
            endorseOptions: deadline,
            submitOptions: deadline,
            commitStatusOptions: deadline,
        });
        this.lifecycle = this.gateway.getNetwork(topology.channel).getContract(LIFECYCLE);
    }

    close(): void {
        this.gateway.close();
        this.endorser.close();
    }

    async installedPackages(): Promise<readonly string[]> {
        const args = new peer.lifecycle.QueryInstalledChaincodesArgs();
        const answer = await this.callPeer('QueryInstalledChaincodes', args);
        return peer.lifecycle.QueryInstalledChaincodesResult.deserializeBinary(answer)
            .getInstalledChaincodesList()
            .map((each) => each.getPackageId());
    }

    /** @returns the package's id as the peer computed it. */
    async install(packageBytes: Uint8Array): Promise<string> {
        const args = new peer.lifecycle.InstallChaincodeArgs();
        args.setChaincodeInstallPackage(packageBytes);
        const answer = await this.callPeer('InstallChaincode', args);
        return peer.lifecycle.InstallChaincodeResult.deserializeBinary(answer).getPackageId();
    }

    async committedDefinitions(): Promise<readonly Definition[]> {
        const args = new peer.lifecycle.QueryChaincodeDefinitionsArgs();
        const answer = await this.evaluate('QueryChaincodeDefinitions', args);
        return peer.lifecycle.QueryChaincodeDefinitionsResult.deserializeBinary(answer)
            .getChaincodeDefinitionsList()
            .map(plain);
    }

    /** Which organisations agreed to the committed definition, by the hashes on the channel. */
    async approvedBy(name: string): Promise<ReadonlyMap<string, boolean>> {
        const args = new peer.lifecycle.QueryChaincodeDefinitionArgs();
        args.setName(name);
        const answer = await this.evaluate('QueryChaincodeDefinition', args);
        const result = peer.lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(answer);
        return new Map(result.getApprovalsMap().entries());
    }

    async approvals(): Promise<readonly Approval[]> {
        const args = new peer.lifecycle.QueryApprovedChaincodeDefinitionsArgs();
        const answer = await this.evaluate('QueryApprovedChaincodeDefinitions', args);
        return peer.lifecycle.QueryApprovedChaincodeDefinitionsResult.deserializeBinary(answer)
            .getApprovedChaincodeDefinitionsList()
            .map((each) => ({
                ...plain(each),
                packageId: each.getSource()?.getLocalPackage()?.getPackageId(),
            }));
    }

    async approve(definition: Definition, packageId: string): Promise<void> {
        const local = new peer.lifecycle.ChaincodeSource.Local();
        local.setPackageId(packageId);
        const source = new peer.lifecycle.ChaincodeSource();
        source.setLocalPackage(local);
        const args = new peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
        fill(args, definition);
        args.setSource(source);
        await this.submit('ApproveChaincodeDefinitionForMyOrg', args, [this.mspId]);
    }

    /** @param endorsers whose peers agree that enough organisations have approved. */
    async commit(definition: Definition, endorsers: readonly string[]): Promise<void> {
        const args = new peer.lifecycle.CommitChaincodeDefinitionArgs();
        fill(args, definition);
        await this.submit('CommitChaincodeDefinition', args, endorsers);
    }

    private evaluate(operation: string, args: Message): Promise<Uint8Array> {
        return this.lifecycle.evaluate(operation, {
            arguments: [args.serializeBinary()],
            endorsingOrganizations: [this.mspId],
        });
    }

    private submit(operation: string, args: Message, endorsers: readonly string[]): Promise<Uint8Array> {
        return this.lifecycle.submit(operation, {
            arguments: [args.serializeBinary()],
            endorsingOrganizations: [...endorsers],
        });
    }

    /** A call to the peer itself, without a channel: the gateway does not carry those. */
    private async callPeer(operation: string, args: Message): Promise<Uint8Array> {
        const { signed } = buildProposal(
            { channelId: '', chaincode: LIFECYCLE, args: [Buffer.from(operation), args.serializeBinary()] },
            this.admin,
        );
        const response = (await this.processProposal(signed)).getResponse();
        if (response?.getStatus() !== OK) {
            throw new Error(`${operation}: ${response?.getMessage() ?? 'no response'}`);
        }
        return response.getPayload_asU8();
    }

    private processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
        return new Promise((resolve, reject) => {
            this.endorser.processProposal(signed, new Metadata(), deadline(), (error, response) => {
                if (response === undefined) {
                    reject(error ?? new Error('neither response nor error'));
                } else {
                    resolve(response);
                }
            });
        });
    }
}

interface Message {
    serializeBinary(): Uint8Array;
}

interface DefinitionMessage {
    setName(value: string): void;
    setVersion(value: string): void;
    setSequence(value: number): void;
    setEndorsementPlugin(value: string): void;
    setValidationPlugin(value: string): void;
    setValidationParameter(value: Uint8Array): void;
}

function fill(message: DefinitionMessage, definition: Definition): void {
    message.setName(definition.name);
    message.setVersion(definition.version);
    message.setSequence(definition.sequence);
    message.setEndorsementPlugin('escc');
    message.setValidationPlugin('vscc');
    message.setValidationParameter(definition.validationParameter);
}

interface DefinitionReading {
    getName(): string;
    getVersion(): string;
    getSequence(): number;
    getValidationParameter_asU8(): Uint8Array;
}

function plain(message: DefinitionReading): Definition {
    return {
        name: message.getName(),
        version: message.getVersion(),
        sequence: message.getSequence(),
        validationParameter: message.getValidationParameter_asU8(),
    };
}

function deadline(): { deadline: number } {
    return { deadline: Date.now() + CALL_LIMIT_MS };
}
