import { common, msp } from '@hyperledger/fabric-protos';

/**
 * Whether endorsements of these organisations' peers, one of each, satisfy the bytes of a `SignaturePolicyEnvelope`. As
 * Fabric's cauthdsl counts: an endorsement that one principal used is spent. Throws where a stock peer would halt: bytes that are
 * no well-formed policy.
 */
export function isSatisfied(policy: Uint8Array, endorsers: readonly string[]): boolean {
    const envelope = common.SignaturePolicyEnvelope.deserializeBinary(policy);
    const principals = envelope.getIdentitiesList().map((principal) => {
        const role = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
        if (role.getRole() !== msp.MSPRole.MSPRoleType.PEER) {
            throw new Error(`the principal ${role.getMspIdentifier()} is not a peer`);
        }
        return role.getMspIdentifier();
    });
    const rule = envelope.getRule();
    if (rule === undefined) {
        throw new Error('malformed key policy');
    }
    return satisfied(rule, principals, new Set(endorsers)) !== undefined;
}

/** The endorsements that are left, or undefined. */
function satisfied(
    rule: common.SignaturePolicy,
    principals: readonly string[],
    left: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
    const nOutOf = rule.getNOutOf();
    if (nOutOf === undefined) {
        const mspId = principals[rule.getSignedBy()];
        if (mspId === undefined) {
            throw new Error('malformed key policy: no such principal');
        }
        return left.has(mspId) ? new Set([...left].filter((each) => each !== mspId)) : undefined;
    }
    let verified = 0;
    let remaining = left;
    for (const each of nOutOf.getRulesList()) {
        const after = satisfied(each, principals, remaining);
        verified += after === undefined ? 0 : 1;
        remaining = after ?? remaining;
    }
    return verified >= nOutOf.getN() ? remaining : undefined;
}
