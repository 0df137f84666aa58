import { common, msp } from '@hyperledger/fabric-protos';
import { compareStrings } from '../domain/quantity';

/** Who must endorse, before it is written as Fabric's bytes. */
export type Rule =
    | { readonly kind: 'organisation'; readonly mspId: string }
    | { readonly kind: 'outOf'; readonly n: number; readonly rules: readonly Rule[] };

export const organisation = (mspId: string): Rule => ({ kind: 'organisation', mspId });
export const outOf = (n: number, rules: readonly Rule[]): Rule => ({ kind: 'outOf', n, rules });
export const anyOf = (rules: readonly Rule[]): Rule => outOf(1, rules);
export const allOf = (rules: readonly Rule[]): Rule => outOf(rules.length, rules);

/** All of these organisations, each once: an endorsement counts for one principal only, so nobody may stand twice in an AND. */
export function coalition(mspIds: readonly string[]): Rule {
    return allOf([...new Set(mspIds)].sort(compareStrings).map(organisation));
}

/**
 * The bytes of `SignaturePolicyEnvelope` that a key carries. Principals are the organisations' peers, sorted, each once, so that
 * equal rules have equal bytes: whoever relies on a policy compares bytes.
 */
export function policyBytes(rule: Rule): Uint8Array {
    const mspIds = [...new Set(organisationsOf(rule))].sort(compareStrings);
    const envelope = new common.SignaturePolicyEnvelope();
    envelope.setVersion(0);
    envelope.setRule(signaturePolicy(rule, new Map(mspIds.map((mspId, i) => [mspId, i]))));
    envelope.setIdentitiesList(mspIds.map(peerPrincipal));
    return envelope.serializeBinary();
}

function organisationsOf(rule: Rule): string[] {
    return rule.kind === 'organisation' ? [rule.mspId] : rule.rules.flatMap(organisationsOf);
}

function signaturePolicy(rule: Rule, positions: ReadonlyMap<string, number>): common.SignaturePolicy {
    const policy = new common.SignaturePolicy();
    if (rule.kind === 'organisation') {
        policy.setSignedBy(positions.get(rule.mspId) ?? 0);
        return policy;
    }
    const nOutOf = new common.SignaturePolicy.NOutOf();
    nOutOf.setN(rule.n);
    nOutOf.setRulesList(rule.rules.map((each) => signaturePolicy(each, positions)));
    policy.setNOutOf(nOutOf);
    return policy;
}

function peerPrincipal(mspId: string): msp.MSPPrincipal {
    const role = new msp.MSPRole();
    role.setMspIdentifier(mspId);
    role.setRole(msp.MSPRole.MSPRoleType.PEER);
    const principal = new msp.MSPPrincipal();
    principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
    principal.setPrincipal(role.serializeBinary());
    return principal;
}
