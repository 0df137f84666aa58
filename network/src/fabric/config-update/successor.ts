import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import { Bundle } from '../channel-config';
import { GROUP, VALUE } from '../channel/groups';
import { FormatError, MalformedPolicy, MspError } from '../errors';
import { decode, mapEntries } from '../wire';
import { elementsOf } from './elements';
import { ConfigUpdateRefused } from './refused';
import { APPLICATION_VALUES, CHANNEL_VALUES, ORDERER_VALUES, type ValueTypes } from './values';

/** What Fabric 3.1 knows. A peer that does not know a capability of its channel ends itself. */
const KNOWN_CAPABILITIES = {
    channel: ['V1_1', 'V1_3', 'V1_4_2', 'V1_4_3', 'V2_0', 'V3_0'],
    orderer: ['V1_1', 'V1_4_2', 'V2_0'],
    application: [
        'V1_1',
        'V1_2',
        'V1_3',
        'V1_4_2',
        'V2_0',
        'V2_5',
        'V1_1_PVTDATA_EXPERIMENTAL',
        'V1_1_RESOURCETREE_EXPERIMENTAL',
    ],
} as const;
/** Without these a channel follows older rules, which nothing here knows. */
const NEEDED_CAPABILITIES = { channel: 'V3_0', orderer: 'V2_0', application: 'V2_5' } as const;

const WHOLE_BLOCK = 0xff_ff_ff_ff;
/** Go counts durations in nanoseconds, in 63 bits. */
const LONGEST_MILLISECONDS = 9.2e12;
const SHORTEST_MILLISECONDS = 1e-6;

/**
 * The configuration as the channel's next one. Throws ConfigUpdateRefused where Fabric's peers or orderers would not take it after
 * the present one, and in a few cases where they would: other hash functions, older capabilities, consensus in maintenance.
 */
export function successor(present: Bundle, config: common.Config): Bundle {
    try {
        assertKnown(config.getChannelGroup() ?? new common.ConfigGroup());
        elementsOf(config.getChannelGroup());
        const next = new Bundle(present.channelId, config);
        assertSound(next);
        assertFollows(present, next);
        return next;
    } catch (error) {
        if (error instanceof FormatError || error instanceof MspError || error instanceof MalformedPolicy) {
            throw new ConfigUpdateRefused(`the new configuration is not valid: ${error.message}`);
        }
        throw error;
    }
}

function refuse(why: string): never {
    throw new ConfigUpdateRefused(`the new configuration is not valid: ${why}`);
}

/** Fabric refuses groups and values it does not know. */
function assertKnown(channel: common.ConfigGroup): void {
    assertValues(channel, 'Channel', CHANNEL_VALUES);
    for (const [name, group] of mapEntries(channel.getGroupsMap())) {
        switch (name) {
            case GROUP.application:
                assertValues(group, name, APPLICATION_VALUES);
                assertOrganisations(group, { [VALUE.anchorPeers]: peer.AnchorPeers });
                break;
            case GROUP.orderer:
                assertValues(group, name, ORDERER_VALUES);
                assertOrganisations(group, { [VALUE.endpoints]: common.OrdererAddresses });
                break;
            default:
                refuse(`there is no group ${name} on a channel`);
        }
    }
}

function assertOrganisations(section: common.ConfigGroup, values: ValueTypes): void {
    for (const [name, organisation] of mapEntries(section.getGroupsMap())) {
        if (mapEntries(organisation.getGroupsMap()).length > 0) refuse(`organisation ${name} has groups below it`);
        // What an MSP holds is checked where it is set up.
        const others = mapEntries(organisation.getValuesMap()).filter(([key]) => key !== VALUE.msp);
        for (const [key, value] of others) assertValue(name, key, value, values);
    }
}

function assertValues(group: common.ConfigGroup, where: string, types: ValueTypes): void {
    for (const [key, value] of mapEntries(group.getValuesMap())) assertValue(where, key, value, types);
}

function assertValue(where: string, key: string, value: common.ConfigValue, types: ValueTypes): void {
    const type = Object.hasOwn(types, key) ? types[key] : undefined;
    if (type === undefined) refuse(`${where} has no value ${key}`);
    decode(type, value.getValue_asU8(), `${where}/${key}`);
}

function assertSound(next: Bundle): void {
    const channel = next.config.getChannelGroup() ?? new common.ConfigGroup();
    assertHashing(channel);
    assertCapabilities(next);
    if (next.msps.mspIds.includes('')) refuse('an organisation has an MSP without id');
    const { timeoutMilliseconds: timeout } = next.batch;
    if (timeout < SHORTEST_MILLISECONDS || timeout > LONGEST_MILLISECONDS) refuse('the batch timeout is out of range');
}

function assertHashing(channel: common.ConfigGroup): void {
    const values = channel.getValuesMap();
    const valueBytes = (name: string): Uint8Array => values.get(name)?.getValue_asU8() ?? new Uint8Array();
    const algorithm = common.HashingAlgorithm.deserializeBinary(valueBytes(VALUE.hashingAlgorithm));
    if (algorithm.getName() !== 'SHA256') refuse(`hashing algorithm '${algorithm.getName()}' is not supported`);
    const structure = common.BlockDataHashingStructure.deserializeBinary(valueBytes(VALUE.blockDataHashingStructure));
    if (structure.getWidth() !== WHOLE_BLOCK) refuse('blocks are hashed in one piece');
    const addresses = common.OrdererAddresses.deserializeBinary(valueBytes(VALUE.ordererAddresses));
    if (addresses.getAddressesList().length > 0) refuse('orderers have addresses in their organisations only');
}

function assertCapabilities({ capabilities }: Bundle): void {
    for (const section of ['channel', 'orderer', 'application'] as const) {
        const known: readonly string[] = KNOWN_CAPABILITIES[section];
        const unknown = capabilities[section].filter((each) => !known.includes(each));
        if (unknown.length > 0) refuse(`${section} capability ${unknown.join(', ')} is not supported`);
        const needed = NEEDED_CAPABILITIES[section];
        if (!capabilities[section].includes(needed)) refuse(`${section} capability ${needed} cannot be given up`);
    }
}

function assertFollows(present: Bundle, next: Bundle): void {
    const { type } = next.consensus;
    if (type !== present.consensus.type) refuse(`the type of consensus cannot change to ${type}`);
    if (stateOf(next) !== stateOf(present)) refuse('the state of consensus cannot change');
    for (const section of [GROUP.application, GROUP.orderer]) {
        const now = mspIdsOf(next, section);
        const changed = [...mspIdsOf(present, section)].find(([group, mspId]) => (now.get(group) ?? mspId) !== mspId);
        if (changed !== undefined) {
            const [group, mspId] = changed;
            refuse(`${group} cannot change its MSP from ${mspId} to ${now.get(group) ?? ''}`);
        }
    }
}

function stateOf({ config }: Bundle): number {
    const section = config.getChannelGroup()?.getGroupsMap().get(GROUP.orderer);
    const bytes = section?.getValuesMap().get(VALUE.consensusType)?.getValue_asU8() ?? new Uint8Array();
    return decode(orderer.ConsensusType, bytes, VALUE.consensusType).getState();
}

/** MSP ids by group. */
function mspIdsOf({ config }: Bundle, section: string): ReadonlyMap<string, string> {
    const groups = config.getChannelGroup()?.getGroupsMap().get(section)?.getGroupsMap();
    return new Map(groups === undefined ? [] : mapEntries(groups).map(([name, group]) => [name, mspIdOf(group)]));
}

function mspIdOf(organisation: common.ConfigGroup): string {
    const bytes = organisation.getValuesMap().get(VALUE.msp)?.getValue_asU8() ?? new Uint8Array();
    const config = decode(msp.MSPConfig, bytes, VALUE.msp).getConfig_asU8();
    return decode(msp.FabricMSPConfig, config, VALUE.msp).getName();
}
