import { common, peer } from '@hyperledger/fabric-protos';

import type { NamespaceRwSet } from '../../fabric/rwset';
import type { SimulationResults } from '../ledger/api';

interface Written {
    readonly collection: string;
    readonly keys: number;
}

function distinct(keys: readonly string[]): number {
    return new Set(keys).size;
}

function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex');
}

/** How many keys a transaction writes (value or metadata) in a namespace's public part and in each collection. */
function written(namespace: NamespaceRwSet): readonly Written[] {
    const publicKeys = [...namespace.writes, ...namespace.metadataWrites].map(({ key }) => key);
    const collections = namespace.collections.map(({ name, hashedWrites, hashedMetadataWrites }) => ({
        collection: name,
        keys: distinct([...hashedWrites, ...hashedMetadataWrites].map(({ keyHash }) => hex(keyHash))),
    }));
    return [{ collection: '', keys: distinct(publicKeys) }, ...collections].filter(({ keys }) => keys > 0);
}

function call(namespace: string, collection: string, noPrivateReads: boolean): peer.ChaincodeCall {
    const result = new peer.ChaincodeCall();
    result.setName(namespace);
    if (collection !== '') result.setCollectionNamesList([collection]);
    result.setNoPrivateReads(noPrivateReads);
    return result;
}

function publicCall(namespace: string, policies: readonly Uint8Array[], isRequired: boolean): peer.ChaincodeCall {
    const result = call(namespace, '', false);
    result.setKeyPoliciesList(policies.map((bytes) => common.SignaturePolicyEnvelope.deserializeBinary(bytes)));
    result.setDisregardNamespacePolicy(policies.length > 0 && !isRequired);
    return result;
}

function callsOf(namespace: NamespaceRwSet, results: SimulationResults): readonly peer.ChaincodeCall[] {
    const policies = results.keyPolicies.filter((policy) => policy.namespace === namespace.name);
    const isUnderChaincodePolicy = ({ collection, keys }: Written): boolean =>
        keys > policies.filter((policy) => policy.collection === collection).length;
    const writes = written(namespace);
    const required = new Set(writes.filter(isUnderChaincodePolicy).map(({ collection }) => collection));
    const read = new Set(
        results.privateReads.filter((each) => each.namespace === namespace.name).map(({ collection }) => collection),
    );
    const isPublicRequired = writes.length === 0 || required.has('');
    const collections = new Set([...required, ...read].filter((collection) => collection !== ''));
    return [
        ...(isPublicRequired || policies.length > 0
            ? [
                  publicCall(
                      namespace.name,
                      policies.map(({ policy }) => policy),
                      isPublicRequired,
                  ),
              ]
            : []),
        ...[...collections].map((collection) => call(namespace.name, collection, !read.has(collection))),
    ];
}

/** Which chaincodes, collections and key policies a simulated transaction touches: what a client plans its endorsements by. */
export function chaincodeInterest(
    results: SimulationResults,
    isSystemChaincode: (name: string) => boolean,
): peer.ChaincodeInterest {
    const interest = new peer.ChaincodeInterest();
    interest.setChaincodesList(
        results.publicSet.namespaces
            .filter(({ name }) => !isSystemChaincode(name))
            .flatMap((namespace) => callsOf(namespace, results)),
    );
    return interest;
}
