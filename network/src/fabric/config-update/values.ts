import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import type { Message } from 'google-protobuf';
import { VALUE } from '../channel/groups';
import type { MessageType } from '../wire';

/** What stands under the name of a value. */
export type ValueTypes = Readonly<Record<string, MessageType<Message>>>;

export const CHANNEL_VALUES: ValueTypes = {
    [VALUE.hashingAlgorithm]: common.HashingAlgorithm,
    [VALUE.blockDataHashingStructure]: common.BlockDataHashingStructure,
    [VALUE.ordererAddresses]: common.OrdererAddresses,
    [VALUE.orderers]: common.Orderers,
    [VALUE.capabilities]: common.Capabilities,
    Consortium: common.Consortium,
};
export const ORDERER_VALUES: ValueTypes = {
    [VALUE.consensusType]: orderer.ConsensusType,
    [VALUE.batchSize]: orderer.BatchSize,
    [VALUE.batchTimeout]: orderer.BatchTimeout,
    [VALUE.channelRestrictions]: orderer.ChannelRestrictions,
    [VALUE.orderers]: common.Orderers,
    [VALUE.capabilities]: common.Capabilities,
    KafkaBrokers: orderer.KafkaBrokers,
};
export const APPLICATION_VALUES: ValueTypes = { [VALUE.acls]: peer.ACLs, [VALUE.capabilities]: common.Capabilities };

const ORGANISATION_VALUES: ValueTypes = {
    [VALUE.msp]: msp.MSPConfig,
    [VALUE.anchorPeers]: peer.AnchorPeers,
    [VALUE.endpoints]: common.OrdererAddresses,
};
const ALL: ValueTypes = { ...CHANNEL_VALUES, ...ORDERER_VALUES, ...APPLICATION_VALUES, ...ORGANISATION_VALUES };

/** Names mean the same wherever they stand; undefined for one that Fabric does not know. */
export function valueType(name: string): MessageType<Message> | undefined {
    return Object.hasOwn(ALL, name) ? ALL[name] : undefined;
}
