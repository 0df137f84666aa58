import { common } from '@hyperledger/fabric-protos';
import type { Message } from 'google-protobuf';

/** Names Fabric gives to groups, values and policies of a channel configuration. */
export const GROUP = { application: 'Application', orderer: 'Orderer' } as const;
export const VALUE = {
    acls: 'ACLs',
    anchorPeers: 'AnchorPeers',
    batchSize: 'BatchSize',
    batchTimeout: 'BatchTimeout',
    blockDataHashingStructure: 'BlockDataHashingStructure',
    capabilities: 'Capabilities',
    channelRestrictions: 'ChannelRestrictions',
    consensusType: 'ConsensusType',
    endpoints: 'Endpoints',
    hashingAlgorithm: 'HashingAlgorithm',
    msp: 'MSP',
    ordererAddresses: 'OrdererAddresses',
    orderers: 'Orderers',
} as const;
/** Whoever satisfies the policy of this name in the same group may change an element. */
export const ADMINS = 'Admins';

type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';

export function newGroup(): common.ConfigGroup {
    const group = new common.ConfigGroup();
    group.setModPolicy(ADMINS);
    return group;
}

export function addValue(group: common.ConfigGroup, name: string, value: Message): void {
    const configValue = new common.ConfigValue();
    configValue.setValue(value.serializeBinary());
    configValue.setModPolicy(ADMINS);
    group.getValuesMap().set(name, configValue);
}

function addPolicy(group: common.ConfigGroup, name: string, type: number, value: Message): void {
    const policy = new common.Policy();
    policy.setType(type);
    policy.setValue(value.serializeBinary());
    const configPolicy = new common.ConfigPolicy();
    configPolicy.setPolicy(policy);
    configPolicy.setModPolicy(ADMINS);
    group.getPoliciesMap().set(name, configPolicy);
}

export function addSignaturePolicy(
    group: common.ConfigGroup,
    name: string,
    envelope: common.SignaturePolicyEnvelope,
): void {
    addPolicy(group, name, common.Policy.PolicyType.SIGNATURE, envelope);
}

/** A policy met by so many of the groups below. */
export function addImplicitPolicy(
    group: common.ConfigGroup,
    name: string,
    rule: ImplicitRule,
    subPolicy: string,
): void {
    const meta = new common.ImplicitMetaPolicy();
    meta.setRule(common.ImplicitMetaPolicy.Rule[rule]);
    meta.setSubPolicy(subPolicy);
    addPolicy(group, name, common.Policy.PolicyType.IMPLICIT_META, meta);
}

export function addCapability(group: common.ConfigGroup, capability: string): void {
    const capabilities = new common.Capabilities();
    capabilities.getCapabilitiesMap().set(capability, new common.Capability());
    addValue(group, VALUE.capabilities, capabilities);
}
