import { common, peer } from '@hyperledger/fabric-protos';

import { sameBytes } from '../../../fabric/wire';
import type { ChaincodeDefinition } from '../../lifecycle-state';

const { lifecycle } = peer;

/** A chaincode definition as somebody proposes it: collections as bytes, because that is what organisations agree on. */
export interface ProposedDefinition {
    readonly sequence: number;
    readonly version: string;
    readonly endorsementPlugin: string;
    readonly initRequired: boolean;
    readonly validationPlugin: string;
    /** Bytes of peer.ApplicationPolicy. */
    readonly validationParameter: Uint8Array;
    /** Bytes of CollectionConfigPackage, empty when there are no explicit collections. */
    readonly collections: Uint8Array;
}

/** The arguments that Approve, CheckCommitReadiness and Commit have in common. */
export interface DefinitionArguments {
    getSequence(): number;
    getVersion(): string;
    getEndorsementPlugin(): string;
    getInitRequired(): boolean;
    getValidationPlugin(): string;
    getValidationParameter_asU8(): Uint8Array;
    getCollections(): peer.CollectionConfigPackage | undefined;
}

const DEFAULT_POLICY = '/Channel/Application/Endorsement';

function defaultPolicy(): Uint8Array {
    const policy = new common.ApplicationPolicy();
    policy.setChannelConfigPolicyReference(DEFAULT_POLICY);
    return policy.serializeBinary();
}

/** The definition with Fabric's defaults for what the arguments leave out. */
export function proposedDefinition(
    args: DefinitionArguments,
    hasPolicy: (path: string) => boolean,
): ProposedDefinition {
    const parameter = args.getValidationParameter_asU8();
    if (parameter.length === 0 && !hasPolicy(DEFAULT_POLICY)) {
        throw new Error(
            `could not set defaults for chaincode definition: policy '${DEFAULT_POLICY}' must be defined before chaincode operations can be attempted`,
        );
    }
    return {
        sequence: args.getSequence(),
        version: args.getVersion(),
        endorsementPlugin: args.getEndorsementPlugin() || 'escc',
        initRequired: args.getInitRequired(),
        validationPlugin: args.getValidationPlugin() || 'vscc',
        validationParameter: parameter.length > 0 ? parameter : defaultPolicy(),
        collections: args.getCollections()?.serializeBinary() ?? new Uint8Array(),
    };
}

/** What is committed, in the form in which it is compared with what somebody proposes. */
export function asProposed(committed: ChaincodeDefinition): ProposedDefinition {
    const collections = new peer.CollectionConfigPackage();
    collections.setConfigList(
        committed.collections.map((collection) => {
            const config = new peer.CollectionConfig();
            config.setStaticCollectionConfig(collection);
            return config;
        }),
    );
    return { ...committed, collections: collections.serializeBinary() };
}

export function endorsementInfo(definition: ProposedDefinition): Uint8Array {
    const info = new lifecycle.ChaincodeEndorsementInfo();
    info.setVersion(definition.version);
    info.setEndorsementPlugin(definition.endorsementPlugin);
    info.setInitRequired(definition.initRequired);
    return info.serializeBinary();
}

export function validationInfo(definition: ProposedDefinition): Uint8Array {
    const info = new lifecycle.ChaincodeValidationInfo();
    info.setValidationPlugin(definition.validationPlugin);
    info.setValidationParameter(definition.validationParameter);
    return info.serializeBinary();
}

function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex');
}

/** What the first difference between two definitions is, in Fabric's words; undefined when they agree. */
export function difference(expected: ProposedDefinition, passed: ProposedDefinition): string | undefined {
    const fields: readonly (readonly [string, string | boolean, string | boolean])[] = [
        ['Version', expected.version, passed.version],
        ['EndorsementPlugin', expected.endorsementPlugin, passed.endorsementPlugin],
        ['InitRequired', expected.initRequired, passed.initRequired],
        ['ValidationPlugin', expected.validationPlugin, passed.validationPlugin],
        ['ValidationParameter', hex(expected.validationParameter), hex(passed.validationParameter)],
    ];
    const found = fields.find(([, ours, theirs]) => ours !== theirs);
    if (found) return `expected ${found[0]} '${found[1]}' does not match passed ${found[0]} '${found[2]}'`;
    return sameBytes(expected.collections, passed.collections) ? undefined : 'Collections do not match';
}
