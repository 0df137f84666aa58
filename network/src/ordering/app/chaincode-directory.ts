import { peer } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import type { ParsedEnvelope, ParsedTransaction } from '../../fabric/envelopes';
import { FormatError } from '../../fabric/errors';
import type { CollectionHashedRwSet, NamespaceRwSet, TxRwSet } from '../../fabric/rwset';
import { decode } from '../../fabric/wire';
import { LIFECYCLE_NAMESPACE, mspIdOfImplicitCollection } from '../../peer/lifecycle-state';

const LIFECYCLE_ENDORSEMENT = '/Channel/Application/LifecycleEndorsement';
const COLLECTIONS_FIELD = /^namespaces\/fields\/(?<chaincode>[^/]+)\/Collections$/;

/**
 * Which chaincodes and explicit collections the channel has, as far as ordering can tell: from definitions in earlier
 * blocks that were endorsed as the channel asks.
 */
export class ChaincodeDirectory {
    readonly #collections = new Map<string, ReadonlySet<string>>([[LIFECYCLE_NAMESPACE, new Set()]]);

    /** Takes note of definitions in a transaction that has been ordered. */
    observe(envelope: ParsedEnvelope, bundle: Bundle): void {
        const transaction = envelope.transaction();
        const defining = transaction.rwSet.namespaces.filter(({ name }) => name === LIFECYCLE_NAMESPACE);
        if (defining.some(({ writes }) => writes.length > 0) && isEndorsed(transaction, bundle)) {
            for (const [chaincode, collections] of defining.flatMap(definedCollections)) {
                this.#collections.set(chaincode, collections);
            }
        }
    }

    /**
     * A chaincode that is not known among several that a transaction concerns; undefined if there is none. Fabric's peers
     * look at them in random order, so what else may be wrong decides on each peer anew which code it records.
     */
    unknownAmong(chaincodes: readonly string[]): string | undefined {
        return chaincodes.length > 1 ? chaincodes.find((name) => !this.#collections.has(name)) : undefined;
    }

    /**
     * A private write whose collection is not known; undefined if there is none. Fabric's peers end, all of them and again
     * after every restart, when a block has one, and it need not be in a valid transaction.
     */
    unknownCollection({ namespaces }: TxRwSet): string | undefined {
        return namespaces
            .flatMap(({ name, collections }) => collections.filter(isWritten).map((each) => ({ name, each })))
            .filter(({ name, each }) => !this.#knows(name, each.name))
            .map(({ name, each }) => `${name}/${each.name}`)
            .at(0);
    }

    #knows(chaincode: string, collection: string): boolean {
        const collections = this.#collections.get(chaincode);
        return (
            collections !== undefined &&
            (mspIdOfImplicitCollection(collection) !== undefined || collections.has(collection))
        );
    }
}

function isWritten({ hashedWrites, hashedMetadataWrites }: CollectionHashedRwSet): boolean {
    return hashedWrites.length > 0 || hashedMetadataWrites.length > 0;
}

function definedCollections({ writes }: NamespaceRwSet): [string, ReadonlySet<string>][] {
    return writes.flatMap(({ key, isDelete, value }) => {
        const chaincode = COLLECTIONS_FIELD.exec(key)?.groups?.['chaincode'];
        return chaincode === undefined || isDelete ? [] : [[chaincode, collectionNames(value)]];
    });
}

/** None where the bytes are no collections: peers then know of none either. */
function collectionNames(value: Uint8Array): ReadonlySet<string> {
    try {
        const field = decode(peer.lifecycle.StateData, value, 'collections');
        const configured = decode(peer.CollectionConfigPackage, field.getBytes_asU8(), 'collections').getConfigList();
        return new Set(configured.flatMap((config) => config.getStaticCollectionConfig()?.getName() ?? []));
    } catch (error) {
        if (error instanceof FormatError) {
            return new Set();
        }
        throw error;
    }
}

function isEndorsed({ proposalResponsePayload, endorsements }: ParsedTransaction, bundle: Bundle): boolean {
    const signed = endorsements.map(({ endorser, signature }) => ({
        identity: endorser,
        data: Buffer.concat([proposalResponsePayload, endorser]),
        signature,
    }));
    return bundle.policies.get(LIFECYCLE_ENDORSEMENT).evaluate(signed);
}
