import { peer } from '@hyperledger/fabric-protos';

import {
    CHAINCODE_SOURCES,
    decodeDefinition,
    decodeSequence,
    fieldKey,
    implicitCollectionName,
    LIFECYCLE_NAMESPACE,
    metadataKey,
    NAMESPACES,
    readDefinitionLater,
    type DefinitionField,
} from '../../lifecycle-state';
import { assertAcceptable } from './collections';
import { asProposed, difference, proposedDefinition, type ProposedDefinition } from './definition';
import { ownRecords, PREFIX_END, publicRecords, type LifecycleContext } from './lifecycle-context';
import {
    LOCAL_PACKAGE_TYPE,
    localPackageRecord,
    PARAMETERS_TYPE,
    parametersRecord,
    readMetadata,
    writeRecord,
    type ReadableRecords,
} from './record';

const { lifecycle } = peer;

function nameOf(chaincode: string, sequence: number): string {
    return `${chaincode}#${sequence}`;
}

/** The sequence of the committed definition, 0 when there is none. */
export async function currentSequence(chaincode: string, context: LifecycleContext): Promise<number> {
    const bytes = await publicRecords(context).get(fieldKey(NAMESPACES, chaincode, 'Sequence'));
    return decodeSequence(chaincode, bytes);
}

async function storedPackage(name: string, own: ReadableRecords): Promise<string | undefined> {
    const metadata = await readMetadata(CHAINCODE_SOURCES, name, own);
    if (!metadata) return undefined;
    if (metadata.getDatatype() !== LOCAL_PACKAGE_TYPE) {
        throw new Error(`not a chaincode local package type: ${metadata.getDatatype()}`);
    }
    const bytes = await own.get(fieldKey(CHAINCODE_SOURCES, name, 'PackageID'));
    return lifecycle.StateData.deserializeBinary(bytes ?? new Uint8Array()).getString();
}

async function storedParameters(
    chaincode: string,
    sequence: number,
    own: ReadableRecords,
): Promise<ProposedDefinition | undefined> {
    const name = nameOf(chaincode, sequence);
    const metadata = await readMetadata(NAMESPACES, name, own);
    if (!metadata) return undefined;
    if (metadata.getDatatype() !== PARAMETERS_TYPE) {
        throw new Error(`not a chaincode parameters type: ${metadata.getDatatype()}`);
    }
    const values = new Map<DefinitionField, Uint8Array | undefined>();
    for (const field of ['EndorsementInfo', 'ValidationInfo', 'Collections'] as const) {
        values.set(field, await own.get(fieldKey(NAMESPACES, name, field)));
    }
    return { ...asProposed(decodeDefinition(name, values)), sequence };
}

/** Whether this organisation approved exactly this already, package included. */
async function isUnchanged(
    chaincode: string,
    definition: ProposedDefinition,
    packageId: string,
    own: ReadableRecords,
): Promise<boolean> {
    const before = await storedParameters(chaincode, definition.sequence, own);
    if (!before || difference(before, definition) !== undefined) return false;
    return (await storedPackage(nameOf(chaincode, definition.sequence), own)) === packageId;
}

function assertSequence(current: number, requested: number): void {
    if (current === 0 && requested === 0) {
        throw new Error('requested sequence is 0, but first definable sequence number is 1');
    }
    if (requested < current) {
        throw new Error(`currently defined sequence ${current} is larger than requested sequence ${requested}`);
    }
    if (requested > current + 1) {
        throw new Error(
            `requested sequence ${requested} is larger than the next available sequence number ${current + 1}`,
        );
    }
}

async function assertSameAsCommitted(
    chaincode: string,
    definition: ProposedDefinition,
    context: LifecycleContext,
): Promise<void> {
    const { sequence } = definition;
    const committed = await readDefinitionLater(chaincode, (key) => publicRecords(context).get(key));
    if (!committed) throw new Error(`missing metadata for currently committed sequence number (${sequence})`);
    const found = difference(asProposed(committed), definition);
    if (found !== undefined) {
        throw new Error(
            `attempted to redefine the current committed sequence (${sequence}) for namespace ${chaincode} with different parameters: ${found}`,
        );
    }
}

/** Records in the organisation's own collection that it agrees to a definition, and with which package it runs it. */
export async function approve(payload: Uint8Array, context: LifecycleContext): Promise<Uint8Array> {
    const args = lifecycle.ApproveChaincodeDefinitionForMyOrgArgs.deserializeBinary(payload);
    const chaincode = args.getName();
    await assertAcceptable(chaincode, args.getVersion(), args.getCollections(), context).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`error validating chaincode definition: ${why}`, { cause });
    });
    const packageId = args.getSource()?.getLocalPackage()?.getPackageId() ?? '';
    const current = await currentSequence(chaincode, context);
    assertSequence(current, args.getSequence());
    const definition = proposedDefinition(args, (path) => context.bundle.policies.find(path) !== undefined);
    const { sequence } = definition;
    if (sequence === current) await assertSameAsCommitted(chaincode, definition, context);
    const own = ownRecords(context);
    if (await isUnchanged(chaincode, definition, packageId, own)) {
        throw new Error(
            sequence === current
                ? `attempted to redefine the current committed sequence (${sequence}) for namespace ${chaincode}`
                : `attempted to redefine uncommitted sequence (${sequence}) for namespace ${chaincode} with unchanged content`,
        );
    }
    const name = nameOf(chaincode, sequence);
    await writeRecord(NAMESPACES, name, parametersRecord(definition), own);
    await writeRecord(CHAINCODE_SOURCES, name, localPackageRecord(packageId), own);
    return new lifecycle.ApproveChaincodeDefinitionForMyOrgResult().serializeBinary();
}

interface Approved {
    readonly definition: ProposedDefinition;
    readonly source: peer.lifecycle.ChaincodeSource;
}

async function approved(chaincode: string, sequence: number, own: ReadableRecords): Promise<Approved | undefined> {
    const definition = await storedParameters(chaincode, sequence, own);
    if (!definition) return undefined;
    const packageId = await storedPackage(nameOf(chaincode, sequence), own);
    const source = new lifecycle.ChaincodeSource();
    if (packageId === undefined || packageId === '') {
        source.setUnavailable(new lifecycle.ChaincodeSource.Unavailable());
    } else {
        const local = new lifecycle.ChaincodeSource.Local();
        local.setPackageId(packageId);
        source.setLocalPackage(local);
    }
    return { definition, source };
}

type ApprovedMessage =
    | peer.lifecycle.QueryApprovedChaincodeDefinitionResult
    | peer.lifecycle.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition;

function fill<M extends ApprovedMessage>(message: M, { definition, source }: Approved): M {
    message.setSequence(definition.sequence);
    message.setVersion(definition.version);
    message.setEndorsementPlugin(definition.endorsementPlugin);
    message.setValidationPlugin(definition.validationPlugin);
    message.setValidationParameter(definition.validationParameter);
    message.setInitRequired(definition.initRequired);
    message.setCollections(peer.CollectionConfigPackage.deserializeBinary(definition.collections));
    message.setSource(source);
    return message;
}

/** What this organisation approved: for the sequence asked for, or the newest. */
export async function queryApproved(payload: Uint8Array, context: LifecycleContext): Promise<Uint8Array> {
    const args = lifecycle.QueryApprovedChaincodeDefinitionArgs.deserializeBinary(payload);
    const chaincode = args.getName();
    const own = ownRecords(context);
    let sequence = args.getSequence();
    if (sequence === 0) {
        sequence = await currentSequence(chaincode, context);
        const next = await own.get(metadataKey(NAMESPACES, nameOf(chaincode, sequence + 1)));
        if (next) sequence += 1;
    }
    const found = await approved(chaincode, sequence, own);
    if (!found) {
        throw new Error(
            `could not fetch approved chaincode definition (name: '${chaincode}', sequence: '${sequence}') on channel '${context.bundle.channelId}'`,
        );
    }
    return fill(new lifecycle.QueryApprovedChaincodeDefinitionResult(), found).serializeBinary();
}

/** Everything this organisation ever approved. */
export async function queryAllApproved(_payload: Uint8Array, context: LifecycleContext): Promise<Uint8Array> {
    const prefix = metadataKey(NAMESPACES, '');
    const collection = implicitCollectionName(context.mspId);
    const range = context.simulator.getPrivateDataRange(LIFECYCLE_NAMESPACE, collection, prefix, prefix + PREFIX_END);
    const names: string[] = [];
    for (let next = await range.next(); next; next = await range.next()) names.push(next.key.slice(prefix.length));
    await range.close();
    const messages: peer.lifecycle.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition[] = [];
    for (const name of names) {
        const [chaincode = '', sequence = ''] = name.split('#');
        const found = await approved(chaincode, Number(sequence), ownRecords(context));
        if (!found) continue;
        const message = new lifecycle.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition();
        message.setName(chaincode);
        messages.push(fill(message, found));
    }
    const result = new lifecycle.QueryApprovedChaincodeDefinitionsResult();
    result.setApprovedChaincodeDefinitionsList(messages);
    return result.serializeBinary();
}
