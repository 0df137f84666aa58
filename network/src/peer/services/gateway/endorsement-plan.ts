import type { peer } from '@hyperledger/fabric-protos';

import type { Bundle } from '../../../fabric/channel-config';
import { imaginedIdentity } from '../../../fabric/msp';
import { compileApplicationPolicy, compileSignaturePolicy, type Policy } from '../../../fabric/policy';
import { mspIdOfImplicitCollection, type ChaincodeDefinition } from '../../lifecycle-state';

function collectionPolicy(definition: ChaincodeDefinition, name: string, bundle: Bundle): Policy {
    const organisation = mspIdOfImplicitCollection(name);
    if (organisation !== undefined) {
        const group = bundle.applicationOrgs.get(organisation)?.groupName ?? organisation;
        return bundle.policies.get(`/Channel/Application/${group}/Endorsement`);
    }
    const config = definition.collections.find((each) => each.getName() === name);
    const own = config?.getEndorsementPolicy();
    const bytes = own ? own.serializeBinary() : definition.validationParameter;
    return compileApplicationPolicy(bytes, bundle.msps, bundle.policies);
}

function membersOf(definition: ChaincodeDefinition, name: string, bundle: Bundle): ReadonlySet<string> {
    const organisation = mspIdOfImplicitCollection(name);
    if (organisation !== undefined) return new Set([organisation]);
    const config = definition.collections.find((each) => each.getName() === name);
    const principals = config?.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? [];
    const candidates = [...bundle.applicationOrgs.keys()];
    return new Set(
        candidates.filter((mspId) =>
            principals.some((principal) => imaginedIdentity(mspId, 'peer').satisfies(principal)),
        ),
    );
}

/** What a transaction's endorsements have to satisfy, all at once, and which organisations may be asked. */
export interface Requirements {
    readonly policies: readonly Policy[];
    /** Organisations that may see what is read; undefined: all. */
    readonly eligible: ReadonlySet<string> | undefined;
}

function policiesOf(call: peer.ChaincodeCall, definition: ChaincodeDefinition, bundle: Bundle): readonly Policy[] {
    const keyPolicies = call
        .getKeyPoliciesList()
        .map((policy) => compileSignaturePolicy(policy.serializeBinary(), bundle.msps));
    const collections = call.getCollectionNamesList();
    const collectionPolicies = collections.map((name) => collectionPolicy(definition, name, bundle));
    const chaincodePolicy = compileApplicationPolicy(definition.validationParameter, bundle.msps, bundle.policies);
    const isChaincodePolicyOut = call.getDisregardNamespacePolicy() || collections.length > 0;
    return [...(isChaincodePolicyOut ? [] : [chaincodePolicy]), ...keyPolicies, ...collectionPolicies];
}

/** Throws when the interest names a chaincode that the channel has not got. */
export function requirements(
    interest: peer.ChaincodeInterest,
    definitionOf: (name: string) => ChaincodeDefinition | undefined,
    bundle: Bundle,
): Requirements {
    const policies: Policy[] = [];
    let eligible: ReadonlySet<string> | undefined;
    for (const call of interest.getChaincodesList()) {
        const definition = definitionOf(call.getName());
        if (!definition)
            throw new Error(`no metadata was found for chaincode ${call.getName()} in channel ${bundle.channelId}`);
        policies.push(...policiesOf(call, definition, bundle));
        if (call.getNoPrivateReads()) continue;
        for (const name of call.getCollectionNamesList()) {
            const members = membersOf(definition, name, bundle);
            const before = eligible;
            eligible = before ? new Set([...before].filter((mspId) => members.has(mspId))) : members;
        }
    }
    return { policies, eligible };
}

/**
 * A smallest set of organisations whose peers together satisfy every policy; undefined if there is none. Organisations are
 * given up from the end of the list, so those wanted most come first.
 */
export function smallestSet(
    { policies, eligible }: Requirements,
    preferred: readonly string[],
): readonly string[] | undefined {
    const candidates = preferred.filter((mspId) => eligible?.has(mspId) ?? true);
    const suffices = (mspIds: readonly string[]): boolean => {
        const identities = mspIds.map((mspId) => imaginedIdentity(mspId, 'peer'));
        return policies.every((policy) => policy.evaluateIdentities(identities));
    };
    if (!suffices(candidates)) return undefined;
    return candidates.reduceRight<readonly string[]>((kept, mspId) => {
        const without = kept.filter((each) => each !== mspId);
        return suffices(without) ? without : kept;
    }, candidates);
}
