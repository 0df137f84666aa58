import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import type { Message } from 'google-protobuf';
import { blockEnvelopes, decodeBlock, type NumberedOrderer } from '../blocks';
import { BoundedCache } from '../bounded-cache';
import { FormatError } from '../errors';
import { Msp, MspManager } from '../msp';
import { PolicyTree } from '../policy';
import { decode, digestOf, mapEntries, type MessageType } from '../wire';
import type { Address } from './definition';
import { durationMilliseconds } from './duration';
import { GROUP, VALUE } from './groups';

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

export interface Consenter extends Address, NumberedOrderer {
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

/** MSPs by digest of their configuration: a new configuration block leaves most as they were. */
const MSPS_KEPT = 500;
const msps = new BoundedCache<string, Msp>(MSPS_KEPT);
const BUNDLES_KEPT = 20;
const bundles = new BoundedCache<string, Bundle>(BUNDLES_KEPT);

function valueOf<M extends Message>(group: common.ConfigGroup, name: string, type: MessageType<M>): M | undefined {
    const value = group.getValuesMap().get(name);
    return value === undefined ? undefined : decode(type, value.getValue_asU8(), `configuration value ${name}`);
}

function subgroup(group: common.ConfigGroup, name: string): common.ConfigGroup {
    const found = group.getGroupsMap().get(name);
    if (found === undefined) throw new FormatError(`the configuration has no group ${name}`);
    return found;
}

function subgroups(group: common.ConfigGroup): readonly (readonly [string, common.ConfigGroup])[] {
    return mapEntries(group.getGroupsMap());
}

function mspOf(group: common.ConfigGroup, groupName: string): Msp {
    const value = group.getValuesMap().get(VALUE.msp);
    if (value === undefined) throw new FormatError(`organisation ${groupName} has no MSP`);
    const bytes = value.getValue_asU8();
    return msps.remember(digestOf(bytes), () => new Msp(decode(msp.MSPConfig, bytes, `MSP of ${groupName}`)));
}

function capabilitiesOf(group: common.ConfigGroup): readonly string[] {
    const capabilities = valueOf(group, VALUE.capabilities, common.Capabilities);
    return capabilities === undefined ? [] : mapEntries(capabilities.getCapabilitiesMap()).map(([name]) => name);
}

function addressOf(text: string): Address {
    const separator = text.lastIndexOf(':');
    const port = Number(text.slice(separator + 1));
    if (separator < 1 || !Number.isInteger(port)) throw new FormatError(`'${text}' is no host:port`);
    return { host: text.slice(0, separator), port };
}

function batchOf(group: common.ConfigGroup): BatchLimits {
    const size = valueOf(group, VALUE.batchSize, orderer.BatchSize) ?? new orderer.BatchSize();
    const timeout = valueOf(group, VALUE.batchTimeout, orderer.BatchTimeout) ?? new orderer.BatchTimeout();
    const maxMessageCount = size.getMaxMessageCount();
    const absoluteMaxBytes = size.getAbsoluteMaxBytes();
    const preferredMaxBytes = size.getPreferredMaxBytes();
    if (maxMessageCount === 0 || preferredMaxBytes === 0 || preferredMaxBytes > absoluteMaxBytes) {
        throw new FormatError('batch size makes no sense');
    }
    const timeoutMilliseconds = durationMilliseconds(timeout.getTimeout());
    return { timeoutMilliseconds, maxMessageCount, absoluteMaxBytes, preferredMaxBytes };
}

function consentersOf(group: common.ConfigGroup): readonly Consenter[] {
    const mapping = valueOf(group, VALUE.orderers, common.Orderers)?.getConsenterMappingList() ?? [];
    return mapping.map((consenter) => ({
        id: consenter.getId(),
        host: consenter.getHost(),
        port: consenter.getPort(),
        mspId: consenter.getMspId(),
        identityPem: Buffer.from(consenter.getIdentity_asU8()).toString(),
        serverTlsPem: Buffer.from(consenter.getServerTlsCert_asU8()).toString(),
        clientTlsPem: Buffer.from(consenter.getClientTlsCert_asU8()).toString(),
    }));
}

function applicationOrganisationsOf(group: common.ConfigGroup): ReadonlyMap<string, ApplicationOrganisation> {
    const organisations = subgroups(group).map(([groupName, child]): ApplicationOrganisation => {
        const anchors = valueOf(child, VALUE.anchorPeers, peer.AnchorPeers)?.getAnchorPeersList() ?? [];
        const anchorPeers = anchors.map((anchor) => ({ host: anchor.getHost(), port: anchor.getPort() }));
        return { mspId: mspOf(child, groupName).mspId, groupName, anchorPeers };
    });
    return new Map(organisations.map((organisation) => [organisation.mspId, organisation]));
}

function ordererEndpointsOf(group: common.ConfigGroup): readonly OrdererEndpoint[] {
    return subgroups(group).flatMap(([groupName, child]) => {
        const { mspId, tlsRoots } = mspOf(child, groupName);
        const addresses = valueOf(child, VALUE.endpoints, common.OrdererAddresses)?.getAddressesList() ?? [];
        if (addresses.length === 0) throw new FormatError(`orderer organisation ${groupName} has no endpoints`);
        return addresses.map((address) => ({ ...addressOf(address), mspId, rootPem: tlsRoots.join('') }));
    });
}

function allMsps(groups: readonly common.ConfigGroup[]): MspManager {
    const found = new Map<string, Msp>();
    for (const [groupName, child] of groups.flatMap((group) => [...subgroups(group)])) {
        const one = mspOf(child, groupName);
        const other = found.get(one.mspId);
        if (other !== undefined && other !== one) throw new FormatError(`MSP ${one.mspId} is configured in two ways`);
        found.set(one.mspId, one);
    }
    return new MspManager([...found.values()]);
}

function aclsOf(group: common.ConfigGroup): ReadonlyMap<string, string> {
    const acls = valueOf(group, VALUE.acls, peer.ACLs);
    if (acls === undefined) return new Map();
    return new Map(mapEntries(acls.getAclsMap()).map(([resource, api]) => [resource, api.getPolicyRef()]));
}

/** One configuration of a channel, unfolded; immutable, and shared between peers of a process that read the same block. */
export class Bundle {
    readonly channelId: string;
    readonly config: common.Config;
    readonly sequence: number;
    readonly msps: MspManager;
    readonly policies: PolicyTree;
    /** By MSP id. */
    readonly applicationOrgs: ReadonlyMap<string, ApplicationOrganisation>;
    readonly ordererEndpoints: readonly OrdererEndpoint[];
    readonly batch: BatchLimits;
    readonly consenters: readonly Consenter[];
    readonly consensus: { readonly type: string; readonly metadata: Uint8Array };
    readonly capabilities: Capabilities;
    /** Access control overrides: resource → policy path; empty: Fabric's defaults. */
    readonly acls: ReadonlyMap<string, string>;

    /** Throws FormatError, MspError or MalformedPolicy where Fabric's peers would refuse the configuration. */
    constructor(channelId: string, config: common.Config) {
        const channel = config.getChannelGroup();
        if (channel === undefined) throw new FormatError('the configuration has no channel group');
        const application = subgroup(channel, GROUP.application);
        const ordering = subgroup(channel, GROUP.orderer);
        const consensus = valueOf(ordering, VALUE.consensusType, orderer.ConsensusType);
        this.channelId = channelId;
        this.config = config;
        this.sequence = config.getSequence();
        this.msps = allMsps([application, ordering]);
        this.policies = new PolicyTree(channel, this.msps);
        this.applicationOrgs = applicationOrganisationsOf(application);
        this.ordererEndpoints = ordererEndpointsOf(ordering);
        this.batch = batchOf(ordering);
        this.consenters = consentersOf(ordering);
        this.consensus = {
            type: consensus?.getType() ?? '',
            metadata: consensus?.getMetadata_asU8() ?? new Uint8Array(),
        };
        this.capabilities = {
            channel: capabilitiesOf(channel),
            orderer: capabilitiesOf(ordering),
            application: capabilitiesOf(application),
        };
        this.acls = aclsOf(application);
    }

    /** Throws as the constructor does, and FormatError when the block is not a configuration block. */
    static fromConfigBlock(block: common.Block | Uint8Array): Bundle {
        const decoded = block instanceof Uint8Array ? decodeBlock(block) : block;
        const [envelope, ...others] = blockEnvelopes(decoded);
        if (envelope === undefined || others.length > 0) throw new FormatError('not a configuration block');
        return Bundle.fromConfigEnvelope(envelope);
    }

    /** From bytes of an envelope of type CONFIG. */
    static fromConfigEnvelope(envelope: Uint8Array): Bundle {
        return bundles.remember(digestOf(envelope), () => read(envelope));
    }
}

function read(bytes: Uint8Array): Bundle {
    const envelope = decode(common.Envelope, bytes, 'configuration envelope');
    const payload = decode(common.Payload, envelope.getPayload_asU8(), 'payload');
    const headerBytes = payload.getHeader()?.getChannelHeader_asU8();
    if (headerBytes === undefined) throw new FormatError('configuration envelope has no header');
    const header = decode(common.ChannelHeader, headerBytes, 'channel header');
    if (header.getType() !== common.HeaderType.CONFIG) throw new FormatError('not a configuration envelope');
    const config = decode(common.ConfigEnvelope, payload.getData_asU8(), 'ConfigEnvelope').getConfig();
    if (config === undefined) throw new FormatError('configuration envelope without configuration');
    return new Bundle(header.getChannelId(), config);
}
