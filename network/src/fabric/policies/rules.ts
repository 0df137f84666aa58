import { common } from '@hyperledger/fabric-protos';
import { MalformedPolicy } from '../errors';
import { rolePrincipal, type MspRole } from '../identities/principals';

export type PrincipalRole = MspRole;

/** A signature policy in words; what builders and the notation of the peer command give. */
export type Rule =
    | { readonly kind: 'signedBy'; readonly mspId: string; readonly role: PrincipalRole }
    | { readonly kind: 'outOf'; readonly n: number; readonly rules: readonly Rule[] };

export function signedBy(mspId: string, role: PrincipalRole): Rule {
    return { kind: 'signedBy', mspId, role };
}

export function outOf(n: number, rules: readonly Rule[]): Rule {
    return { kind: 'outOf', n, rules };
}

export function and(...rules: readonly Rule[]): Rule {
    return outOf(rules.length, rules);
}

export function or(...rules: readonly Rule[]): Rule {
    return outOf(1, rules);
}

/** Each principal stands once in the envelope, in the order the rule first names it, so equal rules give equal bytes. */
export function signaturePolicyEnvelope(rule: Rule): common.SignaturePolicyEnvelope {
    const envelope = new common.SignaturePolicyEnvelope();
    const positions = new Map<string, number>();
    const positionOf = (mspId: string, role: PrincipalRole): number => {
        const name = `${mspId}.${role}`;
        const known = positions.get(name);
        if (known !== undefined) return known;
        envelope.addIdentities(rolePrincipal(mspId, role));
        positions.set(name, positions.size);
        return positions.size - 1;
    };
    envelope.setRule(signaturePolicy(rule, positionOf));
    return envelope;
}

function signaturePolicy(
    rule: Rule,
    positionOf: (mspId: string, role: PrincipalRole) => number,
): common.SignaturePolicy {
    const policy = new common.SignaturePolicy();
    if (rule.kind === 'signedBy') {
        policy.setSignedBy(positionOf(rule.mspId, rule.role));
        return policy;
    }
    if (!Number.isInteger(rule.n) || rule.n < 0) throw new MalformedPolicy(`${rule.n} of ${rule.rules.length} rules`);
    const gate = new common.SignaturePolicy.NOutOf();
    gate.setN(rule.n);
    gate.setRulesList(rule.rules.map((part) => signaturePolicy(part, positionOf)));
    policy.setNOutOf(gate);
    return policy;
}
