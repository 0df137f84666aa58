import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { Bundle } from '../channel-config';
import { timestampOf } from '../encoding/timestamp';
import { parseEnvelope, signPayload, signedEnvelope } from '../envelopes';
import { FormatError } from '../errors';
import type { SigningIdentity } from '../signing';
import { concat, decode, sameBytes } from '../wire';
import { authorisedConfig } from './authorise';
import { ConfigUpdateRefused } from './refused';
import { successor } from './successor';

const { CONFIG, CONFIG_UPDATE } = common.HeaderType;
const NONCE_BYTES = 24;

/** One member's signature under an update: over a header that names the signer, and the update's bytes. */
export function signConfigUpdate(update: Uint8Array, identity: SigningIdentity): common.ConfigSignature {
    const header = new common.SignatureHeader();
    header.setCreator(identity.serialized);
    header.setNonce(randomBytes(NONCE_BYTES));
    const headerBytes = header.serializeBinary();
    const signature = new common.ConfigSignature();
    signature.setSignatureHeader(headerBytes);
    signature.setSignature(identity.sign(concat(headerBytes, update)));
    return signature;
}

/** What is sent to the ordering service. The submitter's own signature counts for nothing but the right to send. */
export function configUpdateEnvelope(
    channelId: string,
    update: Uint8Array,
    signatures: readonly common.ConfigSignature[],
    submitter: SigningIdentity,
): common.Envelope {
    const signed = new common.ConfigUpdateEnvelope();
    signed.setConfigUpdate(update);
    signed.setSignaturesList([...signatures]);
    return signedEnvelope(CONFIG_UPDATE, channelId, signed.serializeBinary(), submitter);
}

/** A configuration as it stands in its block, with the update that led to it, signed by the orderer that checked it. */
export function configEnvelope(
    channelId: string,
    config: common.Config,
    lastUpdate: common.Envelope,
    orderer: SigningIdentity,
): common.Envelope {
    const data = new common.ConfigEnvelope();
    data.setConfig(config);
    data.setLastUpdate(lastUpdate);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(CONFIG);
    channelHeader.setTimestamp(timestampOf(new Date()));
    channelHeader.setChannelId(channelId);
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(orderer.serialized);
    signatureHeader.setNonce(randomBytes(NONCE_BYTES));
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(data.serializeBinary());
    return signPayload(payload.serializeBinary(), orderer);
}

export interface Proposed {
    readonly config: common.Config;
    /** The configuration in force after it. */
    readonly next: Bundle;
}

/**
 * What an envelope of type CONFIG_UPDATE makes of the present configuration. Throws ConfigUpdateRefused where Fabric's orderers refuse
 * it, or its peers would halt on the block, and FormatError for what cannot be read.
 */
export function proposedConfig(present: Bundle, updateEnvelope: Uint8Array): Proposed {
    const envelope = parseEnvelope(updateEnvelope);
    if (envelope.type !== CONFIG_UPDATE) throw new FormatError(`no configuration update, but type ${envelope.type}`);
    const update = decode(common.ConfigUpdateEnvelope, envelope.data, 'configuration update');
    const config = authorisedConfig(present, update);
    return { config, next: successor(present, config) };
}

/**
 * The configuration that follows from the data of a CONFIG transaction: bytes of a ConfigEnvelope. Throws ConfigUpdateRefused or FormatError
 * unless its update, applied to the present configuration, gives exactly the configuration it carries.
 */
export function acceptedConfig(present: Bundle, data: Uint8Array): Bundle {
    const envelope = decode(common.ConfigEnvelope, data, 'ConfigEnvelope');
    const config = envelope.getConfig();
    const lastUpdate = envelope.getLastUpdate();
    if (config === undefined || lastUpdate === undefined) {
        throw new FormatError('a configuration block without configuration or without its update');
    }
    if (config.getSequence() !== present.sequence + 1) {
        throw new ConfigUpdateRefused(
            `configuration ${config.getSequence()} does not follow configuration ${present.sequence}`,
        );
    }
    const proposed = proposedConfig(present, lastUpdate.serializeBinary());
    if (!sameBytes(proposed.config.serializeBinary(), config.serializeBinary())) {
        throw new ConfigUpdateRefused('the configuration is not the one that its update leads to');
    }
    return proposed.next;
}
