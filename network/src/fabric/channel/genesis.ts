import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import * as etcdraft from '@hyperledger/fabric-protos/lib/orderer/etcdraft/configuration_pb';
import { Options } from '@hyperledger/fabric-protos/lib/orderer/smartbft/configuration_pb';
import { newBlock, setBlockSignatures, signaturesValue } from '../blocks';
import { FormatError } from '../errors';
import { rolePrincipal } from '../identities/principals';
import { or, signaturePolicyEnvelope, signedBy, type PrincipalRole } from '../policy';
import { decode, digestOf, sha256 } from '../wire';
import type { ChannelDefinition, OrderingSeat, OrganisationDefinition } from './definition';
import { GROUP, VALUE, addCapability, addImplicitPolicy, addSignaturePolicy, addValue, newGroup } from './groups';
import { timestampOf } from '../encoding/timestamp';
import { seatPolicy } from './seat-policy';
import { withSeatPowers, type SeatPower } from './seat-powers';

const CHANNEL_CAPABILITY = 'V3_0';
const ORDERER_CAPABILITY = 'V2_0';
const APPLICATION_CAPABILITY = 'V2_5';
/** The only width Fabric knows: the whole block's data are hashed in one piece. */
const WHOLE_BLOCK = 0xff_ff_ff_ff;
const NONCE_BYTES = 24;

/**
 * The first block of a channel, of type BFT unless Fabric's orderers are asked for, whose peers accept blocks by the weight of those who signed them.
 *
 * What Fabric's configuration tool would not write: `BlockValidation` and the orderers' `Admins` are the minimal coalitions of more than
 * two thirds of the weight (the tool counts heads), and the application's `Admins` is the governance policy over administrators, so
 * that groups and policies that carry the rules of the community change by those rules only. Elements name `Admins` of their own group
 * as the policy that changes them. Equal definitions with equal `createdAt` give equal bytes.
 */
export function genesisBlock(definition: ChannelDefinition): common.Block {
    const config = new common.Config();
    config.setChannelGroup(channelGroup(definition));
    const envelopeOfConfig = new common.ConfigEnvelope();
    envelopeOfConfig.setConfig(config);
    const envelope = configEnvelope(definition, envelopeOfConfig.serializeBinary());
    const block = newBlock(0, new Uint8Array(), [envelope.serializeBinary()]);
    setBlockSignatures(block, signaturesValue(0), []);
    return block;
}

function configEnvelope(definition: ChannelDefinition, data: Uint8Array): common.Envelope {
    const nonce = sha256(data).subarray(0, NONCE_BYTES);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.CONFIG);
    channelHeader.setVersion(1);
    channelHeader.setTimestamp(timestampOf(definition.createdAt ?? new Date()));
    channelHeader.setChannelId(definition.channelId);
    // SHA-256(nonce ‖ creator) of a creator who is nobody.
    channelHeader.setTxId(digestOf(nonce));
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setNonce(nonce);
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(data);
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    return envelope;
}

function channelGroup(definition: ChannelDefinition): common.ConfigGroup {
    const group = newGroup();
    const algorithm = new common.HashingAlgorithm();
    algorithm.setName('SHA256');
    addValue(group, VALUE.hashingAlgorithm, algorithm);
    const structure = new common.BlockDataHashingStructure();
    structure.setWidth(WHOLE_BLOCK);
    addValue(group, VALUE.blockDataHashingStructure, structure);
    addCapability(group, CHANNEL_CAPABILITY);
    addImplicitPolicy(group, 'Readers', 'ANY', 'Readers');
    addImplicitPolicy(group, 'Writers', 'ANY', 'Writers');
    addImplicitPolicy(group, 'Admins', 'ALL', 'Admins');
    group.getGroupsMap().set(GROUP.application, applicationGroup(definition));
    group.getGroupsMap().set(GROUP.orderer, ordererGroup(definition));
    return group;
}

function applicationGroup({ organisations, policies }: ChannelDefinition): common.ConfigGroup {
    const group = newGroup();
    addCapability(group, APPLICATION_CAPABILITY);
    addImplicitPolicy(group, 'Readers', 'ANY', 'Readers');
    addImplicitPolicy(group, 'Writers', 'ANY', 'Writers');
    addImplicitPolicy(group, 'Endorsement', 'MAJORITY', 'Endorsement');
    addImplicitPolicy(group, 'LifecycleEndorsement', 'MAJORITY', 'Endorsement');
    addSignaturePolicy(group, 'Admins', overAdmins(policies.governance));
    addSignaturePolicy(group, 'Governance', policies.governance);
    addSignaturePolicy(group, 'Market', policies.market);
    for (const organisation of organisations) {
        group.getGroupsMap().set(organisation.groupName, applicationOrganisation(organisation));
    }
    return group;
}

/** The same policy with the administrators of the organisations in the place of their peers. Throws FormatError for other principals. */
export function overAdmins(envelope: common.SignaturePolicyEnvelope): common.SignaturePolicyEnvelope {
    const copy = common.SignaturePolicyEnvelope.deserializeBinary(envelope.serializeBinary());
    copy.setIdentitiesList(
        envelope.getIdentitiesList().map((principal) => {
            if (principal.getPrincipalClassification() !== msp.MSPPrincipal.Classification.ROLE) {
                throw new FormatError('the governance policy names principals that are not roles');
            }
            const role = decode(msp.MSPRole, principal.getPrincipal_asU8(), 'MSPRole');
            return rolePrincipal(role.getMspIdentifier(), 'admin');
        }),
    );
    return copy;
}

function anyOf(mspId: string, ...roles: readonly PrincipalRole[]): common.SignaturePolicyEnvelope {
    return signaturePolicyEnvelope(or(...roles.map((role) => signedBy(mspId, role))));
}

/** The group that an organisation gets among those with peers. */
export function applicationOrganisation({ mspId, mspConfig, anchorPeers }: OrganisationDefinition): common.ConfigGroup {
    const group = newGroup();
    addValue(group, VALUE.msp, mspConfig);
    if (anchorPeers.length > 0) {
        const anchors = new peer.AnchorPeers();
        anchors.setAnchorPeersList(
            anchorPeers.map(({ host, port }) => {
                const anchor = new peer.AnchorPeer();
                anchor.setHost(host);
                anchor.setPort(port);
                return anchor;
            }),
        );
        addValue(group, VALUE.anchorPeers, anchors);
    }
    addSignaturePolicy(group, 'Readers', anyOf(mspId, 'member'));
    addSignaturePolicy(group, 'Writers', anyOf(mspId, 'admin', 'client'));
    addSignaturePolicy(group, 'Admins', anyOf(mspId, 'admin'));
    addSignaturePolicy(group, 'Endorsement', anyOf(mspId, 'peer'));
    return group;
}

function ordererGroup(definition: ChannelDefinition): common.ConfigGroup {
    const { ordering, organisations } = definition;
    const group = newGroup();
    addCapability(group, ORDERER_CAPABILITY);
    addBatchValues(group, ordering);
    addValue(group, VALUE.channelRestrictions, new orderer.ChannelRestrictions());
    const isRaft = ordering.consensus === 'etcdraft';
    addValue(group, VALUE.consensusType, isRaft ? raftType(ordering) : consensusType(ordering));
    if (!isRaft) addValue(group, VALUE.orderers, consenterMapping(ordering.seats));
    addImplicitPolicy(group, 'Readers', 'ANY', 'Readers');
    addImplicitPolicy(group, 'Writers', 'ANY', 'Writers');
    addSignaturePolicy(group, 'Admins', seatPolicy(ordering.seats, 'admin'));
    if (isRaft) {
        // A block of Raft carries the signature of the orderer that served it, and no other.
        addImplicitPolicy(group, 'BlockValidation', 'ANY', 'Writers');
    } else {
        addSignaturePolicy(group, 'BlockValidation', seatPolicy(ordering.seats, 'orderer'));
    }
    const seated = new Set(ordering.seats.map(({ mspId }) => mspId));
    for (const organisation of organisations.filter(({ mspId }) => seated.has(mspId))) {
        group.getGroupsMap().set(organisation.groupName, ordererOrganisation(organisation));
    }
    return group;
}

function addBatchValues(group: common.ConfigGroup, ordering: ChannelDefinition['ordering']): void {
    const size = new orderer.BatchSize();
    size.setMaxMessageCount(ordering.maxMessageCount);
    size.setAbsoluteMaxBytes(ordering.absoluteMaxBytes);
    size.setPreferredMaxBytes(ordering.preferredMaxBytes);
    addValue(group, VALUE.batchSize, size);
    const timeout = new orderer.BatchTimeout();
    timeout.setTimeout(ordering.batchTimeout);
    addValue(group, VALUE.batchTimeout, timeout);
}

/**
 * `BFT`, because Fabric's peers pull from several orderers only then. The options are those of Fabric's own BFT orderer, with its
 * defaults: ours does not read them, but Fabric's tools check them. Behind them stand the powers of the seats.
 */
function consensusType(ordering: ChannelDefinition['ordering']): orderer.ConsensusType {
    const options = new Options();
    options.setRequestBatchMaxCount(ordering.maxMessageCount);
    options.setRequestBatchMaxBytes(ordering.absoluteMaxBytes);
    options.setRequestBatchMaxInterval(ordering.batchTimeout);
    options.setIncomingMessageBufferSize(200);
    options.setRequestPoolSize(400);
    options.setRequestForwardTimeout('2s');
    options.setRequestComplainTimeout('20s');
    options.setRequestAutoRemoveTimeout('3m0s');
    options.setRequestMaxBytes(ordering.absoluteMaxBytes);
    options.setViewChangeResendInterval('5s');
    options.setViewChangeTimeout('20s');
    options.setLeaderHeartbeatTimeout('1m0s');
    options.setLeaderHeartbeatCount(10);
    options.setCollectTimeout('1s');
    options.setLeaderRotation(Options.Rotation.ROTATION_OFF);
    const type = new orderer.ConsensusType();
    type.setType('BFT');
    type.setMetadata(withSeatPowers(options.serializeBinary(), { seats: ordering.seats.map(seatPower) }));
    return type;
}

function seatPower({ mspId, weight, cluster, engine }: OrderingSeat): SeatPower {
    return { mspId, power: weight, ...(cluster && { cluster }), ...(engine && { engine }) };
}

/** Fabric's Raft with its own defaults: a leader that is silent for five seconds is replaced. */
function raftType({ seats }: ChannelDefinition['ordering']): orderer.ConsensusType {
    const metadata = new etcdraft.ConfigMetadata();
    for (const { host, port, serverTlsPem, clientTlsPem } of seats) {
        const consenter = new etcdraft.Consenter();
        consenter.setHost(host);
        consenter.setPort(port);
        consenter.setClientTlsCert(Buffer.from(clientTlsPem));
        consenter.setServerTlsCert(Buffer.from(serverTlsPem));
        metadata.addConsenters(consenter);
    }
    const options = new etcdraft.Options();
    options.setTickInterval('500ms');
    options.setElectionTick(10);
    options.setHeartbeatTick(1);
    options.setMaxInflightBlocks(5);
    options.setSnapshotIntervalSize(16 * 1024 * 1024);
    metadata.setOptions(options);
    const type = new orderer.ConsensusType();
    type.setType('etcdraft');
    type.setMetadata(metadata.serializeBinary());
    return type;
}

/** Who the orderers are; in the order of the powers. */
export function consenterMapping(seats: readonly Omit<OrderingSeat, 'weight'>[]): common.Orderers {
    const mapping = new common.Orderers();
    for (const seat of seats) {
        const consenter = new common.Consenter();
        consenter.setId(seat.consenterId);
        consenter.setHost(seat.host);
        consenter.setPort(seat.port);
        consenter.setMspId(seat.mspId);
        consenter.setIdentity(Buffer.from(seat.identityPem));
        consenter.setClientTlsCert(Buffer.from(seat.clientTlsPem));
        consenter.setServerTlsCert(Buffer.from(seat.serverTlsPem));
        mapping.addConsenterMapping(consenter);
    }
    return mapping;
}

/** An organisation as it stands among the orderers. */
export function ordererOrganisation(organisation: OrganisationDefinition): common.ConfigGroup {
    const { mspId, mspConfig, ordererEndpoints = [] } = organisation;
    if (ordererEndpoints.length === 0) throw new FormatError(`${mspId} has an ordering seat and no orderer endpoint`);
    const group = newGroup();
    addValue(group, VALUE.msp, mspConfig);
    const endpoints = new common.OrdererAddresses();
    endpoints.setAddressesList([...ordererEndpoints]);
    addValue(group, VALUE.endpoints, endpoints);
    addSignaturePolicy(group, 'Readers', anyOf(mspId, 'member'));
    // Not any member: a signature by whoever satisfies this policy can count for a block.
    addSignaturePolicy(group, 'Writers', anyOf(mspId, 'orderer'));
    addSignaturePolicy(group, 'Admins', anyOf(mspId, 'admin'));
    return group;
}
