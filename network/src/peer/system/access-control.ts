import type { Bundle } from '../../fabric/channel-config';
import type { Identity } from '../../fabric/msp';
import type { SignedData } from '../../fabric/policy';

const READERS = '/Channel/Application/Readers';
const WRITERS = '/Channel/Application/Writers';

/** Resources of the peer itself: only its own organisation's identities, whatever the channel. */
const LOCAL_RESOURCES: ReadonlyMap<string, 'Admins' | 'Members'> = new Map([
    ['_lifecycle/InstallChaincode', 'Admins'],
    ['_lifecycle/QueryInstalledChaincode', 'Admins'],
    ['_lifecycle/GetInstalledChaincodePackage', 'Admins'],
    ['_lifecycle/QueryInstalledChaincodes', 'Admins'],
    ['_lifecycle/ApproveChaincodeDefinitionForMyOrg', 'Admins'],
    ['_lifecycle/QueryApprovedChaincodeDefinition', 'Admins'],
    ['_lifecycle/QueryApprovedChaincodeDefinitions', 'Admins'],
    ['cscc/JoinChain', 'Admins'],
    ['cscc/JoinBySnapshotStatus', 'Admins'],
    ['cscc/GetChannels', 'Members'],
]);

/** Resources of a channel with Fabric's default policies; a channel's configuration may name others. */
const CHANNEL_RESOURCES: ReadonlyMap<string, string> = new Map([
    ['_lifecycle/CommitChaincodeDefinition', WRITERS],
    ['_lifecycle/QueryChaincodeDefinition', WRITERS],
    ['_lifecycle/QueryChaincodeDefinitions', WRITERS],
    ['_lifecycle/CheckCommitReadiness', WRITERS],
    ['qscc/GetChainInfo', READERS],
    ['qscc/GetBlockByNumber', READERS],
    ['qscc/GetBlockByHash', READERS],
    ['qscc/GetTransactionByID', READERS],
    ['qscc/GetBlockByTxID', READERS],
    ['cscc/GetConfigBlock', READERS],
    ['cscc/GetChannelConfig', READERS],
    ['peer/Propose', WRITERS],
    ['peer/ChaincodeToChaincode', WRITERS],
    ['event/Block', READERS],
    ['event/FilteredBlock', READERS],
    ['gateway/CommitStatus', READERS],
    ['gateway/ChaincodeEvents', READERS],
]);

function why(cause: unknown): string {
    return cause instanceof Error ? cause.message : String(cause);
}

/** Who may ask a peer for what: Fabric's default access control, with the channel's own entries before it. */
export class AccessControl {
    constructor(
        private readonly mspId: string,
        private readonly bundle: () => Bundle,
    ) {}

    /** Throws what Fabric's peer answers to somebody who may not use the resource. */
    check(resource: string, channelId: string, signed: SignedData): void {
        const local = LOCAL_RESOURCES.get(resource);
        if (local) this.checkLocal(local, signed);
        else this.checkChannel(resource, channelId, signed);
    }

    /** The member of this peer's own organisation that these bytes name; throws for anybody else's. */
    localIdentity(serialized: Uint8Array): Identity {
        const own = this.bundle().msps.get(this.mspId);
        if (!own) throw new Error(`the channel knows no MSP ${this.mspId}`);
        return own.identity(serialized);
    }

    private checkChannel(resource: string, channelId: string, signed: SignedData): void {
        const bundle = this.bundle();
        const path = bundle.acls.get(resource) ?? CHANNEL_RESOURCES.get(resource);
        if (path === undefined) throw new Error(`Unmapped policy for ${resource}`);
        if (channelId !== bundle.channelId) throw new Error(`Failed to get policy manager for channel [${channelId}]`);
        if (bundle.policies.get(path).evaluate([signed])) return;
        throw new Error(
            `Failed evaluating policy on signed data during check policy on channel [${channelId}] with policy [${path}]: [signature set did not satisfy policy]`,
        );
    }

    private checkLocal(policy: 'Admins' | 'Members', signed: SignedData): void {
        const during = `channelless check policy with policy [${policy}]`;
        let identity: Identity;
        try {
            identity = this.localIdentity(signed.identity);
        } catch (cause) {
            throw new Error(`Failed deserializing proposal creator during ${during}: [${why(cause)}]`, { cause });
        }
        if (policy === 'Admins' && !identity.isAdmin) {
            throw new Error(
                `Failed verifying that proposal's creator satisfies local MSP principal during ${during}: [This identity is not an admin]`,
            );
        }
        if (!identity.verify(signed.data, signed.signature)) {
            throw new Error(`Failed verifying proposal signature during ${during}: [The signature is invalid]`);
        }
    }
}
