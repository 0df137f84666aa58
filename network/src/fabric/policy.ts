import type { common, peer } from '@hyperledger/fabric-protos';
import type { Identity, IdentitySource } from './msp';

export interface SignedData {
    readonly identity: Uint8Array;
    readonly data: Uint8Array;
    readonly signature: Uint8Array;
}

export interface Policy {
    /** Signatures that do not verify and repeated identities are left out, as in Fabric. */
    evaluate(signed: readonly SignedData[]): boolean;
    /** The same question for identities whose signatures are known to be good (or do not matter: planning). */
    evaluateIdentities(identities: readonly Identity[]): boolean;
}

/** Throws MalformedPolicy unless Fabric's peers could compile these bytes of a SignaturePolicyEnvelope. */
export function assertWellFormedPolicy(_envelope: Uint8Array): void {
    throw new Error('not yet');
}

/** Throws MalformedPolicy. */
export function compileSignaturePolicy(_envelope: Uint8Array, _identities: IdentitySource): Policy {
    throw new Error('not yet');
}

/** The policies of a channel by path: `/Channel/Application/Writers`, or `Application/Writers` relative to the channel. */
export interface PolicyTree {
    /** A path that names nothing gives a policy that refuses everybody, as in Fabric. */
    get(path: string): Policy;
    find(path: string): Policy | undefined;
    readonly paths: readonly string[];
}

/** The policy that bytes of a peer.ApplicationPolicy stand for: a signature policy or a channel policy's name. Throws MalformedPolicy. */
export function compileApplicationPolicy(
    _policy: Uint8Array | peer.ApplicationPolicy,
    _identities: IdentitySource,
    _policies: PolicyTree,
): Policy {
    throw new Error('not yet');
}

export type PrincipalRole = 'member' | 'admin' | 'client' | 'peer' | 'orderer';

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

export function signaturePolicyEnvelope(_rule: Rule): common.SignaturePolicyEnvelope {
    throw new Error('not yet');
}

/** The rule in the peer command's notation: `AND('A.peer', OR('B.member', 'C.admin'))`, `OutOf(2, 'A.peer', …)`. Throws MalformedPolicy. */
export function parsePolicy(_text: string): Rule {
    throw new Error('not yet');
}
