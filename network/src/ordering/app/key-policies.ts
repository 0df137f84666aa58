import { MalformedPolicy } from '../../fabric/errors';
import { assertWellFormedPolicy } from '../../fabric/policy';
import { decodeRwSet, type MetadataEntry, type TxRwSet } from '../../fabric/rwset';

/** Name under which a key's metadata hold its endorsement policy. */
const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

interface PolicyWrite {
    readonly where: string;
    readonly policy: Uint8Array;
}

/**
 * Throws `MalformedPolicy` naming the key unless every key policy that these results (TxReadWriteSet bytes) write, for
 * public keys or hashed private ones, is one that Fabric's peers can compile. An empty value takes the policy away and
 * is well-formed. Throws `FormatError` where the results are none.
 */
export function assertKeyPoliciesWellFormed(results: Uint8Array): void {
    for (const { where, policy } of policyWrites(decodeRwSet(results))) {
        try {
            assertWellFormedPolicy(policy);
        } catch (error) {
            if (error instanceof MalformedPolicy) {
                throw new MalformedPolicy(`malformed endorsement policy for ${where}: ${error.message}`);
            }
            throw error;
        }
    }
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
