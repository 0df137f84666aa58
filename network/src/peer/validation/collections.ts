import { msp } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';

import type { Bundle } from '../../fabric/channel-config';
import { compileSignaturePolicy } from '../../fabric/policy';
import type { StateView } from '../ledger/store/ledger-store';
import {
    LIFECYCLE_NAMESPACE,
    implicitCollectionName,
    mspIdOfImplicitCollection,
    readDefinition,
} from '../lifecycle-state';
import type { ChaincodeDefinition } from '../lifecycle-state';

const { ROLE } = msp.MSPPrincipal.Classification;

export function definitionIn(view: StateView, chaincode: string): ChaincodeDefinition | undefined {
    return readDefinition(chaincode, (key) => view.state(LIFECYCLE_NAMESPACE, key)?.value);
}

function namesMsp(principal: msp.MSPPrincipal, mspId: string): boolean {
    return (
        principal.getPrincipalClassification() === ROLE &&
        msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier() === mspId
    );
}

/** Which collections chaincodes have, and of which this peer keeps the plaintext. */
export class PeerCollections {
    readonly #mspId: string;
    readonly #identity: Uint8Array;

    constructor(mspId: string, identity: Uint8Array) {
        this.#mspId = mspId;
        this.#identity = identity;
    }

    /** Every organisation of the channel has its implicit collection in every defined chaincode. */
    names(namespace: string, view: StateView, bundle: Bundle): ReadonlySet<string> | undefined {
        const implicit = [...bundle.applicationOrgs.keys()].map(implicitCollectionName);
        if (namespace === LIFECYCLE_NAMESPACE) {
            return new Set(implicit);
        }
        const definition = definitionIn(view, namespace);
        return definition && new Set([...definition.collections.map((one) => one.getName()), ...implicit]);
    }

    isMember(collection: string, definition: () => ChaincodeDefinition | undefined, bundle: Bundle): boolean {
        const owner = mspIdOfImplicitCollection(collection);
        if (owner !== undefined) {
            return owner === this.#mspId;
        }
        const config = definition()?.collections.find((one) => one.getName() === collection);
        return config !== undefined && this.#isMemberOf(config, bundle);
    }

    /** As Fabric reads a collection's members: an organisation that the policy names in any role, or who satisfies it. */
    #isMemberOf(config: peer.StaticCollectionConfig, bundle: Bundle): boolean {
        const envelope = config.getMemberOrgsPolicy()?.getSignaturePolicy();
        if (envelope === undefined) {
            return false;
        }
        if (envelope.getIdentitiesList().some((principal) => namesMsp(principal, this.#mspId))) {
            return true;
        }
        const policy = compileSignaturePolicy(envelope.serializeBinary(), bundle.msps);
        return policy.evaluateIdentities([bundle.msps.identity(this.#identity)]);
    }
}
