import { MspError } from '../errors';
import type { Identity, IdentitySource } from '../msp';

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

/** Satisfied by nobody: what a name stands for that names no policy. */
export const REJECT_ALL: Policy = { evaluate: () => false, evaluateIdentities: () => false };

/** Who signed, in order, each once: the first signature of an identity that verifies counts. */
export function validSigners(signed: readonly SignedData[], identities: IdentitySource): readonly Identity[] {
    const found = new Map<string, Identity>();
    for (const { identity: serialized, data, signature } of signed) {
        const identity = identityOrNone(serialized, identities);
        if (identity === undefined) continue;
        const name = identity.mspId + identity.id;
        if (!found.has(name) && identity.verify(data, signature)) found.set(name, identity);
    }
    return [...found.values()];
}

function identityOrNone(serialized: Uint8Array, identities: IdentitySource): Identity | undefined {
    try {
        return identities.deserialize(serialized);
    } catch (error) {
        if (error instanceof MspError) return undefined;
        throw error;
    }
}
