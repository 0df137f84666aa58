import { common, peer } from '@hyperledger/fabric-protos';
import { MalformedPolicy } from '../errors';
import type { IdentitySource } from '../msp';
import type { Policy } from './policy';
import type { PolicyTree } from './policy-tree';
import { SignaturePolicy } from './signature-policy';

/**
 * The policy that a peer.ApplicationPolicy stands for: a signature policy, or the name of a channel policy. A name that names nothing is
 * an error and not a refusal, as in Fabric. Throws MalformedPolicy.
 */
export function compileApplicationPolicy(
    policy: Uint8Array | peer.ApplicationPolicy,
    identities: IdentitySource,
    policies: Pick<PolicyTree, 'find'>,
): Policy {
    const decoded = policy instanceof Uint8Array ? decodePolicy(policy) : policy;
    switch (decoded.getTypeCase()) {
        case peer.ApplicationPolicy.TypeCase.SIGNATURE_POLICY:
            return new SignaturePolicy(
                decoded.getSignaturePolicy() ?? new common.SignaturePolicyEnvelope(),
                identities,
            );
        case peer.ApplicationPolicy.TypeCase.CHANNEL_CONFIG_POLICY_REFERENCE: {
            const found = policies.find(decoded.getChannelConfigPolicyReference());
            if (found !== undefined) return found;
            throw new MalformedPolicy(`no channel policy ${decoded.getChannelConfigPolicyReference()}`);
        }
        default:
            throw new MalformedPolicy('unsupported kind of application policy');
    }
}

function decodePolicy(bytes: Uint8Array): peer.ApplicationPolicy {
    try {
        return peer.ApplicationPolicy.deserializeBinary(bytes);
    } catch {
        throw new MalformedPolicy('failed to unmarshal ApplicationPolicy bytes');
    }
}
