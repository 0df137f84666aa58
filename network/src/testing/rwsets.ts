import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';

import type {
    CollectionHashedRwSet,
    MetadataWrite,
    NamespaceRwSet,
    RangeQuery,
    TxRwSet,
    Version,
} from '../fabric/rwset';
import { signaturePolicyEnvelope } from '../fabric/policy';
import type { Rule } from '../fabric/policy';
import { fieldKey, metadataKey } from '../peer/lifecycle-state';

/** Part of a read-write set in few words; a write of null deletes. */
export interface NamespaceSketch {
    readonly reads?: Readonly<Record<string, Version | undefined>>;
    readonly writes?: Readonly<Record<string, string | Uint8Array | null>>;
    readonly policies?: Readonly<Record<string, Rule | Uint8Array | null>>;
    readonly ranges?: readonly RangeQuery[];
    readonly collections?: readonly CollectionHashedRwSet[];
}

const NOTHING = new Uint8Array();
const bytes = (value: string | Uint8Array): Uint8Array => (typeof value === 'string' ? Buffer.from(value) : value);

export function digest(value: string | Uint8Array): Buffer {
    return createHash('sha256').update(value).digest();
}

function metadataWrite(key: string, policy: Rule | Uint8Array | null): MetadataWrite {
    if (policy === null) {
        return { key, entries: [] };
    }
    return { key, entries: [{ name: 'VALIDATION_PARAMETER', value: policyBytes(policy) }] };
}

export function policyBytes(policy: Rule | Uint8Array): Uint8Array {
    return policy instanceof Uint8Array ? policy : signaturePolicyEnvelope(policy).serializeBinary();
}

function namespaceSet(name: string, sketch: NamespaceSketch): NamespaceRwSet {
    return {
        name,
        reads: Object.entries(sketch.reads ?? {}).map(([key, version]) =>
            version === undefined ? { key } : { key, version },
        ),
        writes: Object.entries(sketch.writes ?? {}).map(([key, value]) => ({
            key,
            isDelete: value === null,
            value: value === null ? NOTHING : bytes(value),
        })),
        metadataWrites: Object.entries(sketch.policies ?? {}).map(([key, policy]) => metadataWrite(key, policy)),
        rangeQueries: sketch.ranges ?? [],
        collections: sketch.collections ?? [],
    };
}

export function rwset(namespaces: Readonly<Record<string, NamespaceSketch>>): TxRwSet {
    return { namespaces: Object.entries(namespaces).map(([name, sketch]) => namespaceSet(name, sketch)) };
}

function stateData(set: (data: peer.lifecycle.StateData) => void): Uint8Array {
    const data = new peer.lifecycle.StateData();
    set(data);
    return data.serializeBinary();
}

export interface DefinitionSketch {
    readonly name: string;
    /** Path of a channel policy, or a rule. */
    readonly policy: string | Rule;
    readonly sequence?: number;
    readonly plugin?: string;
    readonly collections?: readonly peer.StaticCollectionConfig[];
}

function applicationPolicy(policy: string | Rule): peer.ApplicationPolicy {
    const message = new peer.ApplicationPolicy();
    if (typeof policy === 'string') {
        message.setChannelConfigPolicyReference(policy);
    } else {
        message.setSignaturePolicy(signaturePolicyEnvelope(policy));
    }
    return message;
}

/** What committing a chaincode definition writes. */
export function definitionWrites(sketch: DefinitionSketch): TxRwSet {
    const metadata = new peer.lifecycle.StateMetadata();
    metadata.setDatatype('ChaincodeDefinition');
    metadata.setFieldsList(['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections']);
    const endorsement = new peer.lifecycle.ChaincodeEndorsementInfo();
    endorsement.setVersion('1.0');
    endorsement.setEndorsementPlugin('escc');
    const validation = new peer.lifecycle.ChaincodeValidationInfo();
    validation.setValidationPlugin(sketch.plugin ?? 'vscc');
    validation.setValidationParameter(applicationPolicy(sketch.policy).serializeBinary());
    const collections = new peer.CollectionConfigPackage();
    collections.setConfigList(
        (sketch.collections ?? []).map((collection) => {
            const config = new peer.CollectionConfig();
            config.setStaticCollectionConfig(collection);
            return config;
        }),
    );
    const field = (name: string): string => fieldKey('namespaces', sketch.name, name);
    return rwset({
        _lifecycle: {
            writes: {
                [metadataKey('namespaces', sketch.name)]: metadata.serializeBinary(),
                [field('Sequence')]: stateData((data) => {
                    data.setInt64(sketch.sequence ?? 1);
                }),
                [field('EndorsementInfo')]: stateData((data) => {
                    data.setBytes(endorsement.serializeBinary());
                }),
                [field('ValidationInfo')]: stateData((data) => {
                    data.setBytes(validation.serializeBinary());
                }),
                [field('Collections')]: stateData((data) => {
                    data.setBytes(collections.serializeBinary());
                }),
            },
        },
    });
}

/** An explicit collection whose members are these organisations. */
export function collection(name: string, members: Rule, endorsement?: string | Rule): peer.StaticCollectionConfig {
    const config = new peer.StaticCollectionConfig();
    config.setName(name);
    const policy = new peer.CollectionPolicyConfig();
    policy.setSignaturePolicy(signaturePolicyEnvelope(members));
    config.setMemberOrgsPolicy(policy);
    if (endorsement !== undefined) {
        config.setEndorsementPolicy(applicationPolicy(endorsement));
    }
    return config;
}

export function codesOf(block: common.Block): number[] {
    return [...(block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? [])];
}
