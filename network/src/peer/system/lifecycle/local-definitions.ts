import { parseEnvelope } from '../../../fabric/envelopes';
import { sameBytes } from '../../../fabric/wire';
import type { EndorsementInfo } from '../../chaincode/chaincode-support';
import type { InstalledChaincodes } from '../../chaincode/installed-chaincodes';
import type { CommitEvent, StateReader } from '../../ledger/api';
import { sha256 } from '../../ledger/store/keys';
import {
    CHAINCODE_SOURCES,
    decodeSequence,
    fieldKey,
    implicitCollectionName,
    LIFECYCLE_NAMESPACE,
    metadataKey,
    NAMESPACES,
    type ChaincodeDefinition,
} from '../../lifecycle-state';
import type { PeerChannel } from '../../validation/peer-channel';
import { asProposed } from './definition';
import { PREFIX_END } from './lifecycle-context';
import type { PackageUse } from './packages';
import { localPackageRecord, parametersRecord } from './record';

const FIRST_LIFECYCLE_NAMESPACE = 'lscc';

interface LocalDefinition {
    readonly definition: ChaincodeDefinition;
    readonly isApproved: boolean;
    /** Installed here and approved for this definition. */
    readonly packageId: string | undefined;
}

function touchesLifecycle(event: CommitEvent): boolean {
    const envelopes = event.block.getData()?.getDataList_asU8() ?? [];
    return event.transactions.some(({ type, code }, index) => {
        const bytes = envelopes[index];
        if (type !== 3 || code !== 0 || !bytes) return false;
        return parseEnvelope(bytes).transaction().invokedChaincode === LIFECYCLE_NAMESPACE;
    });
}

/**
 * What this peer's organisation makes of the channel's committed definitions: approved or not, and from which installed
 * package. Looked up once per change of `_lifecycle` or of the installed packages.
 */
export class LocalDefinitions {
    private readonly known = new Map<string, Promise<LocalDefinition | undefined>>();
    private installedCount = 0;

    constructor(
        private readonly mspId: string,
        private readonly channel: PeerChannel,
        private readonly installed: InstalledChaincodes,
    ) {}

    /** To be told of every block; true if it may have changed what this peer runs. */
    onCommit(event: CommitEvent): boolean {
        const isChange = touchesLifecycle(event);
        if (isChange) this.known.clear();
        return isChange;
    }

    /**
     * What an endorser needs to run the chaincode, in Fabric's words when it cannot. The sequence is read through the given
     * reader, so that a transaction simulated before an upgrade does not survive it.
     */
    async endorsementInfo(name: string, state: StateReader): Promise<EndorsementInfo> {
        const bytes = await state.getState(LIFECYCLE_NAMESPACE, fieldKey(NAMESPACES, name, 'Sequence'));
        const sequence = decodeSequence(name, bytes);
        const local = sequence === 0 ? undefined : await this.local(name);
        if (!local) {
            // Fabric looks among the chaincodes of its first version then, and the read stays in the read-write set.
            await state.getState(FIRST_LIFECYCLE_NAMESPACE, name);
            throw new Error(`chaincode ${name} not found`);
        }
        const { definition, isApproved, packageId } = local;
        if (definition.sequence !== sequence) {
            throw new Error(
                `chaincode cache at sequence ${definition.sequence} but current sequence is ${sequence}, chaincode definition for '${name}' changed during invoke`,
            );
        }
        if (!isApproved) {
            throw new Error(
                `chaincode definition for '${name}' at sequence ${sequence} on channel '${this.channel.channelId}' has not yet been approved by this org`,
            );
        }
        if (packageId === undefined) {
            throw new Error(`chaincode definition for '${name}' exists, but chaincode is not installed`);
        }
        return { version: definition.version, initRequired: definition.initRequired, packageId };
    }

    /** The channel's chaincodes that this peer runs from a package. */
    async usesOf(packageId: string): Promise<readonly PackageUse[]> {
        return (await this.runnable())
            .filter((use) => use.packageId === packageId)
            .map(({ name, version }) => ({ channelId: this.channel.channelId, name, version }));
    }

    /** All chaincodes that this peer can endorse for, with their packages. */
    async runnable(): Promise<readonly { name: string; version: string; packageId: string }[]> {
        const result: { name: string; version: string; packageId: string }[] = [];
        for (const name of await this.names()) {
            const local = await this.local(name);
            if (local?.isApproved && local.packageId !== undefined) {
                result.push({ name, version: local.definition.version, packageId: local.packageId });
            }
        }
        return result;
    }

    private async names(): Promise<readonly string[]> {
        const reader = this.channel.ledger.reader();
        try {
            const prefix = metadataKey(NAMESPACES, '');
            const range = reader.getStateRange(LIFECYCLE_NAMESPACE, prefix, prefix + PREFIX_END);
            const names: string[] = [];
            for (let next = await range.next(); next; next = await range.next()) {
                names.push(next.key.slice(prefix.length));
            }
            await range.close();
            return names;
        } finally {
            await reader.close();
        }
    }

    private local(name: string): Promise<LocalDefinition | undefined> {
        const count = this.installed.list().length;
        if (count !== this.installedCount) {
            this.installedCount = count;
            this.known.clear();
        }
        const known = this.known.get(name);
        if (known) return known;
        const found = this.lookUp(name);
        this.known.set(name, found);
        found.catch(() => this.known.delete(name));
        return found;
    }

    private async lookUp(name: string): Promise<LocalDefinition | undefined> {
        const definition = this.channel.definition(name);
        if (!definition) return undefined;
        const own = `${name}#${definition.sequence}`;
        const isApproved = await this.agrees(NAMESPACES, own, parametersRecord(asProposed(definition)));
        for (const { packageId } of this.installed.list()) {
            if (await this.agrees(CHAINCODE_SOURCES, own, localPackageRecord(packageId))) {
                return { definition, isApproved, packageId };
            }
        }
        return { definition, isApproved, packageId: undefined };
    }

    /**
     * Whether the organisation's own collection holds this record, by the hashes on the channel: a peer that has lost its disk knows them
     * from the blocks, and needs only the package again.
     */
    private async agrees(table: string, name: string, record: ReturnType<typeof localPackageRecord>): Promise<boolean> {
        const collection = implicitCollectionName(this.mspId);
        for (const { name: field, data } of record.fields) {
            const key = sha256(fieldKey(table, name, field));
            const stored = await this.channel.ledger.privateHash(LIFECYCLE_NAMESPACE, collection, key);
            if (!stored || !sameBytes(stored.valueHash, sha256(data))) return false;
        }
        return true;
    }
}
