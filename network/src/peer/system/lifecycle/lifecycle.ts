import type { peer } from '@hyperledger/fabric-protos';

import type { Bundle } from '../../../fabric/channel-config';
import { LIFECYCLE_NAMESPACE } from '../../lifecycle-state';
import type { AccessControl } from '../access-control';
import { response, success, text, type SystemCall, type SystemChaincode } from '../system-chaincode';
import { approve, queryAllApproved, queryApproved } from './approvals';
import {
    checkCommitReadiness,
    commitDefinition,
    NamespaceNotDefined,
    queryDefinition,
    queryDefinitions,
} from './commits';
import type { LifecycleContext } from './lifecycle-context';
import {
    getPackage,
    installPackage,
    PackageNotFound,
    queryAllInstalled,
    queryInstalled,
    type PackagesContext,
} from './packages';

type PeerOperation = (payload: Uint8Array, context: PackagesContext) => Promise<Uint8Array>;
type ChannelOperation = (payload: Uint8Array, context: LifecycleContext) => Promise<Uint8Array>;

const PEER_OPERATIONS: ReadonlyMap<string, PeerOperation> = new Map<string, PeerOperation>([
    ['InstallChaincode', installPackage],
    ['QueryInstalledChaincode', queryInstalled],
    ['QueryInstalledChaincodes', queryAllInstalled],
    ['GetInstalledChaincodePackage', getPackage],
]);

const CHANNEL_OPERATIONS: ReadonlyMap<string, ChannelOperation> = new Map<string, ChannelOperation>([
    ['ApproveChaincodeDefinitionForMyOrg', approve],
    ['QueryApprovedChaincodeDefinition', queryApproved],
    ['QueryApprovedChaincodeDefinitions', queryAllApproved],
    ['CheckCommitReadiness', checkCommitReadiness],
    ['CommitChaincodeDefinition', commitDefinition],
    ['QueryChaincodeDefinition', queryDefinition],
    ['QueryChaincodeDefinitions', queryDefinitions],
]);

export interface LifecycleOptions extends PackagesContext {
    readonly mspId: string;
    readonly bundle: () => Bundle;
    readonly access: AccessControl;
}

/** How chaincodes come to a channel: installed on peers, approved by organisations, committed by enough of them. */
export class Lifecycle implements SystemChaincode {
    readonly name = LIFECYCLE_NAMESPACE;

    constructor(private readonly options: LifecycleOptions) {}

    async invoke(call: SystemCall): Promise<peer.Response> {
        const [operation, payload] = call.args;
        if (!operation) throw new Error('lifecycle scc must be invoked with arguments');
        if (!payload || call.args.length !== 2) {
            throw new Error(`lifecycle scc operations require exactly two arguments but received ${call.args.length}`);
        }
        const name = text(operation);
        try {
            this.options.access.check(`${LIFECYCLE_NAMESPACE}/${name}`, call.channelId, call.signed);
        } catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`Failed to authorize invocation due to failed ACL check: ${why}`, { cause });
        }
        try {
            return success(await this.run(name, payload, call));
        } catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            if (cause instanceof NamespaceNotDefined || cause instanceof PackageNotFound) return response(404, why);
            throw new Error(`failed to invoke backing implementation of '${name}': ${why}`, { cause });
        }
    }

    private run(name: string, payload: Uint8Array, { simulator, channelId }: SystemCall): Promise<Uint8Array> {
        const ofPeer = PEER_OPERATIONS.get(name);
        if (ofPeer) return ofPeer(payload, this.options);
        const ofChannel = CHANNEL_OPERATIONS.get(name);
        if (!ofChannel) throw new Error(`receiver has no method '${name}'`);
        if (!simulator) throw new Error(`no application config for channel '${channelId}'`);
        return ofChannel(payload, { mspId: this.options.mspId, bundle: this.options.bundle(), simulator });
    }
}
