import { common, msp, type peer } from '@hyperledger/fabric-protos';

import { compileSignaturePolicy } from '../../../fabric/policy';
import type { MspManager } from '../../../fabric/msp';
import { readDefinitionLater, LIFECYCLE_NAMESPACE } from '../../lifecycle-state';
import type { LifecycleContext } from './lifecycle-context';

const NAME = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const VERSION = /^[A-Za-z0-9_.+-]+$/;
const COLLECTION_NAME = /^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/;
const SYSTEM_NAMES: ReadonlySet<string> = new Set(['cscc', 'escc', 'lscc', 'qscc', 'vscc']);
/** Namespace of Fabric's old lifecycle: read, as Fabric does, where the new one knows no definition, so that read sets agree. */
const LEGACY_NAMESPACE = 'lscc';

function assertNames(name: string, version: string): void {
    if (!NAME.test(name)) {
        throw new Error(
            `invalid chaincode name '${name}'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics`,
        );
    }
    if (SYSTEM_NAMES.has(name)) throw new Error(`chaincode name '${name}' is the name of a system chaincode`);
    if (!VERSION.test(version)) {
        throw new Error(
            `invalid chaincode version '${version}'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'`,
        );
    }
}

function assertOrConcatenation(rule: common.SignaturePolicy | undefined): void {
    const nOutOf = rule?.getNOutOf();
    if (!nOutOf) return;
    if (nOutOf.getN() !== 1) throw new Error(`signature policy is not an OR concatenation, NOutOf ${nOutOf.getN()}`);
    nOutOf.getRulesList().forEach(assertOrConcatenation);
}

function memberOf(principal: msp.MSPPrincipal, msps: MspManager): string | undefined {
    switch (principal.getPrincipalClassification()) {
        case msp.MSPPrincipal.Classification.ROLE:
            return msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier();
        case msp.MSPPrincipal.Classification.ORGANIZATION_UNIT:
            return msp.OrganizationUnit.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier();
        case msp.MSPPrincipal.Classification.IDENTITY:
            return msps.identity(principal.getPrincipal_asU8()).mspId;
        default:
            throw new Error(`principal type ${principal.getPrincipalClassification()} is not supported`);
    }
}

function assertMemberPolicy(collection: peer.StaticCollectionConfig, msps: MspManager): void {
    const name = collection.getName();
    const policy = collection.getMemberOrgsPolicy()?.getSignaturePolicy();
    if (!policy) throw new Error(`collection member policy is not set for collection '${name}'`);
    compileSignaturePolicy(policy.serializeBinary(), msps);
    try {
        assertOrConcatenation(policy.getRule());
    } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`collection-name: ${name} -- error in member org policy: ${why}`, { cause });
    }
    for (const principal of policy.getIdentitiesList()) {
        const member = memberOf(principal, msps);
        if (member !== undefined && !msps.mspIds.includes(member)) {
            throw new Error(`collection-name: ${name} -- collection member '${member}' is not part of the channel`);
        }
    }
}

function assertCollection(collection: peer.StaticCollectionConfig, msps: MspManager): void {
    const name = collection.getName();
    const [required, maximum] = [collection.getRequiredPeerCount(), collection.getMaximumPeerCount()];
    if (!COLLECTION_NAME.test(name)) {
        throw new Error(
            `invalid collection name '${name}'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'`,
        );
    }
    if (maximum < required) {
        throw new Error(
            `collection-name: ${name} -- maximum peer count (${maximum}) cannot be less than the required peer count (${required})`,
        );
    }
    if (required < 0) {
        throw new Error(`collection-name: ${name} -- requiredPeerCount (${required}) cannot be less than zero`);
    }
    assertMemberPolicy(collection, msps);
}

function assertKeepsCommitted(
    committed: readonly peer.StaticCollectionConfig[],
    proposed: ReadonlyMap<string, peer.StaticCollectionConfig>,
): void {
    if (committed.length > 0 && proposed.size === 0) {
        throw new Error('the proposed collection config does not contain previously defined collections');
    }
    for (const existing of committed) {
        const name = existing.getName();
        const successor = proposed.get(name);
        if (!successor) {
            throw new Error(`existing collection [${name}] missing in the proposed collection configuration`);
        }
        if (successor.getBlockToLive() !== existing.getBlockToLive()) {
            throw new Error(
                `the BlockToLive in an existing collection [${name}] modified. Existing value [${existing.getBlockToLive()}]`,
            );
        }
    }
}

/** Throws unless name, version and collections are what a peer accepts, given what is committed already. */
export async function assertAcceptable(
    name: string,
    version: string,
    collections: peer.CollectionConfigPackage | undefined,
    { bundle, simulator }: LifecycleContext,
): Promise<void> {
    assertNames(name, version);
    const proposed = new Map<string, peer.StaticCollectionConfig>();
    for (const config of collections?.getConfigList() ?? []) {
        const collection = config.getStaticCollectionConfig();
        if (!collection) throw new Error('collection configuration is empty');
        const own = collection.getName();
        if (proposed.has(own)) {
            throw new Error(`collection-name: ${own} -- found duplicate in collection configuration`);
        }
        assertCollection(collection, bundle.msps);
        proposed.set(own, collection);
    }
    const committed = await readDefinitionLater(name, (key) => simulator.getState(LIFECYCLE_NAMESPACE, key));
    if (committed) assertKeepsCommitted(committed.collections, proposed);
    else await simulator.getState(LEGACY_NAMESPACE, name);
}
