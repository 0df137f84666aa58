import { peer } from '@hyperledger/fabric-protos';

import { LIFECYCLE_NAMESPACE, metadataKey, NAMESPACES, readDefinitionLater } from '../../lifecycle-state';
import { currentSequence } from './approvals';
import { assertAcceptable } from './collections';
import { asProposed, proposedDefinition, type DefinitionArguments, type ProposedDefinition } from './definition';
import { approvalsOfAll, PREFIX_END, publicRecords, type LifecycleContext } from './lifecycle-context';
import { definitionRecord, mismatches, parametersRecord, writeRecord } from './record';

const { lifecycle } = peer;

/** Thrown for a chaincode nobody committed; clients tell it apart by status 404. */
export class NamespaceNotDefined extends Error {
    override readonly name = 'NamespaceNotDefined';

    constructor(namespace: string) {
        super(`namespace ${namespace} is not defined`);
    }
}

/** Per organisation, in which fields its approval differs; none: it agrees. */
type Approvals = ReadonlyMap<string, readonly string[]>;

async function approvals(
    chaincode: string,
    definition: ProposedDefinition,
    context: LifecycleContext,
): Promise<Approvals> {
    const record = parametersRecord(definition);
    const result = new Map<string, readonly string[]>();
    for (const organisation of approvalsOfAll(context)) {
        const name = `${chaincode}#${definition.sequence}`;
        result.set(organisation.mspId, await mismatches(NAMESPACES, name, record, organisation));
    }
    return result;
}

async function readiness(
    args: DefinitionArguments & { getName(): string },
    context: LifecycleContext,
): Promise<{ definition: ProposedDefinition; approvals: Approvals }> {
    const chaincode = args.getName();
    const next = (await currentSequence(chaincode, context)) + 1;
    if (args.getSequence() !== next) {
        throw new Error(`requested sequence is ${args.getSequence()}, but new definition must be sequence ${next}`);
    }
    const definition = proposedDefinition(args, (path) => context.bundle.policies.find(path) !== undefined);
    return { definition, approvals: await approvals(chaincode, definition, context) };
}

/** Who approved the definition that is to be committed next. */
export async function checkCommitReadiness(payload: Uint8Array, context: LifecycleContext): Promise<Uint8Array> {
    const args = lifecycle.CheckCommitReadinessArgs.deserializeBinary(payload);
    const found = await readiness(args, context);
    const result = new lifecycle.CheckCommitReadinessResult();
    for (const [mspId, items] of found.approvals) {
        result.getApprovalsMap().set(mspId, items.length === 0);
        if (items.length === 0) continue;
        const message = new lifecycle.CheckCommitReadinessResult.Mismatches();
        message.setItemsList([...items]);
        result.getMismatchesMap().set(mspId, message);
    }
    return result.serializeBinary();
}

/** Makes a definition the channel's; the peer endorses only what its own organisation approved. */
export async function commitDefinition(payload: Uint8Array, context: LifecycleContext): Promise<Uint8Array> {
    const args = lifecycle.CommitChaincodeDefinitionArgs.deserializeBinary(payload);
    await assertAcceptable(args.getName(), args.getVersion(), args.getCollections(), context).catch(
        (cause: unknown) => {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`error validating chaincode definition: ${why}`, { cause });
        },
    );
    const found = await readiness(args, context);
    await writeRecord(NAMESPACES, args.getName(), definitionRecord(found.definition), publicRecords(context));
    if (found.approvals.get(context.mspId)?.length !== 0) {
        throw new Error(`chaincode definition not agreed to by this org (${context.mspId})`);
    }
    return new lifecycle.CommitChaincodeDefinitionResult().serializeBinary();
}

type DefinitionMessage =
    peer.lifecycle.QueryChaincodeDefinitionResult | peer.lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition;

function fill<M extends DefinitionMessage>(message: M, definition: ProposedDefinition): M {
    message.setSequence(definition.sequence);
    message.setVersion(definition.version);
    message.setEndorsementPlugin(definition.endorsementPlugin);
    message.setValidationPlugin(definition.validationPlugin);
    message.setValidationParameter(definition.validationParameter);
    message.setInitRequired(definition.initRequired);
    message.setCollections(peer.CollectionConfigPackage.deserializeBinary(definition.collections));
    return message;
}

async function committed(chaincode: string, context: LifecycleContext): Promise<ProposedDefinition | undefined> {
    const found = await readDefinitionLater(chaincode, (key) => publicRecords(context).get(key));
    return found && asProposed(found);
}

export async function queryDefinition(payload: Uint8Array, context: LifecycleContext): Promise<Uint8Array> {
    const chaincode = lifecycle.QueryChaincodeDefinitionArgs.deserializeBinary(payload).getName();
    const definition = await committed(chaincode, context);
    if (!definition) throw new NamespaceNotDefined(chaincode);
    const result = fill(new lifecycle.QueryChaincodeDefinitionResult(), definition);
    for (const [mspId, items] of await approvals(chaincode, definition, context)) {
        result.getApprovalsMap().set(mspId, items.length === 0);
    }
    return result.serializeBinary();
}

export async function queryDefinitions(_payload: Uint8Array, context: LifecycleContext): Promise<Uint8Array> {
    const prefix = metadataKey(NAMESPACES, '');
    const range = context.simulator.getStateRange(LIFECYCLE_NAMESPACE, prefix, prefix + PREFIX_END);
    const names: string[] = [];
    for (let next = await range.next(); next; next = await range.next()) names.push(next.key.slice(prefix.length));
    await range.close();
    const messages: peer.lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition[] = [];
    for (const name of names) {
        const definition = await committed(name, context);
        if (!definition) continue;
        const message = new lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition();
        message.setName(name);
        messages.push(fill(message, definition));
    }
    const result = new lifecycle.QueryChaincodeDefinitionsResult();
    result.setChaincodeDefinitionsList(messages);
    return result.serializeBinary();
}
