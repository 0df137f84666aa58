import type { peer } from '@hyperledger/fabric-protos';

import type { Bundle } from '../../fabric/channel-config';
import type { Identity } from '../../fabric/msp';
import type { CollectionPermission } from '../chaincode/transaction-context';
import type { Simulator } from '../ledger/api';
import { LIFECYCLE_NAMESPACE, mspIdOfImplicitCollection, readDefinitionLater } from '../lifecycle-state';

export interface CollectionName {
    readonly namespace: string;
    readonly collection: string;
}

const EVERYTHING: CollectionPermission = { read: true, write: true };

function isMember(collection: peer.StaticCollectionConfig, creator: Identity): boolean {
    const principals = collection.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? [];
    return principals.some((principal) => creator.satisfies(principal));
}

/**
 * What the creator may do with a collection. Implicit collections restrict nobody here; explicit ones may be for members only.
 * The definition is read through the simulator, as in Fabric, so that it is part of the transaction's read set.
 */
export async function collectionPermission(
    { namespace, collection }: CollectionName,
    creator: Uint8Array,
    simulator: Simulator,
    bundle: Bundle,
): Promise<CollectionPermission> {
    const unknown = (): Error =>
        new Error(`collection ${bundle.channelId}/${namespace}/${collection} could not be found`);
    const definition = await readDefinitionLater(namespace, (key) => simulator.getState(LIFECYCLE_NAMESPACE, key));
    if (!definition) throw unknown();
    const organisation = mspIdOfImplicitCollection(collection);
    if (organisation !== undefined) {
        if (!bundle.applicationOrgs.has(organisation)) {
            throw new Error(
                `collection [${collection}] not defined in the collection config for chaincode [${namespace}]`,
            );
        }
        return EVERYTHING;
    }
    const config = definition.collections.find((each) => each.getName() === collection);
    if (!config) throw unknown();
    const [memberRead, memberWrite] = [config.getMemberOnlyRead(), config.getMemberOnlyWrite()];
    if (!memberRead && !memberWrite) return EVERYTHING;
    if (isMember(config, bundle.msps.identity(creator))) return EVERYTHING;
    return { read: !memberRead, write: !memberWrite };
}
