import { common, msp } from '@hyperledger/fabric-protos';
import type { Message } from 'google-protobuf';
import { FormatError } from '../errors';
import { parseEnvelope } from '../envelopes';
import { decode, isCanonical, sameBytes, type MessageType } from '../wire';
import { elementName, elementsOf, type Element } from './elements';
import { valueType } from './values';

const { PolicyType } = common.Policy;
const FABRIC_MSP = 0;

/**
 * Throws FormatError where decoders could read an update, or a value or policy in it, in different ways: fields given twice, unknown
 * ones, text that is no UTF-8. Some of them would apply the update then, and others halt.
 */
export function assertUnambiguousUpdate(updateEnvelope: Uint8Array): void {
    const { data } = parseEnvelope(updateEnvelope);
    if (!isCanonical(common.ConfigUpdateEnvelope, data)) {
        throw new FormatError('the configuration update is not in its canonical encoding');
    }
    const signed = common.ConfigUpdateEnvelope.deserializeBinary(data);
    for (const signature of signed.getSignaturesList()) {
        assertUnambiguous(common.SignatureHeader, signature.getSignatureHeader_asU8(), 'a signature header');
    }
    const bytes = signed.getConfigUpdate_asU8();
    assertUnambiguous(common.ConfigUpdate, bytes, 'the configuration update');
    for (const element of elementsOf(common.ConfigUpdate.deserializeBinary(bytes).getWriteSet()).values()) {
        assertUnambiguousElement(element);
    }
}

function assertUnambiguousElement(element: Element): void {
    const what = elementName(element);
    switch (element.kind) {
        case 'value':
            assertUnambiguousValue(element.key, element.message.getValue_asU8(), what);
            break;
        case 'policy':
            assertUnambiguousPolicy(element.message.getPolicy(), what);
            break;
        case 'group':
            break;
    }
}

function assertUnambiguousValue(key: string, bytes: Uint8Array, what: string): void {
    const type = valueType(key);
    // One that nobody knows is refused for that.
    if (type === undefined) return;
    assertUnambiguous(type, bytes, what);
    if (type !== msp.MSPConfig) return;
    const config = msp.MSPConfig.deserializeBinary(bytes);
    if (config.getType() === FABRIC_MSP) assertUnambiguous(msp.FabricMSPConfig, config.getConfig_asU8(), what);
}

function assertUnambiguousPolicy(policy: common.Policy | undefined, what: string): void {
    switch (policy?.getType()) {
        case PolicyType.SIGNATURE:
            assertUnambiguous(common.SignaturePolicyEnvelope, policy.getValue_asU8(), what);
            break;
        case PolicyType.IMPLICIT_META:
            assertUnambiguous(common.ImplicitMetaPolicy, policy.getValue_asU8(), what);
            break;
        default:
    }
}

/** The order of a map's entries is the encoder's choice, so the bytes of what was read are compared as a heap. */
function assertUnambiguous<M extends Message>(type: MessageType<M>, bytes: Uint8Array, what: string): void {
    const again = decode(type, bytes, what).serializeBinary();
    if (!sameBytes(Uint8Array.from(bytes).sort(), Uint8Array.from(again).sort())) {
        throw new FormatError(`${what} holds what not every decoder reads`);
    }
}
