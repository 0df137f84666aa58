import { common } from '@hyperledger/fabric-protos';
import { MalformedPolicy } from '../errors';
import { unfoldPrincipal, type Principal } from '../identities/principals';
import type { Identity, IdentitySource } from '../msp';
import { decode, isCanonical } from '../wire';
import { REJECT_ALL, validSigners, type Policy, type SignedData } from './policy';

/** True if identities that are not used yet satisfy the rule; those that do are marked used. */
type Evaluator = (identities: readonly Identity[], used: boolean[]) => boolean;

const DEEPEST = 500;

function compile(
    rule: common.SignaturePolicy | undefined,
    principals: readonly (readonly Principal[])[],
    depth: number,
): Evaluator {
    if (depth > DEEPEST) throw new MalformedPolicy('the policy is nested too deeply');
    switch (rule?.getTypeCase()) {
        case common.SignaturePolicy.TypeCase.SIGNED_BY:
            return signedBy(rule.getSignedBy(), principals);
        case common.SignaturePolicy.TypeCase.N_OUT_OF: {
            const gate = rule.getNOutOf();
            const parts = gate?.getRulesList().map((part) => compile(part, principals, depth + 1)) ?? [];
            return threshold(gate?.getN() ?? 0, parts);
        }
        default:
            throw new MalformedPolicy('empty policy element');
    }
}

function signedBy(position: number, principals: readonly (readonly Principal[])[]): Evaluator {
    const parts = principals[position];
    if (parts === undefined) {
        throw new MalformedPolicy(`identity index ${position} out of range, there are ${principals.length} identities`);
    }
    return (identities, used) => {
        const found = identities.findIndex(
            (identity, index) => used[index] !== true && parts.every((part) => identity.matches(part)),
        );
        if (found < 0) return false;
        used[found] = true;
        return true;
    };
}

/**
 * Rules are tried in order, each on what the ones before left over; nothing is taken back. So a signature counts for one
 * principal only, and a policy that lists a wide principal before a narrow one can fail where another order would pass: peers
 * do the same. All rules are tried even when enough are satisfied, because the signatures they use are gone for what follows.
 */
function threshold(n: number, parts: readonly Evaluator[]): Evaluator {
    return (identities, used) => {
        let satisfied = 0;
        for (const part of parts) {
            const attempt = [...used];
            if (!part(identities, attempt)) continue;
            satisfied += 1;
            for (const [index, isUsed] of attempt.entries()) used[index] = isUsed;
        }
        return satisfied >= n;
    };
}

export class SignaturePolicy implements Policy {
    readonly #evaluator: Evaluator;
    readonly #identities: IdentitySource;

    /** Throws MalformedPolicy. */
    constructor(envelope: common.SignaturePolicyEnvelope, identities: IdentitySource) {
        const principals = envelope.getIdentitiesList().map((principal) => unfoldPrincipal(principal));
        this.#evaluator = compile(envelope.getRule(), principals, 0);
        this.#identities = identities;
    }

    evaluate(signed: readonly SignedData[]): boolean {
        return this.evaluateIdentities(validSigners(signed, this.#identities));
    }

    evaluateIdentities(identities: readonly Identity[]): boolean {
        return this.#evaluator(identities, new Array<boolean>(identities.length).fill(false));
    }
}

function readEnvelope(bytes: Uint8Array): common.SignaturePolicyEnvelope {
    try {
        return decode(common.SignaturePolicyEnvelope, bytes, 'SignaturePolicyEnvelope');
    } catch (error) {
        throw new MalformedPolicy(error instanceof Error ? error.message : String(error));
    }
}

function readVersion0(bytes: Uint8Array): common.SignaturePolicyEnvelope {
    const envelope = readEnvelope(bytes);
    if (envelope.getVersion() !== 0)
        throw new MalformedPolicy(`policy version ${envelope.getVersion()}, only 0 is known`);
    return envelope;
}

/** Compiles bytes of a SignaturePolicyEnvelope as they stand in the channel configuration. Throws MalformedPolicy. */
export function compileSignaturePolicy(envelope: Uint8Array, identities: IdentitySource): Policy {
    return new SignaturePolicy(readVersion0(envelope), identities);
}

/**
 * Throws MalformedPolicy unless every peer compiles these bytes of a SignaturePolicyEnvelope, and to the same policy. A key policy
 * that does not compile halts Fabric's peers for good, so ordering refuses envelopes that set one. Bytes that are not the
 * canonical encoding are refused too: decoders may read them differently.
 */
export function assertWellFormedPolicy(envelope: Uint8Array): void {
    const policy = readVersion0(envelope);
    compile(policy.getRule(), new Array<readonly Principal[]>(policy.getIdentitiesList().length).fill([]), 0);
    if (!isCanonical(common.SignaturePolicyEnvelope, envelope)) {
        throw new MalformedPolicy('the policy is not in its canonical encoding');
    }
}

/**
 * The policy a key's metadata carry. Throws MalformedPolicy for bytes that are no SignaturePolicyEnvelope, which is where Fabric's peers
 * stop for good; one that does not compile refuses everybody, as theirs do.
 */
export function compileKeyPolicy(envelope: Uint8Array, identities: IdentitySource): Policy {
    const decoded = readEnvelope(envelope);
    try {
        return new SignaturePolicy(decoded, identities);
    } catch (error) {
        if (error instanceof MalformedPolicy) return REJECT_ALL;
        throw error;
    }
}
