import { MalformedPolicy } from '../../fabric/errors';
import { assertWellFormedPolicy } from '../../fabric/policy';
import type { MetadataEntry, TxRwSet } from '../../fabric/rwset';

/** Name under which a key's metadata hold its endorsement policy. */
const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

interface PolicyWrite {
    readonly where: string;
    readonly policy: Uint8Array;
}

/**
 * Whether these results set or take away key policies at all, of public keys or hashed private ones. Throws
 * `MalformedPolicy` naming the key unless each is one that Fabric's peers can compile: one that cannot be halts every
 * peer for good. An empty value takes the policy away and is well-formed.
 */
export function assertKeyPoliciesWellFormed(rwSet: TxRwSet): boolean {
    for (const { where, policy } of policyWrites(rwSet)) {
        try {
            assertWellFormedPolicy(policy);
        } catch (error) {
            if (error instanceof MalformedPolicy) {
                throw new MalformedPolicy(`malformed endorsement policy for ${where}: ${error.message}`);
            }
            throw error;
        }
    }
    return rwSet.namespaces.some(
        ({ metadataWrites, collections }) =>
            metadataWrites.length > 0 || collections.some((each) => each.hashedMetadataWrites.length > 0),
    );
}

function policyWrites(rwSet: TxRwSet): PolicyWrite[] {
    return rwSet.namespaces.flatMap(({ name, metadataWrites, collections }) => [
        ...metadataWrites.flatMap(({ key, entries }) => policiesIn(entries, `key '${key}' of ${name}`)),
        ...collections.flatMap((collection) =>
            collection.hashedMetadataWrites.flatMap(({ keyHash, entries }) =>
                policiesIn(entries, `key hash ${Buffer.from(keyHash).toString('hex')} of ${name}/${collection.name}`),
            ),
        ),
    ]);
}

function policiesIn(entries: readonly MetadataEntry[], where: string): PolicyWrite[] {
    return entries
        .filter(({ name, value }) => name === VALIDATION_PARAMETER && value.length > 0)
        .map(({ value }) => ({ where, policy: value }));
}
