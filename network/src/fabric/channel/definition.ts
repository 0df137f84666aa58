import type { common, msp } from '@hyperledger/fabric-protos';
import type { SeatEngine } from './seat-powers';

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
    /** Where it takes the other seats' signatures, for seats that are processes of their own. */
    readonly cluster?: Address;
    /** The engine beside it, for the same. */
    readonly engine?: SeatEngine;
}

export interface ChannelDefinition {
    readonly channelId: string;
    readonly organisations: readonly OrganisationDefinition[];
    readonly ordering: {
        /** `BFT`, the default, for our ordering service; `etcdraft` for Fabric's orderers. */
        readonly consensus?: 'BFT' | 'etcdraft';
        readonly seats: readonly OrderingSeat[];
        /** As Go writes durations: `100ms`, `2s`. */
        readonly batchTimeout: string;
        readonly maxMessageCount: number;
        readonly absoluteMaxBytes: number;
        readonly preferredMaxBytes: number;
    };
    /** Endorsement policies of the chaincodes, over roles of the peers. */
    readonly policies: {
        readonly governance: common.SignaturePolicyEnvelope;
        readonly market: common.SignaturePolicyEnvelope;
    };
    /** Stamped on the genesis block; now, if not given. */
    readonly createdAt?: Date;
}
