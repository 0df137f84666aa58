import type { common, msp } from '@hyperledger/fabric-protos';
import type { MspManager } from './msp';
import type { PolicyTree } from './policy';

export interface Address {
    readonly host: string;
    readonly port: number;
}

export interface OrganisationDefinition {
    readonly mspId: string;
    /** Name of its configuration group; usually the MSP id. */
    readonly groupName: string;
    readonly mspConfig: msp.MSPConfig;
    readonly anchorPeers: readonly Address[];
    /** `host:port` of its orderers, for those with an ordering seat. */
    readonly ordererEndpoints?: readonly string[];
}

export interface OrderingSeat {
    readonly mspId: string;
    readonly host: string;
    readonly port: number;
    readonly identityPem: string;
    readonly serverTlsPem: string;
    readonly clientTlsPem: string;
    readonly weight: bigint;
    readonly consenterId: number;
}

export interface ChannelDefinition {
    readonly channelId: string;
    readonly organisations: readonly OrganisationDefinition[];
    readonly ordering: {
        readonly seats: readonly OrderingSeat[];
        /** As Go writes durations: `100ms`, `2s`. */
        readonly batchTimeout: string;
        readonly maxMessageCount: number;
        readonly absoluteMaxBytes: number;
        readonly preferredMaxBytes: number;
    };
    readonly policies: {
        readonly governance: common.SignaturePolicyEnvelope;
        readonly market: common.SignaturePolicyEnvelope;
    };
}

export function genesisBlock(_definition: ChannelDefinition): common.Block {
    throw new Error('not yet');
}

export interface ApplicationOrganisation {
    readonly mspId: string;
    readonly groupName: string;
    readonly anchorPeers: readonly Address[];
}

export interface OrdererEndpoint extends Address {
    readonly mspId: string;
    /** TLS roots of the organisation, PEM, one after the other. */
    readonly rootPem: string;
}

export interface Consenter extends Address {
    readonly id: number;
    readonly mspId: string;
    readonly identityPem: string;
    readonly serverTlsPem: string;
    readonly clientTlsPem: string;
}

export interface BatchLimits {
    readonly timeoutMilliseconds: number;
    readonly maxMessageCount: number;
    readonly absoluteMaxBytes: number;
    readonly preferredMaxBytes: number;
}

export interface Capabilities {
    readonly channel: readonly string[];
    readonly orderer: readonly string[];
    readonly application: readonly string[];
}

/** One configuration of a channel, unfolded; immutable, and shared between peers of a process that read the same block. */
export abstract class Bundle {
    abstract readonly channelId: string;
    abstract readonly sequence: number;
    abstract readonly config: common.Config;
    abstract readonly msps: MspManager;
    abstract readonly policies: PolicyTree;
    /** By MSP id. */
    abstract readonly applicationOrgs: ReadonlyMap<string, ApplicationOrganisation>;
    abstract readonly ordererEndpoints: readonly OrdererEndpoint[];
    abstract readonly batch: BatchLimits;
    abstract readonly consenters: readonly Consenter[];
    abstract readonly consensus: { readonly type: string; readonly metadata: Uint8Array };
    abstract readonly capabilities: Capabilities;
    /** Access control overrides: resource → policy path; empty: Fabric's defaults. */
    abstract readonly acls: ReadonlyMap<string, string>;

    /** Throws FormatError when the block is not a configuration block that makes sense. */
    static fromConfigBlock(_block: common.Block | Uint8Array): Bundle {
        throw new Error('not yet');
    }
}
