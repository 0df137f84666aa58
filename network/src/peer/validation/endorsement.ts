import type { ParsedTransaction } from '../../fabric/envelopes';
import type { Policy } from '../../fabric/policy';
import type { NamespaceRwSet, TxRwSet } from '../../fabric/rwset';
import { VALIDATION_PARAMETER, decodeMetadata } from '../ledger/store/entries';
import { hex } from '../ledger/store/keys';
import type { StateView } from '../ledger/store/ledger-store';
import { LIFECYCLE_NAMESPACE, mspIdOfImplicitCollection } from '../lifecycle-state';
import type { ChaincodeDefinition } from '../lifecycle-state';
import { isEndorsed } from './channel-policies';
import type { ChannelPolicies } from './channel-policies';
import { CODE } from './codes';
import type { Code } from './codes';
import { ChannelHalted } from './errors';
import { policyKeyName } from './static-checks';

const BUILT_IN_PLUGIN = 'vscc';

/** What endorsement is judged by: policies of the channel, definitions and metadata as committed before the block. */
export interface Circumstances {
    readonly policies: ChannelPolicies;
    readonly state: StateView;
    definition(chaincode: string): ChaincodeDefinition | undefined;
    /** Keys whose policies earlier transactions of the block changed; see policyKeyName. */
    readonly changedPolicies: ReadonlySet<string>;
}

interface WrittenKey {
    readonly collection: string;
    /** The key, or the hex hash of a private one. */
    readonly key: string;
}

function* writtenKeys({ writes, metadataWrites, collections }: NamespaceRwSet): Iterable<WrittenKey> {
    for (const { key } of writes) {
        yield { collection: '', key };
    }
    for (const { key } of metadataWrites) {
        yield { collection: '', key };
    }
    for (const { name, hashedWrites } of collections) {
        for (const { keyHash } of hashedWrites) {
            yield { collection: name, key: hex(keyHash) };
        }
    }
    for (const { name, hashedMetadataWrites } of collections) {
        for (const { keyHash } of hashedMetadataWrites) {
            yield { collection: name, key: hex(keyHash) };
        }
    }
}

/** Keys whose metadata a transaction writes in one namespace. */
export function* changedPolicyKeys({ name, metadataWrites, collections }: NamespaceRwSet): Iterable<string> {
    for (const { key } of metadataWrites) {
        yield policyKeyName(name, '', key);
    }
    for (const collection of collections) {
        for (const { keyHash } of collection.hashedMetadataWrites) {
            yield policyKeyName(name, collection.name, keyHash);
        }
    }
}

/**
 * One namespace of one transaction. Each written key is judged by its own policy if it has one, else by its collection's, else by
 * the chaincode's; whatever is judged once is not judged again, and at least one policy is.
 */
class NamespaceEndorsement {
    readonly #circumstances: Circumstances;
    readonly #transaction: ParsedTransaction;
    readonly #namespace: string;
    readonly #chaincodePolicy: Policy;
    readonly #satisfied = new Set<string>();
    #anySatisfied = false;

    constructor(
        circumstances: Circumstances,
        transaction: ParsedTransaction,
        namespace: string,
        chaincodePolicy: Policy,
    ) {
        this.#circumstances = circumstances;
        this.#transaction = transaction;
        this.#namespace = namespace;
        this.#chaincodePolicy = chaincodePolicy;
    }

    isSufficient(set: NamespaceRwSet | undefined): boolean {
        if (set !== undefined) {
            for (const { collection, key } of writtenKeys(set)) {
                if (!this.#mayWrite(collection, key)) {
                    return false;
                }
            }
        }
        return this.#anySatisfied || isEndorsed(this.#transaction, this.#chaincodePolicy);
    }

    #mayWrite(collection: string, key: string): boolean {
        if (this.#circumstances.changedPolicies.has(policyKeyName(this.#namespace, collection, key))) {
            return false;
        }
        const collectionPolicy = this.#collectionPolicy(collection);
        if (collectionPolicy === undefined) {
            return false;
        }
        const policy = this.#keyPolicy(collection, key);
        if (policy !== undefined) {
            return this.#isSatisfied(policy);
        }
        if (this.#satisfied.has(collection)) {
            return true;
        }
        this.#satisfied.add(collection);
        return this.#isSatisfied(collectionPolicy);
    }

    #isSatisfied(policy: Policy): boolean {
        this.#anySatisfied = true;
        return isEndorsed(this.#transaction, policy);
    }

    #keyPolicy(collection: string, key: string): Policy | undefined {
        const { state, policies } = this.#circumstances;
        const entry =
            collection === '' ? state.state(this.#namespace, key) : state.hashed(this.#namespace, collection, key);
        const bytes = entry?.metadata && decodeMetadata(entry.metadata).get(VALIDATION_PARAMETER);
        return bytes === undefined || bytes.length === 0 ? undefined : policies.key(bytes);
    }

    /** Undefined when the chaincode has no such collection. */
    #collectionPolicy(collection: string): Policy | undefined {
        if (collection === '') {
            return this.#chaincodePolicy;
        }
        const { policies } = this.#circumstances;
        const mspId = mspIdOfImplicitCollection(collection);
        if (mspId !== undefined) {
            return policies.implicitCollection(mspId);
        }
        const config = this.#circumstances
            .definition(this.#namespace)
            ?.collections.find((one) => one.getName() === collection);
        const own = config?.getEndorsementPolicy()?.serializeBinary() ?? new Uint8Array();
        return config && (own.length === 0 ? this.#chaincodePolicy : policies.application(own));
    }
}

/** The chaincode's policy, or the code that says why there is none. Throws ChannelHalted for plugins other than the built-in one. */
function chaincodePolicy(namespace: string, circumstances: Circumstances): Policy | Code {
    if (namespace === LIFECYCLE_NAMESPACE) {
        return circumstances.policies.lifecycle;
    }
    const defined = circumstances.definition(namespace);
    if (defined === undefined || defined.validationPlugin === '' || defined.validationParameter.length === 0) {
        return CODE.INVALID_CHAINCODE;
    }
    if (defined.validationPlugin !== BUILT_IN_PLUGIN) {
        throw new ChannelHalted(`plugin with name ${defined.validationPlugin} wasn't found`);
    }
    return circumstances.policies.application(defined.validationParameter);
}

/** Whether a transaction has the endorsements that one of its namespaces asks for. */
export function checkEndorsement(
    transaction: ParsedTransaction,
    rwset: TxRwSet,
    namespace: string,
    circumstances: Circumstances,
): Code {
    const policy = chaincodePolicy(namespace, circumstances);
    if (typeof policy === 'number') {
        return policy;
    }
    const set = rwset.namespaces.find(({ name }) => name === namespace);
    const endorsement = new NamespaceEndorsement(circumstances, transaction, namespace, policy);
    return endorsement.isSufficient(set) ? CODE.VALID : CODE.ENDORSEMENT_POLICY_FAILURE;
}
